/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of what happens, one of each for each CPU: debug builds count, and tools read them (XEN_SYSCTL_perfc_op). */
#ifndef TENON_PERFC_H
#define TENON_PERFC_H

#include <tenon/percpu.h>

/* Each with its text in common/ctl/perfc.c. */
static inline void perfc_incr(enum perfc what)
{
#ifdef TENON_DEBUG
	this_cpu()->perfc[what]++;
#endif
}

#endif
