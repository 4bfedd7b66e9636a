/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CPUID as a 64-bit PV domain sees it: the features that work in such a guest, and of the
 * rest of the leaves those that describe the processor and not the machine. doc/cpuid.md
 * has the table and says where it differs from what the processor itself tells user mode.
 */
#include <asm/cpuid.h>
#include <asm/msr.h>
#include <tenon/lib.h>
#include <tenon/version.h>
#include <xen/arch-x86/cpuid.h>

#define MAX_LEAF	0xd
#define MAX_EXT_LEAF	0x80000021U
#define MAX_EXT_LEAF_INTEL 0x80000008U
#define MAX_HV_LEAF	(XEN_CPUID_FIRST_LEAF + 5)
#define BIT(feature)	(1U << ((feature) % 32))

/*
 * Features of a PV guest: those which need nothing of the kernel that only ring 0 can do, and
 * which the hypervisor keeps over context switches. Missing, by intent: large and global pages,
 * PCID, SMEP, SMAP, UMIP, protection keys, MPX, x2APIC, the deadline timer, MONITOR,
 * virtualisation, performance counters, power management.
 */
static const uint32_t pv_features[NR_FEATURE_WORDS] = {
	[FW_1D] = 0x1fc9cbf5, [FW_1C] = 0xf6d83203,
	[FW_E1D] = 0xea500800, [FW_E1C] = 0x042109e3,
	[FW_7B0] = 0xfdaf2b69, [FW_7C0] = 0x02405f43, [FW_7D0] = 0xac00441c,
	[FW_7A1] = 0x00001c30, [FW_7D2] = 0x00000021, [FW_DA1] = 0x00000007,
	[FW_E8B] = 0x64001005, [FW_E21A] = 0x78000064, [FW_E21C] = 0x00000006,
};

/* Bits of leaf 1 that AMD's leaf 0x80000001 repeats (APM 3 E.4.2). */
#define AMD_COMMON_1D	0x0183f3ffU

/* "Not affected" and the like; nothing that stands for a register we do not emulate. */
#define PV_ARCH_CAPS	0x400000001d1ae177UL

#define XSTATE_FP_SSE	0x3UL
#define XSTATE_AVX	0x4UL
#define XSTATE_AVX512	0xe0UL

static bool amd_like(const struct cpuid_policy *p)
{
	return p->vendor == VENDOR_AMD || p->vendor == VENDOR_HYGON;
}

void cpuid_policy_derive(struct cpuid_policy *p, const struct cpu_features *host, uint64_t xcr0,
			 uint64_t arch_caps, bool privileged)
{
	*p = (struct cpuid_policy){
		.vendor = host->vendor, .privileged = privileged, .phys_bits = host->phys_bits,
		.max_leaf = min(host->max_leaf, (uint32_t)MAX_LEAF),
	};
	p->max_ext_leaf = min(host->max_ext_leaf, amd_like(p) ? MAX_EXT_LEAF : MAX_EXT_LEAF_INTEL);
	for (unsigned int i = 0; i < NR_FEATURE_WORDS; i++)
		p->word[i] = host->word[i] & pv_features[i];
	p->word[FW_1C] |= BIT(X86_FEATURE_HYPERVISOR);
	if (amd_like(p)) {
		/* One of its bits is ours to tell also where the processor has no such leaf: cpu/amd.c. */
		if (p->word[FW_E21A])
			p->max_ext_leaf = MAX_EXT_LEAF;
		/* SYSENTER does not exist there in long mode (APM 3, SYSENTER). */
		p->word[FW_1D] &= ~BIT(X86_FEATURE_SEP);
		p->word[FW_E1D] = (p->word[FW_E1D] & ~AMD_COMMON_1D) | (p->word[FW_1D] & AMD_COMMON_1D) |
				  (p->word[FW_E1D] & BIT(X86_FEATURE_SYSCALL));
	}
	/* dom0 stays on this machine. */
	if (privileged) {
		p->word[FW_E7D] |= host->word[FW_E7D] & BIT(X86_FEATURE_INVTSC);
		if (p->vendor == VENDOR_INTEL && p->max_leaf >= 7)
			p->word[FW_7D0] |= BIT(X86_FEATURE_ARCH_CAPS);
		p->arch_caps = arch_caps & PV_ARCH_CAPS;
	} else {
		p->word[FW_7D0] &= ~BIT(X86_FEATURE_ARCH_CAPS);
	}
	p->xcr0_mask = xcr0 & XSTATE_FP_SSE;
	if (cpuid_policy_has(p, X86_FEATURE_AVX))
		p->xcr0_mask |= xcr0 & XSTATE_AVX;
	if (cpuid_policy_has(p, X86_FEATURE_AVX512F))
		p->xcr0_mask |= xcr0 & XSTATE_AVX512;
}

/* Feature words and the registers that they are. */
static const struct { uint32_t leaf, subleaf; uint8_t reg; } word_places[NR_FEATURE_WORDS] = {
	[FW_1D] = { 1, 0, 3 }, [FW_1C] = { 1, 0, 2 },
	[FW_E1D] = { 0x80000001, 0, 3 }, [FW_E1C] = { 0x80000001, 0, 2 },
	[FW_7B0] = { 7, 0, 1 }, [FW_7C0] = { 7, 0, 2 }, [FW_7D0] = { 7, 0, 3 },
	[FW_7A1] = { 7, 1, 0 }, [FW_7D2] = { 7, 2, 3 }, [FW_DA1] = { 0xd, 1, 0 },
	[FW_E7D] = { 0x80000007, 0, 3 }, [FW_E8B] = { 0x80000008, 0, 1 },
	[FW_E21A] = { 0x80000021, 0, 0 }, [FW_E21C] = { 0x80000021, 0, 2 },
};

bool cpuid_policy_take(struct cpuid_policy *p, const struct cpuid_policy *max, uint32_t leaf, uint32_t subleaf,
		       const struct cpuid_leaf *r)
{
	const uint32_t reg[4] = { r->a, r->b, r->c, r->d };

	if (leaf == 0 || leaf == 0x80000000) {
		uint32_t *place = leaf ? &p->max_ext_leaf : &p->max_leaf;

		*place = r->a;
		return r->a <= (leaf ? max->max_ext_leaf : max->max_leaf);
	}
	for (unsigned int i = 0; i < NR_FEATURE_WORDS; i++)
		if (word_places[i].leaf == leaf && word_places[i].subleaf == subleaf)
			p->word[i] = reg[word_places[i].reg];
	if (leaf == 0xd && !subleaf)
		p->xcr0_mask = (uint64_t)r->d << 32 | r->a;
	return true;
}

void cpuid_policy_limit(struct cpuid_policy *p, const struct cpuid_policy *max)
{
	for (unsigned int i = 0; i < NR_FEATURE_WORDS; i++)
		p->word[i] &= max->word[i];
	p->word[FW_1C] |= BIT(X86_FEATURE_HYPERVISOR);
	p->xcr0_mask = (p->xcr0_mask | XSTATE_FP_SSE) & max->xcr0_mask;
	if (!cpuid_policy_has(p, X86_FEATURE_AVX) || !(p->xcr0_mask & XSTATE_AVX))
		p->xcr0_mask &= XSTATE_FP_SSE;
	if (!cpuid_policy_has(p, X86_FEATURE_AVX512F) || (p->xcr0_mask & XSTATE_AVX512) != XSTATE_AVX512)
		p->xcr0_mask &= ~XSTATE_AVX512;
	if (!cpuid_policy_has(p, X86_FEATURE_XSAVE))
		p->xcr0_mask = 0;
}

/* End of the save area for the components in xcr0; compact: without the gaps (SDM 1 13.4.2, 13.4.3). */
static uint32_t xsave_size(cpuid_raw_fn raw, uint64_t xcr0, bool compact)
{
	uint32_t size = 576;
	struct cpuid_leaf c;

	for (unsigned int i = 2; i < 63; i++) {
		if (!(xcr0 >> i & 1))
			continue;
		raw(0xd, i, &c);
		if (compact)
			size = (c.c & 2 ? ROUNDUP(size, 64U) : size) + c.a;
		else
			size = max(size, c.a + c.b);
	}
	return size;
}

static void leaf_xsave(const struct cpuid_policy *p, const struct cpuid_view *view, cpuid_raw_fn raw,
		       uint32_t subleaf, struct cpuid_leaf *res)
{
	struct cpuid_leaf r;

	if (!cpuid_policy_has(p, X86_FEATURE_XSAVE))
		return;
	if (subleaf == 0) {
		res->a = (uint32_t)p->xcr0_mask;
		res->b = xsave_size(raw, view->xcr0, false);
		res->c = xsave_size(raw, p->xcr0_mask, false);
		res->d = p->xcr0_mask >> 32;
	} else if (subleaf == 1) {
		res->a = p->word[FW_DA1];
		if (res->a & BIT(X86_FEATURE_XSAVEC))
			res->b = xsave_size(raw, view->xcr0, true);
	} else if (subleaf < 63 && p->xcr0_mask >> subleaf & 1) {
		raw(0xd, subleaf, &r);
		*res = (struct cpuid_leaf){ .a = r.a, .b = r.b, .c = r.c & 2 };
	}
}

static void leaf_1(const struct cpuid_policy *p, const struct cpuid_view *view, const struct cpuid_leaf *r,
		   struct cpuid_leaf *res)
{
	res->a = r->a;
	res->b = r->b & 0x00ffffff;	/* no APIC identifier: which processor runs it is not the guest's business */
	res->c = p->word[FW_1C];
	if (view->osxsave)
		res->c |= BIT(X86_FEATURE_OSXSAVE);
	res->d = p->word[FW_1D];
}

static void leaf_7(const struct cpuid_policy *p, const struct cpuid_leaf *r, uint32_t subleaf,
		   struct cpuid_leaf *res)
{
	switch (subleaf) {
	case 0:
		res->a = min(r->a, 2U);
		res->b = p->word[FW_7B0];
		res->c = p->word[FW_7C0];
		res->d = p->word[FW_7D0];
		break;
	case 1:
		res->a = p->word[FW_7A1];
		break;
	case 2:
		res->d = p->word[FW_7D2];
		break;
	}
}

static void leaf_basic(const struct cpuid_policy *p, const struct cpuid_view *view, cpuid_raw_fn raw,
		       uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *res)
{
	struct cpuid_leaf r;

	if (leaf > p->max_leaf)
		return;
	raw(leaf, subleaf, &r);
	switch (leaf) {
	case 0:
		*res = r;
		res->a = p->max_leaf;
		break;
	case 1:
		leaf_1(p, view, &r, res);
		break;
	case 2:
	case 4:
		*res = r;
		break;
	case 7:
		leaf_7(p, &r, subleaf, res);
		break;
	case 0xd:
		leaf_xsave(p, view, raw, subleaf, res);
		break;
	}
}

/* On processors of Intel's this range has little; what the host shows else is not architectural. */
static void leaf_extended(const struct cpuid_policy *p, cpuid_raw_fn raw, uint32_t leaf, struct cpuid_leaf *res)
{
	bool amd = amd_like(p);
	struct cpuid_leaf r;

	if (leaf > p->max_ext_leaf)
		return;
	raw(leaf, 0, &r);
	switch (leaf) {
	case 0x80000000:
		if (amd)
			*res = r;
		res->a = p->max_ext_leaf;
		break;
	case 0x80000001:
		res->a = amd ? r.a : 0;
		res->c = p->word[FW_E1C];
		res->d = p->word[FW_E1D];
		break;
	case 0x80000002 ... 0x80000004:
		*res = r;
		break;
	case 0x80000005:
		if (amd)
			*res = r;
		break;
	case 0x80000006:
		if (amd)
			*res = r;
		else
			res->c = r.c;
		break;
	case 0x80000007:
		res->d = p->word[FW_E7D];
		break;
	case 0x80000008:
		res->a = p->phys_bits | 48 << 8;
		res->b = p->word[FW_E8B];
		res->c = amd ? r.c : 0;
		break;
	case 0x80000021:
		res->a = p->word[FW_E21A];
		res->c = p->word[FW_E21C];
		break;
	}
}

/* The interface's own leaves: xen/arch-x86/cpuid.h. */
static void leaf_hypervisor(const struct cpuid_policy *p, const struct cpuid_view *view, uint32_t leaf,
			    uint32_t subleaf, struct cpuid_leaf *res)
{
	switch (leaf - XEN_CPUID_FIRST_LEAF) {
	case 0:
		*res = (struct cpuid_leaf){ MAX_HV_LEAF, XEN_CPUID_SIGNATURE_EBX, XEN_CPUID_SIGNATURE_ECX,
					    XEN_CPUID_SIGNATURE_EDX };
		break;
	case 1:
		res->a = TENON_COMPAT_MAJOR << 16 | TENON_COMPAT_MINOR;
		break;
	case 2:
		res->a = 1;		/* hypercall pages */
		res->b = MSR_HYPERCALL_PAGE;
		res->c = XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
		break;
	case 3:				/* the time stamp counter: the machine's own */
		if (subleaf == 0)
			*res = (struct cpuid_leaf){
				.a = cpuid_policy_has(p, X86_FEATURE_RDTSCP) ? XEN_CPUID_TSC_RDTSCP : 0,
				.b = view->tsc_mode, .d = view->tsc_incarnation,
			};
		else if (subleaf == 2)
			res->a = view->tsc_khz;
		break;
	case 5:
		res->b = subleaf ? 0 : view->maddr_bits;
		break;
	}
}

void cpuid_policy_leaf(const struct cpuid_policy *p, const struct cpuid_view *view, cpuid_raw_fn raw,
		       uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *res)
{
	*res = (struct cpuid_leaf){ 0 };
	switch (leaf >> 16) {
	case 0:
		leaf_basic(p, view, raw, leaf, subleaf, res);
		break;
	case 0x8000:
		leaf_extended(p, raw, leaf, res);
		break;
	case XEN_CPUID_FIRST_LEAF >> 16:
		leaf_hypervisor(p, view, leaf, subleaf, res);
		break;
	}
	/*
	 * The interface shows MTRRs to dom0's kernel, which takes it as a sign that the calls of platform_op
	 * for them exist; the registers do not.
	 */
	if (p->privileged && view->kernel && (leaf == 1 || leaf == 0x80000001)) {
		struct cpuid_leaf r;

		raw(1, 0, &r);
		res->d |= r.d & BIT(X86_FEATURE_MTRR);
	}
}
