/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making, pausing, resuming and ending domains. */
#include <tenon/arch.h>
#include <tenon/sched.h>
#include "ctl.h"

#define MAX_PAUSES	255
/* Of no consequence here: about a suspended machine's memory, shadows of page tables, and what tools know. */
#define CDF_ACCEPTED	(XEN_DOMCTL_CDF_s3_integrity | XEN_DOMCTL_CDF_oos_off | XEN_DOMCTL_CDF_xs_domain)

/* Only what can be had as it was asked for is had. */
static long check(const struct xen_domctl_createdomain *c)
{
	unsigned int grants = XEN_DOMCTL_GRANT_version(c->grant_opts);
	const struct cpupool *pool;

	if ((c->flags & ~CDF_ACCEPTED) || c->iommu_opts || c->vmtrace_size)
		return -EINVAL;
	if (!grants || grants > 1 || grants != c->grant_opts)
		return -EINVAL;
	pool = ctl_cpupool(c->cpupool_id);
	if (!pool)
		return -ESRCH;
	return cpumask_empty(&pool->cpus) ? -ENODEV : arch_config_check(&c->arch);
}

/* The next number that is free, not one that was in use just now. */
static int choose_id(domid_t *id)
{
	static domid_t last;

	for (unsigned int i = 1; i < DOMID_FIRST_RESERVED; i++) {
		unsigned long flags = local_irq_save();
		const struct domain *d;

		last = last + 1 < DOMID_FIRST_RESERVED ? last + 1 : 1;
		d = domain_by_id(last);
		local_irq_restore(flags);
		if (!d) {
			*id = last;
			return 0;
		}
	}
	return -ENOMEM;
}

static unsigned int limit(int32_t wanted, unsigned int normal)
{
	return wanted < 0 ? normal : (unsigned int)wanted;
}

long domctl_createdomain(struct vcpu *curr, struct domain *none, struct xen_domctl *op)
{
	const struct xen_domctl_createdomain *c = &op->u.createdomain;
	const struct domain_config config = {
		.max_vcpus = c->max_vcpus, .max_event_port = c->max_evtchn_port,
		.max_grant_frames = limit(c->max_grant_frames, GRANT_FRAMES_DEFAULT),
		.max_maptrack_frames = limit(c->max_maptrack_frames, MAPTRACK_FRAMES_DEFAULT),
	};
	domid_t id = op->domain;
	struct domain *d;
	int rc = (int)check(c);

	if (!rc && (!id || id >= DOMID_FIRST_RESERVED))
		rc = choose_id(&id);
	if (rc)
		return rc;
	d = domain_create(id, &config, &rc);
	if (!d)
		return rc;
	d->is_xenstore = c->flags & XEN_DOMCTL_CDF_xs_domain;
	d->arch_config = c->arch;
	memcpy(d->handle, c->handle, sizeof(d->handle));
	sched_move_domain(d, ctl_cpupool(c->cpupool_id));
	/* It has no vCPU that could run yet. */
	d->controller_pause_count = 1;
	domain_pause_nosync(d);
	op->domain = id;
	return 0;
}

long domctl_destroydomain(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	return domain_kill(d);
}

long domctl_pausedomain(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	if (d->controller_pause_count >= MAX_PAUSES)
		return -EOVERFLOW;
	d->controller_pause_count++;
	domain_pause(d);
	return 0;
}

long domctl_unpausedomain(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	if (!d->controller_pause_count)
		return -EINVAL;
	d->controller_pause_count--;
	d->has_run = true;
	domain_unpause(d);
	return 0;
}

long domctl_resumedomain(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	domain_resume(d);
	return 0;
}
