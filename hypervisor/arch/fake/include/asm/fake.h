/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests do with the made-up machine. */
#ifndef ASM_FAKE_H
#define ASM_FAKE_H

#include <tenon/domain.h>

/*
 * Memory, heap, timers, softirqs, pseudo domains, the scheduler; this thread acts as CPU 0 then. Once a
 * program. fake_start_memory() is the part up to the heap.
 */
void fake_start_memory(void);
void fake_start(unsigned int nr_cpus);

/* ---- processors ---- */
extern struct fake_cpu fake_cpus[];
extern bool fake_threads;	/* several threads: nobody runs another's softirqs */
void fake_on(unsigned int cpu);
/* Runs softirqs until none is pending anywhere. */
void fake_settle(void);

/* ---- time: it stands still unless moved ---- */
extern s_time_t fake_now;
/* The first event timer to expire, STIME_MAX if none is armed. */
s_time_t fake_next_timer(void);
/* Moves time to t, and on the way runs what falls due. */
void fake_run_until(s_time_t t);

/* ---- guests ---- */
/* Addresses of guests are those of the host program; here a guest may not read or write: */
extern char fake_hypervisor[];
extern unsigned long fake_fault_start, fake_fault_end;
/* A domain with that many vCPUs, all up and running as the scheduler likes, and pages of memory. */
struct domain *fake_domain(domid_t id, unsigned int vcpus, unsigned long pages);
/* Calls of v, on its CPU if it runs; those that want to be run again are, and fake_restarts counts it. */
long fake_hypercall(struct vcpu *v, unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3,
		    unsigned long a4, unsigned long a5);
extern unsigned long fake_restarts;
/* Loops are asked to make room at each opportunity. */
extern bool fake_preempt;
/* Kills d and gives up the reference of domain_kill's caller; false if something keeps it alive. */
bool fake_kill(struct domain *d);

/* ---- the "page tables" of a domain: slots ---- */
#define FAKE_MAP_VA(slot)	(0x7000000000UL + ((unsigned long)(slot) << PAGE_SHIFT))
/* A guest's own change of an entry; mfn INVALID_MFN_RAW clears it. 0 or -EINVAL. */
int fake_map_set(struct domain *d, unsigned int slot, mfn_t mfn, bool writable);
/* A frame of d's that is mapped nowhere yet, the n'th. */
mfn_t fake_frame(struct domain *d, unsigned long n);

extern unsigned long fake_flushes;	/* of translations */
extern unsigned long fake_flushed_va;	/* the last one of a domain's was of this address alone; 0: of all */
extern void (*fake_at_flush)(void);	/* NULL: nothing; else what is still done with the old ones */
extern enum fake_end { FAKE_RUNNING, FAKE_ENDED } fake_machine;

#endif
