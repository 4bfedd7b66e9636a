/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The x86 parts of domains and vCPUs. */
#ifndef ASM_DOMAIN_H
#define ASM_DOMAIN_H

#include <tenon/addr.h>
#include <tenon/cpumask.h>
#include <tenon/spinlock.h>
#include <asm/page.h>
#include <xen/xen.h>

struct rangeset;
struct cpuid_policy;
struct msr_policy;
struct pirq;
struct xsave_area;

#define MAX_VIRT_CPUS_PV 128

/* Assists that a kernel may switch on (vm_assist); 4gb segments are accepted and mean nothing in 64-bit mode. */
#define ARCH_VM_ASSISTS	(1UL << VMASST_TYPE_4gb_segments | 1UL << VMASST_TYPE_4gb_segments_notify | \
			 1UL << VMASST_TYPE_writable_pagetables | 1UL << VMASST_TYPE_pae_extended_cr3 | \
			 1UL << VMASST_TYPE_architectural_iopl | 1UL << VMASST_TYPE_runstate_update_flag | \
			 1UL << VMASST_TYPE_m2p_strict)

struct arch_domain {
	uint64_t life;				/* no two domains ever have the same, whatever memory they are in */
	struct page_info *perdomain_l3;		/* slot 260 of every root of the domain */
	pte_t *perdomain_l2;
	pte_t *perdomain_l1[MAX_VIRT_CPUS_PV / 16];	/* 16 vCPUs each */

	struct rangeset *ioport_caps;
	struct cpuid_policy *cpuid;
	struct msr_policy *msr;

	/* Physical interrupts: irq/pirq.c */
	spinlock_t pirq_lock;			/* which pirq is which irq */
	struct pirq *pirqs;			/* by guest number */
	unsigned int nr_pirqs;
	bool auto_unmask;			/* PHYSDEVOP_pirq_eoi_gmfn_v1: eoi unmasks the port, too */
	unsigned long *pirq_eoi_map;		/* the guest's page, a bit for each pirq that needs an eoi */
	mfn_t pirq_eoi_map_mfn;			/* m = 0: none */

	uint32_t tsc_mode, tsc_incarnation;	/* what tools gave, and CPUID shows */
	uint32_t pci_cf8;			/* last value written to port 0xcf8 */
	uint8_t cmos_idx;

	/* Teardown: which step, and where in it */
	unsigned int relinquish_step;
	uint64_t physmem_top;			/* dom0: e820 shown */
	spinlock_t e820_lock;
	struct e820entry *e820;
	unsigned int nr_e820;
};

/* State of a PV vCPU. The entry code reads it through asm-offsets. */
struct pv_vcpu {
	struct trap_info *trap_ctxt;		/* 256 entries */

	/*
	 * Read by the fast paths of entry.S, and so checked when set: the stack is a
	 * guest's address (0 if what the guest gave is not), the handlers are canonical.
	 */
	unsigned long kernel_sp, kernel_ss;	/* stack for entries from user mode */
	unsigned long pf_handler;		/* 0: #PF goes the slow way */
	unsigned long bounce_flags;		/* IOPL bits shown in saved rflags */
	uint16_t pf_cs;				/* its selector, for ring 3 */
	bool pf_masks_events;
	unsigned long event_callback_eip, failsafe_callback_eip;
	unsigned long syscall_callback_eip;
	unsigned long syscall32_callback_eip, sysenter_callback_eip;
	unsigned long event_callback_cs, failsafe_callback_cs;	/* 32-bit guests only */
	uint16_t syscall32_callback_cs, sysenter_callback_cs;
	uint8_t syscall32_disables_events, sysenter_disables_events;
	uint8_t vgc_flags;			/* VGCF_* that persist: failsafe/syscall disable events */
	uint8_t syscall_disables_events, failsafe_disables_events;

	unsigned long ctrlreg[8];		/* guest's view; [2] is not used: see vcpu_info */
	unsigned long fs_base, gs_base_kernel, gs_base_user;	/* when not loaded */

	pte_t *gdt_ldt_l1;			/* its 32 entries in the per-domain area */
	unsigned long gdt_frames[16];
	unsigned int gdt_ents, ldt_ents;
	unsigned long ldt_base;
	spinlock_t ldt_lock;
	unsigned int nr_ldt_mapped;

	unsigned int iopl;			/* as rflags has it: bits 12..13 */
	unsigned long iobmp;			/* guest address of its port bitmap */
	unsigned int iobmp_limit;

	unsigned long dr7_emul;			/* breakpoints on ports: not in the processor's DR7 */
	unsigned long dr6_pending;		/* traps due after the instruction being emulated */
	bool segments_lost;			/* some could not be loaded: its kernel is to be told */
};

struct arch_vcpu {
	bool kernel_mode;			/* guest kernel runs, not its user */
	uint64_t cr3;				/* what CR3 holds in kernel mode ... */
	uint64_t cr3_user;			/* ... and in user mode; 0 if there is no user root */
	mfn_t guest_table, guest_table_user;	/* roots, each with a type reference; m = 0: none */
	mfn_t old_guest_table;			/* being dropped, restartable; m = 0: none */
	mfn_t partial_table;			/* a get that was interrupted, its user counted; m = 0: none */

	struct pv_vcpu pv;
	struct cpu_user_regs user_regs;		/* while not on a CPU */
	unsigned long dr[8];

	/* FPU and extended state: cpu/fpu.c */
	struct xsave_area *xsave;
	uint64_t xcr0;
	bool ts;				/* guest asked for CR0.TS */

	/* Async exceptions */
	bool nmi_masked, nmi_latched;		/* its handler runs; another came meanwhile */

	/* Time */
	s_time_t vtime_stamp;
	uint32_t time_gen;			/* clock line that its kernel knows: time/guest_time.c */

	uint64_t msr_tsc_aux, msr_spec_ctrl;
	unsigned int last_cpu;			/* where it was loaded last: speculation/spec_ctrl.c */
	uint64_t msr_debugctl;

	/* Multicall: while one runs, restart goes through it */
	struct { bool active; bool restarted; struct multicall_entry call; } mc;
};

#endif
