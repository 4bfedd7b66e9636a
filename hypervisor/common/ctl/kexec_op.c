/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypercalls that this build knows of and does not offer. */
#include <tenon/hypercall.h>

/* Loading another kernel over us: tools take this answer for "not there". */
long do_kexec_op(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long a3,
		 unsigned long a4, unsigned long a5)
{
	return curr->domain->is_privileged ? -ENOSYS : -EPERM;
}
