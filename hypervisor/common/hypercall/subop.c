/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Second-level operations: the arguments' way in and out, and the privilege, in one place. */
#include <tenon/hypercall.h>

long subop_dispatch(struct vcpu *curr, const struct subop *table, unsigned int nr, unsigned long cmd,
		    unsigned long handle)
{
	uint64_t arg[SUBOP_MAX_SIZE / 8];
	const struct subop *op;
	long rc;

	if (cmd >= nr || !table[cmd].fn)
		return -ENOSYS;
	op = &table[cmd];
	if ((op->flags & SUBOP_PRIV) && !curr->domain->is_privileged)
		return -EPERM;
	BUG_ON(op->size > sizeof(arg));
	if (op->size && copy_from_guest_va(arg, handle, op->size))
		return -EFAULT;
	rc = op->fn(curr, arg, handle);
	if (((op->flags & SUBOP_OUT_ALWAYS) || ((op->flags & SUBOP_OUT) && rc >= 0)) &&
	    copy_to_guest_va(handle, arg, op->size))
		return -EFAULT;
	return rc;
}
