/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLB flushing. */
#ifndef ASM_FLUSH_H
#define ASM_FLUSH_H

#include <tenon/cpumask.h>

#define FLUSH_TLB_GLOBAL	0x2	/* all: guests' user pages are global entries, which a load of CR3 leaves */
#define FLUSH_VA		0x4	/* one page: va */
#define FLUSH_CACHE		0x8	/* write back and invalidate caches */
#define FLUSH_ROOT		0x10	/* what guests see of roots: speculation/isolation.h */
#define FLUSH_STATE		0x20	/* write back a lazily kept vCPU state */

/* On this CPU. */
void flush_local(const void *va, unsigned int flags);
/*
 * On every online CPU in mask (this one too if in it); returns when done. Interrupts may be off only for self; nor
 * may the caller hold a lock that is taken with interrupts off anywhere.
 */
void flush_mask(const struct cpumask *mask, const void *va, unsigned int flags);

/* The interrupt's handler: before other CPUs are started. */
void flush_init(void);

/*
 * The TLB clock: a frame freed at stamp s needs a flush only on CPUs not flushed since. A stamp is the clock's
 * lower half, taken to be the last time when it was that: one that is older only costs a flush.
 */
extern uint64_t tlb_clock;
static inline uint32_t tlb_clock_now(void) { return (uint32_t)__atomic_load_n(&tlb_clock, __ATOMIC_RELAXED); }
/* Removes from mask the CPUs that flushed after stamp. */
void flush_filter(struct cpumask *mask, uint32_t stamp);

#endif
