/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mapping and unmapping granted frames. */
#include <tenon/arch.h>
#include <tenon/mm.h>
#include "grant.h"

#define HOW	(GNTMAP_host_map | GNTMAP_device_map)

static int16_t map_frame(struct vcpu *curr, struct domain *d, const struct gnttab_map_grant_ref *op,
			 const struct grant_use *use)
{
	bool readonly = op->flags & GNTMAP_readonly;

	/* One reference each for host and device. */
	if ((op->flags & HOW) == HOW && grant_get_frame(d, use->mfn, readonly) != GNTST_okay)
		return GNTST_general_error;
	if (!(op->flags & GNTMAP_host_map) || !arch_grant_map(curr, op->host_addr, use->mfn, op->flags, use->cache))
		return GNTST_okay;
	if (op->flags & GNTMAP_device_map)
		grant_put_frame(use->mfn, readonly);
	return GNTST_general_error;
}

static int16_t map_one(struct vcpu *curr, struct domain *d, struct gnttab_map_grant_ref *op)
{
	struct grant_table *mine = curr->domain->grant_table;
	uint32_t handle = maptrack_get(mine), pin = grant_pin_of(op->flags);
	struct grant_use use;
	struct maptrack *mt;
	int16_t status;

	if (handle == INVALID_HANDLE)
		return GNTST_no_space;
	status = grant_pin(d, op->ref, curr->domain->domain_id, pin, true, &use);
	if (status == GNTST_okay) {
		status = map_frame(curr, d, op, &use);
		if (status != GNTST_okay) {
			grant_unpin(d, op->ref, pin);
			grant_put_frame(use.mfn, pin_is_readonly(pin));
		}
	}
	if (status != GNTST_okay) {
		maptrack_put(mine, handle);
		return status;
	}
	mt = maptrack_entry(mine, handle);
	mt->domid = op->dom;
	mt->ref = op->ref;
	__atomic_store_n(&mt->flags, (uint16_t)op->flags, __ATOMIC_RELEASE);
	op->handle = handle;
	op->dev_bus_addr = mfn_to_maddr(use.mfn).a;
	return GNTST_okay;
}

void grant_map_batch(struct vcpu *curr, void *ops, unsigned int n)
{
	struct gnttab_map_grant_ref *op = ops;
	struct domain *d = NULL;

	for (; n; n--, op++) {
		if (!(op->flags & HOW))
			op->status = GNTST_bad_gntref;
		else if (!grant_peer(&d, op->dom))
			op->status = GNTST_bad_domain;
		else
			op->status = map_one(curr, d, op);
	}
	if (d)
		domain_put(d);
}

/* ---- unmapping: first the mappings go, then processors forget them, and only then the frames are let go ---- */

struct unmapped {
	uint32_t ref, pin, handle;
	mfn_t mfn;
	bool last;			/* nothing is left of the handle */
};

struct unmap {
	struct vcpu *curr;
	struct domain *d;		/* whose frames they are; of all in done */
	unsigned long va;		/* where alone the last one was, as far as that is known; or 0 */
	unsigned int nr, nr_host;
	struct unmapped done[GRANT_BATCH];
};

static void complete(struct unmap *u)
{
	if (u->nr_host)
		arch_flush_domain_tlb(u->curr->domain, u->nr_host == 1 ? u->va : 0);
	for (unsigned int i = 0; i < u->nr; i++) {
		const struct unmapped *done = &u->done[i];
		bool readonly = pin_is_readonly(done->pin);

		grant_unpin(u->d, done->ref, done->pin);
		if (done->pin & (0xff * (PIN_HOST_READ | PIN_HOST_WRITE)))
			grant_put_frame(done->mfn, readonly);
		if (done->pin & (0xff * (PIN_DEV_READ | PIN_DEV_WRITE)))
			grant_put_frame(done->mfn, readonly);
		if (done->last)
			maptrack_put(u->curr->domain->grant_table, done->handle);
	}
	u->nr = u->nr_host = 0;
}

/* What is asked for of a mapping (which: GNTMAP_host_map, GNTMAP_device_map) goes away. The entry's lock is held. */
static int16_t unmap_locked(struct unmap *u, struct maptrack *mt, const struct grant_active *a,
			    const struct gnttab_unmap_grant_ref *op, uint64_t new_addr, unsigned int which)
{
	uint32_t pin = grant_pin_of(which | (mt->flags & GNTMAP_readonly));
	struct unmapped *done = &u->done[u->nr];

	if (!grant_is_pinned(a, u->curr->domain->domain_id, pin))
		return GNTST_bad_handle;
	if (which & GNTMAP_host_map) {
		if (arch_grant_unmap(u->curr, op->host_addr, _mfn(a->mfn), new_addr, mt->flags))
			return GNTST_general_error;
		/* But dom0 nobody is believed that its table is at no other address; and new_addr is one, too. */
		u->va = u->curr->domain->is_privileged && !new_addr && !(mt->flags & GNTMAP_contains_pte) ? op->host_addr : 0;
		u->nr_host++;
	}
	*done = (struct unmapped){ .ref = mt->ref, .pin = pin, .handle = op->handle, .mfn = _mfn(a->mfn) };
	done->last = !(mt->flags & HOW & ~which);
	WRITE_ONCE(mt->flags, done->last ? 0 : (uint16_t)(mt->flags & ~which));
	u->nr++;
	return GNTST_okay;
}

static int16_t unmap_one(struct unmap *u, const struct gnttab_unmap_grant_ref *op, uint64_t new_addr)
{
	struct maptrack *mt = maptrack_entry(u->curr->domain->grant_table, op->handle);
	struct grant_active *a;
	unsigned int which;
	uint32_t ref;
	domid_t id;
	int16_t status = GNTST_okay;

	if (!mt || !__atomic_load_n(&mt->flags, __ATOMIC_ACQUIRE))
		return GNTST_bad_handle;
	id = READ_ONCE(mt->domid);
	ref = READ_ONCE(mt->ref);
	if (u->d && u->d->domain_id != id)
		complete(u);
	if (!grant_peer(&u->d, id))
		return GNTST_bad_domain;
	if (ref >= grant_entries(u->d->grant_table))
		return GNTST_bad_handle;
	a = grant_active(u->d->grant_table, ref);
	spin_lock(&a->lock);
	which = mt->flags & ((op->host_addr ? GNTMAP_host_map : 0) | (op->dev_bus_addr ? GNTMAP_device_map : 0));
	if (!mt->flags || mt->domid != id || mt->ref != ref)	/* another vCPU was quicker */
		status = GNTST_bad_handle;
	else if ((which & GNTMAP_device_map) && op->dev_bus_addr != mfn_to_maddr(_mfn(a->mfn)).a)
		status = GNTST_bad_dev_addr;
	else if (which)
		status = unmap_locked(u, mt, a, op, new_addr, which);
	spin_unlock(&a->lock);
	return status;
}

void grant_unmap_batch(struct vcpu *curr, void *ops, unsigned int n)
{
	struct gnttab_unmap_grant_ref *op = ops;
	struct unmap u;

	u.curr = curr;
	u.d = NULL;
	u.nr = u.nr_host = 0;
	for (; n; n--, op++)
		op->status = unmap_one(&u, op, 0);
	complete(&u);
	if (u.d)
		domain_put(u.d);
}

void grant_replace_batch(struct vcpu *curr, void *ops, unsigned int n)
{
	struct gnttab_unmap_and_replace *op = ops;
	struct unmap u;

	u.curr = curr;
	u.d = NULL;
	u.nr = u.nr_host = 0;
	for (; n; n--, op++) {
		const struct gnttab_unmap_grant_ref one = { .host_addr = op->host_addr, .handle = op->handle };

		op->status = unmap_one(&u, &one, op->new_addr);
	}
	complete(&u);
	if (u.d)
		domain_put(u.d);
}
