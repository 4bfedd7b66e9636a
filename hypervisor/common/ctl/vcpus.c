/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's vCPUs. */
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <tenon/sched.h>
#include "ctl.h"

long domctl_max_vcpus(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	if (op->u.max_vcpus.max != d->max_vcpus)
		return -EINVAL;
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		if (d->vcpu[i])
			continue;
		if (!vcpu_create(d, i))
			return -ENOMEM;
		if (hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}

long domctl_getvcpuinfo(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_getvcpuinfo *info = &op->u.getvcpuinfo;
	const struct vcpu *v;

	if (info->vcpu >= d->max_vcpus)
		return -EINVAL;
	v = d->vcpu[info->vcpu];
	if (!v)
		return -ESRCH;
	info->online = !test_bit(VPF_down, &v->pause_flags);
	info->blocked = test_bit(VPF_blocked, &v->pause_flags);
	info->running = READ_ONCE(v->is_running);
	info->cpu_time = vcpu_cpu_time(v);
	info->cpu = v->processor;
	return 0;
}

long domctl_sendtrigger(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_sendtrigger *t = &op->u.sendtrigger;

	if (t->vcpu >= d->max_vcpus || !d->vcpu[t->vcpu])
		return -ESRCH;
	if (t->trigger != XEN_DOMCTL_SENDTRIGGER_NMI)
		return -ENOSYS;
	vcpu_send_nmi(d->vcpu[t->vcpu]);
	return 0;
}

/* ---- where they may run, and would like to ---- */

static struct cpumask and(const struct cpumask *a, const struct cpumask *b)
{
	struct cpumask m;

	cpumask_and(&m, a, b);
	return m;
}

static int set_soft(struct vcpu *v, const struct xenctl_bitmap *map)
{
	struct cpumask soft = { { 0 } };
	int rc = ctl_bitmap_get(soft.bits, nr_cpu_ids, map);

	return rc ? rc : vcpu_set_soft_affinity(v, &soft);
}

static int set_affinity(struct vcpu *v, const struct xen_domctl_vcpuaffinity *a)
{
	struct cpumask hard = { { 0 } }, old = v->hard_affinity;
	int rc = 0;

	if (a->flags & XEN_VCPUAFFINITY_FORCE)
		(void)vcpu_pin_override(v, -1);
	if (a->flags & XEN_VCPUAFFINITY_HARD) {
		rc = ctl_bitmap_get(hard.bits, nr_cpu_ids, &a->cpumap_hard);
		if (!rc)
			rc = vcpu_set_hard_affinity(v, &hard);
	}
	if (rc || !(a->flags & XEN_VCPUAFFINITY_SOFT))
		return rc;
	rc = set_soft(v, &a->cpumap_soft);
	if (rc && (a->flags & XEN_VCPUAFFINITY_HARD))
		(void)vcpu_set_hard_affinity(v, &old);
	return rc;
}

/* effective: as far as it can be followed, not as it was wished. */
static int tell_affinity(const struct vcpu *v, const struct xen_domctl_vcpuaffinity *a, bool effective)
{
	struct cpumask hard = v->hard_affinity, soft = v->soft_affinity;
	int rc = 0;

	if (effective) {
		hard = and(&hard, &sched_pool(v->domain)->cpus);
		soft = and(&soft, &hard);
	}
	if (a->flags & XEN_VCPUAFFINITY_HARD)
		rc = ctl_bitmap_put(&a->cpumap_hard, hard.bits, nr_cpu_ids);
	if (!rc && (a->flags & XEN_VCPUAFFINITY_SOFT))
		rc = ctl_bitmap_put(&a->cpumap_soft, soft.bits, nr_cpu_ids);
	return rc;
}

static struct vcpu *affinity_vcpu(const struct domain *d, const struct xen_domctl_vcpuaffinity *a, long *rc)
{
	*rc = -EINVAL;
	if (a->vcpu >= d->max_vcpus || !a->flags ||
	    ((a->flags & XEN_VCPUAFFINITY_HARD) && guest_handle_is_null(a->cpumap_hard.bitmap)) ||
	    ((a->flags & XEN_VCPUAFFINITY_SOFT) && guest_handle_is_null(a->cpumap_soft.bitmap)))
		return NULL;
	*rc = -ESRCH;
	return d->vcpu[a->vcpu];
}

long domctl_setvcpuaffinity(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	long rc;
	struct vcpu *v = affinity_vcpu(d, a, &rc);

	if (v)
		rc = set_affinity(v, a);
	return rc ? rc : tell_affinity(v, a, true);
}

long domctl_getvcpuaffinity(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
	long rc;
	const struct vcpu *v = affinity_vcpu(d, a, &rc);

	return v ? tell_affinity(v, a, false) : rc;
}
