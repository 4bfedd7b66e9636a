/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several hypercalls at the price of one entry. A call of the list that wants to be run again leaves
 * what it wants in arch.mc.call; it then takes its entry's place in the guest's list.
 */
#include <tenon/hypercall.h>

static long run_entry(struct vcpu *curr, const struct multicall_entry *e)
{
	/* A larger number than the table has must not be cut to one that it has. */
	if (unlikely(e->op >= NR_HYPERCALLS))
		return -ENOSYS;
	return hypercall_table[e->op](curr, e->args[0], e->args[1], e->args[2], e->args[3], e->args[4]);
}

static long restart(struct vcpu *curr, unsigned long list, unsigned long left)
{
	curr->arch.mc.active = false;
	return hypercall_restart(curr, __HYPERVISOR_multicall, 2, list, left);
}

long do_multicall(struct vcpu *curr, unsigned long list, unsigned long nr, unsigned long a3,
		  unsigned long a4, unsigned long a5)
{
	const unsigned long size = sizeof(struct multicall_entry);
	struct multicall_entry *call = &curr->arch.mc.call;
	long rc = 0;

	if (unlikely(curr->arch.mc.active))
		return -EINVAL;
	nr = (uint32_t)nr;
	curr->arch.mc.active = true;
	for (; nr; nr--, list += size) {
		long result;

		if (copy_from_guest_va(call, list, size)) {
			rc = -EFAULT;
			break;
		}
		curr->arch.mc.restarted = false;
		result = run_entry(curr, call);
		if (unlikely(curr->arch.mc.restarted)) {
			if (copy_to_guest_va(list, call, size)) {
				rc = -EFAULT;
				break;
			}
			return restart(curr, list, nr);
		}
		/* After an iret hypercall there is no way back here, and its value is the register's. */
		if (unlikely(call->op == __HYPERVISOR_iret)) {
			rc = result;
			break;
		}
		if (copy_to_guest_va(list + offsetof(struct multicall_entry, result), &result, sizeof(result))) {
			rc = -EFAULT;
			break;
		}
		if (nr > 1 && hypercall_preempt_check())
			return restart(curr, list + size, nr - 1);
	}
	curr->arch.mc.active = false;
	return rc;
}
