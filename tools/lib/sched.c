// SPDX-License-Identifier: LGPL-2.1-or-later
/* The scheduler's parameters: credit2's. */
#include <errno.h>

#include "call.h"

static struct xen_domctl_scheduler_op *domain_op(struct tenon *tenon, uint16_t domid, uint32_t command)
{
	struct xen_domctl_scheduler_op *op = &domctl_begin(tenon, XEN_DOMCTL_scheduler_op, domid)->u.scheduler_op;

	op->sched_id = XEN_SCHEDULER_CREDIT2;
	op->cmd = command;
	return op;
}

int tenon_get_sched(struct tenon *tenon, uint16_t domid, struct tenon_sched *sched)
{
	const struct xen_domctl_scheduler_op *op = domain_op(tenon, domid, XEN_DOMCTL_SCHEDOP_getinfo);
	int error = domctl_run(tenon);

	if (!error)
		*sched = (struct tenon_sched){ .weight = op->u.credit2.weight, .cap = op->u.credit2.cap };
	return error;
}

int tenon_set_sched(struct tenon *tenon, uint16_t domid, const struct tenon_sched *sched)
{
	struct xen_domctl_scheduler_op *op;

	if (!sched->weight || sched->weight > TENON_WEIGHT_MAX || sched->cap > TENON_CAP_MAX)
		return -ERANGE;
	op = domain_op(tenon, domid, XEN_DOMCTL_SCHEDOP_putinfo);
	op->u.credit2.weight = sched->weight;
	op->u.credit2.cap = sched->cap;
	return domctl_run(tenon);
}

static struct xen_sysctl_scheduler_op *pool_op(struct tenon *tenon, uint32_t pool, uint32_t command)
{
	struct xen_sysctl_scheduler_op *op = &sysctl_begin(tenon, XEN_SYSCTL_scheduler_op)->u.scheduler_op;

	op->cpupool_id = pool;
	op->sched_id = XEN_SCHEDULER_CREDIT2;
	op->cmd = command;
	return op;
}

int tenon_get_ratelimit(struct tenon *tenon, uint32_t pool)
{
	const struct xen_sysctl_scheduler_op *op = pool_op(tenon, pool, XEN_SYSCTL_SCHEDOP_getinfo);
	int error = sysctl_run(tenon);

	return error ? error : (int)op->u.sched_credit2.ratelimit_us;
}

int tenon_set_ratelimit(struct tenon *tenon, uint32_t pool, uint32_t microseconds)
{
	struct xen_sysctl_scheduler_op *op;

	if (microseconds && (microseconds < TENON_RATELIMIT_MIN_US || microseconds > TENON_RATELIMIT_MAX_US))
		return -ERANGE;
	op = pool_op(tenon, pool, XEN_SYSCTL_SCHEDOP_putinfo);
	op->u.sched_credit2.ratelimit_us = microseconds;
	return sysctl_run(tenon);
}
