/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a processor remembers of one domain shall be of no use to the next: when it goes from one to another, branch predictors,
 * buffers and the first cache are cleared, where it has the means (SDM 3A 2.16 and 4 "IA32_PRED_CMD", "IA32_FLUSH_CMD"; APM 2 3.2.9; VERW
 * with MD_CLEAR) and the administrator does not say otherwise. What of it is the hypervisor's own is hidden from guests by isolation
 * and by clearing buffers on each way to them, on processors that would show it (SDM 4 "IA32_ARCH_CAPABILITIES"): doc/threat-model.md.
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
#include "isolation.h"
#include "l1tf.h"
#include "patch.h"
#include "smt.h"
#include "xen_names.h"

#define PRED_CMD_IBPB	1UL
#define FLUSH_CMD_L1D	1UL
#define SPEC_CTRL_IBRS	1UL

#define ARCH_CAPS_RDCL_NO	(1UL << 0)
#define ARCH_CAPS_IBRS_ALL	(1UL << 1)
#define ARCH_CAPS_MDS_NO	(1UL << 5)
#define ARCH_CAPS_TAA_NO	(1UL << 8)
#define ARCH_CAPS_MMIO_NO	(7UL << 13)	/* SBDR_SSDP_NO, FBSDP_NO, PSDP_NO */
#define ARCH_CAPS_FB_CLEAR	(1UL << 17)
#define ARCH_CAPS_RFDS_CLEAR	(1UL << 28)

/* Features that only this looks at. */
#define X86_FEATURE_RTM		FEATURE(FW_7B0, 11)
#define X86_FEATURE_TSA_SQ_NO	FEATURE(FW_E21C, 1)
#define X86_FEATURE_TSA_L1_NO	FEATURE(FW_E21C, 2)
#define FAMILY_ZEN3_ZEN4	0x19

#define NAME_MAX		24	/* longer than any name in spec-ctrl= */

enum { IBPB, MD_CLEAR, L1D_FLUSH, ISOLATION, RETPOLINE, L1TF, IBRS, PCID, NR_MEANS };
static const char *const names[NR_MEANS] = { "ibpb", "md-clear", "l1d-flush", "isolation", "retpoline", "l1tf", "ibrs", "pcid" };

/* demanded: by name, also where the processor does not need it. */
static unsigned int wanted = (1U << NR_MEANS) - 1, demanded __initdata, chosen __ro_after_init;
uint64_t spec_ctrl_always __ro_after_init;

/* One word of a list: name, no-name, name=yes or name=no; or a yes or no that is for all of them. */
static int __init parse_one(char *word)
{
	int all = cmdline_parse_bool(word), on = 1;
	bool negated = !strncmp(word, "no-", 3);
	char *name = word + (negated ? 3 : 0), *value = strchr(word, '=');

	if (all >= 0) {
		wanted = all ? (1U << NR_MEANS) - 1 : 0;
		demanded = 0;
		return 0;
	}
	if (value) {
		*value++ = '\0';
		on = cmdline_parse_bool(value);
	}
	if (xen_name_noted(name))
		return 0;
	if (on < 0 || (negated && value))
		return -EINVAL;
	for (unsigned int i = 0; i < NR_MEANS; i++)
		if (!strcmp(names[i], name)) {
			wanted = on && !negated ? wanted | 1U << i : wanted & ~(1U << i);
			demanded = on && !negated ? demanded | 1U << i : demanded & ~(1U << i);
			return 0;
		}
	return -EINVAL;
}

/* A word that says nothing does not keep the others from being used. */
static int __init parse_spec_ctrl(const char *s)
{
	int rc = 0;

	while (*s) {
		char word[NAME_MAX];
		size_t n = 0;

		while (s[n] && s[n] != ',')
			n++;
		strlcpy(word, s, min(n + 1, sizeof(word)));
		if (n >= sizeof(word) || parse_one(word))
			rc = -EINVAL;
		s += n + (s[n] == ',');
	}
	return rc;
}
BOOT_OPTION_CUSTOM("spec-ctrl", parse_spec_ctrl, "no, or a list of ibpb, md-clear, l1d-flush, isolation, retpoline, l1tf, ibrs, pcid, each perhaps with no- before it, or =yes or =no behind it: "
		   "what is cleared between two domains, and how guests are kept from memory and from the hypervisor's jumps; default: all that the processor has, or needs");

/* All these bits. */
static bool __init says(uint64_t cap)
{
	uint64_t caps = 0;

	return cpu_has(X86_FEATURE_ARCH_CAPS) && !rdmsr_safe(MSR_ARCH_CAPABILITIES, &caps) && (caps & cap) == cap;
}

/* Intel's processors say what they do not suffer from; no other's ring 3 reads what is ring 0's. */
static bool __init suffers(uint64_t no)
{
	return boot_cpu.vendor == VENDOR_INTEL && !says(no);
}

/* By MDS or, where transactions show the same, TAA: threads that share a core suffer from each other, too. */
static bool __init shows_buffers(void)
{
	return suffers(ARCH_CAPS_MDS_NO) || (cpu_has(X86_FEATURE_RTM) && suffers(ARCH_CAPS_TAA_NO));
}

/*
 * Where VERW has something to clear on each way to a guest: what came after MDS and TAA (stale data of devices' memory, register files) is told by
 * what VERW clears; of AMD's the families do not suffer that are not named (AMD-SB-7029).
 */
static bool __init clears_on_way(void)
{
	if (boot_cpu.vendor == VENDOR_AMD)
		return boot_cpu.family == FAMILY_ZEN3_ZEN4 && !(cpu_has(X86_FEATURE_TSA_SQ_NO) && cpu_has(X86_FEATURE_TSA_L1_NO));
	return shows_buffers() || says(ARCH_CAPS_RFDS_CLEAR) || (says(ARCH_CAPS_FB_CLEAR) && !says(ARCH_CAPS_MMIO_NO));
}

/* Is VERW known to clear anything? AMD's tell only guests: the microcode that makes it so is not told from older. */
static bool __init verw_clears(void)
{
	return cpu_has(X86_FEATURE_MD_CLEAR) || says(ARCH_CAPS_FB_CLEAR) || says(ARCH_CAPS_RFDS_CLEAR) ||
	       (boot_cpu.vendor == VENDOR_AMD && clears_on_way());
}

/* Is set once, and what ring 3 trained is then not used in ring 0: Intel's enhanced IBRS, AMD's automatic (SDM 3A 2.16, APM 2 3.1.7). */
static bool __init keeps_apart(void)
{
	return cpu_has(X86_FEATURE_AUTO_IBRS) || (cpu_has(X86_FEATURE_IBRSB) && says(ARCH_CAPS_IBRS_ALL));
}

void spec_ctrl_init_cpu(void)
{
	if (cpu_has(X86_FEATURE_IBRSB)) {
		this_cpu()->arch.spec_ctrl = spec_ctrl_always;
		wrmsr(MSR_SPEC_CTRL, spec_ctrl_always);
	}
	if ((chosen & 1U << IBRS) && cpu_has(X86_FEATURE_AUTO_IBRS))
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_AIBRSE);
}

/* The same processors suffer from Meltdown and from L1TF, and say so by the same bit. */
static bool __init against(unsigned int means)
{
	return (demanded & 1U << means) || ((wanted & 1U << means) && suffers(ARCH_CAPS_RDCL_NO));
}

static void __init hide(void)
{
	bool isolate = against(ISOLATION);
	bool clear = (chosen & 1U << MD_CLEAR) && clears_on_way();

	bool retpoline = wanted & 1U << RETPOLINE, pcid = (wanted & 1U << PCID) && cpu_has(X86_FEATURE_PCID);

	if (isolate)
		isolation_init(pcid);
	l1tf_memory = against(L1TF) ? (uint64_t)max_page << PAGE_SHIFT : 0;
	speculation_patch(isolate, pcid, clear, retpoline);
	printk("Speculation: the hypervisor's memory is %s while guests run%s%s; indirect jumps are %s%s; entries that are not present %s\n",
	       isolate ? "hidden" : suffers(ARCH_CAPS_RDCL_NO) ? "not hidden" : "there, and needs not be hidden",
	       isolate && pcid ? " (with PCIDs)" : "",
	       clear ? ", buffers are cleared on the way to them" : "", retpoline ? "retpolines" : "not guarded",
	       chosen & 1U << IBRS ? ", and guessed apart from guests'" : "",
	       l1tf_memory ? "name no memory" : "are not looked at");
}

void __init spec_ctrl_init(void)
{
	unsigned int there = 0;

	if (cpu_has(X86_FEATURE_IBRSB) || cpu_has(X86_FEATURE_IBPB))
		there |= 1U << IBPB;
	if (verw_clears())
		there |= 1U << MD_CLEAR;
	if (cpu_has(X86_FEATURE_L1D_FLUSH))
		there |= 1U << L1D_FLUSH;
	if (keeps_apart())
		there |= 1U << IBRS;
	chosen = wanted & there;
	printk("Speculation: cleared between domains:");
	for (unsigned int i = 0; i < ISOLATION; i++)
		if (there >> i & 1)
			printk(" %s%s", chosen >> i & 1 ? "" : "no-", names[i]);
	printk(there & ((1U << ISOLATION) - 1) ? "\n" : " nothing, the processor has no means\n");
	if ((chosen & 1U << IBRS) && !cpu_has(X86_FEATURE_AUTO_IBRS))
		spec_ctrl_always = SPEC_CTRL_IBRS;
	spec_ctrl_init_cpu();
	hide();
	smt_init(suffers(ARCH_CAPS_RDCL_NO) || shows_buffers());
	xen_names_report();
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
