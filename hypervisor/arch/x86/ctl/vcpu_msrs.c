/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers that a vCPU takes along when it moves to another machine. */
#include <asm/msr.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/sched.h>
#include "ctl.h"

#define NR_MSRS		2

static uint64_t *place(struct vcpu *v, uint32_t index)
{
	switch (index) {
	case MSR_SPEC_CTRL:
		return &v->arch.msr_spec_ctrl;
	case MSR_TSC_AUX:
		return &v->arch.msr_tsc_aux;
	}
	return NULL;
}

static struct vcpu *find(struct vcpu *curr, struct domain *d, const struct xen_domctl_vcpu_msrs *m)
{
	struct vcpu *v = domain_vcpu(d, m->vcpu);

	return v == curr ? NULL : v;
}

/* Those that are not as they were at the start. */
long domctl_get_vcpu_msrs(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	static const uint32_t all[NR_MSRS] = { MSR_SPEC_CTRL, MSR_TSC_AUX };
	struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
	struct vcpu *v = find(curr, d, m);
	uint32_t n = 0;
	long rc = 0;

	if (!v)
		return -EINVAL;
	if (guest_handle_is_null(m->msrs)) {
		m->msr_count = NR_MSRS;
		return 0;
	}
	vcpu_pause(v);
	for (unsigned int i = 0; i < NR_MSRS && !rc; i++) {
		struct xen_domctl_vcpu_msr e = { .index = all[i], .value = *place(v, all[i]) };

		if (!e.value)
			continue;
		if (n < m->msr_count && copy_to_guest_offset(m->msrs, n, &e, 1))
			rc = -EFAULT;
		n++;
	}
	vcpu_unpause(v);
	if (!rc && n > m->msr_count)
		rc = -ENOBUFS;
	m->msr_count = n;
	return rc;
}

long domctl_set_vcpu_msrs(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
	struct vcpu *v = find(curr, d, m);
	long rc = 0;
	uint32_t i;

	if (!v || m->msr_count > NR_MSRS)
		return -EINVAL;
	vcpu_pause(v);
	for (i = 0; i < m->msr_count && !rc; i++) {
		struct xen_domctl_vcpu_msr e;

		if (copy_from_guest_offset(&e, m->msrs, i, 1))
			rc = -EFAULT;
		else if (e.reserved || !place(v, e.index) || !vcpu_msr_ok(v, e.index, e.value))
			rc = -EINVAL;
		else
			*place(v, e.index) = e.value;
	}
	vcpu_unpause(v);
	if (rc == -EINVAL)
		m->msr_count = i - 1;
	return rc;
}
