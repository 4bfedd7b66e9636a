/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl: the table of what dom0's tools ask of the hypervisor as a whole, and the way in and out. */
#include <tenon/hypercall.h>
#include "ctl.h"

/* As in domctl.c. */
static long refuse(struct vcpu *curr, struct xen_sysctl *op)
{
	return -EOPNOTSUPP;
}

#define OP(name, flags)		[XEN_SYSCTL_##name] = { sysctl_##name, flags }
#define REFUSED(name)		[XEN_SYSCTL_##name] = { refuse }
static const struct sysctl_op ops[] = {
	OP(readconsole, CTL_OUT),
	OP(physinfo, CTL_OUT),
	OP(sched_id, CTL_OUT),
	OP(getdomaininfolist, CTL_OUT),
	OP(debug_keys, 0),
	OP(getcpuinfo, CTL_OUT),
	OP(availheap, CTL_OUT),
	OP(get_pmstat, CTL_OUT),
	OP(cpu_hotplug, 0),
	OP(pm_op, CTL_OUT),
	OP(cputopoinfo, CTL_OUT),
	OP(numainfo, CTL_OUT),
	OP(cpupool_op, CTL_OUT),
	OP(scheduler_op, CTL_OUT),
	OP(pcitopoinfo, CTL_OUT),
	OP(perfc_op, CTL_OUT),
	OP(coverage_op, CTL_OUT),
	REFUSED(tbuf_op),
	REFUSED(page_offline_op),
	REFUSED(lockprof_op),
	REFUSED(psr_cmt_op),
	REFUSED(psr_alloc),
	REFUSED(livepatch_op),
};

static const struct sysctl_op *find_op(uint32_t cmd)
{
	if (cmd < ARRAY_SIZE(ops) && ops[cmd].fn)
		return &ops[cmd];
	return cmd < nr_arch_sysctl_ops && arch_sysctl_ops[cmd].fn ? &arch_sysctl_ops[cmd] : NULL;
}

long do_sysctl(struct vcpu *curr, unsigned long arg, unsigned long a2, unsigned long a3, unsigned long a4,
	       unsigned long a5)
{
	const struct sysctl_op *o;
	struct xen_sysctl op;
	long rc = -ERESTART;

	if (!curr->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
		return -EACCES;
	o = find_op(op.cmd);
	if (!o)
		return -ENOSYS;
	if (spin_trylock(&ctl_lock)) {
		rc = o->fn(curr, &op);
		spin_unlock(&ctl_lock);
	}
	if ((o->flags & CTL_OUT) && rc >= 0 && copy_to_guest_va(arg, &op, sizeof(op)))
		return -EFAULT;
	return rc == -ERESTART ? hypercall_restart(curr, __HYPERVISOR_sysctl, 1, arg) : rc;
}
