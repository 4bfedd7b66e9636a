/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The microcode's revision. Updates are the firmware's task: the hypervisor loads none. */
#include <asm/cpu.h>
#include <asm/msr.h>
#include <asm/system.h>

uint32_t microcode_revision(const struct cpu_features *c)
{
	uint32_t a, b, cx, d;
	uint64_t v;

	switch (c->vendor) {
	case VENDOR_INTEL:
		/* CPUID puts it into the upper half of a register cleared before (SDM 3A 9.11.7.1). */
		if (wrmsr_safe(MSR_UCODE_REV, 0))
			return 0;
		cpuid(1, &a, &b, &cx, &d);
		return rdmsr_safe(MSR_UCODE_REV, &v) ? 0 : v >> 32;
	case VENDOR_AMD:
	case VENDOR_HYGON:
		return rdmsr_safe(MSR_UCODE_REV, &v) ? 0 : (uint32_t)v;
	default:
		return 0;
	}
}
