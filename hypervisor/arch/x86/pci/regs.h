/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration space as far as the hypervisor reads it (PCI Local Bus 3.0, chapter 6). */
#ifndef X86_PCI_REGS_H
#define X86_PCI_REGS_H

#define PCI_COMMAND		0x04
#define PCI_COMMAND_MEMORY	0x0002
#define PCI_STATUS		0x06
#define PCI_STATUS_CAPS		0x0010
#define PCI_HEADER_TYPE		0x0e
#define PCI_BAR(n)		(0x10 + 4 * (n))
#define PCI_BAR_IO		0x1
#define PCI_BAR_TYPE_MASK	0x6
#define PCI_BAR_64		0x4
#define PCI_BAR_MEM_MASK	0xfffffff0U
#define PCI_CAP_POINTER		0x34
#define PCI_CAP_ID_MSI		0x05
#define PCI_CAP_ID_MSIX		0x11

/* The MSI capability; where data and mask stand depends on the address' width. */
#define MSI_CONTROL		0x02
#define MSI_CONTROL_ENABLE	0x0001
#define MSI_CONTROL_MAX_SHIFT	1
#define MSI_CONTROL_USE_SHIFT	4
#define MSI_CONTROL_USE_MASK	0x0070
#define MSI_CONTROL_64		0x0080
#define MSI_CONTROL_MASKABLE	0x0100
#define MSI_ADDRESS		0x04
#define MSI_ADDRESS_HIGH	0x08
static inline unsigned int msi_data_reg(unsigned int pos, bool is64) { return pos + (is64 ? 0x0c : 0x08); }
static inline unsigned int msi_mask_reg(unsigned int pos, bool is64) { return pos + (is64 ? 0x10 : 0x0c); }

#define MSIX_CONTROL		0x02
#define MSIX_CONTROL_SIZE_MASK	0x07ff
#define MSIX_TABLE		0x04
#define MSIX_PBA		0x08
#define MSIX_BAR_MASK		0x7U
#define MSIX_CAP_SIZE		12
#define MSIX_SLOT_SIZE		16
#define MSIX_SLOT_ADDRESS	0
#define MSIX_SLOT_ADDRESS_HIGH	4
#define MSIX_SLOT_DATA		8
#define MSIX_SLOT_CONTROL	12
#define MSIX_SLOT_MASKED	1

#endif
