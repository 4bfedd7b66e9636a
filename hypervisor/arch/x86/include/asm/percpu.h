/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The x86 part of the per-CPU structure. */
#ifndef ASM_PERCPU_H
#define ASM_PERCPU_H

#include <tenon/cpumask.h>
#include <tenon/spinlock.h>

struct tss64;
struct clock;
struct clock_line;
struct domain;

struct arch_percpu {
	uint32_t apic_id, acpi_id;
	unsigned long *gdt;		/* one page: our GDT entries, at index FIRST_RESERVED_GDT_ENTRY */
	struct tss64 *tss;
	void *stack;			/* STACK_SIZE bytes, aligned to its size */
	uint64_t tsc_aux, spec_ctrl;	/* values in the registers now: cpu/msr_policy.c */
	uint64_t last_life;		/* of the domain that ran here: speculation/spec_ctrl.c */
	unsigned int last_vcpu;		/* of that domain */
	unsigned int node;		/* NUMA node */

	/* TLB flushing: arch/x86/smp/flush.c */
	struct {
		uint64_t stamp;		/* TLB clock at this CPU's last full flush; any CPU reads */
		struct cpumask asked;	/* CPUs whose requests are to be served here; any CPU, atomically */
		const void *va;		/* this CPU's own request, constant while left is not 0 */
		unsigned int flags;
		unsigned int left;	/* CPUs that have not served it yet; those count it down */
	} tlb;
	/* Local interrupt state: arch/x86/irq */
	void *vector_irq;		/* 256 entries: vector -> irq */

	/* Clock: arch/x86/time */
	struct {
		const struct clock_line *line;	/* in force here; any CPU writes */
		struct clock *own;		/* NULL: the one that all share */
	} clock;

	unsigned long cr4;		/* value in CR4 now */
	unsigned long nmi_count, irq_count;
};

#endif
