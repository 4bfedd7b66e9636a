/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The run state record in guest memory. */
#include <asm/page.h>
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include <tenon/hypercall.h>
#include <tenon/sched.h>
#include <xen/vcpu.h>
#include "domain.h"

#define ENTRY_TIME	offsetof(struct vcpu_runstate_info, state_entry_time)

/*
 * A kernel that asked for it sees the update flag in the entry time while the rest changes. It
 * reads on the same vCPU or compares twice, so that the order of our writes is enough. A record
 * that cannot be written at the moment, as while user mode runs, is written before the guest's
 * kernel is called for an event or an exception, or at the next switch.
 */
void vcpu_update_runstate_area(struct vcpu *v)
{
	struct vcpu_runstate_info info;
	unsigned long va = v->runstate_guest.v;
	bool flag = v->domain->vm_assist & (1UL << VMASST_TYPE_runstate_update_flag);

	if (!va)
		return;
	info = v->runstate;
	if (flag)
		info.state_entry_time |= XEN_RUNSTATE_UPDATE;
	v->runstate_stale = (flag && copy_to_guest_va(va + ENTRY_TIME, &info.state_entry_time, sizeof(info.state_entry_time))) ||
			    copy_to_guest_va(va, &info, sizeof(info));
	if (v->runstate_stale || !flag)
		return;
	info.state_entry_time &= ~XEN_RUNSTATE_UPDATE;
	(void)!copy_to_guest_va(va + ENTRY_TIME, &info.state_entry_time, sizeof(info.state_entry_time));
}

long vcpu_get_runstate(struct vcpu *v, unsigned long arg)
{
	struct vcpu_runstate_info info;

	vcpu_runstate_get(v, &info);
	return copy_to_guest_va(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

long vcpu_register_runstate(struct vcpu *v, unsigned long arg)
{
	struct vcpu_register_runstate_memory_area area;
	struct vcpu_runstate_info info;

	if (copy_from_guest_va(&area, arg, sizeof(area)) || !guest_range_ok(area.addr.p, sizeof(info)))
		return -EFAULT;
	__atomic_store_n(&v->runstate_guest.v, area.addr.p, __ATOMIC_RELAXED);
	vcpu_runstate_get(v, &info);
	/* Not mapped, or no area any more: at the next switch, if at all. */
	(void)!copy_to_guest_va(area.addr.p, &info, sizeof(info));
	return 0;
}
