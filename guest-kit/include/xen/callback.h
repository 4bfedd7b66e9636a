/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* callback_op(cmd, arg): where a kernel is entered. */
#ifndef XEN_CALLBACK_H
#define XEN_CALLBACK_H

#include <xen/xen.h>

#define CALLBACKOP_register	0
#define CALLBACKOP_unregister	1

#define CALLBACKTYPE_event			0
#define CALLBACKTYPE_failsafe			1
#define CALLBACKTYPE_syscall			2	/* 64-bit guests */
#define CALLBACKTYPE_sysenter_deprecated	3
#define CALLBACKTYPE_nmi			4
#define CALLBACKTYPE_sysenter			5
#define CALLBACKTYPE_syscall32			7	/* 64-bit guests: SYSCALL in 32-bit code */

/* Upcalls are masked when it is entered. */
#define _CALLBACKF_mask_events	0
#define CALLBACKF_mask_events	(1U << _CALLBACKF_mask_events)

struct callback_register {
	uint16_t type;
	uint16_t flags;
	xen_callback_t address;
};

struct callback_unregister {
	uint16_t type;
	uint16_t unused;
};

#endif
