/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vcpu_op: what a kernel does with its virtual processors. */
#include <asm/page.h>
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <tenon/sched.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include "domain.h"

static long vcpu_initialise(struct vcpu *curr, struct vcpu *v, unsigned long arg)
{
	struct domain *d = curr->domain;
	long rc;

	/* Nowhere for its events to go. */
	if (v->vcpu_info == &dummy_vcpu_info)
		return -EINVAL;
	spin_lock(&d->domain_lock);
	rc = arch_vcpu_initialise(v, arg);
	spin_unlock(&d->domain_lock);
	if (rc == -ERESTART)
		return hypercall_restart(curr, __HYPERVISOR_vcpu_op, 3, (unsigned long)VCPUOP_initialise,
					 (unsigned long)v->vcpu_id, arg);
	return rc;
}

static long vcpu_up(struct vcpu *v)
{
	struct domain *d = v->domain;
	bool wake = false;
	long rc = 0;

	spin_lock(&d->domain_lock);
	if (!v->is_initialised)
		rc = -EINVAL;
	else
		wake = test_and_clear_bit(VPF_down, &v->pause_flags);
	spin_unlock(&d->domain_lock);
	if (wake)
		vcpu_wake(v);
	return rc;
}

static long vcpu_down(struct vcpu *v)
{
	struct domain *d = v->domain;
	struct vcpu *other;

	for_each_vcpu(d, other)
		if (other != v && !test_bit(VPF_down, &other->pause_flags)) {
			if (!test_and_set_bit(VPF_down, &v->pause_flags))
				vcpu_sleep_nosync(v);
			return 0;
		}
	/* The last one: nobody could bring any up again. */
	domain_shutdown(d, SHUTDOWN_poweroff);
	return 0;
}

static long vcpu_register_info_op(struct vcpu *v, unsigned long arg)
{
	struct vcpu_register_vcpu_info op;
	struct domain *d = v->domain;
	long rc;

	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	spin_lock(&d->domain_lock);
	rc = vcpu_register_info(v, _mfn(op.mfn), op.offset);
	spin_unlock(&d->domain_lock);
	return rc;
}

/* Address 0: none any more. The area may be mapped later: it is written then. */
static long vcpu_register_time(struct vcpu *v, unsigned long arg)
{
	struct vcpu_register_time_memory_area op;

	if (copy_from_guest_va(&op, arg, sizeof(op)) || !guest_range_ok(op.addr.p, sizeof(struct vcpu_time_info)))
		return -EFAULT;
	set_vcpu_time_area(v, op.addr.p);
	return 0;
}

void vcpu_send_nmi(struct vcpu *v)
{
	if (__atomic_exchange_n(&v->nmi_pending, 1, __ATOMIC_SEQ_CST))
		return;
	vcpu_unblock(v);
	vcpu_kick(v);
}

long do_vcpu_op(struct vcpu *curr, unsigned long cmd, unsigned long id, unsigned long arg,
		unsigned long a4, unsigned long a5)
{
	struct domain *d = curr->domain;
	struct vcpu *v = domain_vcpu(d, (uint32_t)id);

	if (!v)
		return -ENOENT;
	switch ((uint32_t)cmd) {
	case VCPUOP_initialise:
		return vcpu_initialise(curr, v, arg);
	case VCPUOP_up:
		return vcpu_up(v);
	case VCPUOP_down:
		return vcpu_down(v);
	case VCPUOP_is_up:
		return !test_bit(VPF_down, &v->pause_flags);
	case VCPUOP_get_runstate_info:
		return vcpu_get_runstate(v, arg);
	case VCPUOP_register_runstate_memory_area:
		return vcpu_register_runstate(v, arg);
	case VCPUOP_set_periodic_timer:
		return vcpu_set_periodic(curr, v, arg);
	case VCPUOP_stop_periodic_timer:
		return vcpu_stop_periodic(v);
	case VCPUOP_set_singleshot_timer:
		return vcpu_set_singleshot(curr, v, arg);
	case VCPUOP_stop_singleshot_timer:
		return vcpu_stop_singleshot(curr, v);
	case VCPUOP_register_vcpu_info:
		return vcpu_register_info_op(v, arg);
	case VCPUOP_register_vcpu_time_memory_area:
		return vcpu_register_time(v, arg);
	case VCPUOP_send_nmi:
		if (arg)
			return -EINVAL;
		vcpu_send_nmi(v);
		return 0;
	}
	return arch_vcpu_op(curr, (uint32_t)cmd, v, arg);
}
