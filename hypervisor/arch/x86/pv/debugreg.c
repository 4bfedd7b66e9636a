/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug registers of PV guests (SDM 3B 17.2): always the processor's while the vCPU is loaded. */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/page.h>
#include <asm/pv.h>
#include <asm/traps.h>
#include <tenon/domain.h>

#define DR6_FIXED_1	0xffff0ff0UL
#define DR6_SETTABLE	0x0000e00fUL
#define DR7_FIXED_1	0x00000400UL
#define DR7_FIXED_0	0x0000d800UL
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

/* Of the enabled breakpoints in dr7 those on ports, as the same enable bits. */
static unsigned long io_breakpoints(unsigned long dr7)
{
	unsigned long io = 0;

	for (unsigned int i = 0; i < 4; i++)
		if ((dr7 >> DR7_RW(i) & 3) == RW_IO)
			io |= dr7 & (3UL << (2 * i));
	return io;
}

/* Breakpoints on ports exist for a guest that has set CR4.DE; general detection does not. */
static long check_dr7(const struct vcpu *v, unsigned long dr7)
{
	if (dr7 >> 32)
		return -EINVAL;
	if (dr7 & DR7_GD)
		return -EPERM;
	if (!(dr7 & DR7_ENABLED) || (v->arch.pv.ctrlreg[4] & X86_CR4_DE))
		return 0;
	for (unsigned int i = 0; i < 4; i++)
		if ((dr7 >> DR7_RW(i) & 3) == RW_IO)
			return -EPERM;
	return 0;
}

static long set_dr7(struct vcpu *v, unsigned long value)
{
	long rc = check_dr7(v, value);

	if (rc)
		return rc;
	/* Guests' port accesses trap and are emulated: the processor's own would be ours. */
	v->arch.pv.dr7_emul = io_breakpoints(value);
	v->arch.dr[7] = (value & ~(DR7_FIXED_0 | v->arch.pv.dr7_emul)) | DR7_FIXED_1;
	if (v != current)
		return 0;
	if (v->arch.dr[7] & DR7_ENABLED)
		for (unsigned int i = 0; i < 4; i++)
			load_dr(i, v->arch.dr[i]);
	load_dr(7, v->arch.dr[7]);
	return 0;
}

long pv_set_debugreg(struct vcpu *v, unsigned int reg, unsigned long value)
{
	switch (reg) {
	case 0 ... 3:
		/* A breakpoint on our own addresses would stop us, not the guest. */
		if (!is_canonical(value) || !guest_va_ok(value))
			return -EPERM;
		v->arch.dr[reg] = value;
		if (v == current && (v->arch.dr[7] & DR7_ENABLED))
			load_dr(reg, value);
		return 0;
	case 4:
	case 6:
		/* The processor's only collects what is not yet told: traps.c. */
		if (value >> 32)
			return -EINVAL;
		v->arch.dr[6] = (value & DR6_SETTABLE) | DR6_FIXED_1;
		return 0;
	case 5:
	case 7:
		return set_dr7(v, value);
	default:
		return -ENODEV;
	}
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
		return v->arch.dr[7] | v->arch.pv.dr7_emul | DR7_FIXED_1;
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
