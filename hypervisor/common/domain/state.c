/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pausing and the end of a domain's run. Dom0's end is the machine's. */
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include <xen/sched.h>
#include "domain.h"

static void vcpu_pause_nosync(struct vcpu *v)
{
	__atomic_fetch_add(&v->pause_count, 1, __ATOMIC_SEQ_CST);
	vcpu_sleep_nosync(v);
}

void vcpu_pause(struct vcpu *v)
{
	__atomic_fetch_add(&v->pause_count, 1, __ATOMIC_SEQ_CST);
	vcpu_sleep_sync(v);
}

void vcpu_unpause(struct vcpu *v)
{
	if (!__atomic_sub_fetch(&v->pause_count, 1, __ATOMIC_SEQ_CST))
		vcpu_wake(v);
}

void domain_pause_nosync(struct domain *d)
{
	struct vcpu *v;

	__atomic_fetch_add(&d->pause_count, 1, __ATOMIC_SEQ_CST);
	for_each_vcpu(d, v)
		vcpu_sleep_nosync(v);
}

void domain_pause(struct domain *d)
{
	struct vcpu *v;

	__atomic_fetch_add(&d->pause_count, 1, __ATOMIC_SEQ_CST);
	for_each_vcpu(d, v)
		vcpu_sleep_sync(v);
}

void domain_unpause(struct domain *d)
{
	struct vcpu *v;

	if (__atomic_sub_fetch(&d->pause_count, 1, __ATOMIC_SEQ_CST))
		return;
	for_each_vcpu(d, v)
		vcpu_wake(v);
}

static void __noreturn dom0_shutdown(uint32_t reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		printk("Dom0 has shut down: powering off\n");
		machine_end(MACHINE_POWEROFF);
	case SHUTDOWN_crash:
		printk(LOG_ERR "Dom0 has crashed\n");
		machine_end(opt_noreboot ? MACHINE_HALT : MACHINE_REBOOT);
	case SHUTDOWN_reboot:
		printk("Dom0 has shut down: rebooting\n");
		machine_end(MACHINE_REBOOT);
	case SHUTDOWN_watchdog:
		printk(LOG_ERR "Dom0's watchdog expired: rebooting\n");
		machine_end(MACHINE_REBOOT);
	default:
		printk("Dom0 has shut down (reason %u): rebooting\n", reason);
		machine_end(MACHINE_REBOOT);
	}
}

void domain_shutdown(struct domain *d, uint32_t reason)
{
	struct vcpu *v;

	spin_lock(&d->shutdown_lock);
	if (d->is_shutting_down) {
		spin_unlock(&d->shutdown_lock);
		return;
	}
	/* SCHEDOP_shutdown_code may have given it before. */
	if (d->shutdown_code == SHUTDOWN_CODE_INVALID)
		d->shutdown_code = reason;
	reason = d->shutdown_code;
	if (is_hardware_domain(d))
		dom0_shutdown(reason);
	d->is_shutting_down = true;
	for_each_vcpu(d, v)
		if (!v->paused_for_shutdown) {
			v->paused_for_shutdown = true;
			vcpu_pause_nosync(v);
		}
	d->is_shut_down = true;
	spin_unlock(&d->shutdown_lock);
	/* Who moves domains waits for this one. */
	if (reason != SHUTDOWN_suspend || !d->suspend_port || evtchn_send(d, d->suspend_port))
		send_global_virq(VIRQ_DOM_EXC);
}

void domain_resume(struct domain *d)
{
	struct vcpu *v;

	domain_pause(d);
	spin_lock(&d->shutdown_lock);
	d->is_shutting_down = d->is_shut_down = false;
	d->shutdown_code = SHUTDOWN_CODE_INVALID;
	for_each_vcpu(d, v)
		if (v->paused_for_shutdown) {
			v->paused_for_shutdown = false;
			vcpu_unpause(v);
		}
	spin_unlock(&d->shutdown_lock);
	domain_unpause(d);
}

void domain_crash(struct domain *d, const char *why)
{
	if (d->is_shutting_down)
		return;
	printk(LOG_ERR "Domain %u crashed: %s\n", d->domain_id, why);
	if (current->domain == d) {
		printk(LOG_ERR "vCPU %u on CPU %u:\n", current->vcpu_id, smp_processor_id());
		show_execution_state(guest_regs());
	}
	domain_shutdown(d, SHUTDOWN_crash);
}

static void dump_vcpu(struct vcpu *v)
{
	printk("   vCPU %u: CPU %u%s, flags %lx, paused %d, upcall pending %u mask %u\n",
	       v->vcpu_id, v->processor, v->is_running ? " running" : "", v->pause_flags, v->pause_count,
	       v->vcpu_info->evtchn_upcall_pending, v->vcpu_info->evtchn_upcall_mask);
}

void domain_dump_all(unsigned char key)
{
	struct domain *d;
	struct vcpu *v;

	for_each_domain(d) {
		printk(" Domain %u: %d references, %lu of %lu pages%s%s, paused %d\n", d->domain_id, d->refcount,
		       d->tot_pages, d->max_pages, d->is_shut_down ? ", shut down" : "",
		       d->dying ? ", dying" : "", d->pause_count);
		for_each_vcpu(d, v)
			dump_vcpu(v);
	}
}
