/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grant_table_op: lists of operations, worked off in batches, and the few that come alone. */
#include <tenon/hypercall.h>
#include <tenon/perfc.h>
#include "grant.h"

#define CMD_MASK	0xfffU

static const struct grant_op {
	void (*batch)(struct vcpu *curr, void *ops, unsigned int n);
	/* Or one argument; count is for the operation to check. */
	long (*single)(struct vcpu *curr, unsigned long arg, unsigned int count);
	uint16_t size;
	bool each;				/* single is called for each of count */
} ops[] = {
	[GNTTABOP_map_grant_ref] = { grant_map_batch, .size = sizeof(struct gnttab_map_grant_ref) },
	[GNTTABOP_unmap_grant_ref] = { grant_unmap_batch, .size = sizeof(struct gnttab_unmap_grant_ref) },
	[GNTTABOP_setup_table] = { .single = grant_setup_table },
	[GNTTABOP_transfer] = { grant_transfer_batch, .size = sizeof(struct gnttab_transfer) },
	[GNTTABOP_copy] = { grant_copy_batch, .size = sizeof(struct gnttab_copy) },
	[GNTTABOP_query_size] = { .single = grant_query_size },
	[GNTTABOP_unmap_and_replace] = { grant_replace_batch, .size = sizeof(struct gnttab_unmap_and_replace) },
	[GNTTABOP_set_version] = { .single = grant_set_version },
	[GNTTABOP_get_status_frames] = { .single = grant_get_status_frames },
	[GNTTABOP_get_version] = { .single = grant_get_version },
	[GNTTABOP_swap_grant_ref] = { grant_swap_batch, .size = sizeof(struct gnttab_swap_grant_ref) },
	[GNTTABOP_cache_flush] = { .single = grant_cache_flush, .size = sizeof(struct gnttab_cache_flush), .each = true },
};

static long restart(struct vcpu *curr, unsigned long cmd, unsigned long list, unsigned int left)
{
	return hypercall_restart(curr, __HYPERVISOR_grant_table_op, 3, cmd, list, (unsigned long)left);
}

static long run_batches(struct vcpu *curr, const struct grant_op *op, unsigned long cmd, unsigned long list,
			unsigned int count)
{
	uint64_t args[GRANT_BATCH * sizeof(struct gnttab_copy) / 8];	/* the largest */
	unsigned int n;

	if (!guest_range_ok(list, 1))
		return -EFAULT;
	for (bool first = true; count; count -= n, list += n * op->size, first = false) {
		if (!first && hypercall_preempt_check())
			return restart(curr, cmd, list, count);
		n = min(count, (unsigned int)GRANT_BATCH);
		if (copy_from_guest_va(args, list, n * op->size)) {
			/* All before the one that cannot be read are done. */
			n = 1;
			if (copy_from_guest_va(args, list, op->size))
				return -EFAULT;
		}
		op->batch(curr, args, n);
		if (copy_to_guest_va(list, args, n * op->size))
			return -EFAULT;
	}
	return 0;
}

static long run_each(struct vcpu *curr, const struct grant_op *op, unsigned long cmd, unsigned long list,
		     unsigned int count)
{
	long rc = 0;

	for (; count && !rc; count--, list += op->size) {
		rc = op->single(curr, list, 1);
		if (!rc && count > 1 && hypercall_preempt_check())
			return restart(curr, cmd, list + op->size, count - 1);
	}
	return rc;
}

long do_grant_table_op(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long count,
		       unsigned long a4, unsigned long a5)
{
	const struct grant_op *op;

	perfc_incr(PERFC_grant);
	cmd = (uint32_t)cmd;
	count = (uint32_t)count;
	if ((int32_t)count < 0 || (cmd & ~CMD_MASK))
		return -EINVAL;
	if (cmd >= ARRAY_SIZE(ops))
		return -ENOSYS;
	op = &ops[cmd];
	if (op->batch)
		return run_batches(curr, op, cmd, arg, (unsigned int)count);
	if (!op->single)
		return -ENOSYS;
	return op->each ? run_each(curr, op, cmd, arg, (unsigned int)count) : op->single(curr, arg, (unsigned int)count);
}
