/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What dom0 writes to configuration space: all goes through but what would take interrupts out of our hands. */
#include "../irq/desc.h"
#include "pci.h"
#include "regs.h"

static struct msi_entry *find_msi(struct pci_dev *dev)
{
	struct msi_entry *e;

	list_for_each(e, &dev->msi_list, list)
		if (!e->msix)
			return e;
	return NULL;
}

/* To the MSI-X capability: the control register alone, and as a whole. */
static bool msix_allows(const struct pci_dev *dev, unsigned int reg, unsigned int bytes)
{
	if (!dev->msix_pos || reg < dev->msix_pos || reg >= dev->msix_pos + MSIX_CAP_SIZE)
		return true;
	return reg == dev->msix_pos + MSIX_CONTROL && bytes == 2;
}

/*
 * To an MSI capability with mask bits that is in use: the control register, and the mask, to which our own
 * bits are added. True: nothing is left to write.
 */
static bool msi_handled(struct msi_entry *e, unsigned int reg, unsigned int bytes, uint32_t v)
{
	unsigned int mask = msi_mask_reg(e->pos, e->is64);
	unsigned long flags;

	if (!e->maskable || reg < e->pos || reg >= mask + 8)
		return false;
	if (reg == e->pos + MSI_CONTROL)
		return bytes != 2;
	if (reg != mask || bytes != 4)
		return true;
	flags = spin_lock_irqsave(&msi_mask_lock);
	e->guest_mask = v;
	pci_conf_write(e->dev->sbdf, mask, 4, e->host_mask | e->guest_mask);
	spin_unlock_irqrestore(&msi_mask_lock, flags);
	return true;
}

void pci_guest_write(pci_sbdf_t sbdf, unsigned int reg, unsigned int bytes, uint32_t v)
{
	struct pci_dev *dev;
	struct msi_entry *e;
	bool done = false;

	/* Capabilities are between the header and the extended part. */
	if (reg >= 0x40 && reg < 0x100) {
		pci_lock();
		dev = pci_find(sbdf);
		if (dev) {
			e = find_msi(dev);
			done = !msix_allows(dev, reg, bytes) || (e && msi_handled(e, reg, bytes, v));
		}
		pci_unlock();
	}
	if (!done)
		pci_conf_write(sbdf, reg, bytes, v);
}
