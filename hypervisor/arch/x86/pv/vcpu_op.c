/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VCPUOP commands of this port. */
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include <tenon/percpu.h>
#include <xen/vcpu.h>

/* The physical processor, for dom0's power management; of use only where the vCPU stays on it. */
static long get_physid(struct vcpu *v, unsigned long arg)
{
	struct vcpu_get_physid op;
	const struct percpu *pc;
	struct cpumask where;

	cpumask_and(&where, &v->hard_affinity, &cpu_online_map);
	if (!is_hardware_domain(v->domain) || cpumask_weight(&where) != 1)
		return -EINVAL;
	pc = percpu(cpumask_first(&where));
	op.phys_id = pc->arch.apic_id | (uint64_t)pc->arch.acpi_id << 32;
	return copy_to_guest_va(arg, &op, sizeof(op)) ? -EFAULT : 0;
}

long arch_vcpu_op(struct vcpu *curr, unsigned int cmd, struct vcpu *v, unsigned long arg)
{
	switch (cmd) {
	case VCPUOP_get_physid:
		return get_physid(v, arg);
	}
	return -ENOSYS;
}
