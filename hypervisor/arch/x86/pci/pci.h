/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of PCI support. */
#ifndef X86_PCI_PCI_H
#define X86_PCI_PCI_H

#include <asm/pci.h>

void mmcfg_init(void);
/* Makes the bus' part of the memory-mapped area, if there is one, usable; pci_lock held. */
void mmcfg_map_bus(pci_sbdf_t dev);
/* Where a register is mapped; NULL when it is not. Any context. */
volatile void *mmcfg_reg(pci_sbdf_t dev, unsigned int reg);
/* Is machine address maddr in an area that is in use? Then which device's register it is. */
bool mmcfg_decode(uint64_t maddr, pci_sbdf_t *dev, unsigned int *reg);

/* A guest's write, as far as what we do with the device's interrupts allows it. */
void pci_guest_write(pci_sbdf_t dev, unsigned int reg, unsigned int bytes, uint32_t v);

#endif
