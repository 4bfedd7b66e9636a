/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debugreg: debug registers by hypercall and by instruction: values that are accepted, addresses in
 * the hypervisor refused, breakpoints that fire in kernel and user mode, DR6 afterwards.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>

static volatile uint64_t watched;

static void set(int reg, unsigned long value, const char *what)
{
	kit_observe_ret(hc_set_debugreg(reg, value), "set dr%d %s", reg, what);
	kit_observe("dr%d is %lx", reg, hc_get_debugreg(reg));
}

static void values(void)
{
	for (int i = 0; i < 8; i++)
		kit_observe("dr%d at start: %lx", i, hc_get_debugreg(i));
	kit_observe("dr8: %lx", hc_get_debugreg(8));
	kit_observe("dr-1: %lx", hc_get_debugreg(-1));
	set(0, 0x1000, "to 1000h");
	set(1, HYPERVISOR_VIRT_START, "to the hypervisor");
	set(2, 0x8000000000000000UL, "non-canonical");
	set(6, 0, "to 0");
	set(6, 0xffffffffffffffffUL, "to -1");
	set(6, 0xffff0ff0, "to reset");
	set(7, 0x400, "to reset");
	set(7, 0x2000 | 0x400, "with GD");
	set(7, 0x00020402, "with an I/O breakpoint");
	set(7, 0xffffffff00000400UL, "with high bits");
	set(7, 0x500, "with LE");
	kit_observe_ret(hc_set_debugreg(4, 0xffff0ff0), "set dr4");
	kit_observe_ret(hc_set_debugreg(5, 0x400), "set dr5");
	kit_observe_ret(hc_set_debugreg(8, 0), "set dr8");
	hc_set_debugreg(0, 0);
	hc_set_debugreg(7, 0x400);
}

static void touch(void *arg)
{
	(void)arg;
	watched = 1;
	asm volatile("nop; nop");
}

static unsigned long touch_user(void *arg)
{
	touch(arg);
	return 0;
}

static void rd_dr7(void *arg)
{
	unsigned long v;

	asm volatile("mov %%dr7, %0" : "=r" (v));
	*(unsigned long *)arg = v;
}

static void wr_dr0(void *arg)
{
	asm volatile("mov %0, %%dr0" : : "r" (arg));
}

static void rd_dr4(void *arg)
{
	unsigned long v;

	asm volatile("mov %%dr4, %0" : "=r" (v));
	*(unsigned long *)arg = v;
}

static unsigned long user_rd_dr7(void *arg)
{
	rd_dr7(arg);
	return 0;
}

static void breakpoints(void)
{
	struct kit_fault f;

	hc_set_debugreg(6, 0xffff0ff0);
	kit_check_eq(hc_set_debugreg(0, (unsigned long)&watched), 0, "address");
	kit_check_eq(hc_set_debugreg(7, 0x000d0403), 0, "write watch, 8 bytes wide is 4");
	kit_probe(touch, NULL, &f);
	kit_observe_fault(&f, "kernel write of a watched word");
	kit_observe("dr6 %lx", hc_get_debugreg(6));
	hc_set_debugreg(6, 0xffff0ff0);
	kit_user_probe(touch_user, NULL, &f, NULL);
	kit_observe_fault(&f, "user write of a watched word");
	kit_observe("dr6 %lx", hc_get_debugreg(6));
	hc_set_debugreg(6, 0xffff0ff0);
	hc_set_debugreg(0, (unsigned long)touch);
	hc_set_debugreg(7, 0x403);
	kit_probe(touch, NULL, &f);
	kit_observe_fault(&f, "execution breakpoint");
	kit_check_eq((int64_t)f.regs.rip, (int64_t)touch, "at its address");
	kit_observe("dr6 %lx", hc_get_debugreg(6));
	hc_set_debugreg(7, 0x400);
	kit_check(kit_probe(touch, NULL, &f), "no trap when switched off");
}

static void instructions(void)
{
	unsigned long v = 0;
	struct kit_fault f;

	kit_probe(rd_dr7, &v, &f);
	kit_observe_fault(&f, "kernel mov from dr7");
	kit_observe("value %lx", v);
	kit_probe(wr_dr0, (void *)0x2000, &f);
	kit_observe_fault(&f, "kernel mov to dr0");
	kit_observe("dr0 %lx", hc_get_debugreg(0));
	kit_probe(wr_dr0, (void *)HYPERVISOR_VIRT_START, &f);
	kit_observe_fault(&f, "kernel mov of a hypervisor address to dr0");
	kit_probe(rd_dr4, &v, &f);
	kit_observe_fault(&f, "kernel mov from dr4");
	kit_user_probe(user_rd_dr7, &v, &f, NULL);
	kit_observe_fault(&f, "user mov from dr7");
}

void kit_main(void)
{
	values();
	breakpoints();
	instructions();
}
