/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * References to frames. They stand on every path that maps something, and so are
 * inline. A frame that has an owner has at least one, the allocator's; one without is free, a
 * hole, or the hypervisor's own, and nobody can take any. The count has 54 bits: there is not as much memory
 * as it would take to hold so many references in page tables.
 */
#ifndef TENON_PAGE_REF_H
#define TENON_PAGE_REF_H

#include <tenon/domain.h>

/* Owner of an in-use frame; NULL for the hypervisor's own. The pointer is valid while the caller holds a reference. */
static inline struct domain *page_owner(const struct page_info *pg)
{
	uint32_t owner = READ_ONCE(pg->owner);

	return owner ? domain_by_id((domid_t)(owner - 1)) : NULL;
}

static inline void page_set_owner(struct page_info *pg, const struct domain *d)
{
	pg->owner = d ? d->domain_id + 1U : 0;
}

/* Drops a reference; the last frees the frame. */
static inline void put_page(struct page_info *pg)
{
	uint64_t refs = __atomic_sub_fetch(&pg->refs, 1, __ATOMIC_ACQ_REL);

	ASSERT((refs & PGC_count_mask) != PGC_count_mask);
	if (unlikely(!(refs & PGC_count_mask)))
		domain_free_page(pg);
}

/* A reference if there is one already: the owner, which it keeps from changing, is to be looked at afterwards. */
static inline bool __must_check page_ref_take(struct page_info *pg)
{
	uint64_t refs = __atomic_load_n(&pg->refs, __ATOMIC_RELAXED);

	do {
		if (unlikely(!(refs & PGC_count_mask)))
			return false;
	} while (unlikely(!__atomic_compare_exchange_n(&pg->refs, &refs, refs + 1, true,
						       __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)));
	return true;
}

/* Takes a reference if pg is in use and owned by d. */
static inline bool __must_check get_page(struct page_info *pg, const struct domain *d)
{
	if (unlikely(!page_ref_take(pg)))
		return false;
	if (likely(pg->owner == d->domain_id + 1U))
		return true;
	put_page(pg);
	return false;
}

/* Takes a reference whoever owns it; returns the owner, or NULL (no reference taken). */
static inline struct domain *__must_check page_get_owner_and_reference(struct page_info *pg)
{
	return page_ref_take(pg) ? page_owner(pg) : NULL;
}

#endif
