/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grants in page tables: level 1 entries whose references came from the grant. The guest may overwrite such an
 * entry like any other, and its references then go as any other's; the grant stays in use until its domain ends.
 */
#include <asm/system.h>
#include <xen/grant_table.h>
#include "page_type.h"

#define AVAIL_SHIFT	9

static uint64_t grant_flags(unsigned int flags)
{
	uint64_t e = _PAGE_PRESENT | PTE_AD | page_nx;

	if (flags & GNTMAP_application_map)
		e |= _PAGE_USER;
	if (!(flags & GNTMAP_readonly))
		e |= _PAGE_RW;
	return e | ((uint64_t)(flags >> _GNTMAP_guest_avail0) << AVAIL_SHIFT & _PAGE_AVAIL);
}

/* The entry at an address, or at a machine address, in a table of the caller's that is now locked. */
static pte_t *lock_entry(struct vcpu *curr, uint64_t addr, bool by_machine, struct page_info **table)
{
	mfn_t mfn = _mfn(addr >> PAGE_SHIFT);
	pte_t *pl;

	if (by_machine) {
		if ((addr & 7) || mfn.m >= max_page)
			return NULL;
		pl = (pte_t *)((char *)mfn_to_virt(mfn) + PAGE_OFFSET(addr));
	} else {
		if (!guest_va_ok(addr))
			return NULL;
		local_irq_disable();
		pl = walk_l1(curr->arch.guest_table, addr, &mfn);
		local_irq_enable();
	}
	if (!pl)
		return NULL;
	*table = mfn_to_page(mfn);
	return table_lock(*table, PGT_l1_table, curr->domain) ? pl : NULL;
}

int create_grant_host_mapping(struct vcpu *curr, uint64_t addr, mfn_t mfn, unsigned int flags, uint64_t extra)
{
	pte_t new = l1e_adjust(pte_from(mfn, grant_flags(flags) | (extra & L1_CACHE_BITS))), old, *pl;
	struct page_info *table;

	pl = lock_entry(curr, addr, flags & GNTMAP_contains_pte, &table);
	if (!pl)
		return GNTST_general_error;
	if ((new.e & _PAGE_RW) && l1e_is_counted(new)) {
		struct page_info *pg = mfn_to_page(mfn);

		type_mark(pg, pg->owner != curr->domain->domain_id + 1U, extra & L1_CACHE_BITS);
	}
	old.e = READ_ONCE(pl->e);
	entry_install(pl, &old, new, ENTRY_SET);
	table_unlock(table);
	l1e_put(old, curr->domain);
	return GNTST_okay;
}

/* What is mapped at an address is no longer; the references are the caller's. */
static int take_entry(struct vcpu *curr, uint64_t addr, pte_t *taken)
{
	struct page_info *table;
	pte_t *pl = lock_entry(curr, addr, false, &table);

	if (!pl)
		return GNTST_general_error;
	taken->e = READ_ONCE(pl->e);
	entry_install(pl, taken, (pte_t){ 0 }, ENTRY_SET);
	table_unlock(table);
	return GNTST_okay;
}

int replace_grant_host_mapping(struct vcpu *curr, uint64_t addr, mfn_t mfn, uint64_t new_addr, unsigned int flags)
{
	bool by_machine = flags & GNTMAP_contains_pte;
	pte_t new = { 0 }, old, want = pte_from(mfn, grant_flags(flags)), *pl;
	struct page_info *table;
	int rc = GNTST_general_error;

	if (new_addr && (by_machine || take_entry(curr, new_addr, &new)))
		return GNTST_general_error;
	pl = lock_entry(curr, addr, by_machine, &table);
	if (pl) {
		old.e = READ_ONCE(pl->e);
		if (!((old.e ^ want.e) & (PTE_MFN_MASK | _PAGE_PRESENT | _PAGE_RW))) {
			entry_install(pl, &old, new, ENTRY_SET);
			rc = GNTST_okay;
		}
		table_unlock(table);
	}
	if (rc)
		l1e_put(new, curr->domain);
	return rc;
}
