/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Weighted fair sharing. A vCPU's virtual run time advances as it runs, the faster the less its
 * share is; who is behind runs first. A domain's weight is shared by those of its vCPUs that
 * want to run, so that more vCPUs do not mean more time. Who runs is charged for the others that want
 * to, too; what they do not make use of before they sleep is the domain's again (refund). Nor do vCPUs
 * that run by turns have more: one that wakes up is charged with what the others had while it slept,
 * as though all had one virtual time (vtime). A cap is a budget of its domain's for each period; when it
 * is used up, the vCPUs are parked until the next.
 */
#include <tenon/arch.h>
#include "private.h"

#define PERIOD		MILLISECS(12)	/* in which all that wait should have run */
#define MIN_SLICE	MILLISECS(2)
#define WAKE_CREDIT	MILLISECS(3)	/* how far behind a vCPU that slept may be */
#define MAX_SETBACK	MILLISECS(6)	/* how far ahead what its domain had meanwhile may put it */
#define LEAD_PART	16		/* one such part of that is not held against it: who seldom runs gets a lead */
#define CAP_PERIOD	MILLISECS(10)
#define CAP_MIN_SLICE	MICROSECS(200)
#define MAX_CHARGE	SECONDS(1)	/* alone for long: no overflow */

void sched_arrive(struct sched_cpu *rq, struct sched_vcpu *sv, const struct sched_cpu *from)
{
	const struct sched_domain *sd = sv->vcpu->domain->sched;

	if (from)
		sv->vruntime += rq->min_vruntime - READ_ONCE(from->min_vruntime);
	if (!sv->counted) {
		int64_t vtime = READ_ONCE(sd->vtime), had = vtime - sv->seen;

		had -= had / LEAD_PART;
		sv->vruntime = max(sv->vruntime, min(sv->vruntime + had, rq->min_vruntime + MAX_SETBACK));
		sv->seen = vtime;
	}
	sv->vruntime = max(sv->vruntime, rq->min_vruntime - WAKE_CREDIT / max(sd->nr_active, 1));
}

static int64_t take_refund(struct sched_domain *sd, int64_t most)
{
	int64_t r = min(READ_ONCE(sd->refund), most);

	__atomic_fetch_sub(&sd->refund, r, __ATOMIC_RELAXED);
	return r;
}

void sched_depart(struct sched_vcpu *sv)
{
	struct sched_domain *sd = sv->vcpu->domain->sched;
	int64_t had = READ_ONCE(sd->vtime) - sv->seen;

	if (had > 0)
		__atomic_fetch_add(&sd->refund, min(had, MAX_SETBACK - READ_ONCE(sd->refund)), __ATOMIC_RELAXED);
}

void sched_charge(struct sched_cpu *rq, struct sched_vcpu *sv, s_time_t t)
{
	struct sched_domain *sd = sv->vcpu->domain->sched;
	struct pheap_node *first = pheap_first(&rq->queue);
	s_time_t ran = t - sv->charged;

	if (ran <= 0)
		return;
	sv->charged = t;
	if (sd->cap) {
		spin_lock(&sd->lock);
		sd->budget -= ran;
		if (!timer_active(&sd->refill))
			timer_set(&sd->refill, now() + CAP_PERIOD);
		spin_unlock(&sd->lock);
	}
	ran = min(ran, MAX_CHARGE) * DEFAULT_WEIGHT / sd->weight;
	__atomic_fetch_add(&sd->vtime, ran, __ATOMIC_RELAXED);
	ran *= max(sd->nr_active, 1);
	if (READ_ONCE(sd->refund) > 0)
		ran -= take_refund(sd, ran);
	sv->vruntime += ran;
	sv->seen += ran;
	rq->min_vruntime = max(rq->min_vruntime, first ? min(first->key, sv->vruntime) : sv->vruntime);
}

s_time_t sched_slice(const struct sched_cpu *rq, const struct sched_vcpu *sv)
{
	struct sched_domain *sd = sv->vcpu->domain->sched;
	s_time_t s = STIME_MAX;

	if (rq->nr_queued)
		s = max((s_time_t)(PERIOD / (rq->nr_queued + 1)), MIN_SLICE);
	if (sd->cap) {
		s_time_t share = READ_ONCE(sd->budget) / max(sd->nr_active, 1);

		s = min(s, max(share, CAP_MIN_SLICE));
	}
	return s;
}

/* ---- domains: weight, cap and the refill of its budget ---- */

static void refill(void *data)
{
	struct sched_domain *sd = data;
	int64_t quota = CAP_PERIOD * sd->cap / 100;

	spin_lock_irq(&sd->lock);
	sd->budget = sd->cap ? min(sd->budget + quota, quota) : 0;
	if (sd->cap && (sd->budget < quota || !list_empty(&sd->parked)))
		timer_set(&sd->refill, now() + CAP_PERIOD);
	spin_unlock_irq(&sd->lock);

	/* One round over those parked now: they may come back at once. */
	for (unsigned int i = 0; i < sd->domain->max_vcpus && (!sd->cap || READ_ONCE(sd->budget) > 0); i++) {
		struct vcpu *v = sd->domain->vcpu[i];

		if (v && READ_ONCE(v->sched->parked))
			vcpu_wake(v);
	}
}

void sched_park(struct sched_vcpu *sv)
{
	struct sched_domain *sd = sv->vcpu->domain->sched;

	spin_lock(&sd->lock);
	sv->parked = true;
	list_add_tail(&sv->link, &sd->parked);
	if (!timer_active(&sd->refill))
		timer_set(&sd->refill, now() + CAP_PERIOD);
	spin_unlock(&sd->lock);
}

void sched_unpark(struct sched_vcpu *sv)
{
	struct sched_domain *sd = sv->vcpu->domain->sched;

	spin_lock(&sd->lock);
	sv->parked = false;
	list_del(&sv->link);
	spin_unlock(&sd->lock);
}

int sched_init_domain(struct domain *d)
{
	struct sched_domain *sd = xzalloc(struct sched_domain);

	if (!sd)
		return -ENOMEM;
	sd->weight = DEFAULT_WEIGHT;
	sd->domain = d;
	sd->pool = &cpupool0;
	__atomic_fetch_add(&cpupool0.nr_domains, !d->is_idle, __ATOMIC_RELAXED);
	spin_lock_init(&sd->lock);
	spin_lock_init(&sd->watchdog_lock);
	list_init(&sd->parked);
	timer_init(&sd->refill, refill, sd, smp_processor_id());
	d->sched = sd;
	return 0;
}

void sched_destroy_domain(struct domain *d)
{
	if (!d->sched)
		return;
	__atomic_fetch_sub(&d->sched->pool->nr_domains, 1, __ATOMIC_RELAXED);
	timer_kill(&d->sched->refill);
	for (unsigned int i = 0; i < NR_WATCHDOGS; i++)
		timer_kill(&d->sched->watchdog[i]);
	xfree(d->sched);
	d->sched = NULL;
}

int sched_set_params(struct domain *d, uint32_t weight, uint32_t cap)
{
	struct sched_domain *sd = d->sched;

	if (!weight || weight > UINT16_MAX || cap > d->max_vcpus * 100U)
		return -EINVAL;
	spin_lock_irq(&sd->lock);
	sd->weight = weight;
	sd->cap = cap;
	sd->budget = CAP_PERIOD * cap / 100;
	/* Without a cap nobody may stay parked. */
	timer_set(&sd->refill, now());
	spin_unlock_irq(&sd->lock);
	return 0;
}

void sched_get_params(const struct domain *d, uint32_t *weight, uint32_t *cap)
{
	*weight = d->sched->weight;
	*cap = d->sched->cap;
}
