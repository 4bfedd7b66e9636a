/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fpu: fpu_taskswitch and TS: the fault that comes once, what clears TS; XSAVE enabled through CR4
 * and XCR0; vector registers of two vCPUs on one processor keep their contents over switches.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <xen/vcpu.h>
#include <xen/sched.h>

#define X86_CR4_OSXSAVE (1UL << 18)

static volatile uint32_t stop, second_ok, second_rounds;
static uint32_t xcr0;

static void touch_x87(void *arg)
{
	(void)arg;
	asm volatile("fld1; fstp %st(0)");
}

static void touch_sse(void *arg)
{
	(void)arg;
	asm volatile("xorps %xmm0, %xmm0");
}

static unsigned long user_sse(void *arg)
{
	touch_sse(arg);
	return 0;
}

static bool clear_ts(struct kit_regs *regs)
{
	(void)regs;
	asm volatile("clts");
	return true;
}

static bool leave_ts(struct kit_regs *regs)
{
	static unsigned int times;

	(void)regs;
	return times++ == 0;
}

static void task_switch(void)
{
	unsigned long cr0, ret;
	struct kit_fault f;

	kit_check_eq(hc_fpu_taskswitch(1), 0, "set TS");
	asm volatile("mov %%cr0, %0" : "=r" (cr0));
	kit_check(cr0 & 8, "CR0 shows it");
	kit_probe(touch_x87, NULL, &f);
	kit_observe_fault(&f, "x87 with TS");
	asm volatile("mov %%cr0, %0" : "=r" (cr0));
	kit_observe("TS after the fault: %lu", (cr0 >> 3) & 1);
	hc_fpu_taskswitch(1);
	kit_set_hook(KIT_VEC_NM, leave_ts);
	kit_probe(touch_sse, NULL, &f);
	kit_observe_fault(&f, "SSE with TS and a handler that only returns");
	kit_set_hook(KIT_VEC_NM, clear_ts);
	hc_fpu_taskswitch(1);
	kit_check(kit_probe(touch_sse, NULL, &f), "clts in the handler resumes");
	hc_fpu_taskswitch(1);
	kit_check(kit_user_probe(user_sse, NULL, &f, &ret), "also for user mode");
	kit_set_hook(KIT_VEC_NM, NULL);
	hc_fpu_taskswitch(1);
	kit_check_eq(hc_fpu_taskswitch(0), 0, "clear TS");
	kit_check(kit_probe(touch_sse, NULL, &f), "no fault");
	kit_check_eq(hc_fpu_taskswitch(2), 0, "any value sets");
	asm volatile("mov %%cr0, %0" : "=r" (cr0));
	kit_observe("TS after 2: %lu", (cr0 >> 3) & 1);
	hc_fpu_taskswitch(0);
}

static void enable_xsave(void)
{
	unsigned long cr4;
	uint32_t r[4], eax, edx;

	kit_cpuid(1, 0, r);
	if (!(r[2] & (1u << 26))) {
		kit_skip("XSAVE", "the processor does not have it");
		return;
	}
	kit_observe("OSXSAVE before: %u", (r[2] >> 27) & 1);
	asm volatile("mov %%cr4, %0" : "=r" (cr4));
	asm volatile("mov %0, %%cr4" : : "r" (cr4 | X86_CR4_OSXSAVE));
	asm volatile("mov %%cr4, %0" : "=r" (cr4));
	kit_check(cr4 & X86_CR4_OSXSAVE, "CR4.OSXSAVE stays");
	kit_cpuid(1, 0, r);
	kit_check(r[2] & (1u << 27), "CPUID shows OSXSAVE");
	kit_cpuid(0xd, 0, r);
	kit_observe("XCR0 may be %x", r[0]);
	xcr0 = r[0] & 7;
	asm volatile("xsetbv" : : "a" (xcr0), "c" (0), "d" (0));
	asm volatile("xgetbv" : "=a" (eax), "=d" (edx) : "c" (0));
	kit_check_eq(eax, xcr0, "XCR0 took the value");
	kit_cpuid(0xd, 0, r);
	kit_observe("save area for it: %u bytes", r[1]);
}

static void bad_xcr0(void *arg)
{
	uint64_t v = *(uint64_t *)arg;

	asm volatile("xsetbv" : : "a" ((uint32_t)v), "d" ((uint32_t)(v >> 32)), "c" (0));
}

static void xcr0_values(void)
{
	static uint64_t values[] = { 1, 3, 7, 2, 5, 6, 0, 0x8000000000000007, 0x100, 0x1f };
	struct kit_fault f;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		kit_probe(bad_xcr0, &values[i], &f);
		kit_observe_fault(&f, "XCR0 := %lx", values[i]);
	}
	asm volatile("xsetbv" : : "a" (xcr0), "c" (0), "d" (0));
}

/* Fills all vector registers from a seed. */
static void fill(uint64_t seed)
{
	uint64_t v[4] __attribute__((aligned(32))) = { seed, ~seed, seed * 3, seed * 5 };

	if (xcr0 & 4)
		asm volatile("vmovdqa %0, %%ymm0; vmovdqa %0, %%ymm7; vmovdqa %0, %%ymm15"
			     : : "m" (v));
	else
		asm volatile("movdqa %0, %%xmm0; movdqa %0, %%xmm7; movdqa %0, %%xmm15"
			     : : "m" (v));
	asm volatile("fninit; fildll %0" : : "m" (v[0]));
}

static bool verify(uint64_t seed)
{
	uint64_t v[3][4] __attribute__((aligned(32)));
	uint64_t st;
	bool ok;

	if (xcr0 & 4)
		asm volatile("vmovdqa %%ymm0, %0; vmovdqa %%ymm7, %1; vmovdqa %%ymm15, %2"
			     : "=m" (v[0]), "=m" (v[1]), "=m" (v[2]));
	else
		asm volatile("movdqa %%xmm0, %0; movdqa %%xmm7, %1; movdqa %%xmm15, %2"
			     : "=m" (v[0]), "=m" (v[1]), "=m" (v[2]));
	asm volatile("fistpll %0" : "=m" (st));
	ok = st == seed;
	for (int i = 0; i < 3; i++) {
		ok = ok && v[i][0] == seed && v[i][1] == ~seed;
		if (xcr0 & 4)
			ok = ok && v[i][2] == seed * 3 && v[i][3] == seed * 5;
	}
	return ok;
}

static void second(void *arg)
{
	unsigned long cr4;

	(void)arg;
	second_ok = 1;
	if (xcr0) {
		asm volatile("mov %%cr4, %0" : "=r" (cr4));
		asm volatile("mov %0, %%cr4" : : "r" (cr4 | X86_CR4_OSXSAVE));
		asm volatile("xsetbv" : : "a" (xcr0), "c" (0), "d" (0));
	}
	for (uint64_t round = 1; !stop; round++) {
		fill(0x2222000000000000UL + round);
		hc_sched_op(SCHEDOP_yield, NULL);
		if (!verify(0x2222000000000000UL + round))
			second_ok = 0;
		second_rounds++;
	}
	for (;;)
		hc_vcpu_op(VCPUOP_down, 1, NULL);
}

static void two_vcpus(void)
{
	bool ok = true;

	kit_check_eq(kit_vcpu_boot(1, second, NULL), 0, "a second vCPU");
	for (uint64_t round = 1; second_rounds < 200 && round < 100000; round++) {
		fill(0x1111000000000000UL + round);
		hc_sched_op(SCHEDOP_yield, NULL);
		ok = ok && verify(0x1111000000000000UL + round);
	}
	stop = 1;
	kit_check(second_rounds >= 200, "both ran");
	kit_check(ok, "the first vCPU's registers are its own");
	kit_check(second_ok, "the second's too");
}

void kit_main(void)
{
	task_switch();
	enable_xsave();
	if (xcr0)
		xcr0_values();
	two_vcpus();
}
