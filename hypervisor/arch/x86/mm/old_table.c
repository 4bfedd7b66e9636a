/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables that a vCPU holds while a call of its guest is restarted: one that it is dropping, and one that
 * it is getting and has counted as user of. If the guest never comes back for the latter, the end of its next call, or
 * of the domain, drops it.
 */
#include "page_type.h"

int drop_old_table(struct vcpu *v)
{
	mfn_t mfn = v->arch.old_guest_table;

	if (put_page_type(mfn_to_page(mfn), true))
		return -ERESTART;
	v->arch.old_guest_table = _mfn(0);
	put_page(mfn_to_page(mfn));
	return 0;
}

int put_all_old_tables(struct vcpu *v)
{
	int rc = put_old_table(v);

	if (rc || likely(!v->arch.partial_table.m))
		return rc;
	v->arch.old_guest_table = v->arch.partial_table;
	v->arch.partial_table = _mfn(0);
	return put_old_table(v);
}

void put_table(struct vcpu *curr, struct page_info *pg)
{
	if (likely(type_put_fast(pg) || !put_page_type(pg, true))) {
		put_page(pg);
		return;
	}
	ASSERT(!curr->arch.old_guest_table.m);
	curr->arch.old_guest_table = page_to_mfn(pg);
}

void keep_partial(struct vcpu *curr, struct page_info *pg)
{
	mfn_t mfn = page_to_mfn(pg), kept = curr->arch.partial_table;

	curr->arch.partial_table = mfn;
	if (likely(!kept.m))
		return;
	if (mfn_eq(kept, mfn)) {
		/* One user is enough. */
		put_page_and_type(pg);
		return;
	}
	/* The guest has changed its mind. */
	ASSERT(!curr->arch.old_guest_table.m);
	curr->arch.old_guest_table = kept;
}

void settle_partial(struct vcpu *curr, struct page_info *pg)
{
	if (likely(!mfn_eq(curr->arch.partial_table, page_to_mfn(pg))))
		return;
	curr->arch.partial_table = _mfn(0);
	/* Not the last user: the caller is one. */
	put_page_and_type(pg);
}

int get_table(struct vcpu *curr, mfn_t mfn, struct domain *d, uint64_t type)
{
	struct page_info *pg;
	int rc;

	if (!mfn_valid(mfn) || !get_page(mfn_to_page(mfn), d))
		return -EINVAL;
	pg = mfn_to_page(mfn);
	rc = likely(type_get_fast(pg, type)) ? 0 : get_page_type(pg, type, true);
	if (likely(!rc)) {
		settle_partial(curr, pg);
	} else if (rc == -ERESTART) {
		keep_partial(curr, pg);
	} else {
		put_page(pg);
		rc = rc == -EINTR ? -ERESTART : rc;
	}
	return rc;
}
