/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler's parameters. Ours has those of credit2 (weight, cap, and for each pool the rate limit), and tools know
 * it by that name.
 */
#include <tenon/sched.h>
#include "ctl.h"

long domctl_scheduler_op(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;
	uint32_t weight, cap;

	if (s->sched_id != CTL_SCHEDULER)
		return -EINVAL;
	sched_get_params(d, &weight, &cap);
	switch (s->cmd) {
	case XEN_DOMCTL_SCHEDOP_getinfo:
		s->u.credit2.weight = (uint16_t)weight;
		s->u.credit2.cap = (uint16_t)cap;
		return 0;
	case XEN_DOMCTL_SCHEDOP_putinfo:
		return sched_set_params(d, s->u.credit2.weight ? s->u.credit2.weight : weight, s->u.credit2.cap);
	}
	return -EINVAL;
}

long sysctl_sched_id(struct vcpu *curr, struct xen_sysctl *op)
{
	op->u.sched_id.sched_id = CTL_SCHEDULER;
	return 0;
}

long sysctl_scheduler_op(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;
	struct cpupool *pool = ctl_cpupool(s->cpupool_id);
	uint32_t *us = &s->u.sched_credit2.ratelimit_us;

	if (!pool)
		return -ESRCH;
	if (s->sched_id != CTL_SCHEDULER)
		return -EINVAL;
	switch (s->cmd) {
	case XEN_SYSCTL_SCHEDOP_getinfo:
		*us = (uint32_t)(pool->ratelimit / MICROSECS(1));
		return 0;
	case XEN_SYSCTL_SCHEDOP_putinfo:
		if (*us && (*us < XEN_SYSCTL_SCHED_RATELIMIT_MIN || *us > XEN_SYSCTL_SCHED_RATELIMIT_MAX))
			return -EINVAL;
		pool->ratelimit = MICROSECS(*us);
		sched_pool_changed(pool);
		return 0;
	}
	return -EINVAL;
}
