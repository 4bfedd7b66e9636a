/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dom0's memory: frames in the order of their guest frame numbers. */
#include <asm/mm.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include "dom0.h"

#define MAX_CHUNK_ORDER	9

static void __init assign(struct dom0_build *b, unsigned long mfn)
{
	arch_m2p_set(_mfn(mfn), b->nr_assigned);
	b->pfn_to_mfn[b->nr_assigned++] = mfn;
}

mfn_t __init dom0_next_frame(struct dom0_build *b)
{
	struct page_info *pg = b->nr_assigned < b->nr_pages ? domain_alloc_pages(b->d, 0, 0) : NULL;

	if (!pg)
		panic("Dom0: out of memory after %lu of %lu pages", b->nr_assigned, b->nr_pages);
	assign(b, page_to_mfn(pg).m);
	return page_to_mfn(pg);
}

/* n more frames, in big pieces while there are any. */
static void __init alloc_frames(struct dom0_build *b, unsigned long n, unsigned int memflags)
{
	unsigned int order = MAX_CHUNK_ORDER;

	while (n) {
		struct page_info *pg;

		while ((1UL << order) > n)
			order--;
		pg = domain_alloc_pages(b->d, order, memflags);
		if (!pg) {
			if (!order)
				panic("Dom0: not enough memory: %lu pages are missing; lower dom0_mem=", n);
			order--;
			continue;
		}
		for (unsigned long i = 0; i < 1UL << order; i++)
			assign(b, page_to_mfn(pg).m + i);
		n -= 1UL << order;
	}
}

/*
 * The initrd's frames become dom0's where they are, with the next guest frame numbers:
 * the loader aligned it to a page. The rest of its last page is cleared.
 */
static void __init take_initrd(struct dom0_build *b)
{
	const struct boot_module *m = &boot_info.modules[1];
	unsigned long mfn = PFN_DOWN(m->start);
	size_t tail = PAGE_OFFSET(m->end);

	if (!b->initrd_pages)
		return;
	if (PAGE_OFFSET(m->start))
		panic("The initrd (module 1) is not page-aligned: the boot loader ignored our request");
	if (tail)
		memset(maddr_to_virt(m->end), 0, PAGE_SIZE - tail);
	b->initrd_pfn = b->nr_assigned;
	for (unsigned long i = 0; i < b->initrd_pages; i++) {
		struct page_info *pg = mfn_to_page(_mfn(mfn + i));

		/* Never in the heap: it looks like a fresh, unowned allocation. */
		pg->refs = PGC_state_inuse;
		pg->type = 0;
		if (domain_assign_pages(b->d, pg, 0, 0))
			panic("Dom0: the initrd does not fit in its memory");
		assign(b, mfn + i);
	}
}

void __init dom0_alloc_region(struct dom0_build *b)
{
	unsigned long region = (b->v_end - b->v_start) >> PAGE_SHIFT;

	if (region + b->initrd_pages + (b->nr_pages >> 9) + 16 >= b->nr_pages)
		panic("Dom0: %lu MiB are too little for its kernel (%lu MiB) and initrd (%lu MiB)",
		      b->nr_pages >> 8, region >> 8, b->initrd_pages >> 8);
	if (b->initrd.start) {
		alloc_frames(b, (b->initrd.start - b->v_start) >> PAGE_SHIFT, 0);
		take_initrd(b);
	}
	alloc_frames(b, region - b->nr_assigned, 0);
	if (!b->initrd.start)
		take_initrd(b);
}

void __init dom0_alloc_rest(struct dom0_build *b)
{
	/* As after any reset: a kernel expects nothing of it, and what the machine held before is no secret to dom0. */
	alloc_frames(b, b->nr_pages - b->nr_assigned, MEMF_no_scrub);
}
