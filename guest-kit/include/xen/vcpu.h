/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* vcpu_op(cmd, vcpu, arg): virtual processors. */
#ifndef XEN_VCPU_H
#define XEN_VCPU_H

#include <xen/xen.h>

#define VCPUOP_initialise			0	/* struct vcpu_guest_context */
#define VCPUOP_up				1
#define VCPUOP_down				2
#define VCPUOP_is_up				3	/* returns 0 or 1 */
#define VCPUOP_get_runstate_info		4	/* struct vcpu_runstate_info, filled in */
#define VCPUOP_register_runstate_memory_area	5
#define VCPUOP_set_periodic_timer		6
#define VCPUOP_stop_periodic_timer		7
#define VCPUOP_set_singleshot_timer		8
#define VCPUOP_stop_singleshot_timer		9
#define VCPUOP_register_vcpu_info		10
#define VCPUOP_send_nmi				11
#define VCPUOP_get_physid			12
#define VCPUOP_register_vcpu_time_memory_area	13

/* vcpu_runstate_info.state, and the index of .time */
#define RUNSTATE_running	0
#define RUNSTATE_runnable	1	/* waits for a processor */
#define RUNSTATE_blocked	2
#define RUNSTATE_offline	3	/* neither: paused or down */

/* In state_entry_time: the record is being changed (VMASST_TYPE_runstate_update_flag). */
#define XEN_RUNSTATE_UPDATE	(XEN_ULL(1) << 63)

/* The call fails when the time is past already. */
#define _VCPU_SSHOTTMR_future	0
#define VCPU_SSHOTTMR_future	(1U << _VCPU_SSHOTTMR_future)

#define xen_vcpu_physid_to_x86_apicid(physid)	((uint32_t)(physid))
#define xen_vcpu_physid_to_x86_acpiid(physid)	((uint32_t)((physid) >> 32))

struct vcpu_runstate_info {
	int state;
	uint64_t state_entry_time;
	uint64_t time[4];		/* nanoseconds in each state */
};

struct vcpu_register_runstate_memory_area {
	union {
		XEN_GUEST_HANDLE(struct vcpu_runstate_info) h;
		struct vcpu_runstate_info *v;
		uint64_t p;
	} addr;
};

struct vcpu_register_time_memory_area {
	union {
		XEN_GUEST_HANDLE(struct vcpu_time_info) h;
		struct vcpu_time_info *v;
		uint64_t p;
	} addr;
};

struct vcpu_set_periodic_timer {
	uint64_t period_ns;
};

struct vcpu_set_singleshot_timer {
	uint64_t timeout_abs_ns;	/* system time */
	uint32_t flags;
};

/* Moves a vCPU's vcpu_info out of the shared info page; once, and not across a page's end. */
struct vcpu_register_vcpu_info {
	uint64_t mfn;
	uint32_t offset;
	uint32_t rsvd;
};

struct vcpu_get_physid {
	uint64_t phys_id;
};

#endif
