/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame table: memory stands behind the entries of RAM alone. The pages of the
 * array that have none are all one page of holes, read-only; holes among RAM are marked as such.
 * Frames that the heap is not given look like the hypervisor's own: in use, and nobody's.
 */
#include <tenon/init.h>
#include "hv_tables.h"

#define PER_PAGE	(PAGE_SIZE / sizeof(struct page_info))
#define PER_CHUNK	(PER_PAGE * PT_ENTRIES)		/* frames whose entries fill a large page */

unsigned long max_page __ro_after_init, total_pages __ro_after_init;

static const struct page_info holes[PER_PAGE] __aligned(PAGE_SIZE) = {
	[0 ... PER_PAGE - 1] = { .refs = PGC_hole },
};

bool __init ram_range(unsigned int i, unsigned long *s, unsigned long *e)
{
	const unsigned long limit = PFN_DOWN(DIRECTMAP_VIRT_END - DIRECTMAP_VIRT_START);
	const struct memmap_entry *m = &boot_info.memmap[i];

	*s = *e = 0;
	if (i >= boot_info.nr_memmap)
		return false;
	if (m->type == MEMMAP_RAM) {
		*s = max(PFN_UP(m->start), LOW_FRAMES);
		*e = max(min(PFN_DOWN(m->start + m->size), limit), *s);
	}
	return true;
}

unsigned long __init ram_frames(unsigned long s, unsigned long e)
{
	unsigned long rs, re, n = 0;

	for (unsigned int i = 0; ram_range(i, &rs, &re); i++)
		if (max(rs, s) < min(re, e))
			n += min(re, e) - max(rs, s);
	return n;
}

/* Frames [s, e) have entries of their own. */
static void __init mark_holes(unsigned long s, unsigned long e)
{
	unsigned long rs, re;

	for (unsigned int i = 0; ram_range(i, &rs, &re) && s < e; i++) {
		if (rs >= re || re <= s)
			continue;
		for (; s < min(rs, e); s++)
			mfn_to_page(_mfn(s))->refs = PGC_hole;
		s = max(s, re);
	}
	for (; s < e; s++)
		mfn_to_page(_mfn(s))->refs = PGC_hole;
}

static void __init map_entries(unsigned long first, mfn_t mfn, unsigned long pages, uint64_t flags)
{
	if (map_pages_to_hv((unsigned long)mfn_to_page(_mfn(first)), mfn, pages, flags))
		BUG();
}

static void __init populate(unsigned long first, unsigned long pages)
{
	mfn_t mfn = boot_pages_alloc(pages, pages);

	map_entries(first, mfn, pages, PAGE_HV);
	memset(mfn_to_page(_mfn(first)), 0, pages * PAGE_SIZE);
	mark_holes(first, min(first + pages * PER_PAGE, max_page));
}

/* One table of holes serves all chunks without RAM. */
static void __init map_hole_chunk(unsigned long first)
{
	static pte_t table __initdata;
	pte_t *e = hv_entry((unsigned long)mfn_to_page(_mfn(first)), 2, PAGE_HV_TABLE);

	if (!table.e) {
		mfn_t mfn = boot_pages_alloc(1, 1);
		pte_t *l1 = mfn_to_virt(mfn);

		for (unsigned int i = 0; i < PT_ENTRIES; i++)
			l1[i] = pte_from(virt_to_mfn(holes), PAGE_HV_RO);
		table = pte_from(mfn, PAGE_HV_TABLE);
	}
	*e = table;
}

static void __init map_chunk(unsigned long first)
{
	unsigned long end = min(first + PER_CHUNK, max_page), frames = ram_frames(first, end);

	if (!frames) {
		map_hole_chunk(first);
		return;
	}
	/* A large page, unless that wastes more than an eighth of it. */
	if (frames >= PER_CHUNK - PER_CHUNK / 8) {
		populate(first, PT_ENTRIES);
		return;
	}
	for (unsigned long at = first; at < end; at += PER_PAGE)
		if (ram_frames(at, at + PER_PAGE))
			populate(at, 1);
		else
			map_entries(at, virt_to_mfn(holes), 1, PAGE_HV_RO);
}

void __init frametable_init(void)
{
	unsigned long s, e;

	for (unsigned int i = 0; ram_range(i, &s, &e); i++)
		if (s < e)
			max_page = e;
	total_pages = ram_frames(0, max_page);
	if (!max_page)
		panic("The memory map has no memory above 1 MiB");
	for (unsigned long first = 0; first < max_page; first += PER_CHUNK)
		map_chunk(first);
	printk("Memory: %lu MiB, frames up to %lx\n", total_pages >> (20 - PAGE_SHIFT), max_page);
}
