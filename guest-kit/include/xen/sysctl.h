/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* sysctl(arg): dom0's tools ask the hypervisor as a whole. */
#ifndef XEN_SYSCTL_H
#define XEN_SYSCTL_H

#include <xen/xen.h>

#define XEN_SYSCTL_INTERFACE_VERSION	0x00000015

#define XEN_SYSCTL_readconsole		1
#define XEN_SYSCTL_debug_keys		7

/* Text of the hypervisor's log ring. */
struct xen_sysctl_readconsole {
	uint8_t clear;			/* afterwards nobody gets the text again */
	uint8_t incremental;		/* start at index, not at the oldest text */
	uint8_t pad0, pad1;
	uint32_t index;			/* in, out: position in the text ever written */
	XEN_GUEST_HANDLE_64(char) buffer;
	uint32_t count;			/* in: size of buffer; out: bytes written to it */
};

/* Presses debug keys. */
struct xen_sysctl_debug_keys {
	XEN_GUEST_HANDLE_64(char) keys;
	uint32_t nr_keys;
};

struct xen_sysctl {
	uint32_t cmd;
	uint32_t interface_version;
	union {
		struct xen_sysctl_readconsole readconsole;
		struct xen_sysctl_debug_keys debug_keys;
		uint8_t pad[128];
	} u;
};

#endif
