/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving frames away to a domain whose entry is ready for one; and exchanging two entries. */
#include <tenon/arch.h>
#include <tenon/mm.h>
#include "grant.h"

#define MAX_TRIES	5

/* The receiver's entry from "accepts" to "will get". */
static bool commit_entry(struct grant_table *gt, grant_ref_t ref, domid_t from)
{
	struct grant_entry_v1 *e;

	if (!grant_ref_valid(gt, &ref))
		return false;
	e = grant_entry(gt, ref);
	for (unsigned int i = 0; i < MAX_TRIES; i++) {
		uint16_t flags = GTF_accept_transfer;

		if (READ_ONCE(e->flags) != flags || READ_ONCE(e->domid) != from)
			return false;
		if (__atomic_compare_exchange_n(&e->flags, &flags, GTF_accept_transfer | GTF_transfer_committed, false,
						__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return true;
	}
	return false;
}

static void complete_entry(struct domain *to, grant_ref_t ref, mfn_t mfn)
{
	struct grant_entry_v1 *e = grant_entry(to->grant_table, ref);

	(void)arch_physmap_add(to, _gfn(READ_ONCE(e->frame)), mfn);
	WRITE_ONCE(e->frame, (uint32_t)mfn.m);
	__atomic_fetch_or(&e->flags, GTF_transfer_completed, __ATOMIC_SEQ_CST);
}

/* pg has no owner; whatever happens, it is not the giver's any more. */
static int16_t give(struct domain *from, struct domain *to, struct page_info *pg, grant_ref_t ref)
{
	if (!to)
		return GNTST_bad_domain;
	if (to->dying || to->tot_pages >= to->max_pages || !commit_entry(to->grant_table, ref, from->domain_id))
		return GNTST_general_error;
	return domain_assign_pages(to, pg, 0, 0) ? GNTST_general_error : GNTST_okay;
}

static int16_t transfer_one(struct domain *d, const struct gnttab_transfer *op)
{
	mfn_t mfn = arch_gfn_to_mfn(d, _gfn(op->mfn));
	struct domain *to;
	struct page_info *pg;
	int16_t status;

	if (!mfn_valid(mfn))
		return GNTST_bad_page;
	/* Entries have 32 bits for frames. */
	if (mfn.m >> 32)
		return GNTST_address_too_big;
	pg = mfn_to_page(mfn);
	if (domain_steal_page(d, pg))
		return GNTST_bad_page;
	(void)arch_physmap_remove(d, _gfn(op->mfn), mfn);
	/* Not d's alone: one to whom it was granted may have had it, too. */
	arch_tlb_flush_since(arch_tlb_stamp());
	to = domain_get(op->domid);
	status = give(d, to, pg, op->ref);
	if (status == GNTST_okay)
		complete_entry(to, op->ref, mfn);
	else
		heap_free(pg, 0);
	if (to)
		domain_put(to);
	return status;
}

void grant_transfer_batch(struct vcpu *curr, void *ops, unsigned int n)
{
	struct gnttab_transfer *op = ops;

	for (; n; n--, op++)
		op->status = transfer_one(curr->domain, op);
}

static int16_t swap_one(struct grant_table *gt, grant_ref_t x, grant_ref_t y)
{
	struct grant_active *a, *b;
	int16_t status = GNTST_okay;

	if (!grant_ref_valid(gt, &x) || !grant_ref_valid(gt, &y))
		return GNTST_bad_gntref;
	if (x == y)
		return GNTST_okay;
	a = grant_active(gt, x);
	b = grant_active(gt, y);
	spin_lock_pair(&a->lock, &b->lock);
	if (a->pin || b->pin) {
		status = GNTST_eagain;
	} else {
		struct grant_entry_v1 *e = grant_entry(gt, x), *f = grant_entry(gt, y), old = *e;

		*e = *f;
		*f = old;
	}
	spin_unlock_pair(&a->lock, &b->lock);
	return status;
}

void grant_swap_batch(struct vcpu *curr, void *ops, unsigned int n)
{
	struct gnttab_swap_grant_ref *op = ops;

	for (; n; n--, op++)
		op->status = swap_one(curr->domain->grant_table, op->ref_a, op->ref_b);
}
