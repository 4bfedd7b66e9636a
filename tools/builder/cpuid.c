// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What CPUID shows to a guest: what the hypervisor offers to paravirtual guests unasked. The bits that say "several
 * threads" are the machine's: where a processor cannot hide CPUID from user mode, programs see the machine's topology
 * in the other leaves, and these must go with it.
 */
#include <errno.h>

#include "builder.h"

#define HTT		(1U << 28)	/* 1, edx */
#define CMP_LEGACY	(1U << 1)	/* 0x80000001, ecx */
#define INVARIANT_TSC	(1U << 8)	/* 0x80000007, edx */
#define HOST_WORDS	4		/* of the featureset: 1 edx, 1 ecx, 0x80000001 edx and ecx */
#define MSRS_AT		(BOUNCE_SIZE / 2)
#define MSRS_MAX	64

static const char what_fails[] = "set what CPUID shows to it";

static int host_features(struct tenon_builder *builder, uint32_t words[HOST_WORDS])
{
	const uint32_t *from = builder->tenon->bounce;
	struct xen_sysctl_cpu_featureset *get =
		&sysctl_begin(builder->tenon, XEN_SYSCTL_get_cpu_featureset)->u.cpu_featureset;
	int error;

	get->index = XEN_SYSCTL_cpu_featureset_host;
	get->nr_features = BOUNCE_SIZE / sizeof(uint32_t);
	set_xen_guest_handle(get->features, builder->tenon->bounce);
	error = sysctl_run(builder->tenon);
	for (size_t i = 0; i < HOST_WORDS; i++)
		words[i] = i < get->nr_features ? from[i] : 0;
	return error;
}

static void set_bits(uint32_t *word, uint32_t bits, uint32_t from)
{
	*word = (*word & ~bits) | (from & bits);
}

static void adjust(struct tenon_builder *builder, xen_cpuid_leaf_t *leaf, const uint32_t host[HOST_WORDS])
{
	if (leaf->leaf == 1)
		set_bits(&leaf->d, HTT, host[0]);
	if (leaf->leaf == 0x80000001)
		set_bits(&leaf->c, CMP_LEGACY, host[3]);
	if (leaf->leaf == 0x80000007 && !builder->what->invariant_tsc)
		leaf->d &= ~INVARIANT_TSC;
	/* It is not among what guests get unasked. */
	if (leaf->leaf == 0x80000007 && builder->what->invariant_tsc)
		leaf->d |= INVARIANT_TSC;
}

int build_cpuid(struct tenon_builder *builder)
{
	xen_cpuid_leaf_t *leaves = builder->tenon->bounce;
	xen_msr_entry_t *msrs = (void *)((char *)builder->tenon->bounce + MSRS_AT);
	struct xen_sysctl_cpu_policy *get;
	struct xen_domctl *domctl;
	uint32_t host[HOST_WORDS], nr_leaves, nr_msrs;
	int error = host_features(builder, host);

	if (error)
		return refused_call(builder, error, what_fails);
	get = &sysctl_begin(builder->tenon, XEN_SYSCTL_get_cpu_policy)->u.cpu_policy;
	get->index = XEN_SYSCTL_cpu_policy_pv_default;
	get->nr_leaves = MSRS_AT / sizeof(*leaves);
	get->nr_msrs = MSRS_MAX;
	set_xen_guest_handle(get->leaves, leaves);
	set_xen_guest_handle(get->msrs, msrs);
	error = sysctl_run(builder->tenon);
	nr_leaves = get->nr_leaves;
	nr_msrs = get->nr_msrs;
	if (!error && (nr_leaves > MSRS_AT / sizeof(*leaves) || nr_msrs > MSRS_MAX))
		error = -EPROTO;
	if (error)
		return refused_call(builder, error, what_fails);
	for (uint32_t i = 0; i < nr_leaves; i++)
		adjust(builder, &leaves[i], host);
	domctl = domctl_begin(builder->tenon, XEN_DOMCTL_set_cpu_policy, builder->domid);
	domctl->u.cpu_policy.nr_leaves = nr_leaves;
	domctl->u.cpu_policy.nr_msrs = nr_msrs;
	set_xen_guest_handle(domctl->u.cpu_policy.leaves, leaves);
	set_xen_guest_handle(domctl->u.cpu_policy.msrs, msrs);
	error = domctl_run(builder->tenon);
	return error ? refused_call(builder, error, what_fails) : 0;
}
