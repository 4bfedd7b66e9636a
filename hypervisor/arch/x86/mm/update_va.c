/* SPDX-License-Identifier: GPL-2.0-or-later */
/* update_va_mapping: one level 1 entry by the address that it maps, with a flush. */
#include <asm/system.h>
#include <tenon/hypercall.h>
#include <tenon/perfc.h>
#include "page_type.h"

static int change(struct vcpu *curr, unsigned long va, pte_t new, struct domain *pg_dom)
{
	struct domain *d = curr->domain;
	struct page_info *pg;
	mfn_t table;
	pte_t *pl;
	int rc;

	if (unlikely(!guest_va_ok(va)))
		return -EINVAL;
	local_irq_disable();
	pl = walk_l1(curr->arch.guest_table, va, &table);
	local_irq_enable();
	if (unlikely(!pl))
		return -EINVAL;
	/* It may have gone out of use by now; if not, the lock keeps it. */
	pg = mfn_to_page(table);
	if (unlikely(!table_lock(pg, PGT_l1_table, d)))
		return -EINVAL;
	rc = l1e_change(pl, (pte_t){ READ_ONCE(pl->e) }, new, ENTRY_SET, d, pg_dom);
	table_unlock(pg);
	return rc;
}

/* Only this address, or all of them; on this CPU, on those of all vCPUs, or of those in a bitmap. */
static int flush(struct vcpu *curr, unsigned long va, unsigned long flags)
{
	unsigned long where = flags & ~UVMF_FLUSHTYPE_MASK;
	unsigned int what;
	struct cpumask mask;
	int rc = 0;

	switch (flags & UVMF_FLUSHTYPE_MASK) {
	case UVMF_TLB_FLUSH:
		what = FLUSH_TLB_GLOBAL;
		break;
	case UVMF_INVLPG:
		what = FLUSH_VA;
		break;
	default:
		return 0;
	}
	if (where == UVMF_LOCAL) {
		flush_local((void *)va, what);
		return 0;
	}
	if (where == UVMF_ALL)
		domain_cpus(curr->domain, &mask);
	else
		rc = vcpumask_to_cpus(curr->domain, where, &mask);
	if (!rc)
		flush_mask(&mask, (void *)va, what);
	return rc;
}

long do_update_va_mapping(struct vcpu *curr, unsigned long va, unsigned long val, unsigned long flags,
			  unsigned long a4, unsigned long a5)
{
	int rc = change(curr, va, (pte_t){ val }, curr->domain);

	perfc_incr(PERFC_update_va);
	return rc || !flags ? rc : flush(curr, va, flags);
}

long do_update_va_mapping_otherdomain(struct vcpu *curr, unsigned long va, unsigned long val, unsigned long flags,
				      unsigned long id, unsigned long a5)
{
	struct domain *d = get_pg_owner(curr, (domid_t)id);
	int rc = -EPERM;

	if (!d)
		return -ESRCH;
	if (pg_owner_permitted(curr, d))
		rc = change(curr, va, (pte_t){ val }, d);
	put_pg_owner(curr, d);
	return rc ? rc : flush(curr, va, flags);
}
