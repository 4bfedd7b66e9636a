/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPUs a vCPU may use and which it prefers: pools and affinities. */
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/softirq.h>
#include "private.h"

void sched_update_allowed(struct vcpu *v)
{
	const struct cpumask *pool = &v->domain->sched->pool->cpus;

	cpumask_and(&v->sched->allowed, &v->hard_affinity, pool);
	if (cpumask_empty(&v->sched->allowed))
		v->sched->allowed = *pool;
}

void sched_leave_forbidden_cpu(struct vcpu *v)
{
	struct sched_vcpu *sv = v->sched;
	unsigned long flags;
	struct sched_cpu *rq = sched_lock_vcpu(v, &flags);
	bool wake = false;

	if (!sched_cpu_allowed(v, rq->cpu)) {
		if (rq->curr == v) {
			softirq_raise_cpu(rq->cpu, SOFTIRQ_SCHEDULE);
		} else if (sv->queued) {
			sched_dequeue(rq, sv);
			wake = !v->is_running;
			sv->wake_when_saved = !wake;
		}
	}
	sched_unlock(rq, flags);
	if (wake)
		vcpu_wake(v);
}

int vcpu_set_hard_affinity(struct vcpu *v, const struct cpumask *m)
{
	unsigned long flags;
	struct sched_cpu *rq;

	if (!cpumask_intersects(m, &v->domain->sched->pool->cpus))
		return -EINVAL;
	rq = sched_lock_vcpu(v, &flags);
	if (v->sched->pinned)
		v->sched->saved_affinity = *m;
	else
		v->hard_affinity = *m;
	sched_update_allowed(v);
	sched_unlock(rq, flags);
	sched_leave_forbidden_cpu(v);
	return 0;
}

int vcpu_set_soft_affinity(struct vcpu *v, const struct cpumask *m)
{
	unsigned long flags;
	struct sched_cpu *rq;

	if (cpumask_empty(m))
		return -EINVAL;
	rq = sched_lock_vcpu(v, &flags);
	v->soft_affinity = *m;
	sched_unlock(rq, flags);
	return 0;
}

int vcpu_pin_override(struct vcpu *v, int cpu)
{
	struct sched_vcpu *sv = v->sched;
	unsigned long flags;
	struct sched_cpu *rq = sched_lock_vcpu(v, &flags);
	int rc = 0;

	if (cpu < 0) {
		if (sv->pinned)
			v->hard_affinity = sv->saved_affinity;
		else
			rc = -EINVAL;
		sv->pinned = false;
	} else if (cpu >= NR_CPUS || !cpumask_test((unsigned int)cpu, &v->domain->sched->pool->cpus)) {
		rc = -EINVAL;
	} else if (sv->pinned) {
		rc = -EBUSY;
	} else {
		sv->saved_affinity = v->hard_affinity;
		v->hard_affinity = cpumask_of((unsigned int)cpu);
		sv->pinned = true;
	}
	sched_update_allowed(v);
	sched_unlock(rq, flags);
	if (!rc)
		sched_leave_forbidden_cpu(v);
	return rc;
}

/* ---- pools ---- */

struct cpupool cpupool0 = { .ratelimit = DEFAULT_RATELIMIT };

void __init sched_pool_init(void)
{
	list_init(&cpupool0.link);
	cpupool0.cpus = cpu_online_map;
}

struct cpupool *sched_pool(const struct domain *d)
{
	return d->sched->pool;
}

/* everywhere: its affinities are those of a new vCPU. */
static void enter_pool(struct domain *d, bool everywhere)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		unsigned long flags;
		struct sched_cpu *rq = sched_lock_vcpu(v, &flags);

		if (everywhere) {
			cpumask_setall(&v->hard_affinity);
			cpumask_setall(&v->soft_affinity);
			v->sched->pinned = false;
		}
		sched_update_allowed(v);
		sched_unlock(rq, flags);
		sched_leave_forbidden_cpu(v);
	}
}

void sched_move_domain(struct domain *d, struct cpupool *pool)
{
	if (d->sched->pool == pool)
		return;
	__atomic_fetch_sub(&d->sched->pool->nr_domains, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&pool->nr_domains, 1, __ATOMIC_RELAXED);
	d->sched->pool = pool;
	enter_pool(d, true);
}

void sched_pool_changed(struct cpupool *pool)
{
	struct domain *d;
	unsigned int cpu;

	for_each_cpu(cpu, &pool->cpus)
		WRITE_ONCE(percpu(cpu)->sched->ratelimit, pool->ratelimit);
	for_each_domain(d)
		if (d->sched->pool == pool)
			enter_pool(d, false);
}
