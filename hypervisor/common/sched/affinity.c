/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which CPUs a vCPU may use and which it prefers; CPUs that go away. */
#include <tenon/arch.h>
#include <tenon/softirq.h>
#include "private.h"

/* v may be where it must not be any more: moves it, at once or when its CPU lets go of it. */
static void leave_forbidden_cpu(struct vcpu *v)
{
	struct sched_vcpu *sv = v->sched;
	unsigned long flags;
	struct sched_cpu *rq = sched_lock_vcpu(v, &flags);
	bool wake = false;

	if (!sched_cpu_allowed(v, rq->cpu) || !cpu_online(rq->cpu)) {
		if (rq->curr == v) {
			softirq_raise_cpu(rq->cpu, SOFTIRQ_SCHEDULE);
		} else if (sv->queued) {
			sched_dequeue(rq, sv);
			if (v->is_running)
				sv->wake_when_saved = true;
			else
				wake = true;
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

	if (!cpumask_intersects(m, &cpu_online_map))
		return -EINVAL;
	rq = sched_lock_vcpu(v, &flags);
	if (v->sched->pinned)
		v->sched->saved_affinity = *m;
	else
		v->hard_affinity = *m;
	sched_unlock(rq, flags);
	leave_forbidden_cpu(v);
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
	} else if (!cpu_online((unsigned int)cpu)) {
		rc = -EINVAL;
	} else if (sv->pinned) {
		rc = -EBUSY;
	} else {
		sv->saved_affinity = v->hard_affinity;
		v->hard_affinity = cpumask_of((unsigned int)cpu);
		sv->pinned = true;
	}
	sched_unlock(rq, flags);
	if (!rc)
		leave_forbidden_cpu(v);
	return rc;
}
