/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a domain's memory. Its vCPUs have no roots any more; pins are what is left to hold its page tables, so
 * that when these are gone no table refers to another. Frames that others still map stay until they let go.
 */
#include <tenon/hypercall.h>
#include "page_type.h"

/* The pin's references; while it takes several calls, the pin stays. */
static int drop_pin(struct page_info *pg)
{
	if (!(__atomic_fetch_and(&pg->type, ~PGT_pinned, __ATOMIC_SEQ_CST) & PGT_pinned))
		return 0;
	if (put_page_type(pg, true)) {
		__atomic_fetch_or(&pg->type, PGT_pinned, __ATOMIC_SEQ_CST);
		return -ERESTART;
	}
	put_page(pg);
	return 0;
}

/* The next frame that nothing was done about, with a reference. Those that stay behind are at the list's end, and marked. */
static struct page_info *next_page(struct domain *d)
{
	struct page_info *pg;

	for (;;) {
		spin_lock(&d->page_lock);
		pg = page_list_first(&d->pages);
		if (pg && (pg->refs & PGC_relinquished))
			pg = NULL;
		if (!pg || get_page(pg, d))
			break;
		/* Its last reference went just now: who dropped it takes it off the list. */
		spin_unlock(&d->page_lock);
		cpu_relax();
	}
	spin_unlock(&d->page_lock);
	return pg;
}

int relinquish_pages(struct domain *d)
{
	struct page_info *pg;

	while ((pg = next_page(d))) {
		if (drop_pin(pg)) {
			put_page(pg);
			return -ERESTART;
		}
		spin_lock(&d->page_lock);
		page_list_del(pg, &d->pages);
		page_list_add_tail(pg, &d->pages);
		__atomic_fetch_or(&pg->refs, PGC_relinquished, __ATOMIC_SEQ_CST);
		spin_unlock(&d->page_lock);
		put_page_alloc_ref(pg);
		put_page(pg);
		if (hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}
