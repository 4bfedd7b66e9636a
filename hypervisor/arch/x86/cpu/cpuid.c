/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPUID of a domain on this machine. */
#include <asm/cpuid.h>
#include <asm/msr.h>
#include <asm/system.h>
#include <asm/time.h>
#include <tenon/bitops.h>
#include <tenon/domain.h>

static void raw(uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *r)
{
	cpuid_count(leaf, subleaf, &r->a, &r->b, &r->c, &r->d);
}

void cpuid_policy_host(struct cpuid_policy *p, bool privileged)
{
	uint64_t arch_caps = 0;

	if (cpu_has(X86_FEATURE_ARCH_CAPS) && rdmsr_safe(MSR_ARCH_CAPABILITIES, &arch_caps))
		arch_caps = 0;
	cpuid_policy_derive(p, &boot_cpu, fpu_xcr0_mask, arch_caps, privileged);
}

int cpuid_policy_init(struct domain *d)
{
	d->arch.cpuid = xzalloc(struct cpuid_policy);
	if (!d->arch.cpuid)
		return -ENOMEM;
	cpuid_policy_host(d->arch.cpuid, d->is_privileged);
	return 0;
}

void cpuid_policy_free(struct domain *d)
{
	xfree(d->arch.cpuid);
	d->arch.cpuid = NULL;
}

void guest_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *res)
{
	struct cpuid_view view = {
		.xcr0 = v->arch.xcr0,
		.kernel = v->arch.kernel_mode,
		/* A kernel looks whether we have it on before it sets its own CR4. */
		.osxsave = v->arch.kernel_mode ? cpu_has(X86_FEATURE_XSAVE) :
			   v->arch.pv.ctrlreg[4] & X86_CR4_OSXSAVE,
		.maddr_bits = max_page > 1 ? last_set(max_page - 1) + 1 + PAGE_SHIFT : PAGE_SHIFT,
		.tsc_khz = tsc_khz,
		.tsc_mode = v->domain->arch.tsc_mode,
		.tsc_incarnation = v->domain->arch.tsc_incarnation,
	};

	cpuid_policy_leaf(v->domain->arch.cpuid, &view, raw, leaf, subleaf, res);
}
