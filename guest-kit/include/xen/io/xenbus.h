/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The state of one end of a split device, a decimal number in the store's node "state". */
#ifndef XEN_IO_XENBUS_H
#define XEN_IO_XENBUS_H

enum xenbus_state {
	XenbusStateUnknown = 0,		/* no such node */
	XenbusStateInitialising = 1,
	XenbusStateInitWait = 2,	/* features are published; waiting for the peer, or for a hotplug script */
	XenbusStateInitialised = 3,	/* rings and ports are published */
	XenbusStateConnected = 4,
	XenbusStateClosing = 5,		/* an error, or an unplug that was asked for */
	XenbusStateClosed = 6,
	XenbusStateReconfiguring = 7,
	XenbusStateReconfigured = 8
};

typedef enum xenbus_state XenbusState;

#endif
