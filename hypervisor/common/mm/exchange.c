/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XENMEM_exchange: frames given back for others of another order, as many as before. One
 * chunk at a time: as many extents of the smaller order as make one of the larger. Each chunk is
 * either exchanged as a whole or not at all.
 */
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <xen/memory.h>
#include "memory_op.h"

struct exchange {
	struct vcpu *curr;
	struct domain *d;
	struct xen_memory_exchange e;
	unsigned int in_chunk, out_chunk;	/* orders: extents in a chunk */
	unsigned int memflags;
	struct page_list in, out;		/* frames of the chunk, off d's lists; blocks not yet d's */
};

static int check(const struct xen_memory_exchange *e, const struct domain *d)
{
	if (max(e->in.extent_order, e->out.extent_order) > memory_max_order(d))
		return -EPERM;
	if (e->nr_exchanged > e->in.nr_extents || e->in.domid != e->out.domid ||
	    e->in.nr_extents > ~0UL >> e->in.extent_order || e->out.nr_extents > ~0UL >> e->out.extent_order ||
	    e->in.nr_extents << e->in.extent_order != e->out.nr_extents << e->out.extent_order)
		return -EINVAL;
	return 0;
}

/* Takes the chunk's frames away from d. */
static int steal_chunk(struct exchange *x, unsigned long chunk)
{
	for (unsigned long k = 0; k < 1UL << x->in_chunk; k++) {
		unsigned long at = (chunk << x->in_chunk) + k;
		xen_pfn_t gfn;

		if (copy_from_guest_va(&gfn, x->e.in.extent_start.va + at * sizeof(gfn), sizeof(gfn)))
			return -EFAULT;
		for (unsigned long i = 0; i < 1UL << x->e.in.extent_order; i++) {
			mfn_t mfn = arch_gfn_to_mfn(x->d, _gfn(gfn + i));
			struct page_info *pg = mfn_valid(mfn) ? mfn_to_page(mfn) : NULL;

			if (!pg || domain_steal_page(x->d, pg))
				return -EINVAL;
			page_list_add_tail(pg, &x->in);
		}
	}
	return 0;
}

static int alloc_chunk(struct exchange *x)
{
	for (unsigned long k = 0; k < 1UL << x->out_chunk; k++) {
		struct page_info *pg = heap_alloc(x->e.out.extent_order, x->memflags);

		if (!pg)
			return -ENOMEM;
		page_list_add_tail(pg, &x->out);
	}
	return 0;
}

static void undo_chunk(struct exchange *x)
{
	struct page_info *pg;

	/* Their types are forgotten, and with them when they were written to last. */
	if (!page_list_empty(&x->in))
		arch_tlb_flush_since(arch_tlb_stamp());
	while ((pg = page_list_pop(&x->in)))
		if (domain_assign_pages(x->d, pg, 0, 0))
			heap_free_mapped(pg, 0);
	while ((pg = page_list_pop(&x->out)))
		heap_free(pg, x->e.out.extent_order);
}

/* From here on nothing fails but what the guest itself broke: its list, or its life. */
static int commit_chunk(struct exchange *x, unsigned long chunk)
{
	unsigned long at = chunk << x->out_chunk;
	struct page_info *pg;
	int rc = 0;

	while ((pg = page_list_pop(&x->in))) {
		arch_m2p_set(page_to_mfn(pg), M2P_INVALID);
		heap_free_mapped(pg, 0);
	}
	for (; (pg = page_list_pop(&x->out)); at++) {
		unsigned long va = x->e.out.extent_start.va + at * sizeof(xen_pfn_t);
		xen_pfn_t gfn, mfn = page_to_mfn(pg).m;

		if (domain_assign_pages(x->d, pg, x->e.out.extent_order, 0)) {
			heap_free(pg, x->e.out.extent_order);
			rc = -EINVAL;
			continue;
		}
		if (copy_from_guest_va(&gfn, va, sizeof(gfn))) {
			rc = -EFAULT;
			continue;
		}
		for (unsigned long i = 0; i < 1UL << x->e.out.extent_order; i++)
			arch_m2p_set(_mfn(mfn + i), gfn + i);
		if (copy_to_guest_va(va, &mfn, sizeof(mfn)))
			rc = -EFAULT;
	}
	return rc;
}

static int exchange_chunk(struct exchange *x, unsigned long chunk)
{
	int rc = steal_chunk(x, chunk);

	if (!rc)
		rc = alloc_chunk(x);
	if (rc) {
		undo_chunk(x);
		return rc;
	}
	return commit_chunk(x, chunk);
}

static int put_progress(const struct exchange *x, unsigned long arg)
{
	return copy_to_guest_va(arg + offsetof(struct xen_memory_exchange, nr_exchanged),
				&x->e.nr_exchanged, sizeof(x->e.nr_exchanged));
}

static long run(struct exchange *x, unsigned long arg)
{
	unsigned long chunks = x->e.in.nr_extents >> x->in_chunk;
	unsigned long first = x->e.nr_exchanged >> x->in_chunk, chunk = first;
	int rc = 0;

	for (; chunk < chunks && !rc; chunk++) {
		if (chunk != first && hypercall_preempt_check()) {
			x->e.nr_exchanged = chunk << x->in_chunk;
			if (put_progress(x, arg))
				return -EFAULT;
			return hypercall_restart(x->curr, __HYPERVISOR_memory_op, 2,
						 (unsigned long)XENMEM_exchange, arg);
		}
		rc = exchange_chunk(x, chunk);
	}
	x->e.nr_exchanged = (rc ? chunk - 1 : chunk) << x->in_chunk;
	return put_progress(x, arg) ? -EFAULT : rc;
}

long memory_exchange(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	struct exchange x = { .curr = curr };
	long rc;

	if (copy_from_guest_va(&x.e, arg, sizeof(x.e)))
		return -EFAULT;
	rc = check(&x.e, curr->domain);
	if (rc)
		return rc;
	x.d = domain_get_any(curr, x.e.in.domid);
	if (!x.d)
		return -ESRCH;
	if (x.e.in.extent_order <= x.e.out.extent_order)
		x.in_chunk = x.e.out.extent_order - x.e.in.extent_order;
	else
		x.out_chunk = x.e.in.extent_order - x.e.out.extent_order;
	x.memflags = memory_flags(x.e.out.mem_flags);
	rc = x.d == curr->domain || curr->domain->is_privileged ? run(&x, arg) : -EPERM;
	domain_put(x.d);
	return rc;
}
