/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables: creation, growth, end. */
#include <tenon/arch.h>
#include <tenon/mm.h>
#include "grant.h"

#define INITIAL_FRAMES	1

static bool add_frame(struct domain *d)
{
	struct grant_table *gt = d->grant_table;
	unsigned int n = gt->nr_frames;

	gt->active[n] = xzalloc_array(struct grant_active, ENTRIES_PER_FRAME);
	if (!gt->active[n])
		return false;
	gt->shared[n] = alloc_hv_page();
	if (!gt->shared[n]) {
		xfree(gt->active[n]);
		gt->active[n] = NULL;
		return false;
	}
	share_hv_page_with_guest(gt->shared[n], d, true);
	__atomic_store_n(&gt->nr_frames, n + 1, __ATOMIC_RELEASE);
	return true;
}

int grant_table_grow(struct domain *d, unsigned int frames)
{
	struct grant_table *gt = d->grant_table;
	int rc = 0;

	spin_lock(&gt->lock);
	if (frames > gt->max_frames || (frames > gt->nr_frames && d->dying))
		rc = -EINVAL;
	while (!rc && gt->nr_frames < frames)
		if (!add_frame(d))
			rc = -ENOMEM;
	spin_unlock(&gt->lock);
	return rc;
}

int grant_table_create(struct domain *d, unsigned int max_frames, unsigned int max_maptrack)
{
	struct grant_table *gt = xzalloc(struct grant_table);

	if (!gt)
		return -ENOMEM;
	d->grant_table = gt;
	spin_lock_init(&gt->lock);
	spin_lock_init(&gt->maptrack_lock);
	gt->max_frames = max_frames;
	gt->max_maptrack = max_maptrack;
	gt->free_handle = INVALID_HANDLE;
	gt->shared = xzalloc_array(struct grant_entry_v1 *, max_frames);
	gt->active = xzalloc_array(struct grant_active *, max_frames);
	if (!gt->shared || !gt->active)
		return -ENOMEM;
	return grant_table_grow(d, min(max_frames, (unsigned int)INITIAL_FRAMES));
}

void grant_table_free(struct domain *d)
{
	struct grant_table *gt = d->grant_table;

	if (!gt)
		return;
	for (unsigned int i = 0; i < gt->nr_frames; i++) {
		unshare_hv_page(gt->shared[i]);
		xfree(gt->active[i]);
	}
	for (unsigned int i = 0; i < gt->nr_maptrack; i++)
		free_hv_page(gt->maptrack[i]);
	xfree(gt->shared);
	xfree(gt->active);
	xfree(gt->maptrack);
	xfree(gt);
	d->grant_table = NULL;
}

unsigned int grant_table_max_frames(const struct domain *d)
{
	return d->grant_table->max_frames;
}

int grant_table_frame(struct domain *d, unsigned long idx, mfn_t *mfn)
{
	struct grant_table *gt = d->grant_table;

	if (idx >= gt->max_frames || grant_table_grow(d, (unsigned int)idx + 1))
		return -EINVAL;
	*mfn = virt_to_mfn(gt->shared[idx]);
	return 0;
}

void grant_table_dump(unsigned char key)
{
	struct domain *d;

	for_each_domain(d) {
		const struct grant_table *gt = d->grant_table;

		printk(" Domain %u: %u of %u frames, handles for %u of %u frames\n", d->domain_id, gt->nr_frames,
		       gt->max_frames, gt->nr_maptrack, gt->max_maptrack);
		for (grant_ref_t ref = 0; ref < grant_entries(gt); ref++) {
			const struct grant_active *a = grant_active(gt, ref);
			const struct grant_entry_v1 *e = grant_entry(gt, ref);

			if (a->pin)
				printk("  %u: flags %x d%u frame %x; pinned %08x by d%u, frame %x\n", ref, e->flags,
				       e->domid, e->frame, a->pin, a->domid, a->mfn);
		}
	}
}
