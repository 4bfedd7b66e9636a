/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The x86 part of the guest interface. Included by xen/xen.h. */
#ifndef XEN_ARCH_X86_XEN_H
#define XEN_ARCH_X86_XEN_H

#include <xen/types.h>
#ifdef __x86_64__
#include <xen/arch-x86/xen-x86_64.h>
#else
#include <xen/arch-x86/xen-x86_32.h>
#endif

/* A guest's GDT may fill this many pages; the hypervisor's descriptors follow. */
#define FIRST_RESERVED_GDT_PAGE		14
#define FIRST_RESERVED_GDT_BYTE		(FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY	(FIRST_RESERVED_GDT_BYTE / 8)

/* vCPUs with a record in the shared info page; the others must register one. */
#define XEN_LEGACY_MAX_VCPUS	32

/* Flags of a trap_info: the lowest privilege that may raise it by INT n; events are masked in the handler. */
#define TI_GET_DPL(ti)		((ti)->flags & 3)
#define TI_GET_IF(ti)		((ti)->flags & 4)
#define TI_SET_DPL(ti, dpl)	((ti)->flags |= (dpl))
#define TI_SET_IF(ti, on)	((ti)->flags |= (!!(on)) << 2)

/* vcpu_guest_context.flags */
#define _VGCF_i387_valid		0
#define _VGCF_in_kernel			2
#define _VGCF_failsafe_disables_events	3
#define _VGCF_syscall_disables_events	4
#define _VGCF_online			5
#define VGCF_i387_valid			(1 << _VGCF_i387_valid)
#define VGCF_in_kernel			(1 << _VGCF_in_kernel)
#define VGCF_failsafe_disables_events	(1 << _VGCF_failsafe_disables_events)
#define VGCF_syscall_disables_events	(1 << _VGCF_syscall_disables_events)
#define VGCF_online			(1 << _VGCF_online)
#define VGCF_I387_VALID			VGCF_i387_valid
#define VGCF_IN_KERNEL			VGCF_in_kernel

/* Before CPUID: it shows what the hypervisor shows to guests, also where the processor would answer. */
#ifdef __ASSEMBLER__
#define XEN_EMULATE_PREFIX	.byte 0x0f, 0x0b, 0x78, 0x65, 0x6e ;
#define XEN_CPUID		XEN_EMULATE_PREFIX cpuid
#else
#define XEN_EMULATE_PREFIX	".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e; "
#define XEN_CPUID		XEN_EMULATE_PREFIX "cpuid"

/* An entry of set_trap_table's list, which an address of 0 ends. */
struct trap_info {
	uint8_t vector;
	uint8_t flags;
	uint16_t cs;
	unsigned long address;
};

/* All that a vCPU starts from. In trap_ctxt the entry's index is the vector. */
struct vcpu_guest_context {
	struct {
		char x[512];		/* as FXSAVE writes it */
	} fpu_ctxt;
	unsigned long flags;
	struct cpu_user_regs user_regs;
	struct trap_info trap_ctxt[256];
	unsigned long ldt_base, ldt_ents;
	unsigned long gdt_frames[16], gdt_ents;
	unsigned long kernel_ss, kernel_sp;	/* stack for entries from user mode */
	unsigned long ctrlreg[8];		/* [1]: root of user mode, 64-bit guests only, bit 0 set */
	unsigned long debugreg[8];
#ifdef __x86_64__
	unsigned long event_callback_eip;
	unsigned long failsafe_callback_eip;
	unsigned long syscall_callback_eip;
#else
	unsigned long event_callback_cs;
	unsigned long event_callback_eip;
	unsigned long failsafe_callback_cs;
	unsigned long failsafe_callback_eip;
#endif
	unsigned long vm_assist;		/* VMASST_TYPE_* bits */
#ifdef __x86_64__
	uint64_t fs_base;
	uint64_t gs_base_kernel;
	uint64_t gs_base_user;
#endif
};

/* Written by the guest, for tools that look at its memory. */
struct arch_shared_info {
	unsigned long max_pfn;			/* entries of its p2m list */
	xen_pfn_t pfn_to_mfn_frame_list_list;	/* three-level list, 0 if it has none */
	unsigned long nmi_reason;		/* written by the hypervisor: XEN_NMIREASON_* bits */
	unsigned long p2m_cr3;			/* root (as in CR3) under which the list lies at p2m_vaddr; 0 if it does not */
	unsigned long p2m_vaddr;
	unsigned long p2m_generation;		/* odd: the list is being changed */
#ifdef __i386__
	uint32_t wc_sec_hi;			/* see struct shared_info */
#endif
};

/* ---- for the control interface: xen/domctl.h, xen/sysctl.h ---- */
/* Devices that a domain finds although they are not there (emulation_flags) */
#define XEN_X86_EMU_LAPIC	(1U << 0)
#define XEN_X86_EMU_HPET	(1U << 1)
#define XEN_X86_EMU_PM		(1U << 2)
#define XEN_X86_EMU_RTC		(1U << 3)
#define XEN_X86_EMU_IOAPIC	(1U << 4)
#define XEN_X86_EMU_PIC		(1U << 5)
#define XEN_X86_EMU_VGA		(1U << 6)
#define XEN_X86_EMU_IOMMU	(1U << 7)
#define XEN_X86_EMU_PIT		(1U << 8)
#define XEN_X86_EMU_USE_PIRQ	(1U << 9)
#define XEN_X86_EMU_VPCI	(1U << 10)
#define XEN_X86_EMU_ALL		((XEN_X86_EMU_VPCI << 1) - 1)
/* misc_flags: registers that nobody knows read as 0 */
#define XEN_X86_MSR_RELAXED	(1U << 0)
#define XEN_X86_MISC_FLAGS_MAX	XEN_X86_MSR_RELAXED
struct xen_arch_domainconfig {
	uint32_t emulation_flags;
	uint32_t misc_flags;
};

/* A policy is a list of leaves of CPUID, and one of registers. */
#define XEN_CPUID_NO_SUBLEAF	0xffffffffu
typedef struct xen_cpuid_leaf {
	uint32_t leaf, subleaf;
	uint32_t a, b, c, d;
} xen_cpuid_leaf_t;

typedef struct xen_msr_entry {
	uint32_t idx;
	uint32_t flags;				/* 0 */
	uint64_t val;
} xen_msr_entry_t;
#endif

#endif
