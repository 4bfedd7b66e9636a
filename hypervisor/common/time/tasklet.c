/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions to be run once, in the order in which they were scheduled, each on one CPU. */
#include <tenon/percpu.h>
#include <tenon/softirq.h>

void tasklet_schedule_on(struct tasklet *t, unsigned int cpu)
{
	struct percpu *pc = percpu(cpu);
	unsigned long flags;

	/* Set before and cleared after it is on a queue, so it is on one at most. */
	if (__atomic_exchange_n(&t->scheduled, true, __ATOMIC_ACQ_REL))
		return;
	t->next = NULL;
	flags = spin_lock_irqsave(&pc->tasklets.lock);
	if (!pc->tasklets.first)
		pc->tasklets.last = &pc->tasklets.first;
	*pc->tasklets.last = t;
	pc->tasklets.last = &t->next;
	spin_unlock_irqrestore(&pc->tasklets.lock, flags);
	softirq_raise_cpu(cpu, SOFTIRQ_TASKLET);
}

void tasklet_init(struct tasklet *t, void (*fn)(void *), void *data)
{
	*t = (struct tasklet){ .fn = fn, .data = data };
}

void tasklet_schedule(struct tasklet *t)
{
	tasklet_schedule_on(t, smp_processor_id());
}

static void run_first(void)
{
	struct percpu *pc = this_cpu();
	struct tasklet *t;

	spin_lock_irq(&pc->tasklets.lock);
	t = pc->tasklets.first;
	if (t)
		pc->tasklets.first = t->next;
	if (pc->tasklets.first)
		softirq_raise(SOFTIRQ_TASKLET);
	spin_unlock_irq(&pc->tasklets.lock);
	if (!t)
		return;
	/* Cleared first: what arrives while it runs makes it run again. */
	__atomic_store_n(&t->scheduled, false, __ATOMIC_RELEASE);
	t->fn(t->data);
}

void tasklets_init(void)
{
	softirq_open(SOFTIRQ_TASKLET, run_first);
}
