/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Power management: processors idle by the architecture's own means, and the hardware chooses their frequency. */
#include "ctl.h"

long sysctl_get_pmstat(struct vcpu *curr, struct xen_sysctl *op)
{
	if (!cpu_online(op->u.get_pmstat.cpuid))
		return -EINVAL;
	return -ENODEV;
}

long sysctl_pm_op(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_pm_op *p = &op->u.pm_op;

	if (p->cmd == XEN_SYSCTL_pm_op_get_max_cstate) {
		p->u.get_max_cstate = XEN_SYSCTL_CX_UNLIMITED;
		return p->cpuid > 1 ? -EINVAL : 0;
	}
	return -EOPNOTSUPP;
}

/* Processors stay as boot found them. */
long sysctl_cpu_hotplug(struct vcpu *curr, struct xen_sysctl *op)
{
	uint32_t cpu = op->u.cpu_hotplug.cpu;

	if (op->u.cpu_hotplug.op == XEN_SYSCTL_CPU_HOTPLUG_ONLINE && cpu_online(cpu))
		return 0;
	return -EOPNOTSUPP;
}
