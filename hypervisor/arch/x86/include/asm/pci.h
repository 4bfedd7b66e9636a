/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PCI configuration space and the devices dom0 has told of. */
#ifndef ASM_PCI_H
#define ASM_PCI_H

#include <tenon/list.h>
#include <tenon/rangeset.h>

struct domain;
struct msi_entry;

/* Segment << 16 | bus << 8 | devfn. */
typedef struct { uint32_t s; } pci_sbdf_t;
static inline pci_sbdf_t pci_sbdf(unsigned int seg, unsigned int bus, unsigned int devfn)
{
	return (pci_sbdf_t){ (seg & 0xffff) << 16 | (bus & 0xff) << 8 | (devfn & 0xff) };
}

/* Reads of what is not there give all ones. Any context; bytes: 1, 2 or 4, reg aligned to it. */
uint32_t pci_conf_read(pci_sbdf_t dev, unsigned int reg, unsigned int bytes);
void pci_conf_write(pci_sbdf_t dev, unsigned int reg, unsigned int bytes, uint32_t v);
/* A guest's access to data ports 0xcfc + offset while its address port holds cf8. */
uint32_t pci_port_read(uint32_t cf8, unsigned int offset, unsigned int bytes);
void pci_port_write(uint32_t cf8, unsigned int offset, unsigned int bytes, uint32_t v);

/* A guest's write to machine address maddr; false when it is in no memory-mapped area of configuration space. */
bool pci_mmcfg_write(uint64_t maddr, unsigned int bytes, uint32_t v);

/* Finds the memory-mapped areas of the MCFG table; heap is up. */
void pci_init(void);
/* dom0 says an area is reserved and may be used: 0 or -ENODEV. */
int pci_mmcfg_reserved(uint64_t address, unsigned int seg, unsigned int start_bus,
		       unsigned int end_bus, bool reserved);

/* Frames of device memory that no guest may write to: MSI-X tables, the HPET, MMCONFIG. From irq_init() on. */
extern struct rangeset *mmio_ro_ranges;

struct pci_dev {
	struct list_head list;
	pci_sbdf_t sbdf;
	bool is_virtfn;
	uint32_t node;			/* proximity domain, ~0 if unknown */
	struct domain *domain;		/* whose it is */
	unsigned int msi_pos, msix_pos;	/* capabilities' offsets, 0: none */
	unsigned int nr_msix;		/* entries of the MSI-X table */
	unsigned int msix_used;		/* entries in use, or prepared */
	bool msix_prepared;
	volatile uint8_t *msix_table;	/* mapped while in use */
	uint64_t msix_table_maddr, msix_pba_maddr;
	struct list_head msi_list;	/* struct msi_entry.list */
};

/* Order: pci_lock, then a domain's pirq_lock, then a descriptor's lock. */
void pci_lock(void);
void pci_unlock(void);
/* Lock held. */
struct pci_dev *pci_find(pci_sbdf_t dev);
int pci_device_add(pci_sbdf_t dev, bool is_virtfn, uint32_t node);
int pci_device_remove(pci_sbdf_t dev);
/* Offset of a capability in configuration space, 0 if the device has none such. */
unsigned int pci_find_cap(pci_sbdf_t dev, uint8_t cap);
/* Address that a base address register holds; 0 if it is no memory register. */
uint64_t pci_bar(pci_sbdf_t dev, unsigned int bar);

#endif
