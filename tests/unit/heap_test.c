/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames and small objects: random work against a map of who has what. */
#include <setjmp.h>
#include <string.h>
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include "../../hypervisor/common/mm/heap.h"
#include "../lib/random.h"
#include "../lib/tap.h"

#define BLOCKS	400
#define CPUS	5

static uint8_t taken[FAKE_MAX_PAGE];
static struct { struct page_info *pg; unsigned int order; } blocks[BLOCKS];
static unsigned long start_free;

/* Marks the frames as ours; false if one of them was, or is no memory. */
static bool claim(struct page_info *pg, unsigned int order, bool how)
{
	unsigned long m = page_to_mfn(pg).m;

	if (m & ((1UL << order) - 1))
		return false;
	for (unsigned long i = 0; i < 1UL << order; i++) {
		if (m + i >= FAKE_MAX_PAGE || !m || (m + i >= FAKE_BANK0_END && m + i < FAKE_BANK1_START))
			return false;
		if (taken[m + i] == how)
			return false;
		taken[m + i] = how;
	}
	return true;
}

static bool is_zero(struct page_info *pg, unsigned int order)
{
	const unsigned long *p = page_to_virt(pg);

	for (unsigned long i = 0; i < (PAGE_SIZE << order) / sizeof(*p); i++)
		if (p[i])
			return false;
	return true;
}

static unsigned int random_flags(void)
{
	static const unsigned int nodes[] = { 0, 1, 5, 7 };
	unsigned int flags = 0;

	if (!random_below(4))
		flags |= MEMF_bits(20 + random_below(12));
	if (!random_below(4))
		flags |= MEMF_node(nodes[random_below(4)]);
	if (!random_below(3))
		flags |= MEMF_exact_node;
	if (!random_below(3))
		flags |= MEMF_no_scrub;
	return flags;
}

static bool fits(struct page_info *pg, unsigned int order, unsigned int flags)
{
	unsigned int bits = flags >> MEMF_bits_shift, node = flags >> MEMF_node_shift & 0xff;
	unsigned long last = page_to_mfn(pg).m + (1UL << order) - 1;

	if (bits && (last << PAGE_SHIFT) >> bits)
		return false;
	if (node && (flags & MEMF_exact_node) && mfn_to_node(page_to_mfn(pg)) != node - 1)
		return false;
	return (flags & MEMF_no_scrub) || is_zero(pg, order);
}

static unsigned int random_run(unsigned int steps, unsigned int max_order)
{
	unsigned int bad = 0, failed = 0;

	for (unsigned int step = 0; step < steps; step++) {
		unsigned int i = random_below(BLOCKS), flags = random_flags();

		fake_on(random_below(CPUS));
		if (blocks[i].pg) {
			memset(page_to_virt(blocks[i].pg), 0xaa, PAGE_SIZE << blocks[i].order);
			bad += !claim(blocks[i].pg, blocks[i].order, false);
			(random_below(2) ? heap_free : heap_free_mapped)(blocks[i].pg, blocks[i].order);
			blocks[i].pg = NULL;
			continue;
		}
		blocks[i].order = random_below(3) ? 0 : random_below(max_order + 1);
		blocks[i].pg = heap_alloc(blocks[i].order, flags);
		failed += !blocks[i].pg;
		if (blocks[i].pg)
			bad += !claim(blocks[i].pg, blocks[i].order, true) || !fits(blocks[i].pg, blocks[i].order, flags);
		if (!random_below(20))
			heap_scrub_idle();
	}
	return failed > steps / 2 ? bad + 1 : bad;
}

static void free_all(void)
{
	for (unsigned int i = 0; i < BLOCKS; i++) {
		if (blocks[i].pg && claim(blocks[i].pg, blocks[i].order, false))
			heap_free(blocks[i].pg, blocks[i].order);
		blocks[i].pg = NULL;
	}
}

/* Takes everything there is, in single frames; returns how much. */
static unsigned long exhaust(struct page_list *all)
{
	struct page_info *pg;
	unsigned long n = 0;

	while ((pg = heap_alloc(0, MEMF_no_scrub))) {
		page_list_add(pg, all);
		n++;
	}
	return n;
}

/* What an idle CPU is about to clean is free memory all the same: who counts it, or claims it, sees no less. */
static void test_count_while_scrubbed(void)
{
	unsigned long before = heap_free_pages(), node = heap_free_pages_node(0);
	unsigned int order = 0;
	struct page_info *pg = buddy_take_dirty(&order);

	ok(pg && heap_free_pages() == before && heap_free_pages_node(0) == node, "a block that is being scrubbed counts as free");
	buddy_return(pg, order);
	ok(heap_free_pages() == before && heap_free_pages_node(0) == node, "and once, when it is back");
}

static void test_exhaustion(void)
{
	struct page_list all = { 0 };
	struct page_info *pg;
	unsigned long before = heap_free_pages(), n;
	unsigned int big = 0;

	while (heap_alloc(15, MEMF_no_scrub))
		big++;
	ok(big == 1 || big == 2, "a block of 128 MiB or two: %u", big);
	n = exhaust(&all);
	ok(n + big * (1UL << 15) + 4096 > before && heap_free_pages() < 4096, "all but what other CPUs keep is given out: %lu of %lu",
	   n, before);
	ok(!heap_alloc(3, 0) && !xmalloc_bytes(5000), "and then there is none");
	while ((pg = page_list_pop(&all)))
		heap_free(pg, 0);
	ok(heap_free_pages() == before - big * (1UL << 15), "and it comes back");
	test_count_while_scrubbed();
	while (heap_scrub_idle())
		;
	pg = heap_alloc(14, 0);
	ok(pg && is_zero(pg, 14), "in blocks, cleared");
	heap_free(pg, 14);
}

/* Nothing of a frame that a guest had mapped is given out before processors have forgotten it. */
static void test_flush(void)
{
	struct page_info *pg;
	unsigned long flushes;
	unsigned int n;

	for (n = 0; n < 500; n++) {
		pg = heap_alloc(4, MEMF_bits(24));
		flushes = fake_flushes;
		heap_free_mapped(pg, 4);
		if (heap_alloc(4, MEMF_bits(24)) == pg)
			break;
	}
	ok(n < 500 && fake_flushes == flushes + 1, "a block that was mapped is flushed before it is used again");
	heap_free(pg, 4);
	flushes = fake_flushes;
	ok(heap_alloc(4, MEMF_bits(24)) == pg && fake_flushes == flushes, "one of ours is not");
}

static unsigned char *stale;	/* a frame that a processor has not forgotten, and that a guest still writes to */

static void write_stale(void)
{
	if (stale)
		memset(stale, 0xee, PAGE_SIZE);
}

static void last_write(void)
{
	write_stale();
	stale = NULL;
}

/* Frees a frame that a guest still writes to, and allocates it again. 0: no chance; 1: cleared; -1: with what the guest wrote. */
static int stale_life(bool idle)
{
	struct page_info *pg = heap_alloc(4, MEMF_bits(24)), *again;
	int rc = 0;

	stale = page_to_virt(pg + 5);
	heap_free_mapped(pg, 4);
	write_stale();
	for (unsigned int i = 0; idle && i < 10000 && heap_scrub_idle(); i++)
		write_stale();
	again = heap_alloc(4, MEMF_bits(24));
	write_stale();
	if (again == pg)
		rc = is_zero(again, 4) ? 1 : -1;
	heap_free(again, 4);
	stale = NULL;
	return rc;
}

/* And what it wrote until then is gone: memory is cleared after the flush, also by an idle CPU. */
static void test_clear_after_flush(void)
{
	for (unsigned int idle = 0; idle < 2; idle++) {
		int rc = 0;

		fake_at_flush = last_write;
		for (unsigned int n = 0; n < 500 && !rc; n++)
			rc = stale_life(idle);
		fake_at_flush = NULL;
		ok(rc == 1, "what a guest writes with an old translation is cleared%s", idle ? ", by an idle CPU too" : "");
	}
}

#define OBJECTS	2000
static struct { unsigned char *p; size_t size; unsigned char mark; } objects[OBJECTS];

static bool intact(unsigned int i)
{
	for (size_t j = 0; j < objects[i].size; j++)
		if (objects[i].p[j] != objects[i].mark)
			return false;
	return true;
}

static void test_objects(void)
{
	unsigned long before = heap_free_pages();
	unsigned int bad = 0;

	for (unsigned int step = 0; step < 60000; step++) {
		unsigned int i = random_below(OBJECTS);
		bool zeroed = random_below(2);

		if (objects[i].p) {
			bad += !intact(i);
			xfree(objects[i].p);
			objects[i].p = NULL;
			continue;
		}
		objects[i].size = random_below(50) ? random_below(2100) : random_below(40000);
		objects[i].mark = (unsigned char)random_next();
		objects[i].p = zeroed ? xzalloc_bytes(objects[i].size) : xmalloc_bytes(objects[i].size);
		bad += !objects[i].p || (unsigned long)objects[i].p % 16;
		for (size_t j = 0; zeroed && j < objects[i].size; j++)
			bad += objects[i].p[j] != 0;
		memset(objects[i].p, objects[i].mark, objects[i].size);
	}
	ok(!bad, "objects do not overlap, are aligned, and zero if asked for");
	for (unsigned int i = 0; i < OBJECTS; i++)
		if (objects[i].p) {
			bad += !intact(i);
			xfree(objects[i].p);
		}
	ok(!bad && heap_free_pages() == before, "and all memory comes back");
	xfree(NULL);
	ok(!xmalloc_bytes(SIZE_MAX) && !xzalloc_bytes(SIZE_MAX - 100) && !xzalloc_array_bytes(SIZE_MAX / 4, 5),
	   "sizes that cannot be are refused");
	ok(!xzalloc_bytes(1UL << 40), "as are those that there is not");
}

static jmp_buf at_bug;
static bool bug_wanted;

void bug(const char *file, int line, const char *what)
{
	if (bug_wanted)
		longjmp(at_bug, 1);
	fprintf(stderr, "%s:%d: %s\n", file, line, what);
	abort();
}

static bool free_is_refused(void *p)
{
	bool refused;

	bug_wanted = true;
	refused = setjmp(at_bug);
	if (!refused)
		xfree(p);
	bug_wanted = false;
	return refused;
}

static bool allocation_is_refused(size_t size)
{
	bool refused;

	bug_wanted = true;
	refused = setjmp(at_bug);
	if (!refused)
		xmalloc_bytes(size);
	bug_wanted = false;
	return refused;
}

/* In debug builds; nothing else is done with these sizes afterwards. */
static void test_guards(void)
{
	unsigned char *p = xmalloc_bytes(41), *q = xmalloc_bytes(41), *keep = xmalloc_bytes(300), *late;

	p[41] = 0;
	ok(free_is_refused(p), "an object that was written to one byte behind its end");
	xfree(q);
	ok(free_is_refused(q), "one that is freed twice");
	late = xmalloc_bytes(300);
	xfree(late);
	late[299] ^= 1;
	ok(keep && allocation_is_refused(300), "one that was written to when it was free");
}

int main(void)
{
	fake_start(CPUS);
	start_free = heap_free_pages();
	ok(start_free > FAKE_MAX_PAGE - 0x2100, "the machine has %lu free frames", start_free);
	ok(heap_free_pages_node(0) && heap_free_pages_node(1) && heap_free_pages_node(5) && !heap_free_pages_node(2),
	   "on three nodes");
	ok(!random_run(30000, 6), "random work, small blocks");
	free_all();
	ok(heap_free_pages() == start_free, "nothing lost");
	ok(!random_run(2000, 13), "random work, large blocks");
	free_all();
	ok(heap_free_pages() == start_free, "nothing lost again");
	test_objects();
	test_flush();
	test_clear_after_flush();
	test_exhaustion();
	test_guards();
	return tap_end();
}
