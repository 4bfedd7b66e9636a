/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPU a vCPU runs on: choice at wake-up, stealing by idle CPUs, spreading between busy ones. */
#include <tenon/arch.h>
#include <tenon/softirq.h>
#include "private.h"

#define BALANCE_INTERVAL	MILLISECS(20)
#define HORIZON			MILLISECS(200)	/* in which queues should come to the same virtual time */
#define MAX_LAG			MILLISECS(30)	/* of a queue, virtual */
#define SHARE_ONE		65536		/* of a domain with the default weight, one of whose vCPUs is active */

struct cpumask sched_idle_cpus;

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
		if (sched_cpu_allowed(v, cpu) && load_of(cpu) < best_load) {
			best = cpu;
			best_load = load_of(cpu);
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
	if (cpumask_test(v->processor, &sched_idle_cpus) && sched_cpu_allowed(v, v->processor) &&
	    cpumask_test(v->processor, &v->soft_affinity) && test_and_clear_bit(v->processor, sched_idle_cpus.bits))
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
	for (unsigned int i = 1; i < nr_cpu_ids; i++) {
		unsigned int cpu = (rq->cpu + i) % nr_cpu_ids;
		struct sched_cpu *from = cpu_online(cpu) ? percpu(cpu)->sched : NULL;
		struct sched_vcpu *sv;

		/* Two locks of queues are only ever held by trying for the second. */
		if (!from || !READ_ONCE(from->nr_queued) || !spin_trylock(&from->lock))
			continue;
		sv = movable(from, rq->cpu);
		if (sv) {
			sched_dequeue(from, sv);
			sv->vcpu->processor = rq->cpu;
			sched_arrive(rq, sv, from);
		}
		spin_unlock(&from->lock);
		if (sv)
			return sv;
	}
	return NULL;
}

/*
 * A vCPU's share is its part of its domain's weight. In queues whose shares have the same sum, virtual time passes
 * equally fast; but shares come in sizes, so that sums are never quite the same. Therefore vCPUs move on all the time:
 * from queues that will be behind to those that will be ahead, so that none is far from the mean of all. Each queue
 * looks at its vCPUs again when it is its turn: nothing is kept up to date on the way of a wake-up.
 */
static int64_t share_of(const struct sched_vcpu *sv)
{
	const struct sched_domain *sd = sv->vcpu->domain->sched;

	return sd->weight * (int64_t)(SHARE_ONE / DEFAULT_WEIGHT) / max(READ_ONCE(sd->nr_active), 1) + 1;
}

/* What sv had beyond rq's min_vruntime, times its share. */
static int64_t had(const struct sched_cpu *rq, const struct sched_vcpu *sv)
{
	return share_of(sv) * min(max(sv->vruntime - rq->min_vruntime, -SECONDS(1)), SECONDS(1));
}

/* Notes the load of rq, and its virtual time: the mean of its vCPUs', by their shares. Lock of rq held. */
static void measure(struct sched_cpu *rq, s_time_t t)
{
	struct sched_vcpu *sv = rq->curr->sched;
	int64_t load = rq->curr->is_idle ? 0 : share_of(sv), sum = rq->curr->is_idle ? 0 : had(rq, sv);

	list_for_each(sv, &rq->queued, link) {
		load += share_of(sv);
		sum += had(rq, sv);
	}
	WRITE_ONCE(rq->vtime, rq->base + rq->min_vruntime + sum / max(load, (int64_t)1));
	WRITE_ONCE(rq->load, load);
	WRITE_ONCE(rq->measured, t);
}

/* Virtual time that passes in time where the load is load. */
static int64_t progress(s_time_t time, int64_t load)
{
	return time * SHARE_ONE / max(load, (int64_t)1);
}

static int64_t vtime(const struct sched_cpu *rq, s_time_t t)
{
	return READ_ONCE(rq->vtime) + progress(min(t - READ_ONCE(rq->measured), SECONDS(1)), READ_ONCE(rq->load));
}

static int64_t within_lag(int64_t v, int64_t mean)
{
	return min(max(v, mean - MAX_LAG), mean + MAX_LAG);
}

/* A queue that stood idle, or whose only vCPU cannot have as much as its share, owes nobody what it is behind. */
static void forgive(struct sched_cpu *rq, int64_t mean)
{
	int64_t v = within_lag(rq->vtime, mean);

	rq->base += v - rq->vtime;
	WRITE_ONCE(rq->vtime, v);
}

/* Where nobody waits nobody measures but those who look for a queue to give to. */
static void measure_quiet(struct sched_cpu *rq, int64_t mean, s_time_t t)
{
	if (READ_ONCE(rq->nr_queued) || t - READ_ONCE(rq->measured) < BALANCE_INTERVAL || !spin_trylock(&rq->lock))
		return;
	if (!rq->curr->is_idle)
		sched_charge(rq, rq->curr->sched, t);
	measure(rq, t);
	forgive(rq, mean);
	spin_unlock(&rq->lock);
}

static int64_t mean_vtime(const struct cpumask *cpus, int64_t origin, s_time_t t)
{
	int64_t sum = 0, n = 0;
	unsigned int cpu;

	for_each_cpu(cpu, cpus) {
		const struct sched_cpu *rq = percpu(cpu)->sched;

		if (READ_ONCE(rq->nr_queued) && t - READ_ONCE(rq->measured) < 3 * BALANCE_INTERVAL) {
			sum += vtime(rq, t) - origin;
			n++;
		}
	}
	return origin + sum / max(n, (int64_t)1);
}

/*
 * The waiting vCPU of from by whose going to to, which is lead ahead, both come the nearest, less than gap apart. Not one
 * that woke up and has a lead: it is about to run. Both locks held.
 */
static struct sched_vcpu *fitting(struct sched_cpu *from, struct sched_cpu *to, int64_t lead, int64_t gap)
{
	struct sched_vcpu *sv, *found = NULL;

	list_for_each(sv, &from->queued, link) {
		int64_t share = share_of(sv);
		int64_t left = lead + progress(HORIZON, to->load + share) - progress(HORIZON, from->load - share);

		if (!sv->vcpu->is_running && sv->vruntime >= from->min_vruntime &&
		    sched_cpu_allowed(sv->vcpu, to->cpu) && max(left, -left) < gap) {
			gap = max(left, -left);
			found = sv;
		}
	}
	return found;
}

/* Of two alike the one goes that has been here for longer, at the end of its slice: else one might always share, the other never. */
static bool its_turn_is_later(const struct sched_cpu *rq, const struct sched_vcpu *sv)
{
	const struct sched_vcpu *curr = rq->curr->sched;

	return rq->nr_queued == 1 && !rq->curr->is_idle && curr->came < sv->came && share_of(curr) == share_of(sv);
}

void sched_push(struct sched_cpu *rq, s_time_t t)
{
	int64_t mean, best_lead = 0, best_gap = 0;
	struct sched_cpu *to = NULL;
	const struct cpumask *cpus;
	struct sched_vcpu *sv;
	unsigned int cpu;

	rq->next_balance = t + BALANCE_INTERVAL;
	/* It stays as long as this queue's lock is held: who moves a domain to another pool takes that. */
	cpus = &list_first(&rq->queued, struct sched_vcpu, link)->vcpu->domain->sched->pool->cpus;
	measure(rq, t);
	mean = mean_vtime(cpus, rq->vtime, t);
	forgive(rq, mean);
	for_each_cpu(cpu, cpus) {
		struct sched_cpu *other = percpu(cpu)->sched;
		int64_t lead, gap;

		measure_quiet(other, mean, t);
		lead = within_lag(vtime(other, t), mean) - rq->vtime;
		gap = lead + progress(HORIZON, READ_ONCE(other->load)) - progress(HORIZON, rq->load);
		if (gap > best_gap && other != rq && movable(rq, cpu)) {
			best_gap = gap;
			best_lead = lead;
			to = other;
		}
	}
	if (!to || !spin_trylock(&to->lock))
		return;
	sv = fitting(rq, to, best_lead, best_gap);
	if (sv && its_turn_is_later(rq, sv)) {
		rq->next_balance = t;
	} else if (sv) {
		sched_dequeue(rq, sv);
		sv->vcpu->processor = to->cpu;
		sv->came = t;
		sched_come(to, sv, rq, t);
		measure(rq, t);
		measure(to, t);
	}
	spin_unlock(&to->lock);
}
