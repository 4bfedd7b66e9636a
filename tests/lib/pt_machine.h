/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine for the page types: an array of pages as memory, two domains of two vCPUs each, one on each
 * of four processors, and guests that do anything to their page tables. The oracle counts from the
 * contents of memory, and knows what each processor may still remember of tables.
 */
#ifndef TESTS_PT_MACHINE_H
#define TESTS_PT_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PT_CPUS		4

/* A new machine with domains and first page tables. */
void pt_start(void);
/*
 * A guest does one thing; calls that want to be restarted are, in a later step, unless the guest has lost
 * interest. Choices are random, or, after pt_feed(), the bytes of the input, with zeroes behind them.
 */
void pt_step(unsigned int cpu);
void pt_feed(const uint8_t *input, size_t size);
bool pt_fed(void);		/* all input is used */
/* The oracle: what is wrong, or NULL. No step is under way. */
const char *pt_check(void);
/* The domains end, in either order, with restarts; what is wrong then, or NULL. */
const char *pt_end(void);

/* Threads: each is a processor. Interrupts come when a thread waits, or looks: pt_interrupts(). */
void pt_be(unsigned int cpu);
void pt_interrupts(void);
extern bool pt_threads;

/* What has succeeded, for a look at whether anything does. */
struct pt_counts {
	unsigned long steps, restarts, abandoned, pins[5], roots, updates[5], refused, wpt, grants, descriptors, flushes, roots_changed;
};
extern __thread struct pt_counts pt_counts;

#endif
