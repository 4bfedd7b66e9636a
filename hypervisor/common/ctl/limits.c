/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a domain may have, and what it is known by. */
#include <limits.h>
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/irq.h>
#include "ctl.h"

long domctl_max_mem(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	uint64_t pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

	/* Below what it has, it gets no more. */
	spin_lock(&d->page_lock);
	d->max_pages = min(pages, (uint64_t)UINT_MAX);
	spin_unlock(&d->page_lock);
	return 0;
}

long domctl_setdomainhandle(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
	return 0;
}

long domctl_subscribe(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	WRITE_ONCE(d->suspend_port, op->u.subscribe.port);
	return 0;
}

long domctl_set_virq_handler(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	return set_global_virq_handler(d, op->u.set_virq_handler.virq);
}

long domctl_settimeoffset(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	d->time_offset_seconds = (int32_t)op->u.settimeoffset.time_offset_seconds;
	update_domain_wallclock(d);
	return 0;
}

/* ---- permissions: the caller gives of its own ---- */

static int permit(struct rangeset *caps, unsigned long first, unsigned long last, bool allow)
{
	return allow ? rangeset_add(caps, first, last) : rangeset_remove(caps, first, last);
}

long domctl_irq_permission(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_irq_permission *p = &op->u.irq_permission;
	int irq = pirq_to_irq(curr->domain, p->pirq);

	if (irq < 0)
		return irq;
	if (!rangeset_contains(curr->domain->irq_caps, (unsigned long)irq, (unsigned long)irq))
		return -EPERM;
	return permit(d->irq_caps, (unsigned long)irq, (unsigned long)irq, p->allow_access);
}

long domctl_iomem_permission(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_iomem_permission *p = &op->u.iomem_permission;
	uint64_t last = p->first_mfn + p->nr_mfns - 1;

	if (!p->nr_mfns || last < p->first_mfn)
		return -EINVAL;
	if (!rangeset_contains(curr->domain->iomem_caps, p->first_mfn, last))
		return -EPERM;
	return permit(d->iomem_caps, p->first_mfn, last, p->allow_access);
}

/* ---- memory nodes: where its frames come from ---- */

long domctl_setnodeaffinity(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	unsigned int nr = arch_nr_nodes();
	unsigned long nodes;
	int rc = ctl_bitmap_get(&nodes, nr, &op->u.nodeaffinity.nodemap);

	if (rc)
		return rc;
	if (!nodes)
		return -EINVAL;
	/* All: as if nothing had been said. */
	d->node_affinity = hweight_long(nodes) == nr ? 0 : nodes;
	return 0;
}

long domctl_getnodeaffinity(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	unsigned int nr = arch_nr_nodes();
	unsigned long nodes = d->node_affinity ? d->node_affinity : ~0UL;

	return ctl_bitmap_put(&op->u.nodeaffinity.nodemap, &nodes, nr);
}
