/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of hypercalls, from the list in hypercalls.def. */
#include <tenon/hypercall.h>

static long no_hypercall(struct vcpu *curr, unsigned long a1, unsigned long a2, unsigned long a3,
			 unsigned long a4, unsigned long a5)
{
	return -ENOSYS;
}

/* The entry code calls through it without a test for NULL: all have the default, and the list overrides it. */
#pragma GCC diagnostic ignored "-Woverride-init"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#endif
const hypercall_fn hypercall_table[NR_HYPERCALLS] = {
	[0 ... NR_HYPERCALLS - 1] = no_hypercall,
#define HYPERCALL(nr, name, nargs, flags)	[nr] = do_##name,
#include "../../hypercalls.def"
#undef HYPERCALL
};
