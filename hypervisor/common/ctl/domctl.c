/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl: the table of what dom0's tools do with domains, and the way in and out of each of them. */
#include <tenon/hypercall.h>
#include "ctl.h"

spinlock_t ctl_lock = SPINLOCK_INIT;

/* It would need what we do not have; tools take this answer for "not there". */
static long refuse(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	return -EOPNOTSUPP;
}

#define OP(name, flags)		[XEN_DOMCTL_##name] = { domctl_##name, flags }
#define REFUSED(name)		[XEN_DOMCTL_##name] = { refuse }
static const struct domctl_op ops[] = {
	OP(createdomain, CTL_NO_DOMAIN | CTL_OUT),
	OP(destroydomain, CTL_OTHER),
	OP(pausedomain, CTL_OTHER),
	OP(unpausedomain, CTL_OTHER),
	OP(resumedomain, CTL_OTHER),
	OP(getdomaininfo, CTL_FROM | CTL_OUT),
	OP(max_mem, 0),
	OP(setdomainhandle, 0),
	OP(subscribe, 0),
	OP(set_virq_handler, CTL_ALIVE),
	OP(settimeoffset, 0),
	OP(irq_permission, CTL_ALIVE),
	OP(iomem_permission, CTL_ALIVE),
	OP(setnodeaffinity, 0),
	OP(getnodeaffinity, CTL_OUT),
	OP(max_vcpus, CTL_OTHER | CTL_ALIVE),
	OP(getvcpuinfo, CTL_OUT),
	OP(setvcpuaffinity, CTL_OUT),
	OP(getvcpuaffinity, CTL_OUT),
	OP(sendtrigger, CTL_ALIVE),
	OP(scheduler_op, CTL_OUT),
	REFUSED(setdebugging),
	REFUSED(gethvmcontext),
	REFUSED(gethvmcontext_partial),
	REFUSED(sethvmcontext),
	REFUSED(assign_device),
	REFUSED(test_assign_device),
	REFUSED(deassign_device),
	REFUSED(get_device_group),
	REFUSED(bind_pt_irq),
	REFUSED(unbind_pt_irq),
	REFUSED(memory_mapping),
	REFUSED(ioport_mapping),
	REFUSED(set_target),
	REFUSED(debug_op),
	REFUSED(vm_event_op),
	REFUSED(mem_sharing_op),
	REFUSED(set_access_required),
	REFUSED(audit_p2m),
	REFUSED(set_broken_page_p2m),
	REFUSED(setvnumainfo),
	REFUSED(psr_cmt_op),
	REFUSED(psr_alloc),
	REFUSED(monitor_op),
	REFUSED(soft_reset),
	REFUSED(vmtrace_op),
};

static const struct domctl_op *find_op(uint32_t cmd)
{
	if (cmd < ARRAY_SIZE(ops) && ops[cmd].fn)
		return &ops[cmd];
	return cmd < nr_arch_domctl_ops && arch_domctl_ops[cmd].fn ? &arch_domctl_ops[cmd] : NULL;
}

/* d as row o says; NULL if it has none. */
static long run(struct vcpu *curr, const struct domctl_op *o, struct domain *d, struct xen_domctl *op)
{
	long rc;

	if ((o->flags & CTL_OTHER) && d == curr->domain)
		return -EINVAL;
	/* Waiting could last: the holder may want to pause our domain. */
	if (!spin_trylock(&ctl_lock))
		return -ERESTART;
	rc = (o->flags & CTL_ALIVE) && d->dying ? -ESRCH : o->fn(curr, d, op);
	spin_unlock(&ctl_lock);
	return rc;
}

static bool goes_back(const struct domctl_op *o, long rc)
{
	return (o->flags & CTL_OUT_ALWAYS) || ((o->flags & CTL_OUT) && (rc >= 0 || rc == -ERESTART));
}

long do_domctl(struct vcpu *curr, unsigned long arg, unsigned long a2, unsigned long a3, unsigned long a4,
	       unsigned long a5)
{
	const struct domctl_version *version;
	const struct domctl_op *o;
	struct domain *d = NULL;
	struct xen_domctl op;
	long rc;

	if (!curr->domain->is_privileged)
		return -EPERM;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	version = domctl_version(op.interface_version);
	if (!version)
		return -EACCES;
	o = find_op(op.cmd);
	if (!o)
		return op.cmd > XEN_DOMCTL_set_paging_mempool_size && op.cmd <= version->last ? -EOPNOTSUPP : -ENOSYS;
	rc = version->in ? version->in(&op) : 0;
	if (rc)
		return rc;
	if (!(o->flags & CTL_NO_DOMAIN)) {
		d = (o->flags & CTL_FROM) && !version->exact ? domain_get_from(op.domain) : domain_get(op.domain);
		if (!d)
			return -ESRCH;
	}
	rc = run(curr, o, d, &op);
	if (d)
		domain_put(d);
	if (version->out)
		version->out(&op);
	if (goes_back(o, rc) && copy_to_guest_va(arg, &op, sizeof(op)))
		return -EFAULT;
	return rc == -ERESTART ? hypercall_restart(curr, __HYPERVISOR_domctl, 1, arg) : rc;
}
