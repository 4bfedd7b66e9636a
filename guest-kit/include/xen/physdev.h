/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* physdev_op(cmd, arg): interrupts, ports and PCI devices of a domain that drives hardware. */
#ifndef XEN_PHYSDEV_H
#define XEN_PHYSDEV_H

#include <xen/xen.h>

#define PHYSDEVOP_IRQ_UNMASK_NOTIFY	4	/* in physdev_op_compat only */
#define PHYSDEVOP_irq_status_query	5
#define PHYSDEVOP_set_iopl		6
#define PHYSDEVOP_set_iobitmap		7
#define PHYSDEVOP_apic_read		8	/* struct physdev_apic: registers of an IO-APIC */
#define PHYSDEVOP_apic_write		9
#define PHYSDEVOP_alloc_irq_vector	10	/* struct physdev_irq */
#define PHYSDEVOP_free_irq_vector	11
#define PHYSDEVOP_eoi			12
#define PHYSDEVOP_map_pirq		13
#define PHYSDEVOP_unmap_pirq		14
#define PHYSDEVOP_manage_pci_add	15	/* struct physdev_manage_pci */
#define PHYSDEVOP_manage_pci_remove	16
#define PHYSDEVOP_pirq_eoi_gmfn_v1	17	/* also: an unmasked event is an EOI */
#define PHYSDEVOP_restore_msi		19
#define PHYSDEVOP_manage_pci_add_ext	20
#define PHYSDEVOP_setup_gsi		21
#define PHYSDEVOP_get_free_pirq		23
#define PHYSDEVOP_pci_mmcfg_reserved	24
#define PHYSDEVOP_pci_device_add	25
#define PHYSDEVOP_pci_device_remove	26	/* struct physdev_pci_device */
#define PHYSDEVOP_restore_msi_ext	27	/* likewise */
#define PHYSDEVOP_pirq_eoi_gmfn_v2	28
#define PHYSDEVOP_dbgp_op		29
#define PHYSDEVOP_prepare_msix		30	/* struct physdev_pci_device */
#define PHYSDEVOP_release_msix		31	/* likewise */

/* physdev_irq_status_query.flags */
#define _XENIRQSTAT_needs_eoi	0
#define _XENIRQSTAT_shared	1
#define XENIRQSTAT_needs_eoi	(1U << _XENIRQSTAT_needs_eoi)
#define XENIRQSTAT_shared	(1U << _XENIRQSTAT_shared)

/* physdev_map_pirq.type */
#define MAP_PIRQ_TYPE_MSI	0x0	/* bus, devfn, entry_nr and table_base count */
#define MAP_PIRQ_TYPE_GSI	0x1	/* index is the GSI */
#define MAP_PIRQ_TYPE_UNKNOWN	0x2
#define MAP_PIRQ_TYPE_MSI_SEG	0x3	/* as MSI, the segment in the upper half of bus */
#define MAP_PIRQ_TYPE_MULTI_MSI	0x4	/* likewise, entry_nr messages */

#define XEN_PCI_MMCFG_RESERVED	0x1	/* physdev_pci_mmcfg_reserved.flags */

/* physdev_pci_device_add.flags */
#define XEN_PCI_DEV_EXTFN	0x1
#define XEN_PCI_DEV_VIRTFN	0x2	/* physfn is valid */
#define XEN_PCI_DEV_PXM		0x4	/* optarr[0] is the proximity domain */

#define PHYSDEVOP_DBGP_RESET_PREPARE	1
#define PHYSDEVOP_DBGP_RESET_DONE	2
#define PHYSDEVOP_DBGP_BUS_UNKNOWN	0
#define PHYSDEVOP_DBGP_BUS_PCI		1

struct physdev_eoi {
	uint32_t irq;
};

/* A page of bits, set by the hypervisor: that interrupt needs an EOI. */
struct physdev_pirq_eoi_gmfn {
	xen_pfn_t gmfn;
};

struct physdev_irq_status_query {
	uint32_t irq;
	uint32_t flags;			/* out */
};

/* The level up to which ports are open to the calling vCPU, 0 to 3. */
struct physdev_set_iopl {
	uint32_t iopl;
};

/* Ports that user mode may use: a clear bit allows. */
struct physdev_set_iobitmap {
	XEN_GUEST_HANDLE(uint8_t) bitmap;
	uint32_t nr_ports;
};

struct physdev_apic {
	unsigned long apic_physbase;
	uint32_t reg;
	uint32_t value;
};

struct physdev_irq {
	uint32_t irq;
	uint32_t vector;
};

struct physdev_map_pirq {
	domid_t domid;
	int type;
	int index;
	int pirq;			/* in: wanted, or -1; out: given */
	int bus;
	int devfn;
	int entry_nr;
	uint64_t table_base;
};

struct physdev_unmap_pirq {
	domid_t domid;
	int pirq;
};

struct physdev_manage_pci {
	uint8_t bus;
	uint8_t devfn;
};

struct physdev_restore_msi {
	uint8_t bus;
	uint8_t devfn;
};

struct physdev_manage_pci_ext {
	uint8_t bus;
	uint8_t devfn;
	uint32_t is_extfn;
	uint32_t is_virtfn;
	struct {
		uint8_t bus;
		uint8_t devfn;
	} physfn;
};

/* The argument of physdev_op_compat. */
struct physdev_op {
	uint32_t cmd;
	union {
		struct physdev_irq_status_query irq_status_query;
		struct physdev_set_iopl set_iopl;
		struct physdev_set_iobitmap set_iobitmap;
		struct physdev_apic apic_op;
		struct physdev_irq irq_op;
	} u;
};

struct physdev_setup_gsi {
	int gsi;
	uint8_t triggering;		/* 0 edge, 1 level */
	uint8_t polarity;		/* 0 active high, 1 active low */
};

struct physdev_get_free_pirq {
	int type;			/* MAP_PIRQ_TYPE_MSI or _GSI */
	uint32_t pirq;			/* out */
};

struct physdev_pci_mmcfg_reserved {
	uint64_t address;
	uint16_t segment;
	uint8_t start_bus;
	uint8_t end_bus;
	uint32_t flags;
};

struct physdev_pci_device_add {
	uint16_t seg;
	uint8_t bus;
	uint8_t devfn;
	uint32_t flags;
	struct {
		uint8_t bus;
		uint8_t devfn;
	} physfn;
	uint32_t optarr[];
};

struct physdev_pci_device {
	uint16_t seg;
	uint8_t bus;
	uint8_t devfn;
};

struct physdev_dbgp_op {
	uint8_t op;
	uint8_t bus;
	union {
		struct physdev_pci_device pci;
	} u;
};

#endif
