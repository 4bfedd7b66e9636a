/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register frame: the interface's struct cpu_user_regs is what the entry
 * code pushes, so that a guest context needs no translation.
 */
#ifndef ASM_REGS_H
#define ASM_REGS_H

#include <tenon/types.h>
#include <xen/xen.h>

/* In a frame from a PV guest the upper half of rflags etc. is clear; es..gs are valid only when saved. */
static inline bool guest_mode(const struct cpu_user_regs *regs)
{
	return (regs->cs & 3) == 3;
}

#endif
