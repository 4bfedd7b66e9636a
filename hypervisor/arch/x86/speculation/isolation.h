/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Isolation: while a guest runs, the page tables in force show of the hypervisor what entering it takes, and nothing else. For
 * processors whose user code can read, by speculation, what is mapped for ring 0 ("Meltdown"). See doc/speculation.md.
 */
#ifndef X86_SPECULATION_ISOLATION_H
#define X86_SPECULATION_ISOLATION_H

#include <tenon/mm.h>

struct domain;
struct vcpu;

extern bool isolation_on;	/* set by isolation_init() or never */
extern bool pcid_on;		/* likewise: loads of CR3 keep what is remembered of each root */
extern uint64_t isolation_tag[2];	/* what CR3 has for a vCPU's kernel root and its user's, besides their addresses */

/* Boot processor, before the others are allocated; entry.S is patched to it afterwards. pcid: with PCIDs. Panics if there is no memory. */
void isolation_init(bool pcid);
/* The views of a processor that cpu_alloc() makes. 0 or -ENOMEM: what was allocated is not given back. */
int isolation_add_cpu(unsigned int cpu);

/* On this processor: whose roots these are, or which, has changed. Interrupts on or off. */
void isolation_forget_views(void);
static inline void isolation_forget(void)
{
	if (unlikely(isolation_on))
		isolation_forget_views();
}

/* On this processor, in a hypercall of curr's: its user root is another. */
void isolation_new_user_root(const struct vcpu *curr);
static inline void isolation_forget_user(const struct vcpu *curr)
{
	if (unlikely(isolation_on))
		isolation_new_user_root(curr);
}

/* What CR3 is to be on the root of a vCPU's kernel, or of its user mode; 0 if there is none. */
static inline uint64_t isolation_cr3(mfn_t root, bool user)
{
	return root.m ? mfn_to_maddr(root).a | isolation_tag[user] : 0;
}

/* Goes with INVLPG, which takes the page at va of one root: of all others, too, if they are remembered. */
void pcid_flush_page(unsigned long va);
static inline void isolation_flush_page(unsigned long va)
{
	if (unlikely(pcid_on))
		pcid_flush_page(va);
}

/*
 * An entry of d's top-level table root has changed: processors that have it in force see it when this returns. Interrupts are
 * on, and no lock is held.
 */
void isolation_root_changed(const struct domain *d, mfn_t root);

#endif
