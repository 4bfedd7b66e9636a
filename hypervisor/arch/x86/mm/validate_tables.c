/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables of levels 2 to 4. Each present entry holds a reference and a type of the table that it
 * names. Checking goes upwards through the entries and the opposite downwards, so that one number tells of an
 * interrupted table which entries hold theirs, whichever way it was going, and which way it goes on.
 */
#include <limits.h>
#include <asm/pv.h>
#include <tenon/hypercall.h>
#include <tenon/perfc.h>
#include "page_type.h"

/* The named table, one level below, gets a user. */
int table_child_get(unsigned int level, pte_t e, struct domain *d, bool preemptible, bool *held)
{
	const struct page_type_rule *r = &page_types[level];
	struct page_info *named = mfn_to_page(pte_mfn(e));
	int rc;

	*held = false;
	if ((e.e & r->refused) || pte_mfn(e).m >= max_page || !get_page(named, d))
		return -EINVAL;
	rc = type_get(named, r->child, preemptible && level > 2, held);
	if (rc && !*held)
		put_page(named);
	return rc;
}

/* ---- linear tables: an entry that names a table of its own level, read-only ---- */

/*
 * Moves the count one step away from zero in one direction; false when it is on the other side. A table has
 * either such entries or is named by them, so that there is no chain, and no circle, of them.
 */
static bool linear_count(struct page_info *pg, int step)
{
	int16_t x = READ_ONCE(pg->linear);

	do {
		if (step > 0 ? x < 0 || x == SHRT_MAX : x > 0 || x == SHRT_MIN)
			return false;
	} while (!__atomic_compare_exchange_n(&pg->linear, &x, (int16_t)(x + step), false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return true;
}

/* One more user of a table that is checked already. */
static bool get_checked(struct page_info *pg, uint64_t type)
{
	uint64_t x = READ_ONCE(pg->type);

	do {
		if ((x & (PGT_type_mask | PGT_validated)) != (type | PGT_validated) || !(x & PGT_count_mask) ||
		    type_is_full(x))
			return false;
	} while (!type_cas(pg, &x, x + 1));
	return true;
}

int table_linear_get(struct page_info *pg, unsigned int level, pte_t e, struct domain *d, struct page_info **drop)
{
	struct page_info *named = mfn_to_page(pte_mfn(e));

	*drop = NULL;
	if ((e.e & (page_types[level].refused | _PAGE_RW)) || pte_mfn(e).m >= max_page)
		return -EINVAL;
	if (named == pg)
		return 0;
	if (!get_page(named, d))
		return -EINVAL;
	if (!get_checked(named, PGT_TABLE(level))) {
		put_page(named);
		return -EINVAL;
	}
	if (linear_count(pg, 1)) {
		if (linear_count(named, -1))
			return 0;
		__atomic_fetch_sub(&pg->linear, 1, __ATOMIC_SEQ_CST);
	}
	*drop = named;
	return -EINVAL;
}

struct page_info *table_entry_forget(struct page_info *pg, unsigned int level, pte_t e)
{
	struct page_info *named = mfn_to_page(pte_mfn(e));

	if (!pte_present(e) || named == pg)
		return NULL;
	if ((READ_ONCE(named->type) & PGT_type_mask) == PGT_TABLE(level)) {
		__atomic_fetch_add(&named->linear, 1, __ATOMIC_SEQ_CST);
		__atomic_fetch_sub(&pg->linear, 1, __ATOMIC_SEQ_CST);
	}
	return named;
}

/* ---- whole tables ---- */

static int entry_get(struct page_info *pg, const struct page_type_rule *r, pte_t e, struct domain *d, bool preemptible,
		     bool *held)
{
	struct page_info *drop;
	int rc = table_child_get(r->level, e, d, preemptible, held);

	if (rc != -EINVAL || *held)
		return rc;
	rc = table_linear_get(pg, r->level, e, d, &drop);
	if (drop)
		put_page_and_type(drop);
	return rc;
}

static int named_put(struct page_info *named, bool preemptible)
{
	int rc = put_page_type(named, preemptible);

	if (!rc)
		put_page(named);
	return rc;
}

/*
 * The entry at which work stopped holds a reference to a table that was partial then. It is to become whole; a
 * table of the same level (linear), half given up, cannot: what is left of it goes, and the entry starts anew.
 */
static int resume_entry(struct page_info *pg, const struct page_type_rule *r, pte_t e, struct domain *d, bool preemptible,
			bool *held)
{
	struct page_info *named = mfn_to_page(pte_mfn(e));
	int rc;

	*held = true;
	if ((READ_ONCE(named->type) & PGT_type_mask) == r->child)
		return type_resume(named, preemptible);
	rc = named_put(named, preemptible);
	return rc ? rc : entry_get(pg, r, e, d, preemptible, held);
}

/* The root is complete: it gets the hypervisor's own slots. */
static void finish_root(struct domain *d, pte_t *t)
{
	fill_guest_l4(d, t);
	/* Whoever sees the machine-to-physical table is told in update_cr3(). */
	if (!VM_ASSIST(d, m2p_strict))
		t[HV_FIRST_SLOT].e = 0;
}

int tables_check(struct page_info *pg, bool preemptible)
{
	const struct page_type_rule *r = &page_types[PGT_INDEX(pg->type)];
	struct domain *d = page_owner(pg);
	pte_t *t = map_domain_page(page_to_mfn(pg));
	unsigned int first = pg->nr_validated & ~PGT_NR_CHILD, i;
	bool held = pg->nr_validated & PGT_NR_CHILD;
	int rc = 0;

	perfc_incr(PERFC_table_check);
	for (i = next_present(t, first); i < PT_ENTRIES; i = next_present(t, i + 1)) {
		pte_t e = { READ_ONCE(t[i].e) };

		if (!is_guest_slot(r->level, i))
			continue;
		if (preemptible && i != first && hypercall_preempt_check())
			rc = -ERESTART;
		else if (held)
			rc = resume_entry(pg, r, e, d, preemptible, &held);
		else
			rc = entry_get(pg, r, e, d, preemptible, &held);
		if (rc)
			break;
		held = false;
		if ((e.e & r->forced) != r->forced)
			WRITE_ONCE(t[i].e, e.e | r->forced);
	}
	if (rc)
		pg->nr_validated = i | (held ? PGT_NR_CHILD : 0);
	else if (r->level == 4)
		finish_root(d, t);
	unmap_domain_page(t);
	return rc == -EINTR ? -ERESTART : rc;
}

int tables_uncheck(struct page_info *pg, bool preemptible)
{
	const struct page_type_rule *r = &page_types[PGT_INDEX(pg->type)];
	pte_t *t = map_domain_page(page_to_mfn(pg));
	bool partial = pg->type & PGT_partial, held = partial && (pg->nr_validated & PGT_NR_CHILD);
	unsigned int first = partial ? pg->nr_validated & ~PGT_NR_CHILD : PT_ENTRIES, i = first;
	int rc = 0;

	if (held)
		rc = named_put(mfn_to_page(pte_mfn(t[i])), preemptible);
	while (!rc && (i = prev_present(t, i))) {
		struct page_info *named;

		held = false;
		if (preemptible && i != first && hypercall_preempt_check()) {
			rc = -ERESTART;
			break;
		}
		if (!is_guest_slot(r->level, --i))
			continue;
		named = table_entry_forget(pg, r->level, t[i]);
		rc = named ? named_put(named, preemptible) : 0;
		held = rc;
	}
	if (rc)
		pg->nr_validated = i | (held ? PGT_NR_CHILD : 0);
	unmap_domain_page(t);
	return rc;
}
