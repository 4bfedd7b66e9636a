/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tools see of domains. */
#include <tenon/arch.h>
#include <tenon/sched.h>
#include "ctl.h"

#define DOMAINS_PER_CHECK	32

/* Blocked: all vCPUs that are up wait. Running: one of them has a processor. */
static void add_vcpu(struct vcpu *v, struct xen_domctl_getdomaininfo *info, uint32_t *flags)
{
	unsigned long paused = READ_ONCE(v->pause_flags);

	info->cpu_time += vcpu_cpu_time(v);
	info->max_vcpu_id = v->vcpu_id;
	if (paused & (1UL << VPF_down))
		return;
	info->nr_online_vcpus++;
	if (!(paused & (1UL << VPF_blocked)))
		*flags &= ~XEN_DOMINF_blocked;
	if (READ_ONCE(v->is_running))
		*flags |= XEN_DOMINF_running;
}

void ctl_domain_info(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
	uint32_t flags = XEN_DOMINF_blocked;
	struct vcpu *v;

	*info = (struct xen_domctl_getdomaininfo){
		.domain = d->domain_id, .tot_pages = d->tot_pages, .max_pages = d->max_pages,
		.outstanding_pages = d->outstanding_claim, .shared_info_frame = virt_to_mfn(d->shared_info).m,
		.cpupool = sched_pool(d)->id, .max_vcpu_id = XEN_INVALID_MAX_VCPU_ID, .arch_config = d->arch_config,
	};
	for_each_vcpu(d, v)
		add_vcpu(v, info, &flags);
	info->flags = (info->nr_online_vcpus ? flags : 0) | (d->dying == DOM_DEAD ? XEN_DOMINF_dying : 0) |
		      (d->is_shut_down ? XEN_DOMINF_shutdown : 0) |
		      (d->controller_pause_count ? XEN_DOMINF_paused : 0) |
		      (d->is_xenstore ? XEN_DOMINF_xs_domain : 0) |
		      d->shutdown_code << XEN_DOMINF_shutdownshift;
	memcpy(info->handle, d->handle, sizeof(info->handle));
	arch_domain_info(d, info);
}

long domctl_getdomaininfo(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	op->domain = d->domain_id;
	ctl_domain_info(d, &op->u.getdomaininfo);
	return 0;
}

long sysctl_getdomaininfolist(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_getdomaininfolist *list = &op->u.getdomaininfolist;
	uint32_t n = 0;
	struct domain *d;

	for (d = domain_get_from(list->first_domain); d && n < list->max_domains; d = domain_get_after(d)) {
		struct xen_domctl_getdomaininfo info;

		ctl_domain_info(d, &info);
		if (copy_to_guest_offset(list->buffer, n, &info, 1)) {
			domain_put(d);
			return -EFAULT;
		}
		/* The answer is of one moment, and so made in one go; but not with everything else waiting for it. */
		if (++n % DOMAINS_PER_CHECK == 0)
			softirq_run_no_schedule();
	}
	if (d)
		domain_put(d);
	list->num_domains = n;
	return 0;
}
