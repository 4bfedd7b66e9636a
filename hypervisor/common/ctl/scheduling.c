/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler's parameters. Ours has those of credit2 (weight, cap, rate limit), and tools know it by that
 * name. There is one pool, which has all processors.
 */
#include <tenon/sched.h>
#include "ctl.h"

#define OUR_ID		XEN_SCHEDULER_CREDIT2

long domctl_scheduler_op(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;
	uint32_t weight, cap;

	if (s->sched_id != OUR_ID)
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
	op->u.sched_id.sched_id = OUR_ID;
	return 0;
}

long sysctl_scheduler_op(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;
	uint32_t *us = &s->u.sched_credit2.ratelimit_us;

	if (s->cpupool_id)
		return -ESRCH;
	if (s->sched_id != OUR_ID)
		return -EINVAL;
	switch (s->cmd) {
	case XEN_SYSCTL_SCHEDOP_getinfo:
		*us = (uint32_t)(sched_ratelimit / MICROSECS(1));
		return 0;
	case XEN_SYSCTL_SCHEDOP_putinfo:
		if (*us && (*us < XEN_SYSCTL_SCHED_RATELIMIT_MIN || *us > XEN_SYSCTL_SCHED_RATELIMIT_MAX))
			return -EINVAL;
		WRITE_ONCE(sched_ratelimit, MICROSECS(*us));
		return 0;
	}
	return -EINVAL;
}

static long pool_info(struct xen_sysctl_cpupool_op *p)
{
	struct domain *d;

	if (p->cpupool_id)
		return -ENOENT;
	p->sched_id = OUR_ID;
	p->n_dom = 0;
	for_each_domain(d)
		p->n_dom++;
	return ctl_bitmap_put(&p->cpumap, cpu_online_map.bits, nr_cpu_ids);
}

long sysctl_cpupool_op(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;
	static const struct cpumask none;

	switch (p->op) {
	case XEN_SYSCTL_CPUPOOL_OP_INFO:
		return pool_info(p);
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		return ctl_bitmap_put(&p->cpumap, none.bits, nr_cpu_ids);
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		return p->cpupool_id ? -ENOENT : 0;
	}
	return -EOPNOTSUPP;
}
