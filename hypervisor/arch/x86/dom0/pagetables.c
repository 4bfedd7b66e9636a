/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dom0's initial page tables. Filled in directly, with the tables themselves
 * mapped read-only; then validated and pinned by the same code that checks any guest's.
 */
#include <asm/mm.h>
#include <tenon/init.h>
#include "dom0.h"

#define TABLE_FLAGS	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_USER)
#define LEAF_FLAGS	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_USER | _PAGE_GUEST_KERNEL)

/* A fresh table: inside the region from .tables, for the p2m's own mapping from dom0's next frames. */
static mfn_t __init new_table(struct dom0_build *b, bool in_region)
{
	mfn_t mfn;

	if (!in_region) {
		mfn = dom0_next_frame(b);
	} else {
		unsigned long va = b->tables.start + b->next_table++ * PAGE_SIZE;

		BUG_ON(va >= b->tables.end);
		mfn = _mfn(b->pfn_to_mfn[(va - b->v_start) >> PAGE_SHIFT]);
	}
	clear_domain_page(mfn);
	return mfn;
}

static void __init map_page(struct dom0_build *b, unsigned long va, mfn_t frame, uint64_t flags, bool in_region)
{
	mfn_t table = b->root;

	for (unsigned int level = 4; level > 1; level--) {
		pte_t *e = (pte_t *)mfn_to_virt(table) + pt_index(va, level);

		if (!pte_present(*e))
			*e = pte_from(new_table(b, in_region), TABLE_FLAGS);
		table = pte_mfn(*e);
	}
	((pte_t *)mfn_to_virt(table))[pt_index(va, 1)] = pte_from(frame, flags);
}

void __init dom0_build_tables(struct dom0_build *b)
{
	b->root = new_table(b, true);
	fill_guest_l4(b->d, mfn_to_virt(b->root));
	for (unsigned long va = b->v_start; va < b->v_end; va += PAGE_SIZE) {
		bool table = va >= b->tables.start && va < b->tables.end;

		map_page(b, va, _mfn(b->pfn_to_mfn[(va - b->v_start) >> PAGE_SHIFT]),
			 table ? LEAF_FLAGS & ~(_PAGE_RW | _PAGE_DIRTY) : LEAF_FLAGS, true);
	}
}

/* Frames and tables for a p2m outside the region; both count as the p2m's. */
void __init dom0_map_p2m(struct dom0_build *b)
{
	if (!b->p2m_apart)
		return;
	b->first_p2m_pfn = b->nr_assigned;
	/* The frames first: the kernel takes them to be the start of the range. */
	for (unsigned long va = b->p2m.start; va < b->p2m.end; va += PAGE_SIZE)
		dom0_next_frame(b);
	for (unsigned long va = b->p2m.start, pfn = b->first_p2m_pfn; va < b->p2m.end; va += PAGE_SIZE, pfn++)
		map_page(b, va, _mfn(b->pfn_to_mfn[pfn]), LEAF_FLAGS, false);
	b->nr_p2m_frames = b->nr_assigned - b->first_p2m_pfn;
}

void __init dom0_validate_tables(struct dom0_build *b)
{
	struct page_info *pg = mfn_to_page(b->root);
	int rc = get_page_and_type(pg, b->d, PGT_l4_table);

	if (rc)
		panic("Dom0: its initial page tables are not valid (error %d)", rc);
	/* The reference just taken is the pin's; the kernel unpins its first tables when it has others. */
	__atomic_fetch_or(&pg->type, PGT_pinned, __ATOMIC_SEQ_CST);
}
