/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processors and interrupt controllers: MADT, 5.2.12. */
#include <tenon/lib.h>
#include "acpi.h"

struct madt {
	struct acpi_header h;
	uint32_t lapic_addr, flags;
} __packed;

enum { MADT_LAPIC = 0, MADT_IOAPIC = 1, MADT_OVERRIDE = 2, MADT_LAPIC_ADDR = 5, MADT_X2APIC = 9 };

struct madt_lapic { struct acpi_entry e; uint8_t acpi_id, apic_id; uint32_t flags; } __packed;
struct madt_ioapic { struct acpi_entry e; uint8_t id, reserved; uint32_t addr, gsi_base; } __packed;
struct madt_override { struct acpi_entry e; uint8_t bus, irq; uint32_t gsi; uint16_t flags; } __packed;
struct madt_lapic_addr { struct acpi_entry e; uint16_t reserved; uint64_t addr; } __packed;
struct madt_x2apic { struct acpi_entry e; uint16_t reserved; uint32_t apic_id, flags, acpi_id; } __packed;

#define CPU_ENABLED		0x1
#define LAPIC_ID_NONE		0xff
#define ISA_IRQS		16
#define GSI_LIMIT		4096

static unsigned int left_out __initdata;

static void __init add_cpu(uint32_t apic_id, uint32_t acpi_id, uint32_t flags)
{
	if (!(flags & CPU_ENABLED))
		return;
	/* Some firmware lists a processor in both forms. */
	for (unsigned int i = 0; i < acpi_info.nr_cpus; i++)
		if (acpi_info.cpu[i].apic_id == apic_id)
			return;
	if (acpi_info.nr_cpus == NR_CPUS) {
		left_out++;
		return;
	}
	acpi_info.cpu[acpi_info.nr_cpus].apic_id = apic_id;
	acpi_info.cpu[acpi_info.nr_cpus++].acpi_id = acpi_id;
}

static void __init add_ioapic(const struct madt_ioapic *io)
{
	unsigned int n = acpi_info.nr_ioapics;

	for (unsigned int i = 0; i < n; i++)
		if (acpi_info.ioapic[i].addr == io->addr || acpi_info.ioapic[i].gsi_base == io->gsi_base)
			return;
	if (!io->addr || io->gsi_base >= GSI_LIMIT || n == ACPI_MAX_IOAPICS) {
		printk(LOG_WARN "ACPI: I/O APIC %u at %#x, from interrupt %u on, is not used\n", io->id, io->addr, io->gsi_base);
		return;
	}
	acpi_info.ioapic[n].id = io->id;
	acpi_info.ioapic[n].addr = io->addr;
	acpi_info.ioapic[n].gsi_base = io->gsi_base;
	acpi_info.nr_ioapics++;
}

static void __init add_override(const struct madt_override *o)
{
	unsigned int n = acpi_info.nr_overrides;

	for (unsigned int i = 0; i < n; i++)
		if (acpi_info.override[i].irq == o->irq)
			return;
	if (o->bus || o->irq >= ISA_IRQS || o->gsi >= GSI_LIMIT || n == ACPI_MAX_OVERRIDES)
		return;
	acpi_info.override[n].irq = o->irq;
	acpi_info.override[n].gsi = o->gsi;
	acpi_info.override[n].flags = o->flags;
	acpi_info.nr_overrides++;
}

static void __init read_entry(const struct acpi_entry *e)
{
	static const uint8_t size[] __initconst = {
		[MADT_LAPIC] = sizeof(struct madt_lapic), [MADT_IOAPIC] = sizeof(struct madt_ioapic),
		[MADT_OVERRIDE] = sizeof(struct madt_override), [MADT_LAPIC_ADDR] = sizeof(struct madt_lapic_addr),
		[MADT_X2APIC] = sizeof(struct madt_x2apic),
	};
	const struct madt_lapic *l = (const void *)e;
	const struct madt_x2apic *x = (const void *)e;

	if (e->type >= ARRAY_SIZE(size) || !size[e->type] || e->length < size[e->type])
		return;
	switch (e->type) {
	case MADT_LAPIC:
		if (l->apic_id != LAPIC_ID_NONE)
			add_cpu(l->apic_id, l->acpi_id, l->flags);
		break;
	case MADT_X2APIC:
		if (x->apic_id != UINT32_MAX)
			add_cpu(x->apic_id, x->acpi_id, x->flags);
		break;
	case MADT_IOAPIC:
		add_ioapic((const void *)e);
		break;
	case MADT_OVERRIDE:
		add_override((const void *)e);
		break;
	case MADT_LAPIC_ADDR:
		acpi_info.lapic_addr = ((const struct madt_lapic_addr *)e)->addr;
		break;
	}
}

void __init acpi_madt_read(const struct acpi_header *t)
{
	const struct madt *m = (const struct madt *)t;
	uint64_t firmware_default = acpi_info.lapic_addr;

	if (t->length < sizeof(*m))
		return;
	acpi_info.lapic_addr = m->lapic_addr;
	for (const struct acpi_entry *e = NULL; (e = acpi_entry_next(t, sizeof(*m), e)); )
		read_entry(e);
	if (!IS_ALIGNED(acpi_info.lapic_addr, 0x1000) || !acpi_addr_good(acpi_info.lapic_addr, 0x1000))
		acpi_info.lapic_addr = firmware_default;
	if (left_out)
		printk(LOG_WARN "ACPI: %u processors are left out: there is room for %u\n", left_out, NR_CPUS);
}
