/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sleeping, waking and switching of vCPUs; who runs is decided in fair.c. See private.h for states and locks. */
#include <tenon/arch.h>
#include <tenon/perfc.h>
#include <tenon/softirq.h>
#include "private.h"

struct sched_cpu *sched_lock_vcpu(const struct vcpu *v, unsigned long *flags)
{
	for (;;) {
		unsigned int cpu = READ_ONCE(v->processor);
		struct sched_cpu *rq = percpu(cpu)->sched;

		*flags = spin_lock_irqsave(&rq->lock);
		if (v->processor == cpu)
			return rq;
		spin_unlock_irqrestore(&rq->lock, *flags);
	}
}

void sched_unlock(struct sched_cpu *rq, unsigned long flags)
{
	spin_unlock_irqrestore(&rq->lock, flags);
}

void sched_runstate(struct vcpu *v, int state, s_time_t t)
{
	s_time_t since = t - (s_time_t)v->runstate.state_entry_time;

	if (v->runstate.state == state)
		return;
	if (since > 0)
		v->runstate.time[v->runstate.state] += (uint64_t)since;
	v->runstate.state_entry_time = (uint64_t)t;
	v->runstate.state = state;
}

/* The state of a vCPU that is not runnable. */
static int asleep_state(const struct vcpu *v)
{
	return v->pause_flags & (1UL << VPF_blocked) ? RUNSTATE_blocked : RUNSTATE_offline;
}

void sched_set_active(struct sched_vcpu *sv, bool active)
{
	if (sv->counted == active)
		return;
	sv->counted = active;
	if (!active)
		sched_depart(sv);
	__atomic_fetch_add(&sv->vcpu->domain->sched->nr_active, active ? 1 : -1, __ATOMIC_RELAXED);
}

void sched_enqueue(struct sched_cpu *rq, struct sched_vcpu *sv)
{
	sv->queued = true;
	list_add_tail(&sv->link, &rq->queued);
	rq->nr_queued++;
	sv->node.key = sv->vruntime;
	pheap_insert(&rq->queue, &sv->node);
}

void sched_dequeue(struct sched_cpu *rq, struct sched_vcpu *sv)
{
	pheap_remove(&rq->queue, &sv->node);
	rq->nr_queued--;
	list_del(&sv->link);
	sv->queued = false;
}

void sched_come(struct sched_cpu *rq, struct sched_vcpu *sv, const struct sched_cpu *from, s_time_t t)
{
	struct sched_vcpu *curr = rq->curr->sched;
	bool idle = rq->curr->is_idle;

	/* It is measured by what the running vCPU has had up to now, which may have been alone for long. */
	if (!idle)
		sched_charge(rq, curr, t);
	sched_arrive(rq, sv, from);
	sched_enqueue(rq, sv);
	if (idle) {
		softirq_raise_cpu(rq->cpu, SOFTIRQ_SCHEDULE);
		return;
	}
	if (sched_before(sv, curr)) {
		s_time_t until = rq->curr_since + READ_ONCE(rq->ratelimit);

		if (t >= until)
			softirq_raise_cpu(rq->cpu, SOFTIRQ_SCHEDULE);
		else
			timer_set(&rq->slice, until);
	} else if (!timer_active(&rq->slice)) {
		timer_set(&rq->slice, t + sched_slice(rq, curr));
	}
}

/*
 * v, runnable and asleep or parked, joins the queue of the CPU that suits it. Takes over
 * the lock of rq, v's queue, and drops it.
 */
static void join(struct sched_cpu *rq, struct vcpu *v, unsigned long flags)
{
	struct sched_vcpu *sv = v->sched;
	struct sched_cpu *from = rq;
	unsigned int cpu = sched_pick_cpu(v);
	s_time_t t;

	if (cpu != rq->cpu) {
		v->processor = cpu;
		spin_unlock(&rq->lock);
		rq = percpu(cpu)->sched;
		spin_lock(&rq->lock);
		/* Meanwhile somebody else may have woken it, or put it to sleep again. */
		if (v->processor != cpu || sv->queued || v->is_running || !vcpu_runnable(v)) {
			if (rq->curr->is_idle)
				cpumask_set(cpu, &sched_idle_cpus);
			sched_unlock(rq, flags);
			return;
		}
	}
	t = now();
	if (sv->parked)
		sched_unpark(sv);
	sched_runstate(v, RUNSTATE_runnable, t);
	sched_come(rq, sv, from == rq ? NULL : from, t);
	sched_set_active(sv, true);
	sched_unlock(rq, flags);
}

void vcpu_wake(struct vcpu *v)
{
	struct sched_vcpu *sv = v->sched;
	unsigned long flags;
	struct sched_cpu *rq = sched_lock_vcpu(v, &flags);

	if (!vcpu_runnable(v)) {
		if (!v->is_running && !sv->queued && !sv->parked)
			sched_runstate(v, asleep_state(v), now());
	} else if (v->is_running) {
		/* Its CPU finds it runnable when it looks; if it has looked already, we are called again. */
		if (rq->curr != v && !sv->queued)
			sv->wake_when_saved = true;
	} else if (!sv->queued && !(sv->parked && sched_exhausted(sv))) {
		join(rq, v, flags);
		return;
	}
	sched_unlock(rq, flags);
}

void vcpu_sleep_nosync(struct vcpu *v)
{
	struct sched_vcpu *sv = v->sched;
	unsigned long flags;
	struct sched_cpu *rq = sched_lock_vcpu(v, &flags);

	if (!vcpu_runnable(v)) {
		if (sv->queued || sv->parked) {
			if (sv->queued)
				sched_dequeue(rq, sv);
			else
				sched_unpark(sv);
			sched_set_active(sv, false);
			sched_runstate(v, asleep_state(v), now());
		} else if (rq->curr == v) {
			softirq_raise_cpu(rq->cpu, SOFTIRQ_SCHEDULE);
		}
		sv->wake_when_saved = false;
	}
	sched_unlock(rq, flags);
}

void vcpu_sleep_sync(struct vcpu *v)
{
	vcpu_sleep_nosync(v);
	while (!vcpu_runnable(v) && READ_ONCE(v->is_running))
		cpu_relax();
	sync_vcpu_state(v);
}

void context_saved(struct vcpu *prev)
{
	struct sched_vcpu *sv = prev->sched;
	struct sched_cpu *rq;
	unsigned long flags;

	if (prev->is_idle) {
		__atomic_store_n(&prev->is_running, false, __ATOMIC_RELEASE);
		return;
	}
	rq = sched_lock_vcpu(prev, &flags);
	__atomic_store_n(&prev->is_running, false, __ATOMIC_RELEASE);
	if (unlikely(sv->wake_when_saved)) {
		sv->wake_when_saved = false;
		if (vcpu_runnable(prev) && !sv->queued && !sv->parked) {
			join(rq, prev, flags);
			return;
		}
	}
	/* It lost the CPU but could run: has another one nothing to do? */
	if (sv->queued && !cpumask_empty(&sched_idle_cpus))
		sched_call_idle(prev);
	sched_unlock(rq, flags);
}

/* The first waiting vCPU whose domain may use more time, still queued; those that may not are parked. */
static struct sched_vcpu *first_allowed(struct sched_cpu *rq)
{
	struct pheap_node *n;

	while ((n = pheap_first(&rq->queue))) {
		struct sched_vcpu *sv = container_of(n, struct sched_vcpu, node);

		if (!sched_exhausted(sv))
			return sv;
		sched_dequeue(rq, sv);
		sched_park(sv);
	}
	return NULL;
}

/* Does prev, which is runnable and may stay, go on? */
static bool prev_continues(const struct sched_cpu *rq, struct sched_vcpu *prev, struct sched_vcpu *first, s_time_t t)
{
	if (!first)
		return true;
	if (prev->yielded) {
		sched_give_way(prev, first);
		return false;
	}
	if (t - rq->curr_since < READ_ONCE(rq->ratelimit))
		return true;
	return !sched_before(first, prev);
}

static struct vcpu *choose(struct sched_cpu *rq, struct vcpu *prev, s_time_t t)
{
	struct sched_vcpu *sp = prev->sched, *first = first_allowed(rq);

	if (!prev->is_idle && vcpu_runnable(prev) && !sched_exhausted(sp) &&
	    sched_cpu_allowed(prev, rq->cpu) && prev_continues(rq, sp, first, t))
		return prev;
	if (first) {
		sched_dequeue(rq, first);
		return first->vcpu;
	}
	first = sched_steal(rq);
	return first ? first->vcpu : rq->idle;
}

/* prev has lost the CPU: where does it wait? */
static void put_prev(struct sched_cpu *rq, struct vcpu *prev, s_time_t t)
{
	struct sched_vcpu *sv = prev->sched;

	if (prev->is_idle) {
		sched_runstate(prev, RUNSTATE_runnable, t);
		return;
	}
	if (!vcpu_runnable(prev)) {
		sched_runstate(prev, asleep_state(prev), t);
		sched_set_active(sv, false);
		return;
	}
	sched_runstate(prev, RUNSTATE_runnable, t);
	if (sched_exhausted(sv))
		sched_park(sv);
	else if (!sched_cpu_allowed(prev, rq->cpu))
		sv->wake_when_saved = true;
	else
		sched_enqueue(rq, sv);
}

static void set_next(struct sched_cpu *rq, struct vcpu *next, s_time_t t)
{
	rq->curr = next;
	rq->curr_since = t;
	next->is_running = true;
	sched_runstate(next, RUNSTATE_running, t);
	if (next->is_idle) {
		cpumask_set(rq->cpu, &sched_idle_cpus);
		return;
	}
	if (cpumask_test(rq->cpu, &sched_idle_cpus))
		cpumask_clear(rq->cpu, &sched_idle_cpus);
	next->sched->charged = t;
}

static void set_slice(struct sched_cpu *rq, s_time_t t)
{
	s_time_t slice = rq->curr->is_idle ? STIME_MAX : sched_slice(rq, rq->curr->sched);

	if (slice != STIME_MAX)
		timer_set(&rq->slice, t + slice);
	else
		timer_stop(&rq->slice);
}

static void schedule(void)
{
	struct sched_cpu *rq = this_cpu()->sched;
	struct vcpu *prev = current, *next;
	s_time_t t = now();

	perfc_incr(PERFC_schedule);
	spin_lock_irq(&rq->lock);
	if (!prev->is_idle)
		sched_charge(rq, prev->sched, t);
	if (rq->nr_queued && t >= rq->next_balance)
		sched_push(rq, t);
	next = choose(rq, prev, t);
	prev->sched->yielded = false;
	if (next == prev) {
		if (prev->is_idle)
			cpumask_set(rq->cpu, &sched_idle_cpus);
		set_slice(rq, t);
		spin_unlock_irq(&rq->lock);
		return;
	}
	perfc_incr(PERFC_switch);
	put_prev(rq, prev, t);
	set_next(rq, next, t);
	set_slice(rq, t);
	spin_unlock_irq(&rq->lock);

	if (!prev->is_idle) {
		if (prev->runstate_guest.v)
			vcpu_update_runstate_area(prev);
		if (prev->periodic_period)
			timer_stop(&prev->periodic_timer);
	}
	if (next->periodic_period)
		vcpu_periodic_resume(next);
	if (!next->is_idle && next->sched->last_cpu != rq->cpu) {
		next->sched->last_cpu = rq->cpu;
		evtchn_move_pirqs(next);
	}
	context_switch(prev, next);
}

static void slice_over(void *data)
{
	softirq_raise(SOFTIRQ_SCHEDULE);
}

void vcpu_block(struct vcpu *curr)
{
	set_bit(VPF_blocked, &curr->pause_flags);
	/* An event that came before the flag was set has woken nobody. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (vcpu_has_pending_upcall(curr))
		clear_bit(VPF_blocked, &curr->pause_flags);
	else
		softirq_raise(SOFTIRQ_SCHEDULE);
}

void vcpu_unblock(struct vcpu *v)
{
	const unsigned long waiting = 1UL << VPF_blocked | 1UL << VPF_poll;

	if (!(READ_ONCE(v->pause_flags) & waiting))
		return;
	if (!(__atomic_fetch_and(&v->pause_flags, ~waiting, __ATOMIC_SEQ_CST) & waiting))
		return;
	if (v->poll_evtchn) {
		v->poll_evtchn = 0;
		/* It may run and poll anew already: whoever takes it off the list of those that poll wakes it. */
		if (test_and_clear_bit(v->vcpu_id, v->domain->poll_mask))
			__atomic_fetch_and(&v->pause_flags, ~waiting, __ATOMIC_SEQ_CST);
	}
	vcpu_wake(v);
}

void vcpu_yield(struct vcpu *curr)
{
	struct sched_cpu *rq = this_cpu()->sched;

	/* Nobody waits here: it would go on at once. */
	if (!READ_ONCE(rq->nr_queued))
		return;
	curr->sched->yielded = true;
	softirq_raise(SOFTIRQ_SCHEDULE);
}

void vcpu_kick(struct vcpu *v)
{
	unsigned int cpu = READ_ONCE(v->processor);

	if (READ_ONCE(v->is_running) && cpu != smp_processor_id())
		smp_send_event_check_cpu(cpu);
}

/* ---- set-up ---- */

static unsigned int placed;	/* vCPUs that were made, but for idle ones */

int sched_init_vcpu(struct vcpu *v)
{
	struct sched_vcpu *sv = xzalloc(struct sched_vcpu);

	if (!sv)
		return -ENOMEM;
	sv->vcpu = v;
	list_init(&sv->link);
	v->sched = sv;
	cpumask_setall(&v->hard_affinity);
	cpumask_setall(&v->soft_affinity);
	v->runstate.state_entry_time = (uint64_t)now();
	v->runstate.state = v->is_idle ? RUNSTATE_running : RUNSTATE_offline;
	if (v->is_idle) {
		v->processor = v->vcpu_id;
		return 0;
	}
	/* Spread over the CPUs, from the first one on, whichever domain they are of. */
	sched_update_allowed(v);
	v->processor = cpumask_first(&sv->allowed);
	sv->last_cpu = NR_CPUS;
	for (unsigned int i = __atomic_fetch_add(&placed, 1, __ATOMIC_RELAXED) % cpumask_weight(&sv->allowed); i > 0; i--)
		v->processor = cpumask_next(v->processor + 1, &sv->allowed);
	return 0;
}

void sched_destroy_vcpu(struct vcpu *v)
{
	if (!v->sched)
		return;
	BUG_ON(v->is_running || v->sched->queued || v->sched->parked);
	xfree(v->sched);
	v->sched = NULL;
}

int sched_init_cpu(unsigned int cpu)
{
	struct sched_cpu *rq = xzalloc(struct sched_cpu);
	struct vcpu *idle;

	if (!rq)
		return -ENOMEM;
	spin_lock_init(&rq->lock);
	list_init(&rq->queued);
	rq->cpu = cpu;
	rq->ratelimit = DEFAULT_RATELIMIT;
	timer_init(&rq->slice, slice_over, rq, cpu);
	timers_init_cpu(percpu(cpu));
	percpu(cpu)->sched = rq;
	idle = vcpu_create(idle_domain, cpu);
	if (!idle) {
		percpu(cpu)->sched = NULL;
		xfree(rq);
		return -ENOMEM;
	}
	idle->is_running = true;
	rq->idle = rq->curr = idle;
	percpu(cpu)->idle = idle;
	percpu(cpu)->loaded = idle;
	cpumask_set(cpu, &sched_idle_cpus);
	return 0;
}

void sched_init(void)
{
	softirq_open(SOFTIRQ_SCHEDULE, schedule);
	if (sched_init_cpu(smp_processor_id()))
		panic("No memory for the first run queue");
	set_current(this_cpu()->idle);
}
