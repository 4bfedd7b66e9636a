/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segments: FS, GS and user GS bases: set_segment_base, the MSRs, the fsgsbase instructions when
 * CR4 allows them, what survives entries to the kernel and back, and selectors loaded by call.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/event.h>
#include <guestkit/mm.h>

#define MSR_FS_BASE	0xc0000100
#define MSR_GS_BASE	0xc0000101
#define MSR_KERNEL_GS	0xc0000102

static uint64_t fs_word = 0xf5, gs_word = 0x65, user_word = 0x05e6;

static uint64_t read_fs(void)
{
	uint64_t v;

	asm volatile("mov %%fs:0, %0" : "=r" (v));
	return v;
}

static uint64_t read_gs(void)
{
	uint64_t v;

	asm volatile("mov %%gs:0, %0" : "=r" (v));
	return v;
}

static uint64_t rdmsr(uint32_t msr)
{
	uint32_t lo, hi;

	asm volatile("rdmsr" : "=a" (lo), "=d" (hi) : "c" (msr));
	return ((uint64_t)hi << 32) | lo;
}

static void wrmsr(uint32_t msr, uint64_t v)
{
	asm volatile("wrmsr" : : "c" (msr), "a" ((uint32_t)v), "d" ((uint32_t)(v >> 32)));
}

static unsigned long user_reads(void *arg)
{
	(void)arg;
	return read_fs() << 32 | read_gs();
}

static void wrmsr_bad(void *arg)
{
	wrmsr((uint32_t)(unsigned long)arg, 0x8000000000000000UL);
}

static void by_call(void)
{
	unsigned long ret = 0;
	struct kit_fault f;

	kit_check_eq(hc_set_segment_base(SEGBASE_FS, (unsigned long)&fs_word), 0, "fs base");
	kit_check_eq(hc_set_segment_base(SEGBASE_GS_KERNEL, (unsigned long)&gs_word), 0, "gs base");
	kit_check_eq(hc_set_segment_base(SEGBASE_GS_USER, (unsigned long)&user_word), 0, "user gs");
	kit_check_eq((int64_t)read_fs(), (int64_t)fs_word, "fs reads");
	kit_check_eq((int64_t)read_gs(), (int64_t)gs_word, "gs reads");
	kit_check(kit_user_probe(user_reads, NULL, &f, &ret), "user mode reads both");
	kit_check_eq((int64_t)(ret >> 32), (int64_t)fs_word, "fs is the same in user mode");
	kit_check_eq((int64_t)(ret & 0xffffffff), (int64_t)user_word, "gs is the user's");
	kit_check_eq((int64_t)read_gs(), (int64_t)gs_word, "gs is the kernel's again");
	kit_check_eq((int64_t)rdmsr(MSR_FS_BASE), (int64_t)&fs_word, "MSR fs base");
	kit_check_eq((int64_t)rdmsr(MSR_GS_BASE), (int64_t)&gs_word, "MSR gs base");
	kit_check_eq((int64_t)rdmsr(MSR_KERNEL_GS), (int64_t)&user_word, "MSR shadow gs base");
	kit_observe_ret(hc_set_segment_base(SEGBASE_FS, 0x8000000000000000UL), "fs non-canonical");
	kit_observe_ret(hc_set_segment_base(SEGBASE_GS_USER, 0x8000000000000000UL),
			"user gs non-canonical");
	kit_observe_ret(hc_set_segment_base(SEGBASE_GS_KERNEL, 0x8000000000000000UL),
			"gs non-canonical");
	kit_observe_ret(hc_set_segment_base(SEGBASE_FS, HYPERVISOR_VIRT_START), "fs in hypervisor");
	kit_observe_ret(hc_set_segment_base(4, 0), "base 4");
	kit_observe_ret(hc_set_segment_base(SEGBASE_GS_USER_SEL, 0), "user gs selector 0");
	kit_observe_ret(hc_set_segment_base(SEGBASE_GS_USER_SEL, FLAT_RING3_DS32),
			"user gs selector flat");
	kit_observe("shadow gs base then %lx", rdmsr(MSR_KERNEL_GS));
	kit_observe_ret(hc_set_segment_base(SEGBASE_GS_USER_SEL, 0x1f3), "user gs selector bad");
	kit_check(kit_user_probe(user_reads, NULL, &f, &ret) || f.vector == KIT_VEC_PF,
		  "user mode still enters");
	hc_set_segment_base(SEGBASE_FS, (unsigned long)&fs_word);
	hc_set_segment_base(SEGBASE_GS_KERNEL, (unsigned long)&gs_word);
}

static void by_msr(void)
{
	struct kit_fault f;

	wrmsr(MSR_FS_BASE, (uint64_t)&user_word);
	kit_check_eq((int64_t)read_fs(), (int64_t)user_word, "fs by MSR");
	wrmsr(MSR_GS_BASE, (uint64_t)&fs_word);
	kit_check_eq((int64_t)read_gs(), (int64_t)fs_word, "gs by MSR");
	wrmsr(MSR_KERNEL_GS, (uint64_t)&gs_word);
	kit_check_eq((int64_t)rdmsr(MSR_KERNEL_GS), (int64_t)&gs_word, "shadow gs by MSR");
	for (uint32_t msr = MSR_FS_BASE; msr <= MSR_KERNEL_GS; msr++) {
		kit_probe(wrmsr_bad, (void *)(unsigned long)msr, &f);
		kit_observe_fault(&f, "MSR %x non-canonical", msr);
	}
}

static void fsgsbase(void)
{
	uint64_t cr4, v;
	uint32_t r[4];

	kit_cpuid(7, 0, r);
	if (!(r[1] & 1)) {
		kit_skip("fsgsbase", "CPUID does not show it");
		return;
	}
	asm volatile("mov %%cr4, %0" : "=r" (cr4));
	cr4 |= 1UL << 16;
	asm volatile("mov %0, %%cr4" : : "r" (cr4));
	asm volatile("mov %%cr4, %0" : "=r" (v));
	kit_check(v & (1UL << 16), "CR4.FSGSBASE stays set");
	asm volatile("wrfsbase %0" : : "r" (&gs_word));
	kit_check_eq((int64_t)read_fs(), (int64_t)gs_word, "wrfsbase");
	asm volatile("rdfsbase %0" : "=r" (v));
	kit_check_eq((int64_t)v, (int64_t)&gs_word, "rdfsbase");
	asm volatile("wrgsbase %0" : : "r" (&user_word));
	kit_check_eq((int64_t)read_gs(), (int64_t)user_word, "wrgsbase");
	kit_time_spin(30000000);
	kit_check_eq((int64_t)read_gs(), (int64_t)user_word, "it stays");
}

void kit_main(void)
{
	by_call();
	by_msr();
	fsgsbase();
}
