/* SPDX-License-Identifier: GPL-2.0-or-later */
/* XENMEM_acquire_resource: frames of the hypervisor's that go with a domain, for tools that map them. */
#include <tenon/grant.h>
#include <tenon/hypercall.h>
#include <xen/memory.h>
#include "memory_op.h"

/* Frames from `done` on, each of which may make the table grow. */
static long list_frames(struct domain *d, const struct xen_mem_acquire_resource *r, unsigned long *done)
{
	while (*done < r->nr_frames) {
		xen_pfn_t frame;
		mfn_t mfn;

		if (grant_table_frame(d, r->frame + *done, &mfn))
			return -EINVAL;
		frame = mfn.m;
		if (copy_to_guest_offset(r->frame_list, *done, &frame, 1))
			return -EFAULT;
		if (++*done < r->nr_frames && hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}

static long acquire(struct domain *d, struct xen_mem_acquire_resource *r, unsigned long arg, unsigned long *done)
{
	unsigned int max;

	/* Version 2 would have frames for the status of entries, too. */
	if (r->type != XENMEM_resource_grant_table || r->id != XENMEM_resource_grant_table_id_shared)
		return -EOPNOTSUPP;
	max = grant_table_max_frames(d);
	if (guest_handle_is_null(r->frame_list)) {
		if (r->nr_frames)
			return -EINVAL;
		r->nr_frames = max;
		return copy_to_guest_va(arg, r, sizeof(*r));
	}
	if (r->frame > max || r->nr_frames > max - r->frame)
		return -EINVAL;
	return list_frames(d, r, done);
}

long memory_acquire_resource(struct vcpu *curr, unsigned long cmd, unsigned long arg)
{
	unsigned long done = cmd >> MEMORY_EXTENT_SHIFT;
	struct xen_mem_acquire_resource r;
	struct domain *d;
	long rc;

	if (!curr->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest_va(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.pad || done > r.nr_frames)
		return -EINVAL;
	d = domain_get(r.domid);
	if (!d)
		return -ESRCH;
	/* One's own are to be had otherwise. */
	rc = d == curr->domain ? -EPERM : acquire(d, &r, arg, &done);
	domain_put(d);
	if (rc == -ERESTART)
		return hypercall_restart(curr, __HYPERVISOR_memory_op, 2,
					 XENMEM_acquire_resource | done << MEMORY_EXTENT_SHIFT, arg);
	return rc;
}
