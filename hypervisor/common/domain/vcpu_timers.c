/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The timers of a vCPU: singleshot and periodic, both tell by VIRQ_TIMER. The periodic one
 * ticks only while the vCPU has a CPU; a tick that was missed comes when it gets one again.
 */
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/hypercall.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include <xen/vcpu.h>
#include "domain.h"

#define DEFAULT_PERIOD	MILLISECS(10)	/* what a PV kernel starts with */
#define MIN_PERIOD	MILLISECS(1)
#define MAX_DELTA	(1L << 50)	/* farther in the future than this is nonsense */

static void singleshot_fires(void *data)
{
	send_guest_vcpu_virq(data, VIRQ_TIMER);
}

static void periodic_fires(void *data)
{
	struct vcpu *v = data;

	if (!READ_ONCE(v->is_running) || !v->periodic_period)
		return;
	v->periodic_last_event = now();
	send_guest_vcpu_virq(v, VIRQ_TIMER);
	timer_set(&v->periodic_timer, v->periodic_last_event + v->periodic_period);
}

void vcpu_timers_init(struct vcpu *v)
{
	timer_init(&v->periodic_timer, periodic_fires, v, v->processor);
	timer_init(&v->singleshot_timer, singleshot_fires, v, v->processor);
	vcpu_poll_init(v);
	v->periodic_period = DEFAULT_PERIOD;
}

void vcpu_timers_kill(struct vcpu *v)
{
	timer_kill(&v->periodic_timer);
	timer_kill(&v->singleshot_timer);
	timer_kill(&v->poll_timer);
}

void vcpu_periodic_resume(struct vcpu *v)
{
	s_time_t next = v->periodic_last_event + v->periodic_period, t = now();

	if (next <= t) {
		v->periodic_last_event = t;
		send_guest_vcpu_virq(v, VIRQ_TIMER);
		next = t + v->periodic_period;
	}
	timer_migrate(&v->periodic_timer, smp_processor_id());
	timer_set(&v->periodic_timer, next);
}

static void singleshot_set(struct vcpu *curr, s_time_t when)
{
	if (curr->singleshot_timer.cpu != smp_processor_id())
		timer_migrate(&curr->singleshot_timer, smp_processor_id());
	timer_set(&curr->singleshot_timer, when);
}

long do_set_timer_op(struct vcpu *curr, unsigned long timeout, unsigned long a2, unsigned long a3,
		     unsigned long a4, unsigned long a5)
{
	s_time_t when = (s_time_t)timeout;

	if (!when) {
		timer_stop(&curr->singleshot_timer);
		return 0;
	}
	/* Old kernels ask for times long ago or far away when their tick count wraps: they get one soon. */
	if (when < 0 || when - now() >= MAX_DELTA)
		when = now() + MILLISECS(100);
	singleshot_set(curr, when);
	return 0;
}

long vcpu_set_singleshot(struct vcpu *curr, struct vcpu *v, unsigned long arg)
{
	struct vcpu_set_singleshot_timer op;

	if (v != curr)
		return -EINVAL;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	/* VCPU_SSHOTTMR_future asks for an error when the time is past; kernels are content with an event at once. */
	singleshot_set(curr, (s_time_t)min(op.timeout_abs_ns, (uint64_t)STIME_MAX));
	return 0;
}

long vcpu_stop_singleshot(struct vcpu *curr, struct vcpu *v)
{
	if (v != curr)
		return -EINVAL;
	timer_stop(&v->singleshot_timer);
	return 0;
}

long vcpu_set_periodic(struct vcpu *curr, struct vcpu *v, unsigned long arg)
{
	struct vcpu_set_periodic_timer op;

	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.period_ns < (uint64_t)MIN_PERIOD || op.period_ns > (uint64_t)(STIME_MAX >> 1))
		return -EINVAL;
	v->periodic_period = (s_time_t)op.period_ns;
	if (v == curr)
		vcpu_periodic_resume(v);
	return 0;
}

long vcpu_stop_periodic(struct vcpu *v)
{
	v->periodic_period = 0;
	timer_stop(&v->periodic_timer);
	return 0;
}
