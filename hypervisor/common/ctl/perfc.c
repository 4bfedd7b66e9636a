/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Performance counters, as tools read and reset them. */
#include <tenon/perfc.h>
#include "ctl.h"

#ifdef TENON_DEBUG

static const char *const texts[NR_PERFC] = {
	[PERFC_schedule] = "looks for the next vCPU", [PERFC_switch] = "switches of vCPUs",
	[PERFC_timer] = "timers that expired", [PERFC_event] = "events sent", [PERFC_restart] = "calls of guests restarted",
	[PERFC_grant] = "calls of grant_table_op", [PERFC_mmu_update] = "calls of mmu_update",
	[PERFC_mmuext] = "calls of mmuext_op", [PERFC_update_va] = "calls of update_va_mapping",
	[PERFC_table_check] = "page tables validated", [PERFC_flush] = "flushes of translations",
	[PERFC_call] = "calls of other CPUs",
};

static int put_counter(const struct xen_sysctl_perfc_op *p, unsigned int i, unsigned int *n)
{
	struct xen_sysctl_perfc_desc desc = { .nr_vals = cpumask_weight(&cpu_online_map) };
	unsigned int cpu;

	snprintf(desc.name, sizeof(desc.name), "%s", texts[i]);
	if (!guest_handle_is_null(p->desc) && copy_to_guest_offset(p->desc, i, &desc, 1))
		return -EFAULT;
	if (guest_handle_is_null(p->val))
		return 0;
	for_each_online_cpu(cpu) {
		uint32_t val = READ_ONCE(percpu(cpu)->perfc[i]);

		if (copy_to_guest_offset(p->val, *n, &val, 1))
			return -EFAULT;
		(*n)++;
	}
	return 0;
}

/* Null handles ask how many there are. */
static long query(struct xen_sysctl_perfc_op *p)
{
	unsigned int n = 0;

	p->nr_counters = NR_PERFC;
	p->nr_vals = NR_PERFC * cpumask_weight(&cpu_online_map);
	for (unsigned int i = 0; i < NR_PERFC; i++)
		if (put_counter(p, i, &n))
			return -EFAULT;
	return 0;
}

static long reset(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		memset(percpu(cpu)->perfc, 0, sizeof(percpu(cpu)->perfc));
	return 0;
}

long sysctl_perfc_op(struct vcpu *curr, struct xen_sysctl *op)
{
	switch (op->u.perfc_op.cmd) {
	case XEN_SYSCTL_PERFCOP_query:
		return query(&op->u.perfc_op);
	case XEN_SYSCTL_PERFCOP_reset:
		return query(&op->u.perfc_op) ? -EFAULT : reset();
	}
	return -EINVAL;
}

#else

/* As Xen without counters. */
long sysctl_perfc_op(struct vcpu *curr, struct xen_sysctl *op)
{
	return -ENOSYS;
}

#endif
