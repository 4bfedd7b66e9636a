/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Within the library: hypercalls with memory that the hypervisor can reach. */
#ifndef LIB_CALL_H
#define LIB_CALL_H

#include <xen/domctl.h>
#include <xen/sysctl.h>

#include "tenon.h"

#define BOUNCE_SIZE 65536
#define PAGE_BYTES 4096ULL

struct tenon {
	const struct tenon_backend *backend;
	void *context;
	/* Two pieces of memory for all calls: a structure, and what it points to. */
	void *structure;		/* a page */
	void *bounce;			/* BOUNCE_SIZE */
};

long call(struct tenon *tenon, unsigned int number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4);

/* The structure for an operation, emptied, version and command set; then the call with it. */
struct xen_domctl *domctl_begin(struct tenon *tenon, uint32_t command, uint16_t domid);
int domctl_run(struct tenon *tenon);
struct xen_sysctl *sysctl_begin(struct tenon *tenon, uint32_t command);
int sysctl_run(struct tenon *tenon);

#endif
