/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory before there is a heap: free ranges of frames, carved from the top of the highest that fits. */
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include <tenon/mm.h>

#define MAX_RANGES	(BOOT_MAX_MEMMAP + 64)

static struct {
	unsigned long s, e;	/* frames; e is exclusive */
} ranges[MAX_RANGES] __initdata;
static unsigned int nr_ranges __initdata;
static unsigned long alloc_end __initdata = ~0UL;

static void __init add_range(unsigned long s, unsigned long e)
{
	unsigned int i;

	if (s >= e)
		return;
	if (nr_ranges == MAX_RANGES)
		panic("Too many pieces of memory");
	for (i = nr_ranges; i > 0 && ranges[i - 1].s > s; i--)
		ranges[i] = ranges[i - 1];
	ranges[i].s = s;
	ranges[i].e = e;
	nr_ranges++;
}

void __init boot_pages_add(uint64_t start, uint64_t end)
{
	/* Frame 0 is never used: the heap's blocks could not tell its zone. */
	add_range(max(PFN_UP(start), 1UL), PFN_DOWN(end));
}

void __init boot_pages_limit(mfn_t end)
{
	alloc_end = end.m;
}

mfn_t __init boot_pages_alloc(unsigned long nr, unsigned long align_pages)
{
	for (unsigned int i = nr_ranges; i-- > 0; ) {
		unsigned long end = ranges[i].e, top = min(end, alloc_end), at;

		if (top < ranges[i].s + nr)
			continue;
		at = (top - nr) & ~(align_pages - 1);
		if (at < ranges[i].s)
			continue;
		ranges[i].e = at;
		add_range(at + nr, end);
		return _mfn(at);
	}
	panic("Out of memory at boot: %lu pages are wanted", nr);
}

/* A range may lie on several nodes; they are told apart block by block. */
static void __init add_to_heap(unsigned long s, unsigned long e)
{
	const unsigned long step = 1UL << (20 - PAGE_SHIFT);

	while (s < e) {
		unsigned int node = mfn_to_node(_mfn(s));
		unsigned long end = s;

		do {
			end = min((end | (step - 1)) + 1, e);
		} while (end < e && mfn_to_node(_mfn(end)) == node);
		heap_add_range(_mfn(s), end - s, node);
		s = end;
	}
}

void __init heap_init(void)
{
	for (unsigned int i = 0; i < nr_ranges; i++)
		add_to_heap(ranges[i].s, ranges[i].e);
	nr_ranges = 0;
	printk("Heap: %lu MiB free\n", heap_free_pages() >> (20 - PAGE_SHIFT));
}
