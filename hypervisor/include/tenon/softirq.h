/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work put off to the way out of an interrupt or hypercall, on the same CPU. */
#ifndef TENON_SOFTIRQ_H
#define TENON_SOFTIRQ_H

#include <tenon/percpu.h>

enum softirq {		/* lower runs first */
	SOFTIRQ_TIMER,
	SOFTIRQ_TIME_CALIBRATE,
	SOFTIRQ_NMI,		/* what an NMI's handler leaves to be done */
	SOFTIRQ_TASKLET,
	SOFTIRQ_CONSOLE,	/* new text for dom0 */
	SOFTIRQ_SCHEDULE,
	NR_SOFTIRQS
};

typedef void (*softirq_fn)(void);
void softirq_open(enum softirq nr, softirq_fn fn);
/* Runs pending softirqs of this CPU; interrupts must be on. May switch context. */
void softirq_run(void);
/* The same without SOFTIRQ_SCHEDULE: for long loops in the hypervisor itself. */
void softirq_run_no_schedule(void);
void softirq_raise(enum softirq nr);
/* Raises on another CPU, and interrupts it if it is not this one. */
void softirq_raise_cpu(unsigned int cpu, enum softirq nr);
/* Something pending on this CPU? The check for every restartable loop: see hypercall_preempt_check(). */
static inline bool softirq_pending_here(void)
{
	return READ_ONCE(this_cpu()->softirq_pending);
}

/* A function to be run once, later, in softirq context of one CPU. */
struct tasklet {
	struct tasklet *next;
	bool scheduled;
	void (*fn)(void *);
	void *data;
};
void tasklets_init(void);
void tasklet_init(struct tasklet *t, void (*fn)(void *), void *data);
void tasklet_schedule(struct tasklet *t);
void tasklet_schedule_on(struct tasklet *t, unsigned int cpu);

#endif
