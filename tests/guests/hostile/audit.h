/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold whatever was called: nothing that the guest's tables reach lets it write a page table, or
 * memory that is not its own.
 */
#ifndef HOSTILE_AUDIT_H
#define HOSTILE_AUDIT_H

#include "values.h"

static uint64_t tables[MAX_FRAMES / 64];

/* Only while the kernel's map shows the frame there: what was given back and came again may be anywhere. */
static kit_pte *table_at(unsigned long mfn)
{
	kit_pte *entry;
	void *va;

	for (unsigned int i = 0; i < nr_victims; i++)
		if (victim_mfn[i] == mfn)
			return (kit_pte *)victims[i];
	if (!frame_in(own, mfn) || kit_mfn_to_pfn(mfn) >= kit_start_info->nr_pages)
		return NULL;
	va = kit_pfn_to_va(kit_mfn_to_pfn(mfn));
	entry = kit_pte_find(kit_root(), (unsigned long)va, 1);
	return entry && (*entry & PTE_P) && (*entry & PTE_FRAME) >> PAGE_SHIFT == mfn ? va : NULL;
}

/*
 * Is a frame the guest's, or another's, which it may map because it is dom0? Only for those may it say what number a
 * frame has.
 */
static bool is_own(unsigned long mfn)
{
	struct mmu_update req = { .ptr = (uint64_t)mfn << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, .val = 1 };

	if (frame_in(own, mfn) || frame_in(others, mfn) || !hc_mmu_update(&req, 1, NULL, DOMID_SELF))
		return true;
	for (unsigned int id = 1; id <= OTHERS; id++)
		if (!hc_mmu_update(&req, 1, NULL, id))
			return true;
	return false;
}

/* Frames that the hypervisor shares on purpose. */
static bool is_shared(unsigned long mfn)
{
	kit_pte *grants = kit_pte_find(kit_root(), (unsigned long)kit_grant_table, 1);

	return mfn == kit_start_info->shared_info >> PAGE_SHIFT || (grants && mfn == (*grants & PTE_FRAME) >> PAGE_SHIFT);
}

static void audit_leaf(unsigned long va, kit_pte entry)
{
	unsigned long mfn = (entry & PTE_FRAME) >> PAGE_SHIFT;

	if (frame_in(tables, mfn))
		kit_report(KIT_FAILURE, "table %lx is writable at %lx by %lx", mfn, va, entry);
	else if (frame_in(ram, mfn) && !is_shared(mfn) && !is_own(mfn))
		kit_report(KIT_FAILURE, "foreign frame %lx is writable at %lx by %lx", mfn, va, entry);
}

#define HV_FIRST	256
#define HV_LAST		271
#define HV_MEMORY	262	/* all roots have it, user mode's too */

/* Also one that is reached at a lower level, by an entry that makes a table a map of itself. */
static bool is_root(const kit_pte *table)
{
	return (table[HV_MEMORY] & PTE_P) && !((table[HV_MEMORY] ^ kit_root()[HV_MEMORY]) & PTE_FRAME);
}

/*
 * First pass: collects tables. Second: looks at what may be written. A table in a frame that a reservation
 * brought has no address, and is not looked into.
 */
static void audit_table(kit_pte *table, int level, unsigned long va, bool writable, bool second)
{
	bool root = is_root(table);

	for (unsigned int i = 0; i < 512; i++) {
		unsigned long at = va | (unsigned long)i << (PAGE_SHIFT + 9 * (level - 1));
		kit_pte e = table[i];
		bool w = writable && (e & PTE_W);
		kit_pte *next;

		if (!(e & PTE_P) || (root && i >= HV_FIRST && i <= HV_LAST))	/* those are the hypervisor's */
			continue;
		if (level == 1 || (level < 4 && (e & PTE_PS))) {
			if (second && w)
				audit_leaf(at, e);
			continue;
		}
		frame_add(tables, (e & PTE_FRAME) >> PAGE_SHIFT);
		next = table_at((e & PTE_FRAME) >> PAGE_SHIFT);
		if (next)
			audit_table(next, level - 1, at, w, second);
		else if (!is_own((e & PTE_FRAME) >> PAGE_SHIFT))
			kit_report(KIT_FAILURE, "level %d entry %lx leads to a table that is not the guest's", level, e);
	}
}

static void audit(void)
{
	memset(tables, 0, sizeof(tables));
	frame_add(tables, kit_va_to_mfn(kit_root()));
	audit_table(kit_root(), 4, 0, true, false);
	audit_table(kit_root(), 4, 0, true, true);
}

#endif
