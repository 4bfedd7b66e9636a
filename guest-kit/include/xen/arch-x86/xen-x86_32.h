/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is particular to 32-bit paravirtual guests, which use PAE. Included by xen/arch-x86/xen.h. */
#ifndef XEN_ARCH_X86_XEN_X86_32_H
#define XEN_ARCH_X86_XEN_X86_32_H

#include <xen/types.h>

/* Flat segments in the hypervisor's part of the GDT: the kernel runs in ring 1, user mode in ring 3. */
#define FLAT_RING1_CS	0xe019
#define FLAT_RING1_DS	0xe021
#define FLAT_RING1_SS	0xe021
#define FLAT_RING3_CS	0xe02b
#define FLAT_RING3_DS	0xe033
#define FLAT_RING3_SS	0xe033

#define FLAT_KERNEL_CS	FLAT_RING1_CS
#define FLAT_KERNEL_DS	FLAT_RING1_DS
#define FLAT_KERNEL_SS	FLAT_RING1_SS
#define FLAT_USER_CS	FLAT_RING3_CS
#define FLAT_USER_DS	FLAT_RING3_DS
#define FLAT_USER_SS	FLAT_RING3_SS

/* The least that the hypervisor takes; XENVER_platform_parameters tells where its part really begins. */
#define HYPERVISOR_VIRT_START	XEN_UL(0xf5800000)
#define MACH2PHYS_VIRT_START	XEN_UL(0xf5800000)
#define MACH2PHYS_VIRT_END	XEN_UL(0xf6800000)
#define MACH2PHYS_NR_ENTRIES	((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 2)

#ifndef __ASSEMBLER__
struct cpu_user_regs {
	uint32_t ebx, ecx, edx;
	uint32_t esi, edi, ebp;
	uint32_t eax;
	uint16_t error_code;	/* these two belong to the hypervisor */
	uint16_t entry_vector;
	uint32_t eip;
	uint16_t cs;
	uint8_t saved_upcall_mask;
	uint8_t pad_mask;
	uint32_t eflags;	/* bit 9 in guest frames: events are not masked */
	uint32_t esp;
	uint16_t ss, pad_ss;
	uint16_t es, pad_es;
	uint16_t ds, pad_ds;
	uint16_t fs, pad_fs;
	uint16_t gs, pad_gs;
};

/* A page directory may lie above 4 GiB: the number's upper bits go where its alignment leaves zeros. */
#define xen_pfn_to_cr3(pfn)	((unsigned)(pfn) << 12 | (unsigned)(pfn) >> 20)
#define xen_cr3_to_pfn(cr3)	((unsigned)(cr3) >> 12 | (unsigned)(cr3) << 20)

struct arch_vcpu_info {
	unsigned long cr2;	/* address of the last page fault */
	unsigned long pad[5];
};

struct xen_callback {
	unsigned long cs;
	unsigned long eip;
};
typedef struct xen_callback xen_callback_t;
#endif

#endif
