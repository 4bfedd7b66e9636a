/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory-mapped configuration space (PCI Express 3.0, 7.2.2): 1 MiB a bus, mapped when a device is there. */
#include <asm/acpi.h>
#include <asm/mm.h>
#include <tenon/init.h>
#include "pci.h"

#define BUS_SHIFT	20
#define DEV_SHIFT	12
#define DEV_SIZE	(1U << DEV_SHIFT)

/* For acpi_info.mcfg[i]: its buses; NULL while nobody said that the area is what firmware claims. */
static volatile uint8_t **areas[ACPI_MAX_MCFG];

static uint64_t area_start(unsigned int i)
{
	return acpi_info.mcfg[i].address + ((uint64_t)acpi_info.mcfg[i].start_bus << BUS_SHIFT);
}

static uint64_t area_end(unsigned int i)
{
	return acpi_info.mcfg[i].address + ((acpi_info.mcfg[i].end_bus + 1ULL) << BUS_SHIFT);
}

/* Guests write to it through us alone, see filter.c. */
static int use_area(unsigned int i)
{
	unsigned int nr_buses = acpi_info.mcfg[i].end_bus - acpi_info.mcfg[i].start_bus + 1;

	if (areas[i])
		return 0;
	areas[i] = xzalloc_array(volatile uint8_t *, nr_buses);
	if (!areas[i])
		return -ENOMEM;
	if (rangeset_add(mmio_ro_ranges, PFN_DOWN(area_start(i)), PFN_DOWN(area_end(i) - 1))) {
		xfree(areas[i]);
		areas[i] = NULL;
		return -ENOMEM;
	}
	printk("PCI: segment %u, buses %u to %u at %#lx\n", acpi_info.mcfg[i].segment,
	       acpi_info.mcfg[i].start_bus, acpi_info.mcfg[i].end_bus, (unsigned long)area_start(i));
	return 0;
}

static bool __init firmware_reserves(uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < boot_info.nr_memmap; i++) {
		const struct memmap_entry *e = &boot_info.memmap[i];

		if (e->type == MEMMAP_RESERVED && e->start <= start && e->start + e->size >= end)
			return true;
	}
	return false;
}

void __init mmcfg_init(void)
{
	for (unsigned int i = 0; i < acpi_info.nr_mcfg; i++) {
		if (acpi_info.mcfg[i].end_bus < acpi_info.mcfg[i].start_bus)
			continue;
		if (firmware_reserves(area_start(i), area_end(i)) && use_area(i))
			panic("No memory for PCI configuration");
	}
}

/* pci_lock held. */
int pci_mmcfg_reserved(uint64_t address, unsigned int seg, unsigned int start_bus, unsigned int end_bus,
		       bool reserved)
{
	for (unsigned int i = 0; i < acpi_info.nr_mcfg; i++)
		if (acpi_info.mcfg[i].address == address && acpi_info.mcfg[i].segment == seg &&
		    acpi_info.mcfg[i].start_bus == start_bus && acpi_info.mcfg[i].end_bus == end_bus)
			return reserved && start_bus <= end_bus ? use_area(i) : 0;
	return -ENODEV;
}

/* The area that dev is in; -1 if there is none in use. */
static int area_of(pci_sbdf_t dev)
{
	unsigned int bus = dev.s >> 8 & 0xff;

	for (unsigned int i = 0; i < acpi_info.nr_mcfg; i++)
		if (areas[i] && acpi_info.mcfg[i].segment == dev.s >> 16 &&
		    bus >= acpi_info.mcfg[i].start_bus && bus <= acpi_info.mcfg[i].end_bus)
			return (int)i;
	return -1;
}

/* Index into areas[i]. */
static unsigned int bus_of(pci_sbdf_t dev, int i)
{
	return (dev.s >> 8 & 0xff) - acpi_info.mcfg[i].start_bus;
}

void mmcfg_map_bus(pci_sbdf_t dev)
{
	int i = area_of(dev);

	if (i >= 0 && !areas[i][bus_of(dev, i)])
		areas[i][bus_of(dev, i)] = ioremap(area_start(i) + ((uint64_t)bus_of(dev, i) << BUS_SHIFT),
						   1UL << BUS_SHIFT, PAGE_HV_UC);
}

volatile void *mmcfg_reg(pci_sbdf_t dev, unsigned int reg)
{
	int i = area_of(dev);
	volatile uint8_t *bus = i < 0 ? NULL : areas[i][bus_of(dev, i)];

	return bus && reg < DEV_SIZE ? bus + ((dev.s & 0xff) << DEV_SHIFT) + reg : NULL;
}

bool mmcfg_decode(uint64_t maddr, pci_sbdf_t *dev, unsigned int *reg)
{
	for (unsigned int i = 0; i < acpi_info.nr_mcfg; i++) {
		uint64_t offset = maddr - acpi_info.mcfg[i].address;

		if (!areas[i] || maddr < area_start(i) || maddr >= area_end(i))
			continue;
		*dev = pci_sbdf(acpi_info.mcfg[i].segment, (unsigned int)(offset >> BUS_SHIFT),
				(unsigned int)(offset >> DEV_SHIFT));
		*reg = (unsigned int)offset & (DEV_SIZE - 1);
		return true;
	}
	return false;
}

bool pci_mmcfg_write(uint64_t maddr, unsigned int bytes, uint32_t v)
{
	unsigned int reg;
	pci_sbdf_t dev;

	if (!mmcfg_decode(maddr, &dev, &reg))
		return false;
	pci_lock();
	mmcfg_map_bus(dev);
	pci_unlock();
	pci_guest_write(dev, reg, bytes, v);
	return true;
}
