/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Message-signalled interrupts: the MSI-X table (PCI 3.0, 6.8.2). */
#include <asm/mm.h>
#include <tenon/percpu.h>
#include "desc.h"
#include "../pci/regs.h"

static void msix_mask(struct irq_desc *desc)
{
	volatile uint8_t *slot = desc->msi->slot;

	mmio_write32(slot + MSIX_SLOT_CONTROL, MSIX_SLOT_MASKED);
	/* The answer comes behind a message that was under way. */
	(void)mmio_read32(slot + MSIX_SLOT_CONTROL);
}

static void msix_unmask(struct irq_desc *desc)
{
	mmio_write32(desc->msi->slot + MSIX_SLOT_CONTROL, 0);
}

static void msix_route(struct irq_desc *desc)
{
	volatile uint8_t *slot = desc->msi->slot;

	mmio_write32(slot + MSIX_SLOT_ADDRESS, msi_address(percpu(desc->cpu)->arch.apic_id));
	mmio_write32(slot + MSIX_SLOT_ADDRESS_HIGH, 0);
	mmio_write32(slot + MSIX_SLOT_DATA, msi_data(desc->vector));
	(void)mmio_read32(slot + MSIX_SLOT_CONTROL);
}

const struct irq_chip msix_chip = {
	.name = "MSI-X", .mask = msix_mask, .unmask = msix_unmask, .route = msix_route,
};

/* Machine address of the table or the pending bits; 0 when there is none. A virtual function's registers hold none. */
static uint64_t area(struct pci_dev *dev, unsigned int reg, uint64_t table_base, unsigned int table_bar)
{
	uint32_t v = pci_conf_read(dev->sbdf, dev->msix_pos + reg, 4);
	unsigned int bar = v & MSIX_BAR_MASK;
	uint64_t base = pci_bar(dev->sbdf, bar);

	if (!base && bar == table_bar)
		base = table_base;
	return base ? base + (v & ~MSIX_BAR_MASK) : 0;
}

static void forbid(uint64_t first, uint64_t bytes, bool on)
{
	unsigned long s = PFN_DOWN(first), e = PFN_DOWN(first + bytes - 1);

	if (first && (on ? rangeset_add(mmio_ro_ranges, s, e) : rangeset_remove(mmio_ro_ranges, s, e)))
		printk(LOG_WARN "No memory to guard frames %#lx to %#lx\n", s, e);
}

static void forbid_areas(struct pci_dev *dev, bool on)
{
	forbid(dev->msix_table_maddr, dev->nr_msix * MSIX_SLOT_SIZE, on);
	forbid(dev->msix_pba_maddr, DIV_ROUND_UP(dev->nr_msix, 64) * 8, on);
}

int msix_get_table(struct pci_dev *dev, uint64_t table_base)
{
	unsigned int bar = pci_conf_read(dev->sbdf, dev->msix_pos + MSIX_TABLE, 4) & MSIX_BAR_MASK;

	if (dev->msix_used) {
		dev->msix_used++;
		return 0;
	}
	dev->msix_table_maddr = area(dev, MSIX_TABLE, table_base, bar);
	dev->msix_pba_maddr = area(dev, MSIX_PBA, table_base, bar);
	if (!dev->msix_table_maddr)
		return -ENXIO;
	dev->msix_table = ioremap(dev->msix_table_maddr, dev->nr_msix * MSIX_SLOT_SIZE, PAGE_HV_UC);
	if (!dev->msix_table)
		return -ENOMEM;
	forbid_areas(dev, true);
	dev->msix_used = 1;
	return 0;
}

void msix_put_table(struct pci_dev *dev)
{
	ASSERT(dev->msix_used);
	if (--dev->msix_used)
		return;
	forbid_areas(dev, false);
	iounmap((void *)dev->msix_table);
	dev->msix_table = NULL;
}

static bool decodes_memory(struct pci_dev *dev)
{
	/* A virtual function's command register has no such bit: its physical function decides. */
	return dev->is_virtfn || (pci_conf_read(dev->sbdf, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY);
}

int msix_enable(struct pci_dev *dev, unsigned int irq, unsigned int index, uint64_t table_base,
		struct msi_entry **out)
{
	struct msi_entry *e;
	int rc;

	if (!dev->msix_pos)
		return -ENODEV;
	if (index >= dev->nr_msix)
		return -EINVAL;
	list_for_each(e, &dev->msi_list, list)
		if (e->msix && e->index == index)
			return -EEXIST;
	if (!decodes_memory(dev))
		return -ENXIO;
	e = xzalloc(struct msi_entry);
	if (!e)
		return -ENOMEM;
	rc = msix_get_table(dev, table_base);
	if (rc) {
		xfree(e);
		return rc;
	}
	*e = (struct msi_entry){ .dev = dev, .irq = irq, .nr = 1, .msix = true, .maskable = true,
				 .index = index, .slot = dev->msix_table + index * MSIX_SLOT_SIZE };
	mmio_write32(e->slot + MSIX_SLOT_CONTROL, MSIX_SLOT_MASKED);
	list_add(&e->list, &dev->msi_list);
	*out = e;
	return 0;
}
