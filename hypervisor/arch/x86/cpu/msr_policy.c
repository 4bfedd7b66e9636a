/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Model-specific registers as a PV kernel sees them: few are its own, some show the machine, some
 * take writes that mean nothing because old kernels do them unasked, all else is #GP.
 */
#include <asm/cpuid.h>
#include <asm/mm.h>
#include <asm/msr.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <tenon/lib.h>
#include <tenon/percpu.h>

struct msr_policy {
	uint64_t spec_ctrl_mask;	/* bits of SPEC_CTRL that may be set */
	uint64_t pred_cmd_mask;
};

#define SPEC_CTRL_IBRS	0x01UL
#define SPEC_CTRL_STIBP	0x02UL
#define SPEC_CTRL_SSBD	0x04UL
#define SPEC_CTRL_PSFD	0x80UL
#define PRED_CMD_IBPB	0x01UL
#define PRED_CMD_SBPB	0x80UL
#define APIC_BASE_BSP	0x100UL
#define APIC_BASE_ENABLE 0x800UL
#define APIC_BASE_ADDR	0xfee00000UL
#define FEATURE_CONTROL_LOCK 0x1UL
/* MISC_ENABLE: no performance monitoring, no MONITOR; no branch traces, no event sampling, no xTPR. */
#define MISC_ENABLE_CLEAR ((1UL << 7) | (1UL << 18))
#define MISC_ENABLE_SET	((1UL << 11) | (1UL << 12) | (1UL << 23))
#define MCG_CAP_BANKS	2

enum { ANY, INTEL, AMD };		/* on whose processors */
enum { FAULT, ZERO, HOST, IGNORE };	/* a read: #GP, 0, the machine's; a write: #GP, nothing */

struct msr_range {
	uint32_t first, last;
	uint8_t vendor, read, write;
};

static const struct msr_range ranges[] = {
	{ 0x0, 0x1, ANY, ZERO, FAULT },			/* P5 machine check */
	{ 0x17, 0x17, INTEL, HOST, FAULT },		/* platform id */
	{ 0xc1, 0xc8, INTEL, ZERO, IGNORE },		/* performance counters */
	{ 0xce, 0xce, ANY, ZERO, FAULT },		/* platform info: no CPUID faulting */
	{ 0xe7, 0xe8, ANY, FAULT, IGNORE },		/* MPERF, APERF */
	{ 0x17a, 0x17b, ANY, ZERO, IGNORE },		/* MCG_STATUS, MCG_CTL */
	{ 0x186, 0x189, INTEL, ZERO, IGNORE },		/* event selects */
	{ 0x198, 0x198, INTEL, ZERO, FAULT },		/* speed */
	{ 0x199, 0x199, INTEL, ZERO, IGNORE },
	{ 0x19a, 0x19a, INTEL, FAULT, IGNORE },		/* clock modulation, heat */
	{ 0x19c, 0x19c, INTEL, HOST, FAULT },
	{ 0x1b0, 0x1b0, INTEL, FAULT, IGNORE },		/* energy bias */
	{ 0x280, 0x29f, ANY, ZERO, IGNORE },		/* MCi_CTL2 */
	{ 0x309, 0x30b, INTEL, ZERO, IGNORE },		/* fixed counters */
	{ 0x345, 0x345, ANY, ZERO, FAULT },		/* performance capabilities */
	{ 0x38d, 0x390, INTEL, ZERO, IGNORE },
	{ 0x400, 0x47f, ANY, ZERO, IGNORE },		/* machine check banks; the first ones: mcheck_*() */
	{ 0xc0010000, 0xc0010007, AMD, ZERO, IGNORE },	/* performance counters */
	{ 0xc0010010, 0xc0010010, AMD, HOST, FAULT },	/* SYSCFG */
	{ 0xc0010015, 0xc0010015, AMD, ZERO, IGNORE },	/* HWCR */
	{ 0xc0010016, 0xc001001a, AMD, HOST, FAULT },	/* IORR, TOP_MEM */
	{ 0xc001001d, 0xc001001d, AMD, HOST, FAULT },	/* TOP_MEM2 */
	{ 0xc001001f, 0xc001001f, ANY, ZERO, IGNORE },	/* NB_CFG */
	{ 0xc0010041, 0xc0010042, AMD, ZERO, IGNORE },	/* FID, VID */
	{ 0xc0010061, 0xc001006b, AMD, ZERO, IGNORE },	/* P-states */
	{ 0xc0010112, 0xc0010113, AMD, HOST, FAULT },	/* SMM's memory */
	{ 0xc0010200, 0xc001020b, AMD, ZERO, IGNORE },	/* performance counters */
	{ MSR_AMD_DE_CFG, MSR_AMD_DE_CFG, AMD, FAULT, IGNORE },
};

static const struct msr_range *find_range(uint32_t msr)
{
	unsigned int vendor = boot_cpu.vendor == VENDOR_INTEL ? INTEL :
			      boot_cpu.vendor == VENDOR_AMD || boot_cpu.vendor == VENDOR_HYGON ? AMD : ANY;

	for (unsigned int i = 0; i < ARRAY_SIZE(ranges); i++)
		if (msr >= ranges[i].first && msr <= ranges[i].last &&
		    (ranges[i].vendor == ANY || ranges[i].vendor == vendor))
			return &ranges[i];
	return NULL;
}

void msr_policy_update(struct domain *d)
{
	const struct cpuid_policy *cp = d->arch.cpuid;
	struct msr_policy *mp = d->arch.msr;

	*mp = (struct msr_policy){ 0 };
	if (cpuid_policy_has(cp, X86_FEATURE_IBRSB))
		mp->spec_ctrl_mask |= SPEC_CTRL_IBRS;
	if (cpuid_policy_has(cp, X86_FEATURE_STIBP))
		mp->spec_ctrl_mask |= SPEC_CTRL_STIBP;
	if (cpuid_policy_has(cp, X86_FEATURE_SSBD))
		mp->spec_ctrl_mask |= SPEC_CTRL_SSBD;
	if (cpuid_policy_has(cp, X86_FEATURE_INTEL_PSFD))
		mp->spec_ctrl_mask |= SPEC_CTRL_PSFD;
	if (cpuid_policy_has(cp, X86_FEATURE_IBRSB) || cpuid_policy_has(cp, X86_FEATURE_IBPB))
		mp->pred_cmd_mask |= PRED_CMD_IBPB;
	if (cpuid_policy_has(cp, X86_FEATURE_SBPB))
		mp->pred_cmd_mask |= PRED_CMD_SBPB;
}

int msr_policy_init(struct domain *d)
{
	d->arch.msr = xzalloc(struct msr_policy);
	if (!d->arch.msr)
		return -ENOMEM;
	msr_policy_update(d);
	return 0;
}

void msr_policy_free(struct domain *d)
{
	xfree(d->arch.msr);
	d->arch.msr = NULL;
}

static bool has_tsc_aux(const struct domain *d)
{
	return cpuid_policy_has(d->arch.cpuid, X86_FEATURE_RDTSCP) ||
	       cpuid_policy_has(d->arch.cpuid, X86_FEATURE_RDPID);
}

/* Processor registers that are the vCPU's while it is loaded. The last value written here saves most writes. */
void msr_vcpu_load(struct vcpu *v)
{
	struct arch_percpu *pc = &this_cpu()->arch;
	uint64_t spec_ctrl = v->arch.msr_spec_ctrl | spec_ctrl_always;

	if (pc->tsc_aux != v->arch.msr_tsc_aux) {
		pc->tsc_aux = v->arch.msr_tsc_aux;
		wrmsr(MSR_TSC_AUX, pc->tsc_aux);
	}
	if (pc->spec_ctrl != spec_ctrl) {
		pc->spec_ctrl = spec_ctrl;
		wrmsr(MSR_SPEC_CTRL, spec_ctrl);
	}
}

void msr_init_cpu(void)
{
	if (cpu_has(X86_FEATURE_RDTSCP) || cpu_has(X86_FEATURE_RDPID))
		wrmsr(MSR_TSC_AUX, 0);
	spec_ctrl_init_cpu();
}

/* The first banks exist for the guest, but nothing is ever in them: dom0 is told of errors otherwise. */
static bool mcheck_bank(uint32_t msr)
{
	return msr >= MSR_MC0_CTL && msr < MSR_MC0_CTL + 4 * MCG_CAP_BANKS;
}

static uint64_t mcheck_read(uint32_t msr)
{
	return msr % 4 ? 0 : ~0UL;	/* CTL: all errors are reported */
}

/* CTL ignores writes; the others can only be cleared. */
static int mcheck_write(uint32_t msr, uint64_t val)
{
	return msr % 4 && val ? -EPERM : 0;
}

static int read_range(uint32_t msr, uint64_t *val)
{
	const struct msr_range *r = find_range(msr);

	if (!r || r->read == FAULT)
		return -EPERM;
	*val = 0;
	if (r->read == HOST && rdmsr_safe(msr, val))
		return -EPERM;
	return 0;
}

/* Tools may have asked that registers which the machine has, and we hide, are read as 0 rather than fault. */
static bool relaxed(const struct domain *d, uint32_t msr)
{
	uint64_t unused;

	return (d->arch_config.misc_flags & XEN_X86_MSR_RELAXED) && !rdmsr_safe(msr, &unused);
}

/* Without what is the hypervisor's own in it. */
static uint64_t guest_efer(void)
{
	return rdmsr(MSR_EFER) & ~EFER_AIBRSE;
}

/* A read of v's, which runs here in its kernel mode. */
int guest_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *val)
{
	const struct domain *d = v->domain;
	int rc;

	if (mcheck_bank(msr)) {
		*val = mcheck_read(msr);
		return 0;
	}
	switch (msr) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_SHADOW_GS_BASE:
		*val = rdmsr(msr);
		return 0;
	case MSR_EFER:
		*val = guest_efer();
		return 0;
	case MSR_TSC:
		*val = rdtsc();
		return 0;
	case MSR_TSC_AUX:
		*val = v->arch.msr_tsc_aux;
		return has_tsc_aux(d) ? 0 : -EPERM;
	case MSR_PAT:
		*val = HV_MSR_PAT;
		return 0;
	case MSR_APIC_BASE:
		*val = APIC_BASE_ADDR | APIC_BASE_ENABLE | (v->vcpu_id ? 0 : APIC_BASE_BSP);
		return 0;
	case MSR_UCODE_REV:
		*val = boot_cpu.vendor == VENDOR_INTEL ? (uint64_t)boot_cpu.microcode << 32 : boot_cpu.microcode;
		return 0;
	case MSR_FEATURE_CONTROL:
		*val = FEATURE_CONTROL_LOCK;
		return boot_cpu.vendor == VENDOR_INTEL ? 0 : -EPERM;
	case MSR_MISC_ENABLE:
		if (rdmsr_safe(msr, val))
			return -EPERM;
		*val = (*val & ~MISC_ENABLE_CLEAR) | MISC_ENABLE_SET;
		return 0;
	case MSR_MISC_FEATURES:
	case MSR_HYPERCALL_PAGE:
		*val = 0;
		return 0;
	case MSR_AMD_DE_CFG:
		/* As it is set on every processor that has it. */
		*val = DE_CFG_LFENCE_SERIALIZE;
		return boot_cpu.vendor == VENDOR_AMD || boot_cpu.vendor == VENDOR_HYGON ? 0 : -EPERM;
	case MSR_MCG_CAP:
		*val = MCG_CAP_BANKS;
		return 0;
	case MSR_ARCH_CAPABILITIES:
		*val = d->arch.cpuid->arch_caps;
		return cpuid_policy_has(d->arch.cpuid, X86_FEATURE_ARCH_CAPS) ? 0 : -EPERM;
	case MSR_SPEC_CTRL:
		*val = v->arch.msr_spec_ctrl;
		return d->arch.msr->spec_ctrl_mask ? 0 : -EPERM;
	}
	rc = read_range(msr, val);
	if (!rc || !relaxed(d, msr))
		return rc;
	*val = 0;
	return 0;
}

/* A page of the guest's is made the hypercall page; its number stands in the address's low bits. */
static int write_hypercall_page(struct domain *d, uint64_t val)
{
	mfn_t mfn = _mfn(val >> PAGE_SHIFT);
	void *page;

	if ((val & ~PAGE_MASK) || !mfn_valid(mfn) || get_page_and_type(mfn_to_page(mfn), d, PGT_writable))
		return -EPERM;
	page = map_domain_page(mfn);
	pv_hypercall_page_init(page);
	unmap_domain_page(page);
	put_page_and_type(mfn_to_page(mfn));
	return 0;
}

static int write_base(uint32_t msr, uint64_t val)
{
	if (!is_canonical(val))
		return -EPERM;
	wrmsr(msr, val);
	return 0;
}

bool vcpu_msr_ok(const struct vcpu *v, uint32_t msr, uint64_t val)
{
	const struct domain *d = v->domain;

	if (msr == MSR_TSC_AUX)
		return has_tsc_aux(d) && val <= UINT32_MAX;
	return d->arch.msr->spec_ctrl_mask && !(val & ~d->arch.msr->spec_ctrl_mask);
}

static int write_vcpu_msr(struct vcpu *v, uint32_t msr, uint64_t *place, uint64_t val)
{
	if (!vcpu_msr_ok(v, msr, val))
		return -EPERM;
	*place = val;
	msr_vcpu_load(v);
	return 0;
}

int guest_wrmsr(struct vcpu *v, uint32_t msr, uint64_t val)
{
	const struct domain *d = v->domain;
	const struct msr_range *r;

	if (mcheck_bank(msr))
		return mcheck_write(msr, val);
	switch (msr) {
	case MSR_FS_BASE:
	case MSR_GS_BASE:
	case MSR_SHADOW_GS_BASE:
		return write_base(msr, val);
	case MSR_EFER:
		return val == guest_efer() ? 0 : -EPERM;
	case MSR_TSC_AUX:
		return write_vcpu_msr(v, msr, &v->arch.msr_tsc_aux, val);
	case MSR_UCODE_REV:
		/* Intel's way to ask for the revision begins with this. */
		return boot_cpu.vendor == VENDOR_INTEL && !val ? 0 : -EPERM;
	case MSR_MISC_FEATURES:
		return val ? -EPERM : 0;
	case MSR_MISC_ENABLE:
	case MSR_MCG_CAP:
		return 0;
	case MSR_HYPERCALL_PAGE:
		return write_hypercall_page(v->domain, val);
	case MSR_SPEC_CTRL:
		return write_vcpu_msr(v, msr, &v->arch.msr_spec_ctrl, val);
	case MSR_PRED_CMD:
		if (!d->arch.msr->pred_cmd_mask || (val & ~d->arch.msr->pred_cmd_mask))
			return -EPERM;
		if (val)
			wrmsr(MSR_PRED_CMD, val);
		return 0;
	}
	r = find_range(msr);
	return (r && r->write == IGNORE) || relaxed(d, msr) ? 0 : -EPERM;
}
