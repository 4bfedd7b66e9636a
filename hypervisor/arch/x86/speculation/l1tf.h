/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An entry that is not present may still name memory, which a processor with L1TF looks up in its first cache as it guesses ahead (Intel, "L1
 * Terminal Fault"). On such processors page tables of guests hold no entry that names memory of this machine: kernels since 2018 write none.
 */
#ifndef X86_SPECULATION_L1TF_H
#define X86_SPECULATION_L1TF_H

#include <asm/page.h>
#include <tenon/compiler.h>
#include <tenon/domain.h>

struct page_info;

extern uint64_t l1tf_memory;	/* bytes from 0 that shall not be named; 0: the processor needs no such care */
/* Some processors compare no more bits of an address than these. */
#define L1TF_COMPARED	((1UL << 44) - 1)

/* May d's tables not hold e? The first page is nobody's; who is privileged may map all memory anyway. */
static inline bool l1tf_refuses(const struct domain *d, pte_t e)
{
	uint64_t named = e.e & PTE_MFN_MASK & L1TF_COMPARED;

	return unlikely(l1tf_memory) && !pte_present(e) && named && named < l1tf_memory && !d->is_privileged;
}

/* Does the frame, about to become a page table of its owner's of a level, hold such an entry? Nobody writes to it. */
bool l1tf_refuses_table(struct page_info *pg, unsigned int level);

#endif
