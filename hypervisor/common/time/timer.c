/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One-shot timers. Each CPU has a heap of those that it runs, by expiry time, and
 * its event timer is set for the first. When the first one is stopped or put off the event timer stays
 * as it is: one interrupt too many is cheaper than reprogramming each time.
 */
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include <tenon/perfc.h>
#include <tenon/softirq.h>
#include <tenon/timer.h>

static struct timer *timer_of(struct pheap_node *n)
{
	return container_of(n, struct timer, node);
}

/* The lock of the CPU that the timer is on, which may change until the lock is held. */
static struct percpu *lock_timer(const struct timer *t, unsigned long *flags)
{
	for (;;) {
		unsigned int cpu = READ_ONCE(t->cpu);
		struct percpu *pc = percpu(cpu);

		*flags = spin_lock_irqsave(&pc->timers.lock);
		if (t->cpu == cpu)
			return pc;
		spin_unlock_irqrestore(&pc->timers.lock, *flags);
	}
}

static void remove_queued(struct percpu *pc, struct timer *t)
{
	if (!t->queued)
		return;
	t->queued = false;
	pheap_remove(&pc->timers.heap, &t->node);
}

/* Lock of pc held. The event timer must not be later than the first expiry. */
static void arm(struct percpu *pc)
{
	struct pheap_node *first = pheap_first(&pc->timers.heap);

	if (!first || first->key >= pc->timers.armed)
		return;
	if (pc != this_cpu()) {
		softirq_raise_cpu(pc->id, SOFTIRQ_TIMER);
		return;
	}
	if (reprogram_event_timer(first->key))
		pc->timers.armed = first->key;
	else
		softirq_raise(SOFTIRQ_TIMER);
}

void timer_init(struct timer *t, void (*fn)(void *), void *data, unsigned int cpu)
{
	*t = (struct timer){ .fn = fn, .data = data, .cpu = (uint16_t)cpu };
}

void timer_set(struct timer *t, s_time_t expires)
{
	unsigned long flags;
	struct percpu *pc = lock_timer(t, &flags);

	if (!t->killed) {
		remove_queued(pc, t);
		t->node.key = expires;
		t->queued = true;
		pheap_insert(&pc->timers.heap, &t->node);
		arm(pc);
	}
	spin_unlock_irqrestore(&pc->timers.lock, flags);
}

void timer_stop(struct timer *t)
{
	unsigned long flags;
	struct percpu *pc;

	if (!READ_ONCE(t->queued))
		return;
	pc = lock_timer(t, &flags);
	remove_queued(pc, t);
	spin_unlock_irqrestore(&pc->timers.lock, flags);
}

void timer_kill(struct timer *t)
{
	unsigned long flags;
	struct percpu *pc;

	if (!t->fn)		/* never initialised */
		return;
	pc = lock_timer(t, &flags);
	remove_queued(pc, t);
	t->killed = true;
	spin_unlock_irqrestore(&pc->timers.lock, flags);
	/* Its function may run now; it stays on pc since it is not moved any more. */
	while (READ_ONCE(pc->timers.running) == t)
		cpu_relax();
}

void timer_migrate(struct timer *t, unsigned int cpu)
{
	struct percpu *new = percpu(cpu), *old;
	unsigned long flags;

	for (;;) {
		old = percpu(READ_ONCE(t->cpu));
		flags = local_irq_save();
		spin_lock_pair(&old->timers.lock, &new->timers.lock);
		if (t->cpu == old->id)
			break;
		spin_unlock_pair(&old->timers.lock, &new->timers.lock);
		local_irq_restore(flags);
	}
	if (old != new && !t->killed) {
		bool queued = t->queued;

		remove_queued(old, t);
		WRITE_ONCE(t->cpu, (uint16_t)cpu);
		if (queued) {
			t->queued = true;
			pheap_insert(&new->timers.heap, &t->node);
			arm(new);
		}
	}
	spin_unlock_pair(&old->timers.lock, &new->timers.lock);
	local_irq_restore(flags);
}

static void run_expired(void)
{
	struct percpu *pc = this_cpu();
	struct pheap_node *first;
	s_time_t t = now();

	spin_lock_irq(&pc->timers.lock);
	/* Whatever brought us here, the event timer is looked at again below. */
	pc->timers.armed = STIME_MAX;
	while ((first = pheap_first(&pc->timers.heap)) && first->key <= t) {
		struct timer *due = timer_of(first);
		void (*fn)(void *) = due->fn;
		void *data = due->data;

		remove_queued(pc, due);
		pc->timers.running = due;
		perfc_incr(PERFC_timer);
		spin_unlock_irq(&pc->timers.lock);
		fn(data);
		spin_lock_irq(&pc->timers.lock);
		pc->timers.running = NULL;
	}
	arm(pc);
	spin_unlock_irq(&pc->timers.lock);
}

void timers_init_cpu(struct percpu *pc)
{
	spin_lock_init(&pc->timers.lock);
	pc->timers.armed = STIME_MAX;
}

void timers_init(void)
{
	softirq_open(SOFTIRQ_TIMER, run_expired);
	timers_init_cpu(this_cpu());
}

void timers_offline(unsigned int cpu)
{
	unsigned int to = cpumask_first(&cpu_online_map);
	struct pheap_node *first;

	BUG_ON(to == cpu);
	while ((first = READ_ONCE(percpu(cpu)->timers.heap.root)))
		timer_migrate(timer_of(first), to);
}

static void dump_heap(const struct pheap_node *n, s_time_t t)
{
	/* Depth first, without recursion: down, else right, else up and right. */
	while (n) {
		const struct timer *x = container_of(n, const struct timer, node);

		printk("  in %ld us: %pS(%p)\n", (long)((n->key - t) / 1000), (void *)x->fn, x->data);
		if (n->child) {
			n = n->child;
			continue;
		}
		while (n && !n->next) {
			while (n->prev && n->prev->child != n)
				n = n->prev;
			n = n->prev;
		}
		if (n)
			n = n->next;
	}
}

void timers_dump(void)
{
	unsigned int cpu;
	s_time_t t = now();

	printk("Timers at %ld us:\n", (long)(t / 1000));
	for_each_online_cpu(cpu) {
		struct percpu *pc = percpu(cpu);
		unsigned long flags = spin_lock_irqsave(&pc->timers.lock);

		printk(" CPU %u:\n", cpu);
		dump_heap(pheap_first(&pc->timers.heap), t);
		spin_unlock_irqrestore(&pc->timers.lock, flags);
	}
}
