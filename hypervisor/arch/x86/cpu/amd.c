/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What AMD's processors need. */
#include <asm/cpu.h>
#include <asm/msr.h>
#include <asm/system.h>

#define DE_CFG_LFENCE_SERIALIZE	(1UL << 1)

/*
 * LFENCE waits for all instructions before it only when told to (AMD, "Software techniques for
 * managing speculation"); reading the clock in order counts on it. Family 0fh has no such
 * register, and waits.
 */
void cpu_setup_amd(const struct cpu_features *c)
{
	uint64_t v;

	if (c->family >= 0x10 && !rdmsr_safe(MSR_AMD_DE_CFG, &v) && !(v & DE_CFG_LFENCE_SERIALIZE))
		wrmsr_safe(MSR_AMD_DE_CFG, v | DE_CFG_LFENCE_SERIALIZE);
}
