/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The devices that dom0 has found, with what we need to know to drive their interrupts. */
#include <asm/mm.h>
#include <tenon/domain.h>
#include "../irq/desc.h"
#include "pci.h"
#include "regs.h"

#define MAX_CAPS	48	/* as many as fit: a chain that is longer is a circle */

struct rangeset *mmio_ro_ranges;
static spinlock_t devices_lock = SPINLOCK_INIT;
static LIST_HEAD(devices);

void pci_lock(void)
{
	spin_lock(&devices_lock);
}

void pci_unlock(void)
{
	spin_unlock(&devices_lock);
}

struct pci_dev *pci_find(pci_sbdf_t dev)
{
	struct pci_dev *p;

	list_for_each(p, &devices, list)
		if (p->sbdf.s == dev.s)
			return p;
	return NULL;
}

unsigned int pci_find_cap(pci_sbdf_t dev, uint8_t cap)
{
	unsigned int pos;

	if (!(pci_conf_read(dev, PCI_STATUS, 2) & PCI_STATUS_CAPS))
		return 0;
	pos = pci_conf_read(dev, PCI_CAP_POINTER, 1) & ~3U;
	for (unsigned int i = 0; i < MAX_CAPS && pos >= 0x40; i++) {
		uint32_t head = pci_conf_read(dev, pos, 2);

		if ((head & 0xff) == 0xff)
			break;
		if ((head & 0xff) == cap)
			return pos;
		pos = head >> 8 & ~3U;
	}
	return 0;
}

uint64_t pci_bar(pci_sbdf_t dev, unsigned int bar)
{
	unsigned int nr_bars = (pci_conf_read(dev, PCI_HEADER_TYPE, 1) & 0x7f) == 0 ? 6 :
			       (pci_conf_read(dev, PCI_HEADER_TYPE, 1) & 0x7f) == 1 ? 2 : 0;
	uint64_t high = 0;
	uint32_t low;

	if (bar >= nr_bars)
		return 0;
	low = pci_conf_read(dev, PCI_BAR(bar), 4);
	if (low & PCI_BAR_IO)
		return 0;
	if ((low & PCI_BAR_TYPE_MASK) == PCI_BAR_64) {
		if (bar + 1 >= nr_bars)
			return 0;
		high = pci_conf_read(dev, PCI_BAR(bar + 1), 4);
	}
	return high << 32 | (low & PCI_BAR_MEM_MASK);
}

int pci_device_add(pci_sbdf_t dev, bool is_virtfn, uint32_t node)
{
	struct pci_dev *p = pci_find(dev);

	if (!p) {
		p = xzalloc(struct pci_dev);
		if (!p)
			return -ENOMEM;
		p->sbdf = dev;
		p->domain = dom0;
		list_init(&p->msi_list);
		list_add_tail(&p->list, &devices);
		mmcfg_map_bus(dev);
		p->msi_pos = pci_find_cap(dev, PCI_CAP_ID_MSI);
		p->msix_pos = pci_find_cap(dev, PCI_CAP_ID_MSIX);
		if (p->msix_pos)
			p->nr_msix = (pci_conf_read(dev, p->msix_pos + MSIX_CONTROL, 2) & MSIX_CONTROL_SIZE_MASK) + 1;
	}
	p->is_virtfn = is_virtfn;
	p->node = node;
	return 0;
}

int pci_device_remove(pci_sbdf_t dev)
{
	struct pci_dev *p = pci_find(dev);

	if (!p)
		return -ENODEV;
	while (!list_empty(&p->msi_list)) {
		struct msi_entry *e = list_first(&p->msi_list, struct msi_entry, list);
		int pirq = pirq_of_irq(p->domain, e->irq);

		ASSERT(pirq >= 0);
		pirq_unmap(p->domain, pirq);
	}
	if (p->msix_prepared)
		msix_put_table(p);
	list_del(&p->list);
	xfree(p);
	return 0;
}

void __init pci_init(void)
{
	mmcfg_init();
}
