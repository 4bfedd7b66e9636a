/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The per-CPU structure: flat, one per CPU, reached on its own CPU with
 * this_cpu() and from elsewhere with percpu(cpu). Each part belongs to the file
 * named beside it; only members marked "any CPU" are touched from outside.
 */
#ifndef TENON_PERCPU_H
#define TENON_PERCPU_H

#include <tenon/cpumask.h>
#include <tenon/spinlock.h>
#include <tenon/timer.h>
#include <asm/percpu.h>

struct vcpu;
struct sched_cpu;
struct tasklet;
struct page_info;

#define PAGE_CACHE_MAX	64

enum perfc {				/* tenon/perfc.h */
	PERFC_schedule, PERFC_switch, PERFC_timer, PERFC_event, PERFC_restart, PERFC_grant, PERFC_mmu_update, PERFC_mmuext,
	PERFC_update_va, PERFC_table_check, PERFC_flush, PERFC_call,
	NR_PERFC
};

struct percpu {
	unsigned int id;
	uint32_t softirq_pending;		/* any CPU, atomically: common/time/softirq.c */
	struct vcpu *idle;			/* common/sched */
	struct vcpu *loaded;			/* whose state is in the registers: arch context.c */
	struct sched_cpu *sched;		/* common/sched */
	struct {				/* common/time/timer.c */
		spinlock_t lock;		/* any CPU; irq-safe */
		struct pheap heap;
		s_time_t armed;			/* what the event timer is set for; STIME_MAX: nothing */
		struct timer *running;
	} timers;
	struct {				/* common/time/softirq.c */
		spinlock_t lock;
		struct tasklet *first, **last;
	} tasklets;
	struct {				/* common/mm/buddy.c: cache of single free frames */
		unsigned int nr;
		struct page_info *page[PAGE_CACHE_MAX];
	} page_cache;
	uint32_t perfc[NR_PERFC];		/* any CPU reads, and may lose a count by setting it to 0 */
	struct arch_percpu arch;
};

extern struct percpu *percpu_table[NR_CPUS];
static inline struct percpu *percpu(unsigned int cpu) { return percpu_table[cpu]; }
/* this_cpu() and smp_processor_id() come from asm/percpu.h by way of asm/current.h. */
#include <asm/current.h>

#endif
