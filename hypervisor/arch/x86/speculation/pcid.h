/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef X86_SPECULATION_PCID_H
#define X86_SPECULATION_PCID_H

#include <tenon/types.h>

struct vcpu;

#define CR3_KEEP	(1UL << 63)	/* in what is loaded: what the processor remembers of this PCID is still true (SDM 3A 4.10.4.1) */

/* Boot processor, by isolation_init(): from the next load of CR4 on PCIDs are there. */
void pcid_init(void);
/* What CR3 has for view nr (0 or 1) besides its address; 0 without PCIDs. */
uint64_t pcid_of_view(unsigned int nr);
/* On this processor, which is on curr's kernel root: nothing of the hypervisor's on curr's user root stays, since that is another from now on. */
void pcid_flush_user(const struct vcpu *curr);

#endif
