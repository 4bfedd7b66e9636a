/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What Intel's processors need before they are asked what they are. */
#include <asm/cpu.h>
#include <asm/msr.h>
#include <asm/system.h>

/* IA32_MISC_ENABLE, SDM 4 table 2-2: a BIOS option for old systems makes CPUID end at leaf 3. */
#define MISC_ENABLE_LIMIT_CPUID	(1UL << 22)

/* There are no gates yet: this register all 64-bit ones have. */
void cpu_setup_intel(const struct cpu_features *c)
{
	uint64_t v = rdmsr(MSR_MISC_ENABLE);

	if (v & MISC_ENABLE_LIMIT_CPUID)
		wrmsr(MSR_MISC_ENABLE, v & ~MISC_ENABLE_LIMIT_CPUID);
}
