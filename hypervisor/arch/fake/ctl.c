/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the control interface tells of the machine: a processor a core, and the memory nodes of memory.c. */
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/ctl.h>

#define NODES	6

/* None of its own. */
const struct domctl_op arch_domctl_ops[1];
const struct sysctl_op arch_sysctl_ops[1];
const unsigned int nr_arch_domctl_ops, nr_arch_sysctl_ops;

int arch_config_check(const struct xen_arch_domainconfig *c)
{
	return c->emulation_flags ? -EOPNOTSUPP : 0;
}

void arch_domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info) { }

void arch_physinfo(struct xen_sysctl_physinfo *p)
{
	p->threads_per_core = 1;
	p->cores_per_socket = nr_cpu_ids;
}

void arch_cpu_topology(unsigned int cpu, uint32_t *core, uint32_t *socket)
{
	*core = cpu;
	*socket = 0;
}

unsigned int arch_nr_nodes(void) { return NODES; }
uint64_t arch_node_bytes(unsigned int node) { return 4096; }
uint32_t arch_node_distance(unsigned int from, unsigned int to) { return from == to ? 10 : 20; }
uint32_t arch_pci_node(const struct physdev_pci_device *dev) { return XEN_INVALID_DEV; }
