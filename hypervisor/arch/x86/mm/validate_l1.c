/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Level 1 tables: what an entry may map, and what it holds while it does. */
#include <asm/current.h>
#include <asm/pci.h>
#include <tenon/percpu.h>
#include <tenon/perfc.h>
#include "page_type.h"

bool caching_permitted(const struct domain *d)
{
	return !rangeset_is_empty(d->iomem_caps) || !rangeset_is_empty(d->arch.ioport_caps);
}

/* Device memory: no references, but permissions; where none may write, the entry becomes read-only. */
static int device_get(pte_t *e, const struct domain *pt_dom, const struct domain *pg_dom)
{
	mfn_t mfn = pte_mfn(*e);

	if (pg_dom == dom_io)
		pg_dom = current->domain;
	if (!iomem_access_permitted(pg_dom, mfn, mfn) ||
	    (pt_dom != pg_dom && !iomem_access_permitted(pt_dom, mfn, mfn)))
		return mfn.m == PTE_MFN_MASK >> PAGE_SHIFT ? -EINVAL : -EPERM;
	if ((e->e & _PAGE_RW) && rangeset_contains(mmio_ro_ranges, mfn.m, mfn.m))
		e->e &= ~_PAGE_RW;
	return 0;
}

void type_mark(struct page_info *pg, bool foreign, bool uncached)
{
	uint64_t marks = (foreign ? PGT_foreign : 0) | (uncached ? PGT_uncached : 0);

	if ((READ_ONCE(pg->type) & marks) != marks)
		__atomic_fetch_or(&pg->type, marks, __ATOMIC_SEQ_CST);
}

static int writable_get(struct page_info *pg, bool foreign, bool uncached)
{
	int rc = writable_get_fast(pg) ? 0 : get_page_type(pg, PGT_writable, false);

	if (!rc)
		type_mark(pg, foreign, uncached);
	return rc;
}

int l1e_get_slow(pte_t *e, const struct domain *pt_dom, const struct domain *pg_dom)
{
	struct page_info *pg = mfn_to_page(pte_mfn(*e));
	uint64_t cache = e->e & L1_CACHE_BITS;
	int rc = 0;

	if (cache && !caching_permitted(pt_dom))
		return -EINVAL;
	if (!mfn_valid(pte_mfn(*e)))
		return device_get(e, pt_dom, pg_dom);
	if (!page_ref_take(pg))
		return -EBUSY;
	if (pg->owner != pg_dom->domain_id + 1U)
		rc = -EBUSY;
	else if (cache && (pg->refs & PGC_hypervisor))
		rc = -EACCES;
	else if ((e->e & _PAGE_RW) && writable_get(pg, pt_dom != pg_dom, cache))
		rc = -EBUSY;
	if (rc)
		put_page(pg);
	return rc;
}

/*
 * A read-only mapping of a descriptor page goes: the page may be an LDT's that is only still
 * mapped for us because nobody told us of its end. All LDT mappings of the domain go, and come again when used.
 */
void l1e_put_descriptors(struct page_info *pg, const struct domain *pt_dom)
{
	struct cpumask mask;
	struct vcpu *v;

	if (!(READ_ONCE(pg->type) & PGT_count_mask) || pg->owner != pt_dom->domain_id + 1U)
		return;
	cpumask_zero(&mask);
	for_each_vcpu(pt_dom, v)
		if (pv_destroy_ldt(v) && v->loaded_cpu != VCPU_NOT_LOADED)
			__set_bit(v->loaded_cpu, mask.bits);
	if (!cpumask_empty(&mask))
		flush_mask(&mask, NULL, FLUSH_TLB_GLOBAL);
}

/* The table is no longer writable for anyone, and not in use yet. */
int l1_check(struct page_info *pg, bool preemptible)
{
	const struct domain *d = page_owner(pg);
	pte_t *t = map_domain_page(page_to_mfn(pg));
	unsigned int i;
	int rc = 0;

	perfc_incr(PERFC_table_check);
	for (i = next_present(t, 0); i < PT_ENTRIES; i = next_present(t, i + 1)) {
		pte_t old = { READ_ONCE(t[i].e) }, e = old;

		rc = l1e_get(&e, d, d);
		if (rc)
			break;
		e = l1e_adjust(e);
		if (e.e != old.e)
			WRITE_ONCE(t[i].e, e.e);
	}
	if (rc)
		while (i--)
			l1e_put(t[i], d);
	unmap_domain_page(t);
	return rc;
}

int l1_uncheck(struct page_info *pg, bool preemptible)
{
	const struct domain *d = page_owner(pg);
	pte_t *t = map_domain_page(page_to_mfn(pg));

	for (unsigned int i = next_present(t, 0); i < PT_ENTRIES; i = next_present(t, i + 1))
		l1e_put_present(t[i], d);
	unmap_domain_page(t);
	return 0;
}
