/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is particular to 64-bit paravirtual guests. Included by xen/arch-x86/xen.h. */
#ifndef XEN_ARCH_X86_XEN_X86_64_H
#define XEN_ARCH_X86_XEN_X86_64_H

#include <xen/types.h>

/* Flat segments in the hypervisor's part of the GDT. Kernel and user mode both run in ring 3. */
#define FLAT_RING3_CS32		0xe023
#define FLAT_RING3_CS64		0xe033
#define FLAT_RING3_DS32		0xe02b
#define FLAT_RING3_DS64		0x0000
#define FLAT_RING3_SS32		0xe02b
#define FLAT_RING3_SS64		0xe02b

#define FLAT_KERNEL_CS32	FLAT_RING3_CS32
#define FLAT_KERNEL_CS64	FLAT_RING3_CS64
#define FLAT_KERNEL_CS		FLAT_KERNEL_CS64
#define FLAT_KERNEL_DS32	FLAT_RING3_DS32
#define FLAT_KERNEL_DS64	FLAT_RING3_DS64
#define FLAT_KERNEL_DS		FLAT_KERNEL_DS64
#define FLAT_KERNEL_SS32	FLAT_RING3_SS32
#define FLAT_KERNEL_SS64	FLAT_RING3_SS64
#define FLAT_KERNEL_SS		FLAT_KERNEL_SS64

#define FLAT_USER_CS32		FLAT_RING3_CS32
#define FLAT_USER_CS64		FLAT_RING3_CS64
#define FLAT_USER_CS		FLAT_USER_CS64
#define FLAT_USER_DS32		FLAT_RING3_DS32
#define FLAT_USER_DS64		FLAT_RING3_DS64
#define FLAT_USER_DS		FLAT_USER_DS64
#define FLAT_USER_SS32		FLAT_RING3_SS32
#define FLAT_USER_SS64		FLAT_RING3_SS64
#define FLAT_USER_SS		FLAT_USER_SS64

/* The hypervisor's part of every address space; the machine-to-physical table at its start is readable. */
#define HYPERVISOR_VIRT_START	XEN_UL(0xffff800000000000)
#define HYPERVISOR_VIRT_END	XEN_UL(0xffff880000000000)
#define MACH2PHYS_VIRT_START	XEN_UL(0xffff800000000000)
#define MACH2PHYS_VIRT_END	XEN_UL(0xffff804000000000)
#define MACH2PHYS_NR_ENTRIES	((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 3)

/* set_segment_base(which, base); the last one takes a selector instead. */
#define SEGBASE_FS		0
#define SEGBASE_GS_USER		1
#define SEGBASE_GS_KERNEL	2
#define SEGBASE_GS_USER_SEL	3

/* In the flags of an iret hypercall: RCX and R11 need not be restored, SYSRET will do. */
#define _VGCF_in_syscall	8
#define VGCF_in_syscall		(1 << _VGCF_in_syscall)
#define VGCF_IN_SYSCALL		VGCF_in_syscall

#ifndef __ASSEMBLER__
/* What the iret hypercall finds from the kernel's stack pointer upwards (RAX is pushed by its stub). */
struct iret_context {
	uint64_t rax, r11, rcx, flags;
	uint64_t rip, cs, rflags, rsp, ss;
};

struct cpu_user_regs {
	uint64_t r15, r14, r13, r12;
	uint64_t rbp, rbx;
	uint64_t r11, r10, r9, r8;
	uint64_t rax, rcx, rdx;
	uint64_t rsi, rdi;
	uint32_t error_code;	/* these two belong to the hypervisor */
	uint32_t entry_vector;
	uint64_t rip;
	uint16_t cs, pad_cs;
	uint8_t saved_upcall_mask;
	uint8_t pad_mask[3];
	uint64_t rflags;	/* bit 9 in guest frames: events are not masked */
	uint64_t rsp;
	uint16_t ss, pad_ss[3];
	uint16_t es, pad_es[3];
	uint16_t ds, pad_ds[3];
	uint16_t fs, pad_fs[3];
	uint16_t gs, pad_gs[3];
};

/* A page-table root in a context's control register 3. */
#define xen_pfn_to_cr3(pfn)	((unsigned long)(pfn) << 12)
#define xen_cr3_to_pfn(cr3)	((unsigned long)(cr3) >> 12)

struct arch_vcpu_info {
	unsigned long cr2;	/* address of the last page fault */
	unsigned long pad;
};

/* Where a callback goes; the code segment is flat. */
typedef unsigned long xen_callback_t;
#endif

#endif
