/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hypercalls. hypercalls.def lists them once; tables, statistics and stubs come
 * from there. Handlers take the caller first and up to five words.
 */
#ifndef TENON_HYPERCALL_H
#define TENON_HYPERCALL_H

#include <tenon/domain.h>
#include <tenon/guest_access.h>
#include <tenon/softirq.h>

#define NR_HYPERCALLS	64

/*
 * Every handler: long do_NAME(struct vcpu *curr, unsigned long a1 .. a5). Unused
 * arguments are not looked at. A handler that has more to do returns
 * hypercall_restart(), after it has made its arguments (in guest memory or through
 * the helper) tell what is left: the guest runs the instruction again.
 */
typedef long (*hypercall_fn)(struct vcpu *curr, unsigned long a1, unsigned long a2,
			     unsigned long a3, unsigned long a4, unsigned long a5);
extern const hypercall_fn hypercall_table[NR_HYPERCALLS];

#define HYPERCALL(nr, name, nargs, flags) \
	long do_##name(struct vcpu *curr, unsigned long a1, unsigned long a2, \
		       unsigned long a3, unsigned long a4, unsigned long a5);
#include "../../hypercalls.def"
#undef HYPERCALL

/*
 * Asks for the current hypercall (or multicall entry) to be run again with these
 * arguments; returns the value the handler must return. Takes n arguments of type
 * unsigned long. Works inside a multicall: the rest of the batch then waits, too.
 */
long hypercall_restart(struct vcpu *curr, unsigned int op, unsigned int n, ...);

/* Time to let others in? For every loop whose length a guest chooses. */
static inline bool hypercall_preempt_check(void)
{
	return unlikely(softirq_pending_here());
}

/*
 * A group of second-level operations (memory_op, event_channel_op ...) is an array
 * of these indexed by command. The dispatcher refuses unknown commands with -ENOSYS, checks
 * privilege, copies the argument in (size bytes), calls, and copies it back.
 */
struct subop {
	long (*fn)(struct vcpu *curr, void *arg, unsigned long handle);
	uint16_t size;
	uint8_t flags;
	const char *name;
};
#define SUBOP_PRIV	0x01	/* dom0 only: -EPERM otherwise */
#define SUBOP_OUT	0x02	/* copy the argument back when fn returned >= 0 */
#define SUBOP_OUT_ALWAYS 0x04	/* copy back also on error */
#define SUBOP_MAX_SIZE	256
long subop_dispatch(struct vcpu *curr, const struct subop *table, unsigned int nr,
		    unsigned long cmd, unsigned long handle);

#endif
