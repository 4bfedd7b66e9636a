/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buddy lists: by memory node, by zone (the width of the frame number, so that
 * "below 2^n bytes" means "one of the first zones") and by order. A block lies in one zone: it is
 * aligned to its size, and frame 0 is never given to the heap. Blocks that need scrubbing
 * stand at the end of a list, clean ones at its front.
 */
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/percpu.h>
#include "heap.h"

#define MAX_NODES	64
#define NR_ZONES	(52 - PAGE_SHIFT + 1)
#define CLEAN_MASK	((2UL << MAX_ORDER) - 1)	/* in a free block's type word, beside the flags */

struct heap_node {
	unsigned long free, dirty_blocks;
	unsigned long zones;				/* bit: zone has free blocks */
	uint32_t orders[NR_ZONES];			/* bit: list is not empty */
	struct page_list list[NR_ZONES][MAX_ORDER + 1];
};

static struct heap_node node0;
static struct heap_node *nodes[MAX_NODES] = { &node0 };
static unsigned int nr_nodes = 1;
static unsigned long total_free;
static spinlock_t heap_lock = SPINLOCK_INIT;

static unsigned int zone_of(unsigned long mfn)
{
	return last_set(mfn) + 1;
}

/*
 * What is known of a free block: the todo flags of its frames together, and how many at its start
 * are clean, so that scrubbing goes on where it was when blocks are split and joined.
 */
static unsigned long clean_frames(uint64_t sum, unsigned int order)
{
	return sum & PGC_need_scrub ? sum & CLEAN_MASK : 1UL << order;
}

static uint64_t summary(uint64_t flags, unsigned long clean, unsigned int order)
{
	flags &= PGC_todo & ~PGC_need_scrub;
	return clean == 1UL << order ? flags : flags | PGC_need_scrub | clean;
}

/* Of a half, of that order, of a block. */
static uint64_t half_summary(uint64_t sum, unsigned int order, bool upper)
{
	unsigned long n = 1UL << order, clean = clean_frames(sum, order + 1);

	return summary(sum, upper ? clean - min(clean, n) : min(clean, n), order);
}

static uint64_t joined_summary(uint64_t low, uint64_t high, unsigned int order)
{
	unsigned long n = 1UL << order, clean = clean_frames(low, order);

	return summary(low | high, clean == n ? n + clean_frames(high, order) : clean, order + 1);
}

static void list_block(struct heap_node *n, struct page_info *pg, unsigned int order, uint64_t sum)
{
	unsigned int zone = zone_of(page_to_mfn(pg).m);

	pg->refs = PGC_state_free | PGC_block_head | (pg->refs & PGC_todo);
	pg->type = sum;
	pg->order = order;
	if (sum & PGC_need_scrub) {
		n->dirty_blocks++;
		page_list_add_tail(pg, &n->list[zone][order]);
	} else {
		page_list_add(pg, &n->list[zone][order]);
	}
	n->orders[zone] |= 1U << order;
	n->zones |= 1UL << zone;
}

static void unlist_block(struct heap_node *n, struct page_info *pg, unsigned int order)
{
	unsigned int zone = zone_of(page_to_mfn(pg).m);
	struct page_list *l = &n->list[zone][order];

	page_list_del(pg, l);
	if (pg->type & PGC_need_scrub)
		n->dirty_blocks--;
	if (page_list_empty(l)) {
		n->orders[zone] &= ~(1U << order);
		if (!n->orders[zone])
			n->zones &= ~(1UL << zone);
	}
}

/* Frames are free or not any more. Heap lock held; read without it, so that a block in the middle of a split still counts. */
static void count_free(struct page_info *pg, long frames)
{
	nodes[mfn_to_node(page_to_mfn(pg))]->free += (unsigned long)frames;
	total_free += (unsigned long)frames;
}

/* The block of that order beside mfn's if it is free and whole, on the same node and in the same zone. */
static struct page_info *free_buddy(unsigned long mfn, unsigned int order)
{
	unsigned long other = mfn ^ (1UL << order);
	struct page_info *pg;

	if (!other || !mfn_valid(_mfn(other)) || zone_of(other) != zone_of(mfn))
		return NULL;
	pg = mfn_to_page(_mfn(other));
	if ((pg->refs & PGC_state_mask) != PGC_state_free || !(pg->refs & PGC_block_head) || pg->order != order)
		return NULL;
	return mfn_to_node(_mfn(other)) == mfn_to_node(_mfn(mfn)) ? pg : NULL;
}

/* Heap lock held. */
static void free_block(unsigned int node, struct page_info *pg, unsigned int order, uint64_t sum)
{
	struct heap_node *n = nodes[node];
	struct page_info *other;

	while (order < MAX_ORDER && (other = free_buddy(page_to_mfn(pg).m, order))) {
		unlist_block(n, other, order);
		sum = other < pg ? joined_summary(other->type, sum, order) : joined_summary(sum, other->type, order);
		other->refs &= ~PGC_block_head;
		pg = min(pg, other);
		order++;
	}
	list_block(n, pg, order, sum);
}

static void give_back(struct page_info *pg, unsigned int order, bool counted)
{
	unsigned long clean = 0;
	uint64_t todo = 0;

	for (unsigned long i = 0; i < 1UL << order; i++) {
		uint64_t flags = pg[i].refs & PGC_todo;

		pg[i].refs = PGC_state_free | flags;
		todo |= flags;
		clean += !(todo & PGC_need_scrub);
	}
	spin_lock(&heap_lock);
	if (!counted)
		count_free(pg, 1L << order);
	free_block(mfn_to_node(page_to_mfn(pg)), pg, order, summary(todo, clean, order));
	spin_unlock(&heap_lock);
}

void buddy_free(struct page_info *pg, unsigned int order)
{
	give_back(pg, order, false);
}

void buddy_return(struct page_info *pg, unsigned int order)
{
	give_back(pg, order, true);
}

/* The best list of a zone: the smallest order that suffices. */
static struct page_info *take_from_zone(struct heap_node *n, unsigned int zone, unsigned int order, bool dirty)
{
	uint32_t orders = n->orders[zone] & ~((1U << order) - 1);
	struct page_list *l;
	struct page_info *pg;
	unsigned int have;
	uint64_t sum;

	if (!orders)
		return NULL;
	have = first_set(orders);
	l = &n->list[zone][have];
	pg = dirty ? mfn_to_page(_mfn(l->tail - 1)) : page_list_first(l);
	unlist_block(n, pg, have);
	pg->refs &= ~PGC_block_head;
	sum = pg->type;
	while (have > order) {
		have--;
		list_block(n, pg + (1UL << have), have, half_summary(sum, have, true));
		sum = half_summary(sum, have, false);
	}
	return pg;
}

static struct page_info *take_from_node(struct heap_node *n, unsigned int order, unsigned int memflags)
{
	unsigned int bits = memflags >> MEMF_bits_shift;
	unsigned long zones = n->zones;

	if (bits && bits <= PAGE_SHIFT)
		return NULL;
	if (bits && bits - PAGE_SHIFT < NR_ZONES)
		zones &= (2UL << (bits - PAGE_SHIFT)) - 1;
	/* High memory first: low memory is for those who need it low. */
	while (zones) {
		unsigned int zone = last_set(zones);
		struct page_info *pg = take_from_zone(n, zone, order, memflags & MEMF_no_scrub);

		if (pg)
			return pg;
		zones &= ~(1UL << zone);
	}
	return NULL;
}

static struct page_info *take(unsigned int order, unsigned int memflags)
{
	unsigned int wanted = memflags >> MEMF_node_shift & 0xff;
	unsigned int first = wanted ? wanted - 1 : cpu_to_node(smp_processor_id());

	if (first >= nr_nodes || !nodes[first]) {
		if (memflags & MEMF_exact_node)
			return NULL;
		first = 0;
	}
	for (unsigned int i = 0; i < nr_nodes; i++) {
		struct heap_node *n = nodes[(first + i) % nr_nodes];
		struct page_info *pg = n ? take_from_node(n, order, memflags) : NULL;

		if (pg || (wanted && (memflags & MEMF_exact_node)))
			return pg;
	}
	return NULL;
}

struct page_info *buddy_alloc(unsigned int order, unsigned int memflags)
{
	struct page_info *pg;

	if (order > MAX_ORDER)
		return NULL;
	spin_lock(&heap_lock);
	pg = take(order, memflags);
	if (pg)
		count_free(pg, -(1L << order));
	spin_unlock(&heap_lock);
	if (!pg)
		return NULL;
	for (unsigned long i = 0; i < 1UL << order; i++) {
		pg[i].refs = PGC_state_inuse | (pg[i].refs & PGC_todo);
		pg[i].type = 0;
		pg[i].owner = 0;
	}
	return pg;
}

/* Small enough to be given back soon: an allocation in the meantime should not fail for want of it. */
#define SCRUB_ORDER	9

/* The part of a block with its first dirty frame; the rest is listed again. */
static struct page_info *split_dirty(struct heap_node *n, struct page_info *pg, unsigned int o, unsigned int order)
{
	uint64_t sum = pg->type;

	unlist_block(n, pg, o);
	pg->refs &= ~PGC_block_head;
	while (o > order) {
		struct page_info *high = pg + (1UL << --o);
		uint64_t low_sum = half_summary(sum, o, false), high_sum = half_summary(sum, o, true);

		if (low_sum & PGC_need_scrub) {
			list_block(n, high, o, high_sum);
			sum = low_sum;
		} else {
			list_block(n, pg, o, low_sum);
			pg = high;
			sum = high_sum;
		}
	}
	return pg;
}

static struct page_info *take_dirty_of(struct heap_node *n, unsigned int *order)
{
	unsigned int zone;

	for_each_set_bit(zone, &n->zones, NR_ZONES)
		for (uint32_t orders = n->orders[zone]; orders; orders &= orders - 1) {
			unsigned int o = first_set(orders);
			struct page_info *pg = mfn_to_page(_mfn(n->list[zone][o].tail - 1));

			if (!(pg->type & PGC_need_scrub))
				continue;
			*order = min(o, (unsigned int)SCRUB_ORDER);
			return split_dirty(n, pg, o, *order);
		}
	return NULL;
}

struct page_info *buddy_take_dirty(unsigned int *order)
{
	struct page_info *pg = NULL;

	spin_lock(&heap_lock);
	for (unsigned int i = 0; i < nr_nodes && !pg; i++)
		if (nodes[i] && nodes[i]->dirty_blocks)
			pg = take_dirty_of(nodes[i], order);
	spin_unlock(&heap_lock);
	if (pg)
		for (unsigned long i = 0; i < 1UL << *order; i++)
			pg[i].refs = PGC_state_inuse | (pg[i].refs & PGC_todo);
	return pg;
}

unsigned long buddy_free_pages(void)
{
	return READ_ONCE(total_free);
}

unsigned long buddy_dirty_blocks(void)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < nr_nodes; i++)
		if (nodes[i])
			n += READ_ONCE(nodes[i]->dirty_blocks);
	return n;
}

unsigned long heap_free_pages_node(unsigned int node)
{
	return node < nr_nodes && nodes[node] ? READ_ONCE(nodes[node]->free) : 0;
}

/* The lists of a new node live in its first frames. */
static unsigned long add_node(unsigned int node, unsigned long mfn)
{
	unsigned long pages = PFN_UP(sizeof(struct heap_node));

	if (nodes[node])
		return 0;
	nodes[node] = mfn_to_virt(_mfn(mfn));
	memset(nodes[node], 0, sizeof(struct heap_node));
	nr_nodes = max(nr_nodes, node + 1);
	return pages;
}

void heap_add_range(mfn_t first, unsigned long nr, unsigned int node)
{
	unsigned long mfn = first.m, end = mfn + nr, used;

	BUG_ON(!mfn);
	if (node >= MAX_NODES)
		node = 0;
	if (!nodes[node] && nr <= PFN_UP(sizeof(struct heap_node)))
		return;
	used = add_node(node, mfn);
	mfn += used;
	while (mfn < end) {
		unsigned int order = min(first_set(mfn), (unsigned int)MAX_ORDER);

		while (mfn + (1UL << order) > end)
			order--;
		/* What was in memory before us is nobody's secret, but it is not zero. */
		for (unsigned long i = 0; i < 1UL << order; i++)
			mfn_to_page(_mfn(mfn + i))->refs = PGC_need_scrub;
		buddy_free(mfn_to_page(_mfn(mfn)), order);
		mfn += 1UL << order;
	}
}

void memory_dump(void)
{
	printk("Memory: %lu frames, %lu free\n", total_pages, heap_free_pages());
	for (unsigned int i = 0; i < nr_nodes; i++) {
		unsigned int zone;

		if (!nodes[i])
			continue;
		printk(" node %u: %lu free, %lu blocks to scrub\n", i, nodes[i]->free, nodes[i]->dirty_blocks);
		for_each_set_bit(zone, &nodes[i]->zones, NR_ZONES) {
			unsigned int order, orders = nodes[i]->orders[zone];

			printk("  below %lu MiB:", (1UL << (zone + PAGE_SHIFT)) >> 20);
			for (order = 0; order <= MAX_ORDER; order++)
				if (orders & (1U << order))
					printk(" %u", order);
			printk("\n");
		}
	}
}
