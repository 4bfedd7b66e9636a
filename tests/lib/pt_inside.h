/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the machine for page types share: pt_machine.c, pt_guest.c, pt_oracle.c. */
#ifndef TESTS_PT_INSIDE_H
#define TESTS_PT_INSIDE_H

#include <asm/mm.h>
#include <xen/memory.h>
#include <xen/xen.h>
#include "pt_machine.h"

#define PT_DOMAINS	2
#define PT_SHARED	8	/* first of the pages that the hypervisor shares, one for each domain */
#define PT_FRAMES	128
#define PT_DOMAIN_PAGES	44
#define PT_HOLDS	4
#define PT_GRANTS	6
#define PT_REQUESTS	16

/* Frame 0, and device memory between RAM. */
static inline bool pt_is_hole(unsigned long m)
{
	return !m || (m >= 60 && m < 64);
}

struct pt_grant {
	unsigned long mfn;	/* 0: none */
	uint64_t addr;
	unsigned int flags;
};

struct pt_vcpu {
	struct vcpu v;
	/* The call that it is in. */
	bool restart;
	unsigned int op, waited;
	unsigned long home;
	unsigned long args[5];
	struct mmu_update update[PT_REQUESTS];
	struct mmuext_op ext[PT_REQUESTS];
	uint32_t done;
	unsigned long frames[16];
	struct xen_memory_exchange exchange;
	/* References of others: "devices" that write, and grants as they were mapped. */
	struct { unsigned long mfn; bool writable; } hold[PT_HOLDS];
	struct pt_grant grant[PT_GRANTS];
};

/* What a processor may remember: frames to write to, and frames to walk, as what they were in which of their lives. */
struct pt_memory {
	bool known;
	uint8_t type;
	uint32_t life;
};
struct pt_tlb {
	struct pt_memory write[PT_FRAMES], table[PT_FRAMES];
};

extern struct pt_vcpu pt_vcpu[PT_CPUS];
extern struct domain pt_domain[PT_DOMAINS];
extern struct pt_tlb pt_tlb[PT_CPUS];
extern uint32_t pt_lives[PT_FRAMES];	/* how often a frame was given out */

/* Below n. */
unsigned int pt_choose(unsigned int n);
void pt_bug(const char *what) __attribute__((noreturn));
/* First page tables, as a domain's builder makes them; they are the vCPU's home. */
void pt_first_root(struct pt_vcpu *p);
/* The vCPU's holds go. */
void pt_let_go(struct pt_vcpu *p);
/* The processors walk the tables that they have loaded, and remember what they see. */
void pt_walk(unsigned int cpu);

#endif
