/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where kernels differ: by what probes/ found (config.h), not by their versions. */
#ifndef PVL_COMPAT_H
#define PVL_COMPAT_H

#include <linux/highmem.h>
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

/* A page's address until pvl_kunmap() of it: without sleeping, the last one first. */
static inline void *pvl_kmap(struct page *page)
{
#ifdef HAVE_KMAP_LOCAL
	return kmap_local_page(page);
#else
	return kmap_atomic(page);
#endif
}

static inline void pvl_kunmap(void *addr)
{
#ifdef HAVE_KMAP_LOCAL
	kunmap_local(addr);
#else
	kunmap_atomic(addr);
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

/* The peer's state. */
static inline enum xenbus_state pvl_peer_state(struct xenbus_device *xdev)
{
#ifdef HAVE_READ_STATE_DEV
	return xenbus_read_driver_state(xdev, xdev->otherend);
#else
	return xenbus_read_driver_state(xdev->otherend);
#endif
}

/* Defines pvl_remove(), a driver's remove(), which calls do_remove(). */
#ifdef HAVE_REMOVE_VOID
#define PVL_REMOVE(do_remove)							\
static void pvl_remove(struct xenbus_device *xdev)				\
{										\
	do_remove(xdev);							\
}
#else
#define PVL_REMOVE(do_remove)							\
static int pvl_remove(struct xenbus_device *xdev)				\
{										\
	do_remove(xdev);							\
	return 0;								\
}
#endif

/* A driver's uevent() gets this kind of pointer to its device. */
#ifdef HAVE_UEVENT_CONST
#define PVL_UEVENT_CONST	const
#else
#define PVL_UEVENT_CONST
#endif

#endif
