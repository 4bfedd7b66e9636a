/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Message-signalled interrupts: the MSI capability (PCI 3.0, 6.8.1). MSI-X is in msix.c. */
#include <asm/mm.h>
#include <tenon/percpu.h>
#include "desc.h"
#include "../pci/regs.h"

spinlock_t msi_mask_lock = SPINLOCK_INIT;

static unsigned int mask_reg(const struct msi_entry *e)
{
	return msi_mask_reg(e->pos, e->is64);
}

/* Bits that a guest may want set come from it: see pci/filter.c. */
static void set_mask_bit(struct irq_desc *desc, bool masked)
{
	struct msi_entry *e = desc->msi;
	uint32_t bit = 1U << (desc->irq - e->irq);

	spin_lock(&msi_mask_lock);
	e->host_mask = masked ? e->host_mask | bit : e->host_mask & ~bit;
	pci_conf_write(e->dev->sbdf, mask_reg(e), 4, e->host_mask | e->guest_mask);
	spin_unlock(&msi_mask_lock);
}

static void msi_mask(struct irq_desc *desc)
{
	set_mask_bit(desc, true);
	/* The answer comes behind a message that was under way. */
	(void)pci_conf_read(desc->msi->dev->sbdf, mask_reg(desc->msi), 4);
}

static void msi_unmask(struct irq_desc *desc)
{
	set_mask_bit(desc, false);
}

/* A device with several sends the first one's message with its low bits set to the number: they never move apart. */
static void msi_route(struct irq_desc *desc)
{
	struct msi_entry *e = desc->msi;
	pci_sbdf_t dev = e->dev->sbdf;

	pci_conf_write(dev, e->pos + MSI_ADDRESS, 4, msi_address(percpu(desc->cpu)->arch.apic_id));
	if (e->is64)
		pci_conf_write(dev, e->pos + MSI_ADDRESS_HIGH, 4, 0);
	pci_conf_write(dev, msi_data_reg(e->pos, e->is64), 2, msi_data(desc->vector));
	(void)pci_conf_read(dev, e->pos + MSI_CONTROL, 2);
}

const struct irq_chip msi_chip = {
	.name = "MSI", .mask = msi_mask, .unmask = msi_unmask, .route = msi_route,
};
const struct irq_chip msi_unmaskable_chip = {
	.name = "MSI-nomask", .route = msi_route,
};

static void write_control(struct msi_entry *e)
{
	uint16_t control = (uint16_t)pci_conf_read(e->dev->sbdf, e->pos + MSI_CONTROL, 2);

	control = (control & ~MSI_CONTROL_USE_MASK) | first_set(e->nr) << MSI_CONTROL_USE_SHIFT;
	pci_conf_write(e->dev->sbdf, e->pos + MSI_CONTROL, 2, control);
}

/* Whether the device signals at all is dom0's to say: it has the control register's enable bit. */
int msi_enable(struct pci_dev *dev, unsigned int irq, unsigned int nr, struct msi_entry **out)
{
	unsigned int limit;
	struct msi_entry *e;
	uint16_t control;

	if (!dev->msi_pos)
		return -ENODEV;
	control = (uint16_t)pci_conf_read(dev->sbdf, dev->msi_pos + MSI_CONTROL, 2);
	limit = 1U << (control >> MSI_CONTROL_MAX_SHIFT & 7);
	if (nr > limit)
		return (int)limit;
	e = xzalloc(struct msi_entry);
	if (!e)
		return -ENOMEM;
	*e = (struct msi_entry){ .dev = dev, .irq = irq, .nr = nr, .pos = dev->msi_pos,
				 .is64 = control & MSI_CONTROL_64, .maskable = control & MSI_CONTROL_MASKABLE };
	pci_conf_write(dev->sbdf, e->pos + MSI_CONTROL, 2, control & ~MSI_CONTROL_ENABLE);
	if (e->maskable) {
		e->host_mask = ~0U >> (32 - limit);
		pci_conf_write(dev->sbdf, mask_reg(e), 4, e->host_mask);
	}
	write_control(e);
	list_add(&e->list, &dev->msi_list);
	*out = e;
	return 0;
}

static void msi_off(struct msi_entry *e)
{
	uint16_t control = (uint16_t)pci_conf_read(e->dev->sbdf, e->pos + MSI_CONTROL, 2);

	control &= ~(MSI_CONTROL_ENABLE | MSI_CONTROL_USE_MASK);
	pci_conf_write(e->dev->sbdf, e->pos + MSI_CONTROL, 2, control);
}

void msi_disable(struct msi_entry *e)
{
	if (e->msix)
		msix_put_table(e->dev);
	else
		msi_off(e);
	list_del(&e->list);
	xfree(e);
}

void msi_restore(struct msi_entry *e)
{
	if (!e->msix)
		write_control(e);
	for (unsigned int i = 0; i < e->nr; i++) {
		struct irq_desc *desc = irq_desc(e->irq + i);
		unsigned long flags = spin_lock_irqsave(&desc->lock);

		if (!i)
			desc->chip->route(desc);
		if (desc->guests)
			irq_unmask(desc);
		else if (desc->chip->mask)
			desc->chip->mask(desc);
		spin_unlock_irqrestore(&desc->lock, flags);
	}
}
