/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tools see of the machine: processors, memory, and how they are laid out. */
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include "ctl.h"

long sysctl_physinfo(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_physinfo *p = &op->u.physinfo;

	*p = (struct xen_sysctl_physinfo){
		.nr_cpus = cpumask_weight(&cpu_online_map), .max_cpu_id = nr_cpu_ids - 1,
		.nr_nodes = arch_nr_nodes(), .max_node_id = arch_nr_nodes() - 1,
		.capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1,
		.total_pages = total_pages, .free_pages = heap_free_pages(),
		.outstanding_pages = domain_claims(), .max_mfn = max_page - 1,
	};
	arch_physinfo(p);
	return 0;
}

long sysctl_getcpuinfo(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_getcpuinfo *g = &op->u.getcpuinfo;
	uint32_t n = min(g->max_cpus, nr_cpu_ids);

	for (uint32_t cpu = 0; cpu < n; cpu++) {
		struct xen_sysctl_cpuinfo info = { 0 };

		if (cpu_online(cpu))
			info.idletime = vcpu_cpu_time(percpu(cpu)->idle);
		if (copy_to_guest_offset(g->info, cpu, &info, 1))
			return -EFAULT;
	}
	g->nr_cpus = n;
	return 0;
}

long sysctl_availheap(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_availheap *h = &op->u.availheap;
	unsigned long pages;

	/* How much of it lies at which addresses is not counted. */
	if (h->min_bitwidth || h->max_bitwidth)
		return -EOPNOTSUPP;
	if (h->node < 0)
		pages = heap_free_pages();
	else
		pages = h->node < (int32_t)arch_nr_nodes() ? heap_free_pages_node((unsigned int)h->node) : 0;
	h->avail_bytes = (uint64_t)pages << PAGE_SHIFT;
	return 0;
}

/* ---- layout: with a null handle, or too little room, the number that there is goes back ---- */

long sysctl_cputopoinfo(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_cputopoinfo *t = &op->u.cputopoinfo;
	uint32_t n = guest_handle_is_null(t->cputopo) ? 0 : min(t->num_cpus, nr_cpu_ids);

	for (uint32_t cpu = 0; cpu < n; cpu++) {
		struct xen_sysctl_cputopo c = { XEN_INVALID_CORE_ID, XEN_INVALID_SOCKET_ID, XEN_INVALID_NODE_ID };

		if (cpu_online(cpu)) {
			arch_cpu_topology(cpu, &c.core, &c.socket);
			c.node = cpu_to_node(cpu);
		}
		if (copy_to_guest_offset(t->cputopo, cpu, &c, 1))
			return -EFAULT;
	}
	t->num_cpus = nr_cpu_ids;
	return 0;
}

static int put_node(const struct xen_sysctl_numainfo *numa, uint32_t node, uint32_t n, uint32_t nr)
{
	if (!guest_handle_is_null(numa->meminfo)) {
		struct xen_sysctl_meminfo m = {
			arch_node_bytes(node), (uint64_t)heap_free_pages_node(node) << PAGE_SHIFT,
		};

		if (copy_to_guest_offset(numa->meminfo, node, &m, 1))
			return -EFAULT;
	}
	for (uint32_t to = 0; to < n && !guest_handle_is_null(numa->distance); to++) {
		uint32_t distance = arch_node_distance(node, to);

		if (copy_to_guest_offset(numa->distance, node * nr + to, &distance, 1))
			return -EFAULT;
	}
	return 0;
}

long sysctl_numainfo(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_numainfo *numa = &op->u.numainfo;
	uint32_t nr = arch_nr_nodes(), n = min(numa->num_nodes, nr);

	for (uint32_t node = 0; node < n; node++)
		if (put_node(numa, node, n, nr))
			return -EFAULT;
	numa->num_nodes = nr;
	return 0;
}

/* The caller comes again with those that are left. */
long sysctl_pcitopoinfo(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_pcitopoinfo *t = &op->u.pcitopoinfo;
	uint32_t i;

	if (guest_handle_is_null(t->devs) || guest_handle_is_null(t->nodes))
		return -EINVAL;
	for (i = 0; i < t->num_devs && !(i && hypercall_preempt_check()); i++) {
		struct physdev_pci_device dev;
		uint32_t node;

		if (copy_from_guest_offset(&dev, t->devs, i, 1))
			return -EFAULT;
		node = arch_pci_node(&dev);
		if (copy_to_guest_offset(t->nodes, i, &node, 1))
			return -EFAULT;
	}
	t->num_devs = i;
	return 0;
}
