/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a processor remembers of one domain shall be of no use to the next: when it goes from one to another, branch predictors,
 * buffers and the first cache are cleared, where it has the means (SDM 3A 2.16 and 4 "IA32_PRED_CMD", "IA32_FLUSH_CMD"; APM 2 3.2.9; VERW
 * with MD_CLEAR) and the administrator does not say otherwise. What is the hypervisor's is not hidden from who
 * runs: doc/threat-model.md.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/layout.h>
#include <asm/msr.h>
#include <asm/system.h>
#include <tenon/cmdline.h>
#include <tenon/domain.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include <tenon/percpu.h>

#define PRED_CMD_IBPB	1UL
#define FLUSH_CMD_L1D	1UL

enum { IBPB, MD_CLEAR, L1D_FLUSH, NR_MEANS };
static const char *const names[NR_MEANS] = { "ibpb", "md-clear", "l1d-flush" };

static unsigned int wanted = (1U << NR_MEANS) - 1, chosen __ro_after_init;

/* One name of a list, of n bytes, perhaps with "no-" before it. */
static int __init parse_one(const char *s, size_t n)
{
	bool off = n > 3 && !strncmp(s, "no-", 3);

	if (n == 2 && !strncmp(s, "no", 2)) {
		wanted = 0;
		return 0;
	}
	s += off ? 3 : 0;
	n -= off ? 3 : 0;
	for (unsigned int i = 0; i < NR_MEANS; i++)
		if (strlen(names[i]) == n && !strncmp(s, names[i], n)) {
			wanted = off ? wanted & ~(1U << i) : wanted | 1U << i;
			return 0;
		}
	return -EINVAL;
}

static int __init parse_spec_ctrl(const char *s)
{
	while (*s) {
		size_t n = 0;

		while (s[n] && s[n] != ',')
			n++;
		if (parse_one(s, n))
			return -EINVAL;
		s += n + (s[n] == ',');
	}
	return 0;
}
BOOT_OPTION_CUSTOM("spec-ctrl", parse_spec_ctrl, "no, or a list of ibpb, md-clear, l1d-flush, each perhaps with no- before it: what is cleared "
		   "between two domains; default: all that the processor has");

void __init spec_ctrl_init(void)
{
	unsigned int there = 0;

	if (cpu_has(X86_FEATURE_IBRSB) || cpu_has(X86_FEATURE_IBPB))
		there |= 1U << IBPB;
	if (cpu_has(X86_FEATURE_MD_CLEAR))
		there |= 1U << MD_CLEAR;
	if (cpu_has(X86_FEATURE_L1D_FLUSH))
		there |= 1U << L1D_FLUSH;
	chosen = wanted & there;
	printk("Speculation: cleared between domains:");
	for (unsigned int i = 0; i < NR_MEANS; i++)
		if (there >> i & 1)
			printk(" %s%s", chosen >> i & 1 ? "" : "no-", names[i]);
	printk(there ? "\n" : " nothing, the processor has no means\n");
}

/* A kernel's own barriers between its processes reach only the processor it is on: what a vCPU left on another is cleared when it is back. */
void spec_ctrl_switch(struct vcpu *to)
{
	static const uint16_t selector = HV_DS;
	struct arch_percpu *pc = &this_cpu()->arch;
	bool same = pc->last_life == to->domain->arch.life;

	if (likely(!chosen))
		return;
	if ((chosen & 1U << IBPB) && !(same && pc->last_vcpu == to->vcpu_id && to->arch.last_cpu == smp_processor_id()))
		wrmsr(MSR_PRED_CMD, PRED_CMD_IBPB);
	pc->last_vcpu = to->vcpu_id;
	to->arch.last_cpu = smp_processor_id();
	if (same)
		return;
	pc->last_life = to->domain->arch.life;
	if (chosen & 1U << L1D_FLUSH)
		wrmsr(MSR_FLUSH_CMD, FLUSH_CMD_L1D);
	if (chosen & 1U << MD_CLEAR)
		__asm__ volatile("verw %0" :: "m"(selector) : "cc");
}
