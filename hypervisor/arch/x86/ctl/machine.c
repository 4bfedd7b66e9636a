/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processors and memory nodes as tools see them, and the table of this port's part of sysctl. */
#include <asm/acpi.h>
#include <asm/cpu.h>
#include <asm/pci.h>
#include <asm/system.h>
#include <asm/time.h>
#include <tenon/percpu.h>
#include "ctl.h"

/* An APIC's number, from the lowest bit on: thread, core, package (SDM 3A 9.9.1, APM 3 E.5.2). */
static struct { bool known; unsigned int thread, core; } bits;

static unsigned int width(unsigned int n)
{
	return n > 1 ? last_set(n - 1) + 1 : 0;
}

/* What leaf 0xb does not tell follows from the numbers of threads and cores in a package. */
static void find_by_numbers(void)
{
	unsigned int threads, cores = 1;
	uint32_t a, b, c, d;

	cpuid(1, &a, &b, &c, &d);
	threads = d >> 28 & 1 ? b >> 16 & 0xff : 1;
	if (boot_cpu.vendor == VENDOR_INTEL && boot_cpu.max_leaf >= 4) {
		cpuid_count(4, 0, &a, &b, &c, &d);
		cores = (a >> 26) + 1;
	} else if (boot_cpu.max_ext_leaf >= 0x80000008) {
		cpuid(0x80000008, &a, &b, &c, &d);
		cores = (c & 0xff) + 1;
	}
	bits.thread = width(threads > cores ? threads / cores : 1);
	bits.core = width(cores);
}

static void find_bits(void)
{
	uint32_t a, b = 0, c, d;
	unsigned int package = 0;

	if (bits.known)
		return;
	bits.known = true;
	if (boot_cpu.max_leaf >= 0xb)
		cpuid_count(0xb, 0, &a, &b, &c, &d);
	if (!b) {
		find_by_numbers();
		return;
	}
	for (unsigned int i = 0; i < 8; i++) {
		cpuid_count(0xb, i, &a, &b, &c, &d);
		if (!(c & 0xff00))
			break;
		package = a & 0x1f;
		if ((c >> 8 & 0xff) == 1)
			bits.thread = package;
	}
	bits.core = package - bits.thread;
}

unsigned int arch_cpu_thread_bits(void)
{
	find_bits();
	return bits.thread;
}

void arch_cpu_topology(unsigned int cpu, uint32_t *core, uint32_t *socket)
{
	uint32_t id;

	find_bits();
	id = percpu(cpu)->arch.apic_id >> bits.thread;
	*core = id & ((1U << bits.core) - 1);
	*socket = id >> bits.core;
}

void arch_physinfo(struct xen_sysctl_physinfo *p)
{
	uint32_t core0, socket0, core, socket;
	unsigned int cpu, in_socket = 0;

	arch_cpu_topology(0, &core0, &socket0);
	for_each_online_cpu(cpu) {
		arch_cpu_topology(cpu, &core, &socket);
		in_socket += socket == socket0;
		p->threads_per_core += socket == socket0 && core == core0;
	}
	p->cores_per_socket = in_socket / p->threads_per_core;
	p->cpu_khz = tsc_khz;
	for (unsigned int i = 0; i < ARRAY_SIZE(p->hw_cap); i++)
		p->hw_cap[i] = featureset_word(boot_cpu.word, i);
}

unsigned int arch_nr_nodes(void)
{
	return max(acpi_info.nr_nodes, 1U);
}

uint64_t arch_node_bytes(unsigned int node)
{
	uint64_t bytes = 0;

	if (!acpi_info.nr_memory)
		return (uint64_t)total_pages << PAGE_SHIFT;
	for (unsigned int i = 0; i < acpi_info.nr_memory; i++)
		if (acpi_info.memory[i].node == node)
			bytes += acpi_info.memory[i].end - acpi_info.memory[i].start;
	return bytes;
}

uint32_t arch_node_distance(unsigned int from, unsigned int to)
{
	uint8_t told = acpi_info.distance[from][to];

	return told ? told : from == to ? 10 : 20;
}

uint32_t arch_pci_node(const struct physdev_pci_device *dev)
{
	pci_sbdf_t sbdf = pci_sbdf(dev->seg, dev->bus, dev->devfn);
	bool known;

	pci_lock();
	known = pci_find(sbdf);
	pci_unlock();
	return known ? XEN_INVALID_NODE_ID : XEN_INVALID_DEV;
}

#define OP(name)	[XEN_SYSCTL_##name] = { sysctl_##name, CTL_OUT }
const struct sysctl_op arch_sysctl_ops[] = {
	OP(get_cpu_levelling_caps),
	OP(get_cpu_featureset),
	OP(get_cpu_policy),
};
const unsigned int nr_arch_sysctl_ops = ARRAY_SIZE(arch_sysctl_ops);
