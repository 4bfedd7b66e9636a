/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMMON_MM_MEMORY_OP_H
#define COMMON_MM_MEMORY_OP_H

#include <tenon/domain.h>

#define MEMORY_EXTENT_SHIFT	6	/* a restarted call has what is done in the command's upper bits */

/* The largest order that d may ask for. */
unsigned int memory_max_order(const struct domain *d);
/* Allocation flags from a call's mem_flags: address width and node. */
unsigned int memory_flags(unsigned int mem_flags);
long memory_acquire_resource(struct vcpu *curr, unsigned long cmd, unsigned long arg);	/* resource.c */
long memory_exchange(struct vcpu *curr, unsigned long cmd, unsigned long arg);

#endif
