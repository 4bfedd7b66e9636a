/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of the hypervisor's own page tables. A range is mapped by the largest pages that its
 * alignment allows, except where smaller tables stand already: these are used, and tables are never
 * freed. Roots of guests share all tables below their own level, so that a change is seen by all.
 */
#include <asm/cpu.h>
#include <tenon/init.h>
#include "hv_tables.h"

#define FRAMES_OF(level)	(1UL << (PT_SHIFT(level) - PAGE_SHIFT))
#define PAT_LARGE		(1UL << 12)	/* where larger pages have _PAGE_PAT (SDM 3A 4.5.4) */

uint64_t page_nx __ro_after_init;

static spinlock_t lock = SPINLOCK_INIT;
static bool use_heap;

void hv_tables_use_heap(void)
{
	use_heap = true;
}

static bool is_leaf(pte_t e, unsigned int level)
{
	return level == 1 || (level < 4 && (e.e & _PAGE_PSE));
}

static pte_t make_leaf(mfn_t mfn, unsigned int level, uint64_t flags)
{
	if (level > 1)
		flags = (flags & ~_PAGE_PAT) | _PAGE_PSE | (flags & _PAGE_PAT ? PAT_LARGE : 0);
	return pte_from(mfn, flags);
}

static bool new_table(mfn_t *mfn)
{
	if (use_heap) {
		struct page_info *pg = heap_alloc(0, 0);

		if (!pg)
			return false;
		*mfn = page_to_mfn(pg);
		return true;
	}
	*mfn = boot_pages_alloc(1, 1);
	clear_domain_page(*mfn);
	return true;
}

static pte_t *table_of(pte_t e)
{
	return mfn_to_virt(pte_mfn(e));
}

/* Puts a table of smaller pages in place of a large one: translations stay as they are. */
static bool split(pte_t *e, unsigned int level)
{
	uint64_t flags = pte_flags(*e) & ~_PAGE_PSE;
	mfn_t table, first = _mfn(pte_mfn(*e).m & ~(FRAMES_OF(level) - 1));

	if (!new_table(&table))
		return false;
	if (e->e & PAT_LARGE)
		flags |= _PAGE_PAT;
	for (unsigned int i = 0; i < PT_ENTRIES; i++)
		((pte_t *)mfn_to_virt(table))[i] =
			make_leaf(mfn_add(first, i * FRAMES_OF(level - 1)), level - 1, flags);
	*e = pte_from(table, PAGE_HV_TABLE | (flags & _PAGE_USER));
	return true;
}

/*
 * Goes down to the entry for va at *level, or below when there is a table at it. With table_flags
 * tables are made on the way. *level becomes the level of the result: higher than what was asked for when it
 * is not present or, for want of memory, could not be made or split.
 */
static pte_t *descend(unsigned long va, unsigned int *level, uint64_t table_flags)
{
	unsigned int l = 4, want = *level;
	pte_t *e = idle_l4 + pt_index(va, 4);
	mfn_t table;

	while (l > want || (pte_present(*e) && !is_leaf(*e, l))) {
		if (!pte_present(*e)) {
			if (!table_flags || !new_table(&table))
				break;
			*e = pte_from(table, table_flags);
		} else if (is_leaf(*e, l) && !split(e, l)) {
			break;
		}
		l--;
		e = table_of(*e) + pt_index(va, l);
	}
	*level = l;
	return e;
}

/* The level of the largest page that fits at the start. */
static unsigned int fitting_level(unsigned long va, mfn_t mfn, unsigned long nr)
{
	unsigned int level = cpu_has(X86_FEATURE_PAGE1GB) ? 3 : 2;

	while (level > 1 && (nr < FRAMES_OF(level) || ((va >> PAGE_SHIFT | mfn.m) & (FRAMES_OF(level) - 1))))
		level--;
	return level;
}

int map_pages_to_hv(unsigned long va, mfn_t mfn, unsigned long nr, uint64_t flags)
{
	int rc = 0;

	spin_lock(&lock);
	while (nr) {
		unsigned int want = fitting_level(va, mfn, nr), level = want;
		pte_t *e = descend(va, &level, PAGE_HV_TABLE | (flags & _PAGE_USER));

		if (level > want) {
			rc = -ENOMEM;
			break;
		}
		*e = make_leaf(mfn, level, flags);
		va += FRAMES_OF(level) << PAGE_SHIFT;
		mfn = mfn_add(mfn, FRAMES_OF(level));
		nr -= FRAMES_OF(level);
	}
	spin_unlock(&lock);
	return rc;
}

void unmap_pages_from_hv(unsigned long va, unsigned long nr)
{
	spin_lock(&lock);
	while (nr) {
		unsigned int want = fitting_level(va, _mfn(0), nr), level = want;
		pte_t *e = descend(va, &level, 0);
		unsigned long skip = FRAMES_OF(level) - ((va >> PAGE_SHIFT) & (FRAMES_OF(level) - 1));

		/* Part of a large page, and no memory to split it: only at boot are such parts unmapped. */
		BUG_ON(pte_present(*e) && level > want);
		e->e = 0;
		skip = min(skip, nr);
		va += skip << PAGE_SHIFT;
		nr -= skip;
	}
	spin_unlock(&lock);
}

pte_t *hv_entry(unsigned long va, unsigned int level, uint64_t table_flags)
{
	unsigned int got = level;
	pte_t *e = descend(va, &got, table_flags);

	return got == level ? e : NULL;
}
