/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* nmi_op(cmd, arg): non-maskable interrupts. */
#ifndef XEN_NMI_H
#define XEN_NMI_H

#include <xen/xen.h>

#define XENNMI_register_callback	0
#define XENNMI_unregister_callback	1

/* arch_shared_info.nmi_reason */
#define _XEN_NMIREASON_io_error	0
#define _XEN_NMIREASON_pci_serr	1
#define _XEN_NMIREASON_unknown	2
#define XEN_NMIREASON_io_error	(XEN_UL(1) << _XEN_NMIREASON_io_error)
#define XEN_NMIREASON_pci_serr	(XEN_UL(1) << _XEN_NMIREASON_pci_serr)
#define XEN_NMIREASON_unknown	(XEN_UL(1) << _XEN_NMIREASON_unknown)

struct xennmi_callback {
	unsigned long handler_address;
	unsigned long pad;
};

#endif
