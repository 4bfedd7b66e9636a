/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Creating and freeing vCPUs, and the page that one shares with its kernel. */
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include <asm/page.h>
#include "domain.h"

struct vcpu_info dummy_vcpu_info;

struct vcpu *vcpu_create(struct domain *d, unsigned int vcpu_id)
{
	struct vcpu *v;

	if (vcpu_id >= d->max_vcpus || d->vcpu[vcpu_id])
		return NULL;
	v = xzalloc(struct vcpu);
	if (!v)
		return NULL;
	v->domain = d;
	v->vcpu_id = vcpu_id;
	v->is_idle = d->is_idle;
	v->vcpu_info_mfn = _mfn(INVALID_MFN_RAW);
	v->vcpu_info = &dummy_vcpu_info;
	if (!d->is_idle) {
		if (vcpu_id < XEN_LEGACY_MAX_VCPUS)
			v->vcpu_info = (struct vcpu_info *)&d->shared_info->vcpu_info[vcpu_id];
		set_bit(VPF_down, &v->pause_flags);
	}
	if (sched_init_vcpu(v)) {
		xfree(v);
		return NULL;
	}
	if (arch_vcpu_create(v)) {
		sched_destroy_vcpu(v);
		xfree(v);
		return NULL;
	}
	if (!d->is_idle)
		vcpu_timers_init(v);
	__atomic_store_n(&d->vcpu[vcpu_id], v, __ATOMIC_RELEASE);
	return v;
}

int vcpus_release_guest_pages(struct domain *d)
{
	bool registered = false;
	struct vcpu *v;

	for_each_vcpu(d, v) {
		v->runstate_guest = v->time_info_guest = _vaddr(0);
		v->vcpu_info = &dummy_vcpu_info;
		registered |= v->vcpu_info_mfn.m != INVALID_MFN_RAW;
	}
	if (!registered)
		return 0;
	/* A timer or another CPU may be about to mark an event there. */
	evtchn_drain();
	for_each_vcpu(d, v) {
		if (v->vcpu_info_mfn.m == INVALID_MFN_RAW)
			continue;
		put_page_and_type(mfn_to_page(v->vcpu_info_mfn));
		v->vcpu_info_mfn = _mfn(INVALID_MFN_RAW);
	}
	return 0;
}

void vcpu_destroy(struct vcpu *v)
{
	vcpu_timers_kill(v);
	arch_vcpu_destroy(v);
	sched_destroy_vcpu(v);
	v->domain->vcpu[v->vcpu_id] = NULL;
	xfree(v);
}

int vcpu_register_info(struct vcpu *v, mfn_t frame, unsigned int offset)
{
	struct domain *d = v->domain;
	struct vcpu_info *new;

	if (offset > PAGE_SIZE - sizeof(*new) || offset % _Alignof(struct vcpu_info))
		return -ENXIO;
	if (v->vcpu_info_mfn.m != INVALID_MFN_RAW)
		return -EINVAL;
	/* The entry code reads the pointer without a lock: only its own CPU may change it under a vCPU that runs. */
	if (v != current && !test_bit(VPF_down, &v->pause_flags))
		return -EINVAL;
	frame = arch_gfn_to_mfn(d, _gfn(frame.m));
	if (!mfn_valid(frame) || get_page_and_type(mfn_to_page(frame), d, PGT_writable))
		return -EINVAL;

	new = (struct vcpu_info *)((char *)map_domain_page_global(frame) + offset);
	if (v->vcpu_info == &dummy_vcpu_info) {
		memset(new, 0, sizeof(*new));
		new->evtchn_upcall_mask = 1;
	} else {
		*new = *v->vcpu_info;
	}
	v->vcpu_info_mfn = frame;
	__atomic_store_n(&v->vcpu_info, new, __ATOMIC_SEQ_CST);
	/* An event may have been marked in the old place meanwhile. */
	evtchn_2l_resend(v);
	update_vcpu_system_time(v);
	return 0;
}
