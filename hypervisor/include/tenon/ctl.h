/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control interface: what dom0's tools do with domains (domctl) and with the machine (sysctl). An operation is
 * a row of a table; the dispatchers (common/ctl/domctl.c, sysctl.c) check privilege, version and target, once. See
 * doc/control.md.
 */
#ifndef TENON_CTL_H
#define TENON_CTL_H

#include <tenon/domain.h>
#include <xen/domctl.h>
#include <xen/sysctl.h>

#define CTL_OUT		0x01	/* the argument goes back when fn returns >= 0 or -ERESTART */
#define CTL_OUT_ALWAYS	0x02	/* also on errors */
#define CTL_NO_DOMAIN	0x04	/* domctl: d is NULL */
#define CTL_OTHER	0x08	/* domctl: not for the caller's own domain */
#define CTL_ALIVE	0x10	/* domctl: not for a domain that is being destroyed */
#define CTL_FROM	0x20	/* domctl: d is the first domain from the given number on */

/*
 * op is a copy of the caller's argument. One operation runs at a time. -ERESTART: the call is made again, with the
 * argument as it is now if it goes back.
 */
struct domctl_op {
	long (*fn)(struct vcpu *curr, struct domain *d, struct xen_domctl *op);
	uint8_t flags;
};
struct sysctl_op {
	long (*fn)(struct vcpu *curr, struct xen_sysctl *op);
	uint8_t flags;
};

/* The port's own operations, by number; rows without fn are nobody's. */
extern const struct domctl_op arch_domctl_ops[];
extern const struct sysctl_op arch_sysctl_ops[];
extern const unsigned int nr_arch_domctl_ops, nr_arch_sysctl_ops;

/* What the rest of an answer needs of the port. */
int arch_config_check(const struct xen_arch_domainconfig *c);
void arch_domain_info(const struct domain *d, struct xen_domctl_getdomaininfo *info);
/* Threads, cores, frequency, features; the rest is filled in already. */
void arch_physinfo(struct xen_sysctl_physinfo *p);
void arch_cpu_topology(unsigned int cpu, uint32_t *core, uint32_t *socket);
/* Memory nodes: numbers are below arch_nr_nodes(). Bytes of memory; distance as ACPI's SLIT has it. */
unsigned int arch_nr_nodes(void);
uint64_t arch_node_bytes(unsigned int node);
uint32_t arch_node_distance(unsigned int from, unsigned int to);
/* XEN_SYSCTL_pcitopoinfo: the node of a device, XEN_INVALID_NODE_ID, or XEN_INVALID_DEV. */
uint32_t arch_pci_node(const struct physdev_pci_device *dev);

#endif
