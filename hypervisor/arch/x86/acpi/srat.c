/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which memory and which processors are near each other: SRAT (5.2.16) and SLIT (5.2.17). Firmware's
 * numbers of domains become small ones, in the order in which they are met.
 */
#include <tenon/cmdline.h>
#include <tenon/lib.h>
#include "acpi.h"

#define SRAT_HEAD	(sizeof(struct acpi_header) + 12)
#define ENABLED		0x1
#define DISTANCE_LOCAL	10
#define DISTANCE_REMOTE	20

enum { SRAT_LAPIC = 0, SRAT_MEMORY = 1, SRAT_X2APIC = 2 };

struct srat_lapic {
	struct acpi_entry e;
	uint8_t domain_low, apic_id;
	uint32_t flags;
	uint8_t eid, domain_high[3];
	uint32_t clock_domain;
} __packed;
struct srat_memory {
	struct acpi_entry e;
	uint32_t domain;
	uint16_t reserved1;
	uint64_t base, length;
	uint32_t reserved2, flags;
	uint64_t reserved3;
} __packed;
struct srat_x2apic {
	struct acpi_entry e;
	uint16_t reserved1;
	uint32_t domain, apic_id, flags, clock_domain, reserved2;
} __packed;

static bool opt_numa __initdata = true;
BOOT_OPTION_BOOL("numa", opt_numa, "use what firmware says of memory nodes; no: all memory is one node");

static uint32_t domains[ACPI_MAX_NODES] __initdata;	/* firmware's number of each node */
static unsigned int nr_domains __initdata;
static struct { uint32_t apic_id, node; } near[NR_CPUS] __initdata;
static unsigned int nr_near __initdata;
static bool unusable __initdata;
static bool has_distances __initdata;

static unsigned int __init node_of(uint32_t domain)
{
	unsigned int n;

	for (n = 0; n < nr_domains; n++)
		if (domains[n] == domain)
			return n;
	if (n == ACPI_MAX_NODES) {
		unusable = true;
		return 0;
	}
	domains[nr_domains++] = domain;
	return n;
}

static void __init add_cpu(uint32_t apic_id, uint32_t domain)
{
	if (nr_near == NR_CPUS)
		return;
	near[nr_near].apic_id = apic_id;
	near[nr_near++].node = node_of(domain);
}

/* Keeps the list sorted. */
static void __init add_memory(const struct srat_memory *m)
{
	unsigned int i = acpi_info.nr_memory;
	uint64_t end;

	if (!m->length || __builtin_add_overflow(m->base, m->length, &end) || i == ACPI_MAX_MEMORY) {
		unusable |= m->length != 0;
		return;
	}
	for (; i > 0 && acpi_info.memory[i - 1].start > m->base; i--)
		acpi_info.memory[i] = acpi_info.memory[i - 1];
	acpi_info.memory[i].start = m->base;
	acpi_info.memory[i].end = end;
	acpi_info.memory[i].node = (uint8_t)node_of(m->domain);
	acpi_info.nr_memory++;
}

void __init acpi_srat_read(const struct acpi_header *t)
{
	for (const struct acpi_entry *e = NULL; (e = acpi_entry_next(t, SRAT_HEAD, e)); ) {
		const struct srat_lapic *l = (const void *)e;
		const struct srat_memory *m = (const void *)e;
		const struct srat_x2apic *x = (const void *)e;
		uint32_t high = 0;

		if (e->type == SRAT_LAPIC && e->length >= sizeof(*l) && l->flags & ENABLED) {
			/* Domains had one byte in the first version, with anything in the rest. */
			memcpy(&high, l->domain_high, sizeof(l->domain_high));
			add_cpu(l->apic_id, l->domain_low | (t->revision >= 2 ? high << 8 : 0));
		} else if (e->type == SRAT_MEMORY && e->length >= sizeof(*m) && m->flags & ENABLED) {
			add_memory(m);
		} else if (e->type == SRAT_X2APIC && e->length >= sizeof(*x) && x->flags & ENABLED) {
			add_cpu(x->apic_id, x->domain);
		}
	}
}

/* Kept under firmware's numbers; there are more of them than nodes only in tables that are of no use to us. */
void __init acpi_slit_read(const struct acpi_header *t)
{
	const uint8_t *matrix = (const uint8_t *)t + sizeof(*t) + sizeof(uint64_t);
	uint64_t n;

	if (t->length < sizeof(*t) + sizeof(n))
		return;
	memcpy(&n, t + 1, sizeof(n));
	if (n > ACPI_MAX_NODES || n * n > t->length - sizeof(*t) - sizeof(n))
		return;
	for (unsigned int i = 0; i < n; i++)
		memcpy(acpi_info.distance[i], matrix + i * n, n);
	has_distances = true;
}

/* Parts of one node that touch or overlap become one. */
static void __init merge_memory(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < acpi_info.nr_memory; i++) {
		__typeof__(acpi_info.memory[0]) m = acpi_info.memory[i];

		if (n && acpi_info.memory[n - 1].node == m.node && acpi_info.memory[n - 1].end >= m.start)
			acpi_info.memory[n - 1].end = max(acpi_info.memory[n - 1].end, m.end);
		else
			acpi_info.memory[n++] = m;
	}
	acpi_info.nr_memory = n;
}

/* After merging: neighbours that overlap are of different nodes. */
static bool __init memory_contradicts(void)
{
	for (unsigned int i = 1; i < acpi_info.nr_memory; i++)
		if (acpi_info.memory[i].start < acpi_info.memory[i - 1].end)
			return true;
	return false;
}

static void __init set_distances(void)
{
	static uint8_t by_domain[ACPI_MAX_NODES][ACPI_MAX_NODES] __initdata;

	memcpy(by_domain, acpi_info.distance, sizeof(by_domain));
	for (unsigned int i = 0; i < ACPI_MAX_NODES; i++)
		for (unsigned int k = 0; k < ACPI_MAX_NODES; k++) {
			uint8_t d = 0;

			if (has_distances && i < nr_domains && k < nr_domains &&
			    domains[i] < ACPI_MAX_NODES && domains[k] < ACPI_MAX_NODES)
				d = by_domain[domains[i]][domains[k]];
			if (i == k)
				d = DISTANCE_LOCAL;
			else if (d <= DISTANCE_LOCAL)
				d = DISTANCE_REMOTE;
			acpi_info.distance[i][k] = d;
		}
}

void __init acpi_nodes_finish(void)
{
	merge_memory();
	if (unusable || memory_contradicts())
		printk(LOG_WARN "ACPI: the table of memory nodes contradicts itself: not used\n");
	else if (opt_numa && acpi_info.nr_memory)
		acpi_info.nr_nodes = nr_domains;
	if (acpi_info.nr_nodes == 1)
		acpi_info.nr_memory = 0;
	set_distances();
	for (unsigned int i = 0; i < acpi_info.nr_cpus && acpi_info.nr_nodes > 1; i++)
		for (unsigned int k = 0; k < nr_near; k++)
			if (near[k].apic_id == acpi_info.cpu[i].apic_id)
				acpi_info.cpu_node[i] = (uint8_t)near[k].node;
}

unsigned int acpi_apic_to_node(uint32_t apic_id)
{
	for (unsigned int i = 0; i < acpi_info.nr_cpus; i++)
		if (acpi_info.cpu[i].apic_id == apic_id)
			return acpi_info.cpu_node[i];
	return 0;
}
