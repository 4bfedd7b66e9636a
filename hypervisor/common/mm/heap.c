/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The heap as its users see it: a cache of single frames per CPU in front of the buddy
 * lists, and what must happen before a frame has a new owner: no processor translates to it any
 * more, and its old contents are gone. Not for interrupt handlers: the cache has no lock.
 */
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include <tenon/softirq.h>
#include "heap.h"

#define CACHE_REFILL	16

static unsigned long cached_pages;	/* in all CPUs' caches, atomic */

unsigned long heap_free_pages(void)
{
	return buddy_free_pages() + __atomic_load_n(&cached_pages, __ATOMIC_RELAXED);
}

/* While memory is short no CPU hoards frames. */
static bool caching_allowed(void)
{
	return buddy_free_pages() > 2UL * PAGE_CACHE_MAX * nr_cpu_ids;
}

static void cache_spill(unsigned int keep)
{
	struct percpu *pc = this_cpu();
	unsigned int n = pc->page_cache.nr;

	if (n <= keep)
		return;
	__atomic_fetch_sub(&cached_pages, n - keep, __ATOMIC_RELAXED);
	while (pc->page_cache.nr > keep)
		buddy_free(pc->page_cache.page[--pc->page_cache.nr], 0);
}

static struct page_info *cache_alloc(void)
{
	struct percpu *pc = this_cpu();

	if (!pc->page_cache.nr) {
		unsigned int n = 0;

		while (n < CACHE_REFILL && caching_allowed()) {
			struct page_info *pg = buddy_alloc(0, 0);

			if (!pg)
				break;
			pc->page_cache.page[n++] = pg;
		}
		if (!n)
			return NULL;
		pc->page_cache.nr = n;
		__atomic_fetch_add(&cached_pages, n, __ATOMIC_RELAXED);
	}
	__atomic_fetch_sub(&cached_pages, 1, __ATOMIC_RELAXED);
	return pc->page_cache.page[--pc->page_cache.nr];
}

static void cache_free(struct page_info *pg)
{
	struct percpu *pc = this_cpu();

	if (pc->page_cache.nr == PAGE_CACHE_MAX)
		cache_spill(PAGE_CACHE_MAX / 2);
	pc->page_cache.page[pc->page_cache.nr++] = pg;
	__atomic_fetch_add(&cached_pages, 1, __ATOMIC_RELAXED);
}

/* No processor translates to the frames any more. Stamps wrap around: the latest is the one of the least age. */
static void forget_translations(struct page_info *pg, unsigned int order)
{
	uint32_t stamp = 0, now = arch_tlb_stamp();
	bool flush = false;

	for (unsigned long i = 0; i < 1UL << order; i++) {
		if (!(pg[i].refs & PGC_need_flush))
			continue;
		if (!flush || now - pg[i].flush_stamp < now - stamp)
			stamp = pg[i].flush_stamp;
		flush = true;
		pg[i].refs &= ~PGC_need_flush;
	}
	if (flush)
		arch_tlb_flush_since(stamp);
}

/* Makes the frames fit for a new owner; their todo flags go. */
static void prepare(struct page_info *pg, unsigned int order, unsigned int memflags)
{
	/* First: with an old translation a guest could write to what has been cleared. */
	forget_translations(pg, order);
	for (unsigned long i = 0; i < 1UL << order; i++) {
		if ((pg[i].refs & PGC_need_scrub) && !(memflags & MEMF_no_scrub))
			clear_domain_page(page_to_mfn(pg + i));
		pg[i].refs = PGC_state_inuse;
	}
}

struct page_info *heap_alloc(unsigned int order, unsigned int memflags)
{
	bool special = memflags >> MEMF_node_shift;	/* a node or an address limit */
	struct page_info *pg = NULL;

	if (!order && !special)
		pg = cache_alloc();
	if (!pg)
		pg = buddy_alloc(order, memflags);
	if (!pg && this_cpu()->page_cache.nr) {
		cache_spill(0);
		pg = buddy_alloc(order, memflags);
	}
	if (!pg)
		return NULL;
	prepare(pg, order, memflags);
	pg->type = 0;
	pg->owner = 0;
	return pg;
}

static void free_with(struct page_info *pg, unsigned int order, uint64_t todo)
{
	for (unsigned long i = 0; i < 1UL << order; i++) {
		pg[i].refs = PGC_state_inuse | todo;
		pg[i].type = 0;
		pg[i].owner = 0;
	}
	if (!order && caching_allowed())
		cache_free(pg);
	else
		buddy_free(pg, order);
}

void heap_free(struct page_info *pg, unsigned int order)
{
	free_with(pg, order, PGC_need_scrub);
}

void heap_free_mapped(struct page_info *pg, unsigned int order)
{
	uint32_t stamp = arch_tlb_stamp();

	for (unsigned long i = 0; i < 1UL << order; i++)
		pg[i].flush_stamp = stamp;
	free_with(pg, order, PGC_todo);
}

bool heap_scrub_idle(void)
{
	unsigned int order;
	struct page_info *pg;

	if (!buddy_dirty_blocks())
		return false;
	pg = buddy_take_dirty(&order);
	if (!pg)
		return false;
	forget_translations(pg, order);
	for (unsigned long i = 0; i < 1UL << order && !softirq_pending_here(); i++)
		if (pg[i].refs & PGC_need_scrub) {
			clear_domain_page(page_to_mfn(pg + i));
			pg[i].refs &= ~PGC_need_scrub;
		}
	buddy_return(pg, order);
	return true;
}

void *alloc_hv_pages(unsigned int order, unsigned int memflags)
{
	struct page_info *pg = heap_alloc(order, memflags);

	return pg ? page_to_virt(pg) : NULL;
}

void free_hv_pages(void *va, unsigned int order)
{
	if (va)
		heap_free(virt_to_page(va), order);
}
