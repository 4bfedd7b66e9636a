/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of domains. A domain with frames, its own or the hypervisor's that are shared
 * with it, holds one reference to itself, so that page_owner() stays valid as long as a frame
 * can name it. page_lock guards the lists and the counts.
 */
#include <tenon/arch.h>
#include <tenon/mm.h>
#include "heap.h"

static unsigned long total_claims;	/* sum of outstanding_claim, atomic */

static bool has_pages(const struct domain *d)
{
	return d->tot_pages || !page_list_empty(&d->hv_pages);
}

/* What others have claimed is not there for d. */
static bool claims_allow(const struct domain *d, unsigned long pages)
{
	unsigned long claimed = __atomic_load_n(&total_claims, __ATOMIC_RELAXED);

	return !claimed || d->outstanding_claim >= pages ||
	       heap_free_pages() + d->outstanding_claim >= claimed + pages;
}

/* page_lock held. */
static void use_claim(struct domain *d, unsigned long pages)
{
	unsigned long n = min(d->outstanding_claim, pages);

	if (!n)
		return;
	d->outstanding_claim -= n;
	__atomic_fetch_sub(&total_claims, n, __ATOMIC_RELAXED);
}

unsigned long domain_claims(void)
{
	return __atomic_load_n(&total_claims, __ATOMIC_RELAXED);
}

int domain_claim_pages(struct domain *d, unsigned long pages)
{
	unsigned long have, others;
	int rc = 0;

	spin_lock(&d->page_lock);
	have = d->outstanding_claim;
	others = __atomic_load_n(&total_claims, __ATOMIC_RELAXED) - have;
	if (!pages) {
		use_claim(d, have);
	} else if (have || pages <= d->tot_pages || pages > d->max_pages) {
		rc = -EINVAL;
	} else if (pages - d->tot_pages > heap_free_pages() - min(heap_free_pages(), others)) {
		rc = -ENOMEM;
	} else {
		d->outstanding_claim = pages - d->tot_pages;
		__atomic_fetch_add(&total_claims, d->outstanding_claim, __ATOMIC_RELAXED);
	}
	spin_unlock(&d->page_lock);
	return rc;
}

int domain_assign_pages(struct domain *d, struct page_info *pg, unsigned int order, unsigned int memflags)
{
	unsigned long n = 1UL << order;
	bool first;

	spin_lock(&d->page_lock);
	if (d->dying || n > d->max_pages || d->tot_pages > d->max_pages - n) {
		int rc = d->dying ? -EINVAL : -E2BIG;

		spin_unlock(&d->page_lock);
		return rc;
	}
	first = !has_pages(d);
	d->tot_pages += n;
	use_claim(d, n);
	for (unsigned long i = 0; i < n; i++) {
		ASSERT(!(pg[i].refs & PGC_count_mask));
		page_set_owner(pg + i, d);
		pg[i].type = 0;
		page_list_add_tail(pg + i, &d->pages);
		/* From here on others may take references. */
		__atomic_store_n(&pg[i].refs, PGC_allocated | 1, __ATOMIC_RELEASE);
	}
	spin_unlock(&d->page_lock);
	if (first && !domain_get_ref(d))
		BUG();
	return 0;
}

/* Its nodes take turns; when one has nothing left, others help out. */
static unsigned int choose_node(const struct domain *d, unsigned int memflags)
{
	static unsigned int last;
	unsigned long later;

	if (likely(!d->node_affinity) || (memflags & MEMF_node_mask))
		return memflags;
	later = d->node_affinity & ~((2UL << last) - 1);
	last = first_set(later ? later : d->node_affinity);
	return memflags | MEMF_node(last);
}

struct page_info *domain_alloc_pages(struct domain *d, unsigned int order, unsigned int memflags)
{
	struct page_info *pg;

	if (order > MAX_ORDER || !claims_allow(d, 1UL << order))
		return NULL;
	pg = heap_alloc(order, choose_node(d, memflags));
	if (!pg || (memflags & MEMF_no_owner))
		return pg;
	if (domain_assign_pages(d, pg, order, memflags)) {
		heap_free(pg, order);
		return NULL;
	}
	return pg;
}

/* pg is off every list and has no reference; returns whether it was d's last. */
static bool forget_page(struct domain *d, struct page_info *pg)
{
	bool last;

	spin_lock(&d->page_lock);
	page_list_del(pg, &d->pages);
	d->tot_pages--;
	last = !has_pages(d);
	spin_unlock(&d->page_lock);
	page_set_owner(pg, NULL);
	return last;
}

void domain_free_page(struct page_info *pg)
{
	struct domain *d = page_owner(pg);
	bool last;

	if (pg->refs & PGC_hypervisor) {
		spin_lock(&d->page_lock);
		page_list_del(pg, &d->hv_pages);
		last = !has_pages(d);
		spin_unlock(&d->page_lock);
		/* The memory is still the hypervisor's, which frees it with free_hv_page(). */
		page_set_owner(pg, NULL);
		pg->refs = PGC_state_inuse;
		pg->type = 0;
	} else {
		last = forget_page(d, pg);
		heap_free_mapped(pg, 0);
	}
	if (last)
		domain_put(d);
}

int domain_steal_page(struct domain *d, struct page_info *pg)
{
	uint64_t alone = PGC_allocated | 1;

	if (pg->owner != (uint32_t)d->domain_id + 1)
		return -EINVAL;
	if (!__atomic_compare_exchange_n(&pg->refs, &alone, PGC_state_inuse, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return -EBUSY;
	pg->type = 0;
	if (forget_page(d, pg))
		domain_put(d);
	return 0;
}

void put_page_alloc_ref(struct page_info *pg)
{
	if (__atomic_fetch_and(&pg->refs, ~PGC_allocated, __ATOMIC_ACQ_REL) & PGC_allocated)
		put_page(pg);
}

/*
 * Its one type reference is never dropped while shared, so that it cannot become a
 * page table, and one that is not writable cannot become writable.
 */
void share_hv_page_with_guest(void *va, struct domain *d, bool writable)
{
	struct page_info *pg = virt_to_page(va);
	bool first;

	spin_lock(&d->page_lock);
	first = !has_pages(d);
	page_set_owner(pg, d);
	pg->type = (writable ? PGT_writable : PGT_none) | PGT_validated | 1;
	page_list_add_tail(pg, &d->hv_pages);
	__atomic_store_n(&pg->refs, PGC_hypervisor | PGC_allocated | 1, __ATOMIC_RELEASE);
	spin_unlock(&d->page_lock);
	if (first && !domain_get_ref(d))
		BUG();
}

/* One that the allocation still holds, with a reference. */
static struct page_info *next_hv_page(struct domain *d)
{
	struct page_info *pg;

	spin_lock(&d->page_lock);
	pg = page_list_first(&d->hv_pages);
	while (pg && !((pg->refs & PGC_allocated) && get_page(pg, d)))
		pg = page_list_next(pg);
	spin_unlock(&d->page_lock);
	return pg;
}

int domain_release_hv_pages(struct domain *d)
{
	struct page_info *pg;

	while ((pg = next_hv_page(d))) {
		put_page_alloc_ref(pg);
		put_page(pg);
	}
	return 0;
}

void unshare_hv_page(void *va)
{
	struct page_info *pg = virt_to_page(va);

	if (page_owner(pg))
		put_page_alloc_ref(pg);
	BUG_ON(pg->refs & PGC_count_mask);
	heap_free_mapped(pg, 0);
}
