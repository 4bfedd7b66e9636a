/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Size, version and frames of a table; the cache operation. Entries are of version 1. */
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include <tenon/mm.h>
#include "grant.h"

/* The table's domain with a reference, if curr may look after it; else NULL and why. */
static struct domain *find_domain(struct vcpu *curr, domid_t id, int16_t *status)
{
	struct domain *d = domain_get_any(curr, id);

	*status = GNTST_bad_domain;
	if (d && d != curr->domain && !curr->domain->is_privileged) {
		domain_put(d);
		*status = GNTST_permission_denied;
		return NULL;
	}
	return d;
}

/* Tells the frames; GNTST_* in *status. */
static long setup(struct domain *d, const struct gnttab_setup_table *op, int16_t *status)
{
	struct grant_table *gt = d->grant_table;

	*status = GNTST_general_error;
	if (op->nr_frames > gt->max_frames || grant_table_grow(d, op->nr_frames))
		return 0;
	*status = GNTST_okay;
	for (unsigned int i = 0; i < op->nr_frames; i++) {
		xen_pfn_t frame = virt_to_mfn(gt->shared[i]).m;

		if (copy_to_guest_offset(op->frame_list, i, &frame, 1))
			return -EFAULT;
	}
	return 0;
}

long grant_setup_table(struct vcpu *curr, unsigned long arg, unsigned int count)
{
	struct gnttab_setup_table op;
	struct domain *d;
	long rc = 0;

	if (count != 1)
		return -EINVAL;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	d = find_domain(curr, op.dom, &op.status);
	if (d) {
		rc = setup(d, &op, &op.status);
		domain_put(d);
	}
	if (!rc && copy_to_guest_va(arg + offsetof(struct gnttab_setup_table, status), &op.status, sizeof(op.status)))
		rc = -EFAULT;
	return rc;
}

long grant_query_size(struct vcpu *curr, unsigned long arg, unsigned int count)
{
	struct gnttab_query_size op;
	struct domain *d;

	if (count != 1)
		return -EINVAL;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	d = find_domain(curr, op.dom, &op.status);
	if (d) {
		op.nr_frames = READ_ONCE(d->grant_table->nr_frames);
		op.max_nr_frames = d->grant_table->max_frames;
		op.status = GNTST_okay;
		domain_put(d);
	}
	return copy_to_guest_va(arg, &op, sizeof(op)) ? -EFAULT : 0;
}

long grant_get_version(struct vcpu *curr, unsigned long arg, unsigned int count)
{
	struct gnttab_get_version op;
	struct domain *d;
	int16_t status;

	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	d = find_domain(curr, op.dom, &status);
	if (!d)
		return status == GNTST_bad_domain ? -ESRCH : -EPERM;
	domain_put(d);
	op.version = 1;
	return copy_to_guest_va(arg, &op, sizeof(op)) ? -EFAULT : 0;
}

long grant_set_version(struct vcpu *curr, unsigned long arg, unsigned int count)
{
	struct gnttab_set_version op;
	long rc = 0;

	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.version != 1)
		rc = op.version == 2 ? -ENOSYS : -EINVAL;
	op.version = 1;
	return copy_to_guest_va(arg, &op, sizeof(op)) ? -EFAULT : rc;
}

/* Version 1 has none. */
long grant_get_status_frames(struct vcpu *curr, unsigned long arg, unsigned int count)
{
	struct gnttab_get_status_frames op;
	struct domain *d;

	if (count != 1)
		return -EINVAL;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	d = find_domain(curr, op.dom, &op.status);
	if (d) {
		op.status = op.nr_frames ? GNTST_general_error : GNTST_okay;
		domain_put(d);
	}
	return copy_to_guest_va(arg + offsetof(struct gnttab_get_status_frames, status), &op.status,
				sizeof(op.status)) ? -EFAULT : 0;
}

static long flush_one(struct domain *d, const struct gnttab_cache_flush *op)
{
	mfn_t mfn = maddr_to_mfn(_maddr(op->a.dev_bus_addr));
	struct domain *owner;
	long rc = 0;
	char *va;

	if (op->offset >= PAGE_SIZE || op->length > PAGE_SIZE || op->offset + op->length > PAGE_SIZE ||
	    (op->op & ~(GNTTAB_CACHE_INVAL | GNTTAB_CACHE_CLEAN)))
		return -EINVAL;
	if (!op->length || !op->op)
		return 0;
	if (!mfn_valid(mfn))
		return -EINVAL;
	owner = page_get_owner_and_reference(mfn_to_page(mfn));
	if (!owner)
		return -EPERM;
	/* How long it takes tells about what is not one's own. */
	if (owner != d && !d->is_privileged)
		rc = -EPERM;
	/* What others have written to it would be lost. */
	else if (!(op->op & GNTTAB_CACHE_CLEAN))
		rc = -EOPNOTSUPP;
	if (!rc) {
		va = map_domain_page(mfn);
		arch_cache_clean(va + op->offset, op->length, op->op & GNTTAB_CACHE_INVAL);
		unmap_domain_page(va);
	}
	put_page(mfn_to_page(mfn));
	return rc;
}

long grant_cache_flush(struct vcpu *curr, unsigned long arg, unsigned int count)
{
	struct gnttab_cache_flush op;

	return copy_from_guest_va(&op, arg, sizeof(op)) ? -EFAULT : flush_one(curr->domain, &op);
}
