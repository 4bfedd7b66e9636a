/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug registers of PV guests (SDM 3B 17.2): always the processor's while the vCPU is loaded. */
#include <asm/current.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/traps.h>
#include <tenon/domain.h>

#define DR6_FIXED_1	0xffff0ff0UL
#define DR6_SETTABLE	0x0000e00fUL
#define DR7_FIXED_1	0x00000400UL
#define DR7_GD		0x00002000UL
#define DR7_ENABLED	0x000000ffUL
#define DR7_RW(i)	(16 + 4 * (i))
#define RW_IO		2

static void load_dr(unsigned int reg, unsigned long v)
{
	switch (reg) {
	case 0: __asm__ volatile("mov %0, %%dr0" :: "r"(v)); break;
	case 1: __asm__ volatile("mov %0, %%dr1" :: "r"(v)); break;
	case 2: __asm__ volatile("mov %0, %%dr2" :: "r"(v)); break;
	case 3: __asm__ volatile("mov %0, %%dr3" :: "r"(v)); break;
	case 6: __asm__ volatile("mov %0, %%dr6" :: "r"(v)); break;
	case 7: __asm__ volatile("mov %0, %%dr7" :: "r"(v)); break;
	}
}

static long check_dr7(unsigned long *value)
{
	if (*value >> 32)
		return -EINVAL;
	/* General detect is not for guests. Breakpoints on I/O need CR4.DE, which we keep. */
	*value = (*value & ~(DR7_GD | 0xd800UL)) | DR7_FIXED_1;
	for (unsigned int i = 0; i < 4; i++)
		if ((*value >> DR7_RW(i) & 3) == RW_IO)
			return -EPERM;
	return 0;
}

long pv_set_debugreg(struct vcpu *v, unsigned int reg, unsigned long value)
{
	bool here = v == current;
	long rc;

	switch (reg) {
	case 0 ... 3:
		/* A breakpoint on our own addresses would stop us, not the guest. */
		if (!is_canonical(value) || !guest_va_ok(value))
			return -EPERM;
		break;
	case 4:
	case 6:
		reg = 6;
		value = (value & DR6_SETTABLE) | DR6_FIXED_1;
		break;
	case 5:
	case 7:
		reg = 7;
		rc = check_dr7(&value);
		if (rc)
			return rc;
		break;
	default:
		return -ENODEV;
	}
	v->arch.dr[reg] = value;
	if (!here)
		return 0;
	if (reg == 7 && (value & DR7_ENABLED))
		for (unsigned int i = 0; i < 4; i++)
			load_dr(i, v->arch.dr[i]);
	if (reg < 4 ? (v->arch.dr[7] & DR7_ENABLED) != 0 : true)
		load_dr(reg, value);
	return 0;
}

unsigned long pv_get_debugreg(struct vcpu *v, unsigned int reg)
{
	if (reg == 4 || reg == 5)
		reg += 2;
	if (reg > 7)
		return 0;
	if (reg == 6)
		return (v->arch.dr[6] & DR6_SETTABLE) | DR6_FIXED_1;
	if (reg == 7)
		return v->arch.dr[7] | DR7_FIXED_1;
	return v->arch.dr[reg];
}

/* Called by the context switch: only a vCPU with a breakpoint enabled pays. */
void pv_load_debugregs(struct vcpu *v)
{
	for (unsigned int i = 0; i < 4; i++)
		load_dr(i, v->arch.dr[i]);
	load_dr(6, DR6_FIXED_1);
	load_dr(7, v->arch.dr[7] | DR7_FIXED_1);
}
