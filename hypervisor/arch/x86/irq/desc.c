/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors: who has which interrupt. */
#include <asm/acpi.h>
#include <asm/mm.h>
#include <tenon/percpu.h>
#include "desc.h"

unsigned int nr_irqs __read_mostly;
struct irq_desc *irq_descs __read_mostly;

/* Guards chip of the descriptors above the GSIs. */
static spinlock_t alloc_lock = SPINLOCK_INIT;

static unsigned int free_run(unsigned int nr)
{
	unsigned int run = 0;

	for (unsigned int i = nr_gsis; i < nr_irqs; i++) {
		run = irq_descs[i].chip ? 0 : run + 1;
		if (run == nr)
			return i + 1 - nr;
	}
	return 0;
}

int irq_alloc(unsigned int nr, const struct irq_chip *chip)
{
	unsigned int first;

	spin_lock(&alloc_lock);
	first = free_run(nr);
	for (unsigned int i = 0; first && i < nr; i++) {
		struct irq_desc *desc = irq_desc(first + i);

		desc->level = desc->fixed = desc->storm = false;
		desc->count = desc->back = 0;
		desc->chip = chip;
	}
	spin_unlock(&alloc_lock);
	return first ? (int)first : -ENOSPC;
}

void irq_release(unsigned int irq, unsigned int nr)
{
	for (unsigned int i = irq; i < irq + nr; i++) {
		struct irq_desc *desc = irq_desc(i);
		unsigned long flags = spin_lock_irqsave(&desc->lock);

		ASSERT(!desc->guests && !desc->fn);
		if (desc->vector)
			vector_free(desc->cpu, desc->vector);
		if (desc->old_vector)
			vector_free(desc->old_cpu, desc->old_vector);
		desc->vector = desc->old_vector = 0;
		desc->msi = NULL;
		desc->chip = NULL;
		spin_unlock_irqrestore(&desc->lock, flags);
	}
}

void irq_unmask(struct irq_desc *desc)
{
	if (desc->storm || !desc->chip->unmask)
		return;
	if (desc->level)
		desc->unmasked = now();
	desc->chip->unmask(desc);
}

int irq_startup(struct irq_desc *desc, unsigned int cpu)
{
	if (!irq_cpu_reachable(cpu))
		cpu = 0;
	/* A pin keeps its vector for ever: taking one away while the line is held would jam it. */
	if (!desc->vector) {
		unsigned int other;
		int rc = vector_alloc(desc, 1, cpu, 0);

		for_each_online_cpu(other)
			if (rc && irq_cpu_reachable(other))
				rc = vector_alloc(desc, 1, other, 0);
		if (rc)
			return rc;
		desc->chip->route(desc);
	}
	desc->target = (uint16_t)cpu;
	irq_unmask(desc);
	return 0;
}

void irq_shutdown(struct irq_desc *desc)
{
	if (desc->chip->mask)
		desc->chip->mask(desc);
	desc->storm = false;
}

unsigned int isa_irq_to_gsi(unsigned int irq)
{
	for (unsigned int i = 0; i < acpi_info.nr_overrides; i++)
		if (acpi_info.override[i].irq == irq)
			return acpi_info.override[i].gsi;
	return irq;
}

static struct irq_desc *own_desc(unsigned int irq)
{
	if (irq < 16)
		irq = isa_irq_to_gsi(irq);
	return irq < nr_gsis && irq_desc(irq)->chip ? irq_desc(irq) : NULL;
}

int irq_request(unsigned int irq, void (*fn)(unsigned int irq, void *data), void *data, const char *name)
{
	struct irq_desc *desc = own_desc(irq);
	unsigned long flags;
	int rc = -EBUSY;

	if (!desc)
		return -EINVAL;
	flags = spin_lock_irqsave(&desc->lock);
	if (!desc->fn && !desc->guests) {
		rc = irq_startup(desc, 0);
		if (!rc) {
			desc->data = data;
			desc->name = name;
			desc->fn = fn;
		}
	}
	spin_unlock_irqrestore(&desc->lock, flags);
	return rc;
}

/* An interrupt of ours dom0 may map; to bind it, it finds it in use. */
int irq_keep_from_dom0(struct domain *d)
{
	uint64_t addr;
	int rc = rangeset_remove(d->iomem_caps, 0xfee00, 0xfeeff);	/* local APICs, messages: SDM 3A 10.11.1 */

	if (acpi_info.lapic_addr)
		rc |= rangeset_remove(d->iomem_caps, PFN_DOWN(acpi_info.lapic_addr), PFN_DOWN(acpi_info.lapic_addr));
	/* What it maps of an IO-APIC it may only read. */
	for (unsigned int i = 0; ioapic_address(i, &addr); i++)
		rc |= rangeset_add(mmio_ro_ranges, PFN_DOWN(addr), PFN_DOWN(addr));
	return rc;
}

static void dump_one(struct irq_desc *desc)
{
	printk(" %4u: %-12s %s vector %02x CPU%u, %u times%s", desc->irq, desc->chip->name,
	       desc->level ? "level" : "edge ", desc->vector, desc->cpu, desc->count,
	       desc->storm ? ", held back" : "");
	if (desc->fn)
		printk(" %s", desc->name);
	for (unsigned int i = 0; desc->guests && i < desc->guests->nr; i++) {
		struct domain *d = desc->guests->guest[i].d;
		unsigned int pirq = desc->guests->guest[i].pirq;

		printk(" d%u:%u(port %u%s)", d->domain_id, pirq, pirq_port(d, pirq),
		       d->arch.pirqs[pirq].masked ? ", in service" : "");
	}
	printk("\n");
}

void irq_dump(unsigned char key)
{
	printk("Interrupts:\n");
	for (unsigned int i = 0; i < nr_irqs; i++) {
		struct irq_desc *desc = irq_desc(i);
		unsigned long flags = spin_lock_irqsave(&desc->lock);

		if (desc->chip && desc->vector)
			dump_one(desc);
		spin_unlock_irqrestore(&desc->lock, flags);
	}
}
