/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IO-APICs (Intel 82093AA data sheet; ICH9 data sheet 13.5): pins of lines and of the old bus. */
#include <asm/acpi.h>
#include <asm/mm.h>
#include <tenon/percpu.h>
#include "desc.h"

#define IOAPIC_SELECT	0x00
#define IOAPIC_WINDOW	0x10
#define REG_VERSION	0x01
#define REG_ENTRY(pin)	(0x10 + 2 * (pin))	/* low half, then high */

/* Low half of an entry. The high half's top byte is the destination's APIC id. */
#define RTE_VECTOR	0x000ff
#define RTE_MODE	0x00700
#define RTE_MODE_LOWEST	0x00100
#define RTE_MODE_SMI	0x00200
#define RTE_ACTIVE_LOW	0x02000
#define RTE_LEVEL	0x08000
#define RTE_MASKED	0x10000

struct ioapic {
	volatile uint8_t *regs;
	uint64_t address;
	unsigned int gsi_base, nr_pins;
	spinlock_t lock;		/* select, then window */
};

unsigned int nr_gsis __read_mostly;
static struct ioapic ioapics[ACPI_MAX_IOAPICS];
static unsigned int nr_ioapics;

static uint32_t reg_read(struct ioapic *io, unsigned int reg)
{
	unsigned long flags = spin_lock_irqsave(&io->lock);
	uint32_t v;

	mmio_write32(io->regs + IOAPIC_SELECT, reg);
	v = mmio_read32(io->regs + IOAPIC_WINDOW);
	spin_unlock_irqrestore(&io->lock, flags);
	return v;
}

static void reg_write(struct ioapic *io, unsigned int reg, uint32_t v)
{
	unsigned long flags = spin_lock_irqsave(&io->lock);

	mmio_write32(io->regs + IOAPIC_SELECT, reg);
	mmio_write32(io->regs + IOAPIC_WINDOW, v);
	spin_unlock_irqrestore(&io->lock, flags);
}

static void rte_write(struct irq_desc *desc, uint32_t rte)
{
	desc->rte = rte;
	reg_write(desc->ioapic, REG_ENTRY(desc->pin), rte);
}

static void pin_mask(struct irq_desc *desc)
{
	rte_write(desc, desc->rte | RTE_MASKED);
}

static void pin_unmask(struct irq_desc *desc)
{
	rte_write(desc, desc->rte & ~RTE_MASKED);
}

/* The pin is masked. */
static void pin_route(struct irq_desc *desc)
{
	reg_write(desc->ioapic, REG_ENTRY(desc->pin) + 1, percpu(desc->cpu)->arch.apic_id << 24);
	rte_write(desc, (desc->rte & ~RTE_VECTOR) | desc->vector);
	(void)reg_read(desc->ioapic, REG_ENTRY(desc->pin));
}

static const struct irq_chip ioapic_chip = {
	.name = "IO-APIC", .mask = pin_mask, .unmask = pin_unmask, .route = pin_route,
};

bool irq_is_ioapic(const struct irq_desc *desc)
{
	return desc->chip == &ioapic_chip;
}

void ioapic_set_trigger(struct irq_desc *desc, bool level, bool active_low)
{
	desc->level = level;
	desc->active_low = active_low;
	rte_write(desc, (desc->rte & RTE_VECTOR) | RTE_MASKED | (level ? RTE_LEVEL : 0) |
			(active_low ? RTE_ACTIVE_LOW : 0));
}

bool ioapic_address(unsigned int i, uint64_t *addr)
{
	if (i >= nr_ioapics)
		return false;
	*addr = ioapics[i].address;
	return true;
}

/* Firmware's own (SMI) stay; writing an entry as edge forgets a level interrupt that nobody acknowledged. */
static void __init silence(struct ioapic *io)
{
	for (unsigned int pin = 0; pin < io->nr_pins; pin++) {
		uint32_t rte = reg_read(io, REG_ENTRY(pin));

		if ((rte & RTE_MODE) == RTE_MODE_SMI)
			continue;
		reg_write(io, REG_ENTRY(pin), RTE_MASKED);
		reg_write(io, REG_ENTRY(pin) + 1, 0);
	}
}

void __init ioapic_init(void)
{
	for (unsigned int i = 0; i < acpi_info.nr_ioapics; i++) {
		struct ioapic *io = &ioapics[nr_ioapics];
		uint32_t version;

		io->address = acpi_info.ioapic[i].addr;
		io->gsi_base = acpi_info.ioapic[i].gsi_base;
		io->regs = (uint8_t *)set_fixmap(FIX_IOAPIC_FIRST + i, io->address & PAGE_MASK, PAGE_HV_UC) +
			   PAGE_OFFSET(io->address);
		version = reg_read(io, REG_VERSION);
		if (version == ~0U) {
			printk(LOG_WARN "No IO-APIC at %#lx\n", (unsigned long)io->address);
			continue;
		}
		io->nr_pins = (version >> 16 & 0xff) + 1;
		silence(io);
		nr_gsis = max(nr_gsis, io->gsi_base + io->nr_pins);
		nr_ioapics++;
		printk("IO-APIC at %#lx: GSIs %u to %u\n", (unsigned long)io->address, io->gsi_base,
		       io->gsi_base + io->nr_pins - 1);
	}
	if (!nr_ioapics)
		panic("This machine's firmware tells of no IO-APIC, which Tenon needs");
	nr_gsis = max(nr_gsis, 16U);
}

/* As the bus has it: lines of the old one are edges, PCI's are held low. */
static void __init default_trigger(struct irq_desc *desc)
{
	bool isa = desc->irq < 16, level = !isa, low = !isa;

	for (unsigned int i = 0; i < acpi_info.nr_overrides; i++) {
		uint16_t flags = acpi_info.override[i].flags;

		if (acpi_info.override[i].gsi != desc->irq)
			continue;
		if (flags & ACPI_MADT_TRIGGER_MASK)
			level = (flags & ACPI_MADT_TRIGGER_MASK) == ACPI_MADT_LEVEL;
		if (flags & ACPI_MADT_POLARITY_MASK)
			low = (flags & ACPI_MADT_POLARITY_MASK) == ACPI_MADT_ACTIVE_LOW;
	}
	ioapic_set_trigger(desc, level, low);
}

void __init ioapic_init_descs(void)
{
	for (unsigned int i = 0; i < nr_ioapics; i++) {
		struct ioapic *io = &ioapics[i];

		for (unsigned int pin = 0; pin < io->nr_pins; pin++) {
			struct irq_desc *desc = irq_desc(io->gsi_base + pin);

			if ((reg_read(io, REG_ENTRY(pin)) & RTE_MODE) == RTE_MODE_SMI)
				continue;
			desc->chip = &ioapic_chip;
			desc->ioapic = io;
			desc->pin = (uint8_t)pin;
			default_trigger(desc);
		}
	}
}

/* ---- what dom0 may do with them ---- */

static struct ioapic *by_address(uint64_t address)
{
	for (unsigned int i = 0; i < nr_ioapics; i++)
		if (ioapics[i].address == address)
			return &ioapics[i];
	return NULL;
}

int ioapic_guest_read(uint64_t base, uint32_t reg, uint32_t *value)
{
	struct ioapic *io = by_address(base);

	if (!io)
		return -EINVAL;
	*value = reg_read(io, reg & 0xff);
	return 0;
}

/* Sets how a pin is triggered unless somebody has it; -EEXIST, -EINVAL. */
static int set_unused(unsigned int gsi, bool level, bool active_low, bool once)
{
	struct irq_desc *desc = irq_desc(gsi);
	unsigned long flags;
	int rc = 0;

	if (gsi >= nr_gsis || !desc->chip)
		return -EINVAL;
	flags = spin_lock_irqsave(&desc->lock);
	if (desc->fn || desc->guests || (once && desc->programmed)) {
		rc = -EEXIST;
	} else {
		desc->programmed = true;
		ioapic_set_trigger(desc, level, active_low);
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

int ioapic_setup_gsi(int gsi, bool level, bool active_low)
{
	return gsi < 0 ? -EINVAL : set_unused((unsigned int)gsi, level, active_low, true);
}

/*
 * Old kernels program pins themselves. Destination and vector are ours to choose, so the high half is ignored,
 * and so is what concerns a pin that is in use.
 */
int ioapic_guest_write(uint64_t base, uint32_t reg, uint32_t value, int *gsi)
{
	struct ioapic *io = by_address(base);
	unsigned int pin = (reg - REG_ENTRY(0)) / 2;
	int rc;

	*gsi = -1;
	if (!io)
		return -EINVAL;
	if (reg < REG_ENTRY(0) || (reg & 1))
		return 0;
	if (pin >= io->nr_pins || (value & RTE_MODE) > RTE_MODE_LOWEST)
		return -EINVAL;
	rc = set_unused(io->gsi_base + pin, value & RTE_LEVEL, value & RTE_ACTIVE_LOW, false);
	if (!rc)
		*gsi = (int)(io->gsi_base + pin);
	return rc == -EEXIST ? 0 : rc;
}
