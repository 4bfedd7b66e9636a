/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This port's operations of the control interface, for the table in domctl.c. */
#ifndef X86_CTL_CTL_H
#define X86_CTL_CTL_H

#include <tenon/ctl.h>
#include <tenon/guest_access.h>

typedef long domctl_fn(struct vcpu *curr, struct domain *d, struct xen_domctl *op);
domctl_fn domctl_getvcpucontext, domctl_setvcpucontext;		/* context.c */
domctl_fn domctl_get_ext_vcpucontext, domctl_set_ext_vcpucontext;
domctl_fn domctl_getvcpuextstate, domctl_setvcpuextstate;	/* extstate.c */
domctl_fn domctl_get_cpu_policy, domctl_set_cpu_policy;		/* cpu_policy.c */
domctl_fn domctl_get_vcpu_msrs, domctl_set_vcpu_msrs;		/* vcpu_msrs.c */

typedef long sysctl_fn(struct vcpu *curr, struct xen_sysctl *op);
sysctl_fn sysctl_get_cpu_featureset, sysctl_get_cpu_policy, sysctl_get_cpu_levelling_caps;	/* cpu_policy.c */

/* A word of the interface's featureset in the host's or a domain's features. */
uint32_t featureset_word(const uint32_t *features, unsigned int i);

/* How many of the lowest bits of a local APIC's number tell threads of one core from each other. */
unsigned int arch_cpu_thread_bits(void);

#endif
