/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the hypervisor takes from the firmware's ACPI tables (ACPI 6.4 chapter 5). */
#ifndef ASM_ACPI_H
#define ASM_ACPI_H

#include <tenon/cpumask.h>

#define ACPI_MAX_IOAPICS	16
#define ACPI_MAX_OVERRIDES	16
#define ACPI_MAX_MCFG		8
#define ACPI_MAX_NODES		64
#define ACPI_MAX_MEMORY		128

/* Flags of an override (MADT 5.2.12.5): 0 means "as the bus has it". */
#define ACPI_MADT_POLARITY_MASK	0x3
#define ACPI_MADT_ACTIVE_LOW	0x3
#define ACPI_MADT_TRIGGER_MASK	0xc
#define ACPI_MADT_LEVEL		0xc

/* Generic address (5.2.3.2). */
struct acpi_gas {
	uint8_t space, bits, bit_offset, access;	/* space: 0 memory, 1 ports, 2 PCI config */
	uint64_t address;
};
#define ACPI_SPACE_MEMORY	0
#define ACPI_SPACE_IO		1
#define ACPI_SPACE_PCI		2

struct acpi_info {
	bool present;			/* an RSDP with a good root table was found */
	uint64_t lapic_addr;

	unsigned int nr_cpus;		/* usable ones, in the order of the table */
	struct { uint32_t apic_id, acpi_id; } cpu[NR_CPUS];
	unsigned int nr_ioapics;
	struct { uint8_t id; uint32_t addr, gsi_base; } ioapic[ACPI_MAX_IOAPICS];
	unsigned int nr_overrides;	/* of ISA interrupts */
	struct { uint8_t irq; uint32_t gsi; uint16_t flags; } override[ACPI_MAX_OVERRIDES];

	unsigned int nr_mcfg;
	struct { uint64_t address; uint16_t segment; uint8_t start_bus, end_bus; } mcfg[ACPI_MAX_MCFG];

	/* FADT; port numbers, 0 when there is none */
	uint16_t sci_irq;
	uint16_t pm1a_evt, pm1b_evt, pm1a_cnt, pm1b_cnt;
	uint16_t pm_timer;		/* port of the 3.579545 MHz counter */
	bool pm_timer_32;		/* 32 bits wide, not 24 */
	bool has_reset_reg;
	struct acpi_gas reset_reg;
	uint8_t reset_value;
	uint64_t dsdt, facs;		/* machine addresses */
	bool has_s5;			/* SLP_TYP values of \_S5, found in the DSDT */
	uint8_t s5_typ_a, s5_typ_b;

	uint64_t hpet_addr;		/* 0: none */

	/* SRAT, SLIT: the table's domains, renumbered from 0. One node when there are none. */
	unsigned int nr_nodes;
	unsigned int nr_memory;
	struct { uint64_t start, end; uint8_t node; } memory[ACPI_MAX_MEMORY];	/* sorted, no overlaps */
	uint8_t cpu_node[NR_CPUS];	/* as cpu[] */
	uint8_t distance[ACPI_MAX_NODES][ACPI_MAX_NODES];
};
extern struct acpi_info acpi_info;

/* Reads the tables into acpi_info. Fixed slots work, the heap does not yet; whatever firmware wrote, this returns. */
void acpi_tables_init(void);
/* Node of a processor by its APIC id; 0 if it is not known. */
unsigned int acpi_apic_to_node(uint32_t apic_id);

#endif
