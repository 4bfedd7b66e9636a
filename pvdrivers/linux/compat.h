/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where kernels differ: by what probes/ found (config.h), not by their versions. */
#ifndef PVL_COMPAT_H
#define PVL_COMPAT_H

#include <linux/mm.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>
#include "config.h"

static inline void pvl_end_access(grant_ref_t gref, struct page *page)
{
#if defined(HAVE_END_ACCESS_PAGE)
	gnttab_end_foreign_access(gref, page);
#elif defined(HAVE_END_ACCESS_ADDR)
	gnttab_end_foreign_access(gref, (unsigned long)page_address(page));
#else
	gnttab_end_foreign_access(gref, 0, (unsigned long)page_address(page));
#endif
}

static inline int pvl_bind_interdomain(struct xenbus_device *xdev, evtchn_port_t port, irq_handler_t handler, const char *name,
		void *arg)
{
#ifdef HAVE_BIND_INTERDOMAIN_DEV
	return bind_interdomain_evtchn_to_irqhandler_lateeoi(xdev, port, handler, 0, name, arg);
#else
	return bind_interdomain_evtchn_to_irqhandler_lateeoi(xdev->otherend_id, port, handler, 0, name, arg);
#endif
}

/* A driver's remove(). */
#ifdef HAVE_REMOVE_VOID
#define PVL_REMOVE_TYPE		void
#define PVL_REMOVE_RETURN
#else
#define PVL_REMOVE_TYPE		int
#define PVL_REMOVE_RETURN	return 0
#endif

/* A driver's uevent() gets this kind of pointer to its device. */
#ifdef HAVE_UEVENT_CONST
#define PVL_UEVENT_CONST	const
#else
#define PVL_UEVENT_CONST
#endif

#endif
