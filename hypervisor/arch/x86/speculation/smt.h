/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads that share a core: smt=. */
#ifndef X86_SPECULATION_SMT_H
#define X86_SPECULATION_SMT_H

#include <tenon/types.h>

/*
 * Before the other processors are started. shows: on this processor a thread can read what the other one of its core uses. Tells what
 * is done.
 */
void smt_init(bool shows);
/* Are these the numbers of local APICs of which at most one shall be used: of one processor, or with smt=no of one core's threads? */
bool smt_excludes(uint32_t apic_id, uint32_t other);

#endif
