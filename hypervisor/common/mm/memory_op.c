/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory_op: what a domain does with its reservation. Calls over lists of extents return how
 * many were done, whatever stopped them, and are restarted with that number in the upper bits of
 * the command.
 */
#include <limits.h>
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <xen/memory.h>
#include "memory_op.h"

#define OP_MASK		((1UL << MEMORY_EXTENT_SHIFT) - 1)
#define MAX_ORDER_DOM0	18
#define MAX_ORDER_GUEST	9

struct extents {
	struct vcpu *curr;
	struct domain *d;
	unsigned long list, nr, done;
	unsigned int order, memflags;
};

unsigned int memory_max_order(const struct domain *d)
{
	return is_hardware_domain(d) ? MAX_ORDER_DOM0 : MAX_ORDER_GUEST;
}

unsigned int memory_flags(unsigned int mem_flags)
{
	unsigned int bits = XENMEMF_get_address_bits(mem_flags), flags = 0;

	if (bits && bits < BITS_PER_LONG)
		flags = MEMF_bits(bits);
	if (XENMEMF_get_node(mem_flags) < 64) {
		flags |= MEMF_node(XENMEMF_get_node(mem_flags));
		if (mem_flags & XENMEMF_exact_node_request)
			flags |= MEMF_exact_node;
	}
	return flags;
}

/* ---- one extent; false ends the list ---- */

static bool get_frame(const struct extents *x, unsigned long *frame)
{
	return !copy_from_guest_va(frame, x->list + x->done * sizeof(xen_pfn_t), sizeof(xen_pfn_t));
}

static bool put_frame(const struct extents *x, unsigned long frame)
{
	return !copy_to_guest_va(x->list + x->done * sizeof(xen_pfn_t), &frame, sizeof(xen_pfn_t));
}

static bool increase_one(const struct extents *x)
{
	struct page_info *pg = domain_alloc_pages(x->d, x->order, x->memflags);

	return pg && (!x->list || put_frame(x, page_to_mfn(pg).m));
}

static bool populate_one(const struct extents *x)
{
	struct page_info *pg;
	unsigned long gfn;

	if (!get_frame(x, &gfn))
		return false;
	pg = domain_alloc_pages(x->d, x->order, x->memflags);
	if (!pg)
		return false;
	for (unsigned long i = 0; i < 1UL << x->order; i++)
		if (arch_physmap_add(x->d, _gfn(gfn + i), page_to_mfn(pg + i)))
			return false;
	return put_frame(x, page_to_mfn(pg).m);
}

static bool remove_frame(struct domain *d, unsigned long gfn)
{
	mfn_t mfn = arch_gfn_to_mfn(d, _gfn(gfn));
	struct page_info *pg;

	if (!mfn_valid(mfn))
		return false;
	pg = mfn_to_page(mfn);
	if (!get_page(pg, d))
		return false;
	/* The hypervisor's own pages are not the guest's to give away. */
	if (pg->refs & PGC_hypervisor) {
		put_page(pg);
		return false;
	}
	arch_physmap_remove(d, _gfn(gfn), mfn);
	put_page_alloc_ref(pg);
	put_page(pg);
	return true;
}

static bool decrease_one(const struct extents *x)
{
	unsigned long gfn;

	if (!get_frame(x, &gfn))
		return false;
	for (unsigned long i = 0; i < 1UL << x->order; i++)
		if (!remove_frame(x->d, gfn + i))
			return false;
	return true;
}

/* ---- lists of extents ---- */

static bool access_allowed(const struct vcpu *curr, const struct domain *d)
{
	return d == curr->domain || curr->domain->is_privileged;
}

static long reservation(struct vcpu *curr, unsigned long cmd, unsigned long arg, bool (*one)(const struct extents *))
{
	struct xen_memory_reservation r;
	struct extents x = { .curr = curr, .done = cmd >> MEMORY_EXTENT_SHIFT };
	bool more = false;

	if (copy_from_guest_va(&r, arg, sizeof(r)))
		return (long)x.done;
	/* More than fits into the command cannot be restarted. */
	if (r.nr_extents > ~0UL >> MEMORY_EXTENT_SHIFT || x.done >= r.nr_extents ||
	    r.extent_order > memory_max_order(curr->domain))
		return (long)x.done;
	x.d = domain_get_any(curr, r.domid);
	if (!x.d)
		return (long)x.done;
	x.list = r.extent_start.va;
	x.nr = r.nr_extents;
	x.order = r.extent_order;
	x.memflags = memory_flags(r.mem_flags);
	if (access_allowed(curr, x.d))
		for (; x.done < x.nr && one(&x); x.done++)
			if (x.done + 1 < x.nr && hypercall_preempt_check()) {
				x.done++;
				more = true;
				break;
			}
	domain_put(x.d);
	if (more)
		return hypercall_restart(curr, __HYPERVISOR_memory_op, 2,
					 (cmd & OP_MASK) | x.done << MEMORY_EXTENT_SHIFT, arg);
	return (long)x.done;
}

static long increase_reservation(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	return reservation(curr, cmd, arg, increase_one);
}

static long decrease_reservation(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	return reservation(curr, cmd, arg, decrease_one);
}

static long populate_physmap(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	return reservation(curr, cmd, arg, populate_one);
}

/* ---- questions ---- */

static long maximum_ram_page(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	return (long)max_page;
}

static long domain_size(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	struct domain *d;
	domid_t id;
	long rc;

	if (copy_from_guest_va(&id, arg, sizeof(id)))
		return -EFAULT;
	d = domain_get_any(curr, id);
	if (!d)
		return -ESRCH;
	if (!access_allowed(curr, d)) {
		rc = -EPERM;
	} else if ((cmd & OP_MASK) == XENMEM_current_reservation) {
		rc = (long)d->tot_pages;
	} else if ((cmd & OP_MASK) == XENMEM_maximum_reservation) {
		rc = (long)min(d->max_pages, (unsigned long)LONG_MAX);
	} else {
		/* As the guest itself has told; no frame at all looks like one. */
		unsigned long top = READ_ONCE(d->shared_info->arch.max_pfn);

		rc = top ? (long)(top - 1) : 0;
	}
	domain_put(d);
	return rc;
}

/* What no domain has: rc; denied, if curr might not have it of that one. */
static long have_none(struct vcpu *curr, domid_t id, long denied, long rc)
{
	struct domain *d = domain_get_any(curr, id);

	if (!d)
		return -ESRCH;
	if (!access_allowed(curr, d))
		rc = denied;
	domain_put(d);
	return rc;
}

/* All domains here see machine frames: nothing is translated for them. */
static long physmap_of(struct vcpu *curr, domid_t id)
{
	return have_none(curr, id, -EACCES, -EACCES);
}

static long add_to_physmap(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	struct xen_add_to_physmap op;

	return copy_from_guest_va(&op, arg, sizeof(op)) ? -EFAULT : physmap_of(curr, op.domid);
}

static long add_to_physmap_batch(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	struct xen_add_to_physmap_batch op;

	return copy_from_guest_va(&op, arg, sizeof(op)) ? -EFAULT : physmap_of(curr, op.domid);
}

static long remove_from_physmap(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	struct xen_remove_from_physmap op;

	return copy_from_guest_va(&op, arg, sizeof(op)) ? -EFAULT : physmap_of(curr, op.domid);
}

static long claim_pages(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	struct xen_memory_reservation r;
	struct domain *d;
	long rc;

	if (!curr->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest_va(&r, arg, sizeof(r)))
		return -EFAULT;
	if (!guest_handle_is_null(r.extent_start) || r.extent_order || r.mem_flags)
		return -EINVAL;
	d = domain_get(r.domid);
	if (!d)
		return -EINVAL;
	rc = domain_claim_pages(d, r.nr_extents);
	domain_put(d);
	return rc;
}

/* No virtual memory nodes are described to anyone. */
static long get_vnumainfo(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	struct xen_vnuma_topology_info op;

	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	return op.pad ? -EINVAL : have_none(curr, op.domid, -EPERM, -EOPNOTSUPP);
}

static const struct {
	long (*fn)(struct vcpu *curr, unsigned long cmd, unsigned long arg);
	bool restartable;
} ops[] = {
	[XENMEM_increase_reservation] = { increase_reservation, true },
	[XENMEM_decrease_reservation] = { decrease_reservation, true },
	[XENMEM_populate_physmap] = { populate_physmap, true },
	[XENMEM_exchange] = { memory_exchange },
	[XENMEM_maximum_ram_page] = { maximum_ram_page },
	[XENMEM_current_reservation] = { domain_size },
	[XENMEM_maximum_reservation] = { domain_size },
	[XENMEM_maximum_gpfn] = { domain_size },
	[XENMEM_add_to_physmap] = { add_to_physmap },
	[XENMEM_add_to_physmap_batch] = { add_to_physmap_batch },
	[XENMEM_remove_from_physmap] = { remove_from_physmap },
	[XENMEM_claim_pages] = { claim_pages },
	[XENMEM_get_vnumainfo] = { get_vnumainfo },
	[XENMEM_acquire_resource] = { memory_acquire_resource, true },
};

long do_memory_op(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long a3,
		  unsigned long a4, unsigned long a5)
{
	unsigned long op = cmd & OP_MASK;

	if (op >= ARRAY_SIZE(ops) || !ops[op].fn)
		return arch_memory_op(curr, (unsigned int)cmd, arg);
	if (cmd != op && !ops[op].restartable)
		return -EINVAL;
	return ops[op].fn(curr, cmd, arg);
}
