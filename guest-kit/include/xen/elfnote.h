/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* ELF notes of owner "Xen". */
#ifndef XEN_ELFNOTE_H
#define XEN_ELFNOTE_H

/* In a kernel, for the domain builder: numbers as wide as the kernel's addresses, or text. */
#define XEN_ELFNOTE_INFO		0
#define XEN_ELFNOTE_ENTRY		1
#define XEN_ELFNOTE_HYPERCALL_PAGE	2
#define XEN_ELFNOTE_VIRT_BASE		3	/* address of guest frame 0 */
#define XEN_ELFNOTE_PADDR_OFFSET	4	/* subtracted from the headers' physical addresses */
#define XEN_ELFNOTE_XEN_VERSION		5	/* "xen-3.0" */
#define XEN_ELFNOTE_GUEST_OS		6
#define XEN_ELFNOTE_GUEST_VERSION	7
#define XEN_ELFNOTE_LOADER		8
#define XEN_ELFNOTE_PAE_MODE		9
#define XEN_ELFNOTE_FEATURES		10	/* "!required|offered" */
#define XEN_ELFNOTE_BSD_SYMTAB		11
#define XEN_ELFNOTE_HV_START_LOW	12	/* lowest address the hypervisor may take */
#define XEN_ELFNOTE_L1_MFN_VALID	13	/* pairs of mask and value of an entry that is a frame */
#define XEN_ELFNOTE_SUSPEND_CANCEL	14
#define XEN_ELFNOTE_INIT_P2M		15	/* where the p2m list is to be mapped */
#define XEN_ELFNOTE_MOD_START_PFN	16	/* 1: the RAM disk need not be mapped */
#define XEN_ELFNOTE_SUPPORTED_FEATURES	17	/* XENFEAT_* bits */
#define XEN_ELFNOTE_PHYS32_ENTRY	18	/* entry without paging */
#define XEN_ELFNOTE_MAX			XEN_ELFNOTE_PHYS32_ENTRY

/* In the core file of a crash */
#define XEN_ELFNOTE_CRASH_INFO		0x1000001
#define XEN_ELFNOTE_CRASH_REGS		0x1000002

/* In the core file of a domain */
#define XEN_ELFNOTE_DUMPCORE_NONE		0x2000000
#define XEN_ELFNOTE_DUMPCORE_HEADER		0x2000001
#define XEN_ELFNOTE_DUMPCORE_XEN_VERSION	0x2000002
#define XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION	0x2000003

#endif
