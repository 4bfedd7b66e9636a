/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Isolation: while a guest runs, the page tables in force show of the hypervisor what entering it takes, and nothing else. For
 * processors whose user code can read, by speculation, what is mapped for ring 0 ("Meltdown"). See doc/speculation.md.
 */
#ifndef ASM_ISOLATION_H
#define ASM_ISOLATION_H

#include <tenon/mm.h>

struct domain;

extern bool isolation_on;	/* set by isolation_init() or never */

/* Boot processor, before the others are allocated; entry.S is patched to it afterwards. Panics if there is no memory. */
void isolation_init(void);
/* The views of a processor that cpu_alloc() makes. 0 or -ENOMEM: what was allocated is not given back. */
int isolation_add_cpu(unsigned int cpu);

/* On this processor: whose roots these are, or which, has changed. Interrupts on or off. */
void isolation_forget_views(void);
static inline void isolation_forget(void)
{
	if (unlikely(isolation_on))
		isolation_forget_views();
}

/*
 * An entry of d's top-level table root has changed: processors that have it in force see it when this returns. Interrupts are
 * on, and no lock is held.
 */
void isolation_root_changed(const struct domain *d, mfn_t root);

#endif
