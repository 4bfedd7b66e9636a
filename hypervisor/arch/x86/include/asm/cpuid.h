/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CPUID shows to a domain. cpu/cpuid_policy.c is a pure function of what is here, so
 * that it can be tested with any processor's values; cpu/cpuid.c supplies this machine's.
 */
#ifndef ASM_CPUID_H
#define ASM_CPUID_H

#include <asm/cpu.h>
#include <asm/traps.h>

struct cpuid_policy {
	enum cpu_vendor vendor;
	bool privileged;		/* dom0: sees more */
	uint32_t max_leaf, max_ext_leaf;
	uint32_t word[NR_FEATURE_WORDS];
	uint64_t xcr0_mask;		/* what XCR0 may hold */
	unsigned int phys_bits;
	uint64_t arch_caps;		/* value of MSR_ARCH_CAPABILITIES, if its feature is shown */
};

/* The state of the vCPU that asks. */
struct cpuid_view {
	uint64_t xcr0;
	bool kernel;			/* its kernel asks, by the emulation prefix */
	bool osxsave;			/* CR4.OSXSAVE as it is to see it */
	unsigned int maddr_bits;	/* width of the highest machine address */
	uint32_t tsc_khz, tsc_mode, tsc_incarnation;
};

typedef void (*cpuid_raw_fn)(uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *res);

/* The policy of a PV domain on host; xcr0: what the hypervisor can save; arch_caps: host's MSR, 0 if none. */
void cpuid_policy_derive(struct cpuid_policy *p, const struct cpu_features *host, uint64_t xcr0,
			 uint64_t arch_caps, bool privileged);
/* The policy of a PV domain on this machine. */
void cpuid_policy_host(struct cpuid_policy *p, bool privileged);
void cpuid_policy_leaf(const struct cpuid_policy *p, const struct cpuid_view *view, cpuid_raw_fn raw,
		       uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *res);

/*
 * Part of a new policy, as tools give it: a leaf of CPUID. What they give means less or more than max has only after
 * cpuid_policy_limit(). False: it names a number of leaves that there are not.
 */
bool cpuid_policy_take(struct cpuid_policy *p, const struct cpuid_policy *max, uint32_t leaf, uint32_t subleaf,
		       const struct cpuid_leaf *r);
/* What max has not, p loses. */
void cpuid_policy_limit(struct cpuid_policy *p, const struct cpuid_policy *max);

static inline bool cpuid_policy_has(const struct cpuid_policy *p, unsigned int feature)
{
	return p->word[feature / 32] >> (feature % 32) & 1;
}

#endif
