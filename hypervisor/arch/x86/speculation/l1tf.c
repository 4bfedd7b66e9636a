/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries that are not present, of guests' page tables: l1tf.h. */
#include <tenon/init.h>
#include "../mm/page_type.h"
#include "l1tf.h"

uint64_t l1tf_memory __ro_after_init;

bool l1tf_refuses_table(struct page_info *pg, unsigned int level)
{
	const struct domain *d = page_owner(pg);
	const pte_t *t;
	bool refused = false;

	if (likely(!l1tf_memory) || d->is_privileged)
		return false;
	t = map_domain_page(page_to_mfn(pg));
	for (unsigned int i = 0; i < PT_ENTRIES && !refused; i++)
		refused = is_guest_slot(level, i) && l1tf_refuses(d, (pte_t){ READ_ONCE(t[i].e) });
	unmap_domain_page((void *)t);
	return refused;
}
