/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypercalls by which guests give up the processor. */
#include <tenon/arch.h>
#include <tenon/cmdline.h>
#include <tenon/event.h>
#include <tenon/hypercall.h>
#include <tenon/init.h>
#include <xen/sched.h>
#include "private.h"

#define MAX_POLL_PORTS	128

static unsigned int opt_dom0_watchdog;
BOOT_OPTION_UINT("dom0_watchdog", opt_dom0_watchdog, "seconds until the machine is reset, unless dom0 stops its watchdog 1 before; "
		 "a panic before dom0 runs resets it too; default 0: never");

static void poll_timeout(void *data)
{
	struct vcpu *v = data;

	/* Woken before, it may wait for something else by now. */
	if (test_bit(v->vcpu_id, v->domain->poll_mask))
		vcpu_unblock(v);
}

static void poll_cancel(struct vcpu *curr)
{
	curr->poll_evtchn = 0;
	clear_bit(curr->vcpu_id, curr->domain->poll_mask);
	clear_bit(VPF_poll, &curr->pause_flags);
	clear_bit(VPF_blocked, &curr->pause_flags);
}

/* 1: one of the ports is pending; 0: none; or -errno. The last one goes to *port. */
static long poll_ports(struct vcpu *curr, const struct sched_poll *poll, evtchn_port_t *port)
{
	for (unsigned int i = 0; i < poll->nr_ports; i++) {
		int rc;

		if (copy_from_guest_offset(port, poll->ports, i, 1))
			return -EFAULT;
		rc = evtchn_port_poll(curr->domain, *port);
		if (rc)
			return rc;
	}
	return 0;
}

static long sched_poll(struct vcpu *curr, unsigned long arg)
{
	struct sched_poll poll;
	evtchn_port_t port = 0;
	long rc;

	if (copy_from_guest_va(&poll, arg, sizeof(poll)))
		return -EFAULT;
	if (poll.nr_ports > MAX_POLL_PORTS)
		return -EINVAL;

	/* Asleep first, then a look at the ports: whoever sends in between wakes us. */
	set_bit(VPF_blocked, &curr->pause_flags);
	set_bit(VPF_poll, &curr->pause_flags);
	WRITE_ONCE(curr->poll_evtchn, -1);
	set_bit(curr->vcpu_id, curr->domain->poll_mask);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);

	rc = vcpu_has_pending_upcall(curr) ? 1 : poll_ports(curr, &poll, &port);
	if (rc) {
		poll_cancel(curr);
		return rc < 0 ? rc : 0;
	}
	/* Unless it was woken already, only this one is of interest. */
	if (poll.nr_ports == 1) {
		int32_t several = -1;

		__atomic_compare_exchange_n(&curr->poll_evtchn, &several, (int32_t)port, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	}
	if (poll.timeout) {
		timer_migrate(&curr->poll_timer, smp_processor_id());
		timer_set(&curr->poll_timer, (s_time_t)poll.timeout);
	}
	softirq_raise(SOFTIRQ_SCHEDULE);
	return 0;
}

void vcpu_poll_init(struct vcpu *v)
{
	timer_init(&v->poll_timer, poll_timeout, v, v->processor);
}

static long sched_shutdown(struct vcpu *curr, unsigned long arg, bool now_down)
{
	struct sched_shutdown op;

	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	if (now_down) {
		if (op.reason == SHUTDOWN_crash) {
			printk(LOG_ERR "Domain %u says that it crashed:\n", curr->domain->domain_id);
			show_execution_state(guest_regs());
		}
		domain_shutdown(curr->domain, op.reason & 0xff);
		return 0;
	}
	/* Only the code, the first that is given: the domain goes down by itself later. */
	spin_lock(&curr->domain->shutdown_lock);
	if (curr->domain->shutdown_code == SHUTDOWN_CODE_INVALID)
		curr->domain->shutdown_code = op.reason & 0xff;
	spin_unlock(&curr->domain->shutdown_lock);
	return 0;
}

static long sched_remote_shutdown(struct vcpu *curr, unsigned long arg)
{
	struct sched_remote_shutdown op;
	struct domain *d;

	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	d = domain_get(op.domain_id);
	if (!d)
		return -ESRCH;
	if (curr->domain->is_privileged)
		domain_shutdown(d, op.reason & 0xff);
	domain_put(d);
	return curr->domain->is_privileged ? 0 : -EPERM;
}

static void watchdog_bites(void *data)
{
	struct domain *d = data;

	printk(LOG_WARN "d%u: its watchdog was not fed\n", d->domain_id);
	domain_shutdown(d, SHUTDOWN_watchdog);
}

bool sched_dom0_is_watched(void)
{
	return opt_dom0_watchdog != 0;
}

void __init sched_watch_dom0(void)
{
	struct sched_domain *sd = dom0->sched;

	if (!opt_dom0_watchdog)
		return;
	sd->watchdog_used[0] = true;
	timer_init(&sd->watchdog[0], watchdog_bites, dom0, smp_processor_id());
	timer_set(&sd->watchdog[0], now() + SECONDS(opt_dom0_watchdog));
	printk("Dom0 has %u s to stop its watchdog\n", opt_dom0_watchdog);
}

static long sched_watchdog(struct vcpu *curr, unsigned long arg)
{
	struct sched_domain *sd = curr->domain->sched;
	struct sched_watchdog op;
	int rc = 0;
	unsigned int i;

	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.id > NR_WATCHDOGS || (!op.id && !op.timeout))
		return -EINVAL;
	spin_lock(&sd->watchdog_lock);
	i = op.id - 1;
	if (!op.id) {
		for (i = 0; i < NR_WATCHDOGS && sd->watchdog_used[i]; i++)
			;
		rc = i < NR_WATCHDOGS ? (int)i + 1 : -ENOSPC;
		if (rc > 0 && !sd->watchdog[i].fn)
			timer_init(&sd->watchdog[i], watchdog_bites, curr->domain, smp_processor_id());
	} else if (!sd->watchdog_used[i]) {
		rc = -EINVAL;
	}
	if (rc >= 0 && op.timeout) {
		sd->watchdog_used[i] = true;
		timer_set(&sd->watchdog[i], now() + SECONDS(op.timeout));
	} else if (rc >= 0) {
		timer_stop(&sd->watchdog[i]);
		sd->watchdog_used[i] = false;
	}
	spin_unlock(&sd->watchdog_lock);
	return rc;
}

static long sched_pin_override(struct vcpu *curr, unsigned long arg)
{
	struct sched_pin_override op;

	if (!is_hardware_domain(curr->domain))
		return -EPERM;
	if (copy_from_guest_va(&op, arg, sizeof(op)))
		return -EFAULT;
	return vcpu_pin_override(curr, op.pcpu);
}

long do_sched_op(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long a3,
		 unsigned long a4, unsigned long a5)
{
	switch ((uint32_t)cmd) {
	case SCHEDOP_yield:
		vcpu_yield(curr);
		return 0;
	case SCHEDOP_block:
		vcpu_set_upcall_mask(curr, false);
		vcpu_block(curr);
		return 0;
	case SCHEDOP_shutdown:
		return sched_shutdown(curr, arg, true);
	case SCHEDOP_poll:
		return sched_poll(curr, arg);
	case SCHEDOP_remote_shutdown:
		return sched_remote_shutdown(curr, arg);
	case SCHEDOP_shutdown_code:
		return sched_shutdown(curr, arg, false);
	case SCHEDOP_watchdog:
		return sched_watchdog(curr, arg);
	case SCHEDOP_pin_override:
		return sched_pin_override(curr, arg);
	}
	return -ENOSYS;
}

/* The first form of the call: the argument is the reason itself. */
long do_sched_op_compat(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long a3,
			unsigned long a4, unsigned long a5)
{
	if ((uint32_t)cmd == SCHEDOP_shutdown) {
		domain_shutdown(curr->domain, arg & 0xff);
		return 0;
	}
	return (uint32_t)cmd <= SCHEDOP_block ? do_sched_op(curr, cmd, arg, a3, a4, a5) : -ENOSYS;
}
