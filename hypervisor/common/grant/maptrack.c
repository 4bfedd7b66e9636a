/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handles of mappings, and the end of all mappings of a domain that dies. */
#include <tenon/hypercall.h>
#include <tenon/mm.h>
#include "grant.h"

#define HANDLES_PER_CHECK	256

struct maptrack *maptrack_entry(const struct grant_table *gt, uint32_t handle)
{
	uint32_t frame = handle / HANDLES_PER_FRAME, frames = __atomic_load_n(&gt->nr_maptrack, __ATOMIC_ACQUIRE);

	if (frame >= frames)
		return NULL;
	return &gt->maptrack[index_nospec(frame, frames)][handle % HANDLES_PER_FRAME];
}

/* maptrack_lock held; the free list is empty. */
static void add_handles(struct grant_table *gt)
{
	uint32_t first = gt->nr_maptrack * HANDLES_PER_FRAME;
	struct maptrack *frame;

	if (!gt->maptrack)
		gt->maptrack = xzalloc_array(struct maptrack *, gt->max_maptrack);
	if (!gt->maptrack || gt->nr_maptrack == gt->max_maptrack)
		return;
	frame = alloc_hv_page();
	if (!frame)
		return;
	for (unsigned int i = 0; i < HANDLES_PER_FRAME; i++)
		frame[i].ref = first + i + 1;
	frame[HANDLES_PER_FRAME - 1].ref = INVALID_HANDLE;
	gt->maptrack[gt->nr_maptrack] = frame;
	__atomic_store_n(&gt->nr_maptrack, gt->nr_maptrack + 1, __ATOMIC_RELEASE);
	gt->free_handle = first;
}

uint32_t maptrack_get(struct grant_table *gt)
{
	uint32_t handle;

	spin_lock(&gt->maptrack_lock);
	if (unlikely(gt->free_handle == INVALID_HANDLE))
		add_handles(gt);
	handle = gt->free_handle;
	if (likely(handle != INVALID_HANDLE))
		gt->free_handle = maptrack_entry(gt, handle)->ref;
	spin_unlock(&gt->maptrack_lock);
	return handle;
}

void maptrack_put(struct grant_table *gt, uint32_t handle)
{
	spin_lock(&gt->maptrack_lock);
	maptrack_entry(gt, handle)->ref = gt->free_handle;
	gt->free_handle = handle;
	spin_unlock(&gt->maptrack_lock);
}

/* Host mappings hold their references in page tables, which go later; a device's have no other place than here. */
static void release(struct maptrack *mt, domid_t who, struct domain *d)
{
	uint32_t pin = grant_pin_of(mt->flags);
	struct grant_active *a;
	bool pinned;
	mfn_t mfn;

	if (mt->ref >= grant_entries(d->grant_table))
		return;
	a = grant_active(d->grant_table, mt->ref);
	spin_lock(&a->lock);
	pinned = grant_is_pinned(a, who, pin);
	mfn = _mfn(a->mfn);
	spin_unlock(&a->lock);
	if (!pinned)
		return;
	grant_unpin(d, mt->ref, pin);
	if (mt->flags & GNTMAP_device_map)
		grant_put_frame(mfn, pin_is_readonly(pin));
}

int grant_table_release_mappings(struct domain *d)
{
	struct grant_table *gt = d->grant_table;
	struct domain *peer = NULL;
	struct maptrack *mt;
	int rc = 0;

	/* A table that grows at the moment has all of its frames when they are taken away. */
	spin_lock(&gt->lock);
	spin_unlock(&gt->lock);
	for (; !rc && (mt = maptrack_entry(gt, gt->next_release)); gt->next_release++) {
		/* None when the guest has overwritten the mapping itself, and the other domain is gone since. */
		if (mt->flags && grant_peer(&peer, mt->domid))
			release(mt, d->domain_id, peer);
		mt->flags = 0;
		if (gt->next_release % HANDLES_PER_CHECK == HANDLES_PER_CHECK - 1 && hypercall_preempt_check())
			rc = -ERESTART;
	}
	if (peer)
		domain_put(peer);
	return rc;
}
