/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake parts of domains and vCPUs. */
#ifndef ASM_DOMAIN_H
#define ASM_DOMAIN_H

#include <asm/irq.h>
#include <asm/page.h>
#include <xen/xen.h>

#define FAKE_MAPS	256	/* slots of a domain's "page tables" */

struct fake_map {
	unsigned long mfn;
	bool present, writable;
};

struct fake_pirq {
	uint32_t port;
	bool bound;
	unsigned int cpu, eois;
};

struct arch_domain {
	struct fake_map map[FAKE_MAPS];
	struct fake_pirq pirq[FAKE_PIRQS];
	unsigned long relinquish_at;
};

struct arch_vcpu {
	struct { bool active; bool restarted; struct multicall_entry call; } mc;
	struct { bool restarted; unsigned int op, n; unsigned long args[5]; } hc;
};

#define ARCH_VM_ASSISTS	(1UL << VMASST_TYPE_runstate_update_flag)

#endif
