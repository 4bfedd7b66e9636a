/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the building of the hypervisor's address space. */
#ifndef MM_HV_TABLES_H
#define MM_HV_TABLES_H

#include <asm/mm.h>

/*
 * At boot only: the entry for va at a level, 1 to 3, with the tables above it. table_flags are of
 * new ones: PAGE_HV_TABLE, perhaps with _PAGE_USER. NULL: no memory, or there are smaller pages already.
 */
pte_t *hv_entry(unsigned long va, unsigned int level, uint64_t table_flags);
/* New tables come from the heap from now on, no longer from boot_pages_alloc(). */
void hv_tables_use_heap(void);

/*
 * The i'th entry of the memory map as a range of RAM, in whole frames [*s, *e); empty if it is none.
 * False when there is no i'th entry.
 */
bool ram_range(unsigned int i, unsigned long *s, unsigned long *e);
/* How many of the frames [s, e) are RAM. */
unsigned long ram_frames(unsigned long s, unsigned long e);
/* Frames below: firmware's and the trampoline's. Nobody owns them; dom0 may map them as devices. */
#define LOW_FRAMES	0x100UL

/*
 * The machine-to-physical table in pieces of 2 MiB: how many, and the i'th's first frame; m = 0: it would
 * describe no RAM, and is not there.
 */
#define M2P_PER_CHUNK	((1UL << PT_SHIFT(2)) / sizeof(unsigned long))
static inline unsigned long m2p_chunks(void) { return DIV_ROUND_UP(max_page, M2P_PER_CHUNK); }
mfn_t m2p_chunk(unsigned long i);

#endif
