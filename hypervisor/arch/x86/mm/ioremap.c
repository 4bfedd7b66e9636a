/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device memory in the hypervisor's address space: areas of the VMAP range, first fit, an unmapped
 * page behind each.
 */
#include <asm/flush.h>
#include <asm/mm.h>
#include <tenon/rangeset.h>

struct area {
	struct area *next;		/* by address */
	unsigned long va, pages;	/* the page behind it is not counted */
};

static struct area *areas;
static spinlock_t lock = SPINLOCK_INIT;

/* Large areas get addresses that suit the largest pages. */
static unsigned long place(unsigned long at, unsigned long pages, unsigned long mfn)
{
	unsigned long mask = (1UL << (PT_SHIFT(2) - PAGE_SHIFT)) - 1;

	if (pages <= mask)
		return at;
	return at + (((mfn - PFN_DOWN(at)) & mask) << PAGE_SHIFT);
}

static bool insert(struct area *new, unsigned long mfn)
{
	unsigned long at = VMAP_VIRT_START;
	struct area **link;

	spin_lock(&lock);
	for (link = &areas; *link; link = &(*link)->next) {
		new->va = place(at, new->pages, mfn);
		if (new->va + (new->pages + 1) * PAGE_SIZE <= (*link)->va)
			break;
		at = (*link)->va + ((*link)->pages + 1) * PAGE_SIZE;
	}
	new->va = place(at, new->pages, mfn);
	if (new->va + (new->pages + 1) * PAGE_SIZE > VMAP_VIRT_END) {
		spin_unlock(&lock);
		return false;
	}
	new->next = *link;
	*link = new;
	spin_unlock(&lock);
	return true;
}

/* Its addresses are used again only after no processor has them in its TLB. */
static void unmap_and_free(struct area *a)
{
	struct area **link;

	unmap_pages_from_hv(a->va, a->pages);
	flush_mask(&cpu_online_map, NULL, FLUSH_TLB_GLOBAL);
	spin_lock(&lock);
	for (link = &areas; *link != a; link = &(*link)->next)
		;
	*link = a->next;
	spin_unlock(&lock);
	xfree(a);
}

void *ioremap(uint64_t maddr, size_t bytes, uint64_t flags)
{
	unsigned long pages = PFN_UP(PAGE_OFFSET(maddr) + bytes);
	struct area *a = xzalloc(struct area);

	if (!a)
		return NULL;
	a->pages = pages;
	if (!insert(a, PFN_DOWN(maddr))) {
		xfree(a);
		return NULL;
	}
	if (map_pages_to_hv(a->va, _mfn(PFN_DOWN(maddr)), pages, flags)) {
		unmap_and_free(a);
		return NULL;
	}
	return (void *)(a->va + PAGE_OFFSET(maddr));
}

void iounmap(void *va)
{
	struct area *a;

	spin_lock(&lock);
	for (a = areas; a && a->va != ((unsigned long)va & PAGE_MASK); a = a->next)
		;
	spin_unlock(&lock);
	BUG_ON(!a);
	unmap_and_free(a);
}

bool iomem_access_permitted(const struct domain *d, mfn_t first, mfn_t last)
{
	return d->iomem_caps && rangeset_contains(d->iomem_caps, first.m, last.m);
}
