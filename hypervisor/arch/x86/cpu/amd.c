/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What AMD's processors need. */
#include <asm/cpu.h>
#include <asm/msr.h>
#include <asm/system.h>

/*
 * LFENCE waits for all instructions before it only when told to (AMD, "Software techniques for
 * managing speculation"); reading the clock in order counts on it. Families 0fh and 11h have no such
 * register, and wait. A guest is told, however the processor has it.
 */
void cpu_setup_amd(struct cpu_features *c)
{
	uint64_t v = 0;

	if (c->family != 0xf && c->family != 0x11) {
		if (rdmsr_safe(MSR_AMD_DE_CFG, &v))
			return;
		wrmsr_safe(MSR_AMD_DE_CFG, v | DE_CFG_LFENCE_SERIALIZE);
		if (rdmsr_safe(MSR_AMD_DE_CFG, &v) || !(v & DE_CFG_LFENCE_SERIALIZE))
			return;
	}
	c->word[X86_FEATURE_LFENCE_DISPATCH / 32] |= 1U << X86_FEATURE_LFENCE_DISPATCH % 32;
}
