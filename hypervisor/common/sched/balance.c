/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPU a vCPU runs on: choice at wake-up, stealing by idle CPUs, spreading between busy ones. */
#include <tenon/arch.h>
#include <tenon/softirq.h>
#include "private.h"

#define BALANCE_INTERVAL	MILLISECS(30)

struct cpumask sched_idle_cpus;

static bool allowed_and_idle(const struct vcpu *v, unsigned int cpu)
{
	return cpumask_test(cpu, &sched_idle_cpus) && sched_cpu_allowed(v, cpu);
}

/* Claims an idle CPU: two vCPUs that wake at once should not choose the same. */
static unsigned int claim_idle(const struct vcpu *v, bool soft_only)
{
	unsigned int cpu;

	for (unsigned int w = 0; w < BITS_TO_LONGS(NR_CPUS); w++) {
		unsigned long idle = READ_ONCE(sched_idle_cpus.bits[w]);

		for (; idle; idle &= idle - 1) {
			cpu = w * BITS_PER_LONG + first_set(idle);
			if (!sched_cpu_allowed(v, cpu) || (soft_only && !cpumask_test(cpu, &v->soft_affinity)))
				continue;
			if (test_and_clear_bit(cpu, sched_idle_cpus.bits))
				return cpu;
		}
	}
	return NR_CPUS;
}

void sched_call_idle(const struct vcpu *v)
{
	unsigned int cpu = claim_idle(v, false);

	if (cpu != NR_CPUS)
		softirq_raise_cpu(cpu, SOFTIRQ_SCHEDULE);
}

static unsigned int load_of(unsigned int cpu)
{
	const struct sched_cpu *rq = percpu(cpu)->sched;

	return READ_ONCE(rq->nr_queued) + !READ_ONCE(rq->curr)->is_idle;
}

static unsigned int least_loaded(const struct vcpu *v)
{
	unsigned int cpu, best = NR_CPUS, best_load = ~0U;

	for_each_online_cpu(cpu) {
		unsigned int load = load_of(cpu);

		if (sched_cpu_allowed(v, cpu) && load < best_load) {
			best = cpu;
			best_load = load;
		}
	}
	return best;
}

/*
 * Nobody idles: stay, unless another CPU has clearly less to do. One is looked at, the next each time: enough to
 * keep loads together, and it costs the same however many CPUs there are.
 */
static unsigned int better_of_two(const struct vcpu *v, unsigned int cpu)
{
	struct sched_cpu *rq = percpu(cpu)->sched;
	unsigned int other = rq->probe + 1 < nr_cpu_ids ? rq->probe + 1 : 0;

	rq->probe = other;
	return cpu_online(other) && sched_cpu_allowed(v, other) && load_of(other) + 1 < load_of(cpu) ? other : cpu;
}

unsigned int sched_pick_cpu(const struct vcpu *v)
{
	unsigned int cpu;

	/* Where it ran last is warm. */
	if (allowed_and_idle(v, v->processor) && cpumask_test(v->processor, &v->soft_affinity) &&
	    test_and_clear_bit(v->processor, sched_idle_cpus.bits))
		return v->processor;
	cpu = claim_idle(v, true);
	if (cpu == NR_CPUS)
		cpu = claim_idle(v, false);
	if (cpu != NR_CPUS)
		return cpu;
	if (cpu_online(v->processor) && sched_cpu_allowed(v, v->processor))
		return better_of_two(v, v->processor);
	cpu = least_loaded(v);
	return cpu == NR_CPUS ? v->processor : cpu;
}

/* A waiting vCPU of from that may go to cpu: rather one that prefers it. Lock of from held. */
static struct sched_vcpu *movable(struct sched_cpu *from, unsigned int cpu)
{
	struct sched_vcpu *sv, *found = NULL;

	list_for_each(sv, &from->queued, link) {
		if (sv->vcpu->is_running || !sched_cpu_allowed(sv->vcpu, cpu))
			continue;
		if (cpumask_test(cpu, &sv->vcpu->soft_affinity))
			return sv;
		if (!found)
			found = sv;
	}
	return found;
}

struct sched_vcpu *sched_steal(struct sched_cpu *rq)
{
	unsigned int n = nr_cpu_ids;

	for (unsigned int i = 1; i < n; i++) {
		unsigned int cpu = (rq->cpu + i) % n;
		struct sched_cpu *from;
		struct sched_vcpu *sv;

		if (!cpu_online(cpu))
			continue;
		from = percpu(cpu)->sched;
		/* Two locks of queues are only ever held by trying for the second. */
		if (!READ_ONCE(from->nr_queued) || !spin_trylock(&from->lock))
			continue;
		sv = movable(from, rq->cpu);
		if (sv) {
			sched_dequeue(from, sv);
			sv->vcpu->processor = rq->cpu;
			sched_policy->arrive(rq, sv, from);
		}
		spin_unlock(&from->lock);
		if (sv)
			return sv;
	}
	return NULL;
}

/*
 * Even with a difference of one: then the vCPUs take turns at having a CPU more to
 * themselves, which is what fairness asks for.
 */
void sched_push(struct sched_cpu *rq, s_time_t t)
{
	unsigned int cpu, best = NR_CPUS, best_load = rq->nr_queued + 1;
	struct sched_cpu *to;
	struct sched_vcpu *sv;

	if (t < rq->next_balance)
		return;
	rq->next_balance = t + BALANCE_INTERVAL;
	/* Starts behind itself, so that equals get their turn. */
	for (unsigned int i = 1; i < nr_cpu_ids; i++) {
		cpu = (rq->cpu + i) % nr_cpu_ids;
		if (cpu_online(cpu) && load_of(cpu) < best_load && movable(rq, cpu)) {
			best = cpu;
			best_load = load_of(cpu);
		}
	}
	if (best == NR_CPUS)
		return;
	to = percpu(best)->sched;
	if (!spin_trylock(&to->lock))
		return;
	sv = movable(rq, best);
	sched_dequeue(rq, sv);
	sv->vcpu->processor = best;
	to->next_balance = t + BALANCE_INTERVAL;
	sched_come(to, sv, rq, t);
	spin_unlock(&to->lock);
}
