/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One-shot timers: a heap per CPU over the CPU's event timer. */
#ifndef TENON_TIMER_H
#define TENON_TIMER_H

#include <tenon/pheap.h>

struct percpu;

struct timer {
	struct pheap_node node;	/* key: when it expires */
	void (*fn)(void *);
	void *data;
	uint16_t cpu;
	bool queued, killed;
};

/* fn runs in SOFTIRQ_TIMER context on the timer's CPU, interrupts on, no lock held. */
void timer_init(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu);
/* (Re)arms. A time in the past fires as soon as possible. */
void timer_set(struct timer *t, s_time_t expires);
void timer_stop(struct timer *t);
/* Stops for ever; on return fn does not run and will not. Must not be called from fn. */
void timer_kill(struct timer *t);
/* Moves an armed or idle timer to another CPU. */
void timer_migrate(struct timer *t, unsigned int cpu);
static inline bool timer_active(const struct timer *t) { return t->queued; }
/* Moves all timers away from a CPU that goes offline. */
void timers_offline(unsigned int cpu);
/* Called once at boot, and for each further CPU before it is started. When a CPU's event timer fires, raise SOFTIRQ_TIMER. */
void timers_init(void);
void timers_init_cpu(struct percpu *pc);
void timers_dump(void);

/* Current system time in ns, the same on all CPUs up to calibration error (arch/time). */
s_time_t now(void);

#endif
