/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What CPUID shows to domains, in the interface's forms: a list of leaves, and a featureset. Tools read the machine's
 * or a domain's, take features away, and give the list back.
 */
#include <asm/cpuid.h>
#include <asm/msr.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include "ctl.h"

/* As many as tools of any release may make of it; the register is PLATFORM_INFO. */
#define MAX_LEAVES	192
#define MAX_MSRS	2
#define MSR_PLATFORM_INFO 0xce

/* The interface's order of feature words; those that we do not know are 0. */
static const uint8_t featureset[] = {
	FW_1D, FW_1C, FW_E1D, FW_E1C, FW_DA1, FW_7B0, FW_7C0, FW_E7D, FW_E8B, FW_7D0, FW_7A1, FW_E21A,
	NR_FEATURE_WORDS, FW_7D2,
};

uint32_t featureset_word(const uint32_t *features, unsigned int i)
{
	return i < ARRAY_SIZE(featureset) && featureset[i] < NR_FEATURE_WORDS ? features[featureset[i]] : 0;
}

/* ---- a policy as a list of leaves ---- */

static void raw_leaf(uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *r)
{
	cpuid_count(leaf, subleaf, &r->a, &r->b, &r->c, &r->d);
}

struct leaf_writer {
	const struct cpuid_policy *p;	/* NULL: the machine's own */
	struct xen_guest_handle_64 out;
	uint32_t room, n;
};

static void read_leaf(const struct leaf_writer *w, uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *r)
{
	const struct cpuid_view view = { .xcr0 = w->p ? w->p->xcr0_mask : 0 };

	if (w->p)
		cpuid_policy_leaf(w->p, &view, raw_leaf, leaf, subleaf, r);
	else
		raw_leaf(leaf, subleaf, r);
}

static int put_leaf(struct leaf_writer *w, uint32_t leaf, uint32_t subleaf, const struct cpuid_leaf *r)
{
	struct xen_cpuid_leaf e = { leaf, subleaf, r->a, r->b, r->c, r->d };

	if (w->n >= w->room)
		return -ENOBUFS;
	return copy_to_guest_offset(w->out, w->n++, &e, 1);
}

/*
 * Tools write their list back into the room that this one took, with every leaf that they know of: those that
 * are all zero stand here, too.
 */
static int put_range(struct leaf_writer *w, uint32_t first, uint32_t limit)
{
	struct cpuid_leaf r;
	uint32_t last;
	int rc = 0;

	read_leaf(w, first, 0, &r);
	last = min(r.a, limit);
	for (uint32_t leaf = first; leaf <= last; leaf++) {
		uint32_t nr = leaf == 4 ? 6 : leaf == 7 ? 3 : leaf == 0xb ? 2 : leaf == 0xd ? 63 : 0;

		for (uint32_t i = 0; i < max(nr, 1U) && !rc; i++) {
			read_leaf(w, leaf, i, &r);
			rc = put_leaf(w, leaf, nr ? i : XEN_CPUID_NO_SUBLEAF, &r);
		}
	}
	return rc;
}

/* *nr: room, then how many there are. */
static int put_leaves(const struct cpuid_policy *p, struct xen_guest_handle_64 out, uint32_t *nr)
{
	static const struct cpuid_leaf none;
	struct leaf_writer w = { p, out, *nr, 0 };
	int rc;

	if (guest_handle_is_null(out)) {
		*nr = MAX_LEAVES;
		return 0;
	}
	rc = put_range(&w, 0, 0xd);
	/* How many of the interface's own leaves are shown, here and for another interface. */
	if (!rc)
		rc = put_leaf(&w, 0x40000000, XEN_CPUID_NO_SUBLEAF, &none);
	if (!rc)
		rc = put_leaf(&w, 0x40000100, XEN_CPUID_NO_SUBLEAF, &none);
	if (!rc)
		rc = put_range(&w, 0x80000000, 0x80000021);
	*nr = w.n;
	return rc;
}

static int put_msrs(struct xen_guest_handle_64 out, uint32_t *nr)
{
	const struct xen_msr_entry e = { .idx = MSR_PLATFORM_INFO };

	if (guest_handle_is_null(out)) {
		*nr = MAX_MSRS;
		return 0;
	}
	if (!*nr)
		return -ENOBUFS;
	*nr = 1;
	return copy_to_guest(out, &e, 1);
}

/* ---- the machine's ---- */

/* Features of guests at most: what they get unasked, and the promise that the counter's rate never changes. */
static void max_policy(struct cpuid_policy *p)
{
	cpuid_policy_host(p, false);
	p->word[FW_E7D] |= boot_cpu.word[FW_E7D] & 1U << (X86_FEATURE_INVTSC % 32);
}

long sysctl_get_cpu_policy(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_policy *q = &op->u.cpu_policy;
	struct cpuid_policy p, *shown = &p;
	int rc;

	if (q->rsvd || q->index > XEN_SYSCTL_cpu_policy_hvm_default)
		return -EINVAL;
	if (q->index == XEN_SYSCTL_cpu_policy_pv_max)
		max_policy(&p);
	else if (q->index == XEN_SYSCTL_cpu_policy_pv_default)
		cpuid_policy_host(&p, false);
	else if (q->index == XEN_SYSCTL_cpu_policy_raw || q->index == XEN_SYSCTL_cpu_policy_host)
		shown = NULL;
	else
		return -EOPNOTSUPP;
	rc = put_leaves(shown, q->leaves, &q->nr_leaves);
	return rc ? rc : put_msrs(q->msrs, &q->nr_msrs);
}

long sysctl_get_cpu_featureset(struct vcpu *curr, struct xen_sysctl *op)
{
	struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
	const uint32_t *words = boot_cpu.word;
	struct cpuid_policy p;
	uint32_t i;

	if (guest_handle_is_null(f->features)) {
		f->nr_features = ARRAY_SIZE(featureset);
		return 0;
	}
	if (f->index == XEN_SYSCTL_cpu_featureset_pv || f->index == XEN_SYSCTL_cpu_featureset_pv_max) {
		max_policy(&p);
		words = p.word;
	} else if (f->index > XEN_SYSCTL_cpu_featureset_host) {
		return f->index <= XEN_SYSCTL_cpu_featureset_hvm_max ? -EOPNOTSUPP : -EINVAL;
	}
	for (i = 0; i < f->nr_features && i < ARRAY_SIZE(featureset); i++) {
		uint32_t word = featureset_word(words, i);

		if (copy_to_guest_offset(f->features, i, &word, 1))
			return -EFAULT;
	}
	if (i < ARRAY_SIZE(featureset))
		return -ENOBUFS;
	f->nr_features = i;
	return 0;
}

/* Nothing is hidden from a PV guest's user mode. */
long sysctl_get_cpu_levelling_caps(struct vcpu *curr, struct xen_sysctl *op)
{
	op->u.cpu_levelling_caps.caps = 0;
	return 0;
}

/* ---- a domain's ---- */

long domctl_get_cpu_policy(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_cpu_policy *q = &op->u.cpu_policy;
	int rc = put_leaves(d->arch.cpuid, q->leaves, &q->nr_leaves);

	return rc ? rc : put_msrs(q->msrs, &q->nr_msrs);
}

static int take_leaves(struct xen_domctl_cpu_policy *q, struct cpuid_policy *p, const struct cpuid_policy *max)
{
	if (q->nr_leaves > MAX_LEAVES)
		return -E2BIG;
	for (uint32_t i = 0; i < q->nr_leaves; i++) {
		struct xen_cpuid_leaf e;

		if (copy_from_guest_offset(&e, q->leaves, i, 1))
			return -EFAULT;
		if (!cpuid_policy_take(p, max, e.leaf, e.subleaf == XEN_CPUID_NO_SUBLEAF ? 0 : e.subleaf,
				       &(struct cpuid_leaf){ e.a, e.b, e.c, e.d })) {
			q->err_leaf = e.leaf;
			q->err_subleaf = e.subleaf;
			return -EINVAL;
		}
	}
	return 0;
}

/* Registers stay as they are, also those that we do not tell of but tools do: another value is refused. */
static int check_msrs(struct xen_domctl_cpu_policy *q)
{
	if (q->nr_msrs > MAX_MSRS)
		return -E2BIG;
	for (uint32_t i = 0; i < q->nr_msrs; i++) {
		struct xen_msr_entry e;

		if (copy_from_guest_offset(&e, q->msrs, i, 1))
			return -EFAULT;
		if (e.flags || e.val || (e.idx != MSR_PLATFORM_INFO && e.idx != MSR_ARCH_CAPABILITIES)) {
			q->err_msr = e.idx;
			return -EINVAL;
		}
	}
	return 0;
}

long domctl_set_cpu_policy(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_cpu_policy *q = &op->u.cpu_policy;
	struct cpuid_policy p = *d->arch.cpuid, max;
	int rc;

	q->err_leaf = q->err_subleaf = q->err_msr = ~0U;
	/* Its kernel has looked already. */
	if (d->has_run)
		return -EEXIST;
	max_policy(&max);
	rc = take_leaves(q, &p, &max);
	if (!rc)
		rc = check_msrs(q);
	if (rc)
		return rc;
	cpuid_policy_limit(&p, &max);
	*d->arch.cpuid = p;
	msr_policy_update(d);
	return 0;
}
