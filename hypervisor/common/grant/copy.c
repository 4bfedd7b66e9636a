/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies between granted frames, and frames of one's own. Neighbours in a batch often share an end, which is kept. */
#include <tenon/arch.h>
#include <tenon/mm.h>
#include "grant.h"

struct copy_end {
	struct domain *d;		/* NULL: none; else with a reference */
	domid_t domid;			/* as given */
	bool ready;			/* the rest is valid */
	bool is_grant, writable;
	uint64_t id;			/* grant reference or frame number */
	mfn_t mfn;
	char *va;
};

static void drop_frame(struct copy_end *e)
{
	if (!e->ready)
		return;
	e->ready = false;
	unmap_domain_page(e->va);
	if (e->is_grant)
		grant_unpin(e->d, (grant_ref_t)e->id, e->writable ? PIN_HOST_WRITE : PIN_HOST_READ);
	grant_put_frame(e->mfn, !e->writable);
}

static void drop_end(struct copy_end *e)
{
	drop_frame(e);
	if (e->d)
		domain_put(e->d);
	e->d = NULL;
}

static int16_t take_frame(struct vcpu *curr, struct copy_end *e)
{
	struct grant_use use;
	int16_t status;

	if (e->is_grant) {
		status = grant_pin(e->d, (grant_ref_t)e->id, curr->domain->domain_id,
				   e->writable ? PIN_HOST_WRITE : PIN_HOST_READ, false, &use);
		e->mfn = use.mfn;
	} else {
		e->mfn = arch_gfn_to_mfn(e->d, _gfn(e->id));
		status = grant_get_frame(e->d, e->mfn, !e->writable);
	}
	if (status != GNTST_okay)
		return status;
	e->va = map_domain_page(e->mfn);
	e->ready = true;
	return GNTST_okay;
}

static int16_t prepare(struct vcpu *curr, struct copy_end *e, const struct gnttab_copy_ptr *p, bool is_grant)
{
	uint64_t id = is_grant ? p->u.ref : p->u.gmfn;

	if (e->ready && e->domid == p->domid && e->is_grant == is_grant && e->id == id)
		return GNTST_okay;
	drop_frame(e);
	if (e->d && e->domid != p->domid)
		drop_end(e);
	if (!e->d) {
		e->d = domain_get_any(curr, p->domid);
		if (!e->d)
			return GNTST_bad_domain;
		e->domid = p->domid;
	}
	/* By number only what is one's own. */
	if (!is_grant && p->domid != DOMID_SELF)
		return GNTST_permission_denied;
	e->is_grant = is_grant;
	e->id = id;
	return take_frame(curr, e);
}

static int16_t copy_one(struct vcpu *curr, const struct gnttab_copy *op, struct copy_end *src, struct copy_end *dst)
{
	int16_t status = prepare(curr, src, &op->source, op->flags & GNTCOPY_source_gref);

	if (status == GNTST_okay)
		status = prepare(curr, dst, &op->dest, op->flags & GNTCOPY_dest_gref);
	if (status != GNTST_okay)
		return status;
	if (op->source.offset + op->len > PAGE_SIZE || op->dest.offset + op->len > PAGE_SIZE)
		return GNTST_bad_copy_arg;
	memcpy(dst->va + op->dest.offset, src->va + op->source.offset, op->len);
	return GNTST_okay;
}

void grant_copy_batch(struct vcpu *curr, void *ops, unsigned int n)
{
	struct copy_end src = { .d = NULL }, dst = { .writable = true };
	struct gnttab_copy *op = ops;

	for (; n; n--, op++)
		op->status = copy_one(curr, op, &src, &dst);
	drop_end(&src);
	drop_end(&dst);
}
