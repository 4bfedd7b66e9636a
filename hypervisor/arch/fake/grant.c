/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "Page tables": slots of a domain, each holding the references an entry would hold. */
#include <asm/fake.h>
#include <tenon/arch.h>
#include <xen/grant_table.h>

static void drop(struct fake_map *m)
{
	if (!m->present)
		return;
	m->present = false;
	if (m->writable)
		put_page_and_type(mfn_to_page(_mfn(m->mfn)));
	else
		put_page(mfn_to_page(_mfn(m->mfn)));
}

int fake_map_set(struct domain *d, unsigned int slot, mfn_t mfn, bool writable)
{
	struct fake_map *m = &d->arch.map[slot];
	struct page_info *pg;

	if (mfn.m == INVALID_MFN_RAW) {
		drop(m);
		return 0;
	}
	pg = mfn_to_page(mfn);
	if (!mfn_valid(mfn) || !get_page(pg, d))
		return -EINVAL;
	if (writable && get_page_type(pg, PGT_writable, false)) {
		put_page(pg);
		return -EINVAL;
	}
	drop(m);
	*m = (struct fake_map){ mfn.m, true, writable };
	return 0;
}

/* By address, or by the number of the entry times eight. */
static struct fake_map *find(struct domain *d, uint64_t addr, unsigned int flags)
{
	uint64_t slot = flags & GNTMAP_contains_pte ? addr / 8 : (addr - FAKE_MAP_VA(0)) >> PAGE_SHIFT;

	return slot < FAKE_MAPS ? &d->arch.map[slot] : NULL;
}

int arch_grant_map(struct vcpu *curr, uint64_t addr, mfn_t mfn, unsigned int flags, unsigned int cache)
{
	struct fake_map *m = find(curr->domain, addr, flags);

	if (!m)
		return -EINVAL;
	drop(m);
	*m = (struct fake_map){ mfn.m, true, !(flags & GNTMAP_readonly) };
	return 0;
}

int arch_grant_unmap(struct vcpu *curr, uint64_t addr, mfn_t mfn, uint64_t new_addr, unsigned int flags)
{
	struct fake_map *m = find(curr->domain, addr, flags), *n = NULL;

	if (!m || !m->present || m->mfn != mfn.m || m->writable == !!(flags & GNTMAP_readonly))
		return -EINVAL;
	if (new_addr) {
		n = flags & GNTMAP_contains_pte ? NULL : find(curr->domain, new_addr, 0);
		if (!n)
			return -EINVAL;
	}
	if (n) {
		*m = *n;
		n->present = false;
	} else {
		m->present = false;
	}
	return 0;
}

mfn_t fake_frame(struct domain *d, unsigned long n)
{
	struct page_info *pg = page_list_first(&d->pages);

	while (pg && n--)
		pg = page_list_next(pg);
	return pg ? page_to_mfn(pg) : _mfn(INVALID_MFN_RAW);
}
