/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changing single entries of page tables above level 1 that are in use. */
#include "page_type.h"
#include "../speculation/isolation.h"
#include "../speculation/l1tf.h"

/* A user for the table that the new entry names, if it is one level below. This may take long, and is done without a lock. */
static int get_child(struct vcpu *curr, unsigned int level, pte_t new, struct domain *d)
{
	struct page_info *child = mfn_to_page(pte_mfn(new));
	bool held;
	int rc = table_child_get(level, new, d, true, &held);

	if (!rc) {
		settle_partial(curr, child);
	} else if (rc == -ERESTART) {
		keep_partial(curr, child);
	} else if (held) {
		type_drop_failed(child, true);
		put_page(child);
	}
	return rc == -EINTR ? -ERESTART : rc;
}

/* At last, with the lock. got: what get_child() said. *drop: a table to be given up afterwards. */
static int install_locked(struct page_info *pg, unsigned int level, pte_t *pl, pte_t new, enum entry_how how,
			  struct domain *d, int got, struct page_info **drop)
{
	pte_t old = { READ_ONCE(pl->e) };

	if (got && table_linear_get(pg, level, new, d, drop))
		return got;
	if (pte_present(new))
		new.e |= page_types[level].forced;
	entry_install(pl, &old, new, how);
	*drop = table_entry_forget(pg, level, old);
	return 0;
}

int table_change(struct vcpu *curr, struct page_info *pg, unsigned int level, pte_t *pl, pte_t new,
		 enum entry_how how, struct domain *pt_dom)
{
	struct page_info *drop = NULL;
	int got = 0, rc = -EINVAL;

	if (!is_guest_slot(level, PAGE_OFFSET(pl) / sizeof(*pl)) || l1tf_refuses(pt_dom, new))
		return -EINVAL;
	if (pte_present(new))
		got = get_child(curr, level, new, pt_dom);
	if (got && got != -EINVAL)
		return got;
	if (table_lock(pg, PGT_TABLE(level), pt_dom)) {
		rc = install_locked(pg, level, pl, new, how, pt_dom, got, &drop);
		table_unlock(pg);
	} else if (pte_present(new) && !got) {
		drop = mfn_to_page(pte_mfn(new));
	}
	if (level == 4 && isolation_on)
		isolation_root_changed(pt_dom, page_to_mfn(pg));
	if (drop)
		put_table(curr, drop);
	return rc;
}
