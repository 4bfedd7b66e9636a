/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains, contexts, hypercalls, and the end. */
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/hypercall.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>

#define FRAMES_PER_CHECK	1024

unsigned long fake_restarts;
bool fake_preempt;
enum fake_end fake_machine;

int arch_domain_create(struct domain *d) { return 0; }
void arch_domain_destroy(struct domain *d) { }

int arch_domain_relinquish(struct domain *d)
{
	for (unsigned int slot = 0; slot < FAKE_MAPS; slot++)
		(void)fake_map_set(d, slot, _mfn(INVALID_MFN_RAW), false);
	for (unsigned long m = d->arch.relinquish_at; m < max_page; m++) {
		struct page_info *pg = mfn_to_page(_mfn(m));

		if (!(pg->refs & (PGC_hole | PGC_hypervisor)) && pg->owner == d->domain_id + 1U)
			put_page_alloc_ref(pg);
		d->arch.relinquish_at = m + 1;
		if (m % FRAMES_PER_CHECK == 0 && hypercall_preempt_check())
			return -ERESTART;
	}
	return 0;
}

int arch_vcpu_create(struct vcpu *v)
{
	v->loaded_cpu = VCPU_NOT_LOADED;
	return 0;
}

void arch_vcpu_destroy(struct vcpu *v) { }

int arch_vcpu_initialise(struct vcpu *v, unsigned long ctxt)
{
	if (v->is_initialised)
		return -EEXIST;
	v->is_initialised = true;
	return 0;
}

int arch_vcpu_reset(struct vcpu *v)
{
	v->is_initialised = false;
	return 0;
}

void arch_vm_assist_changed(struct domain *d) { }
long arch_vcpu_op(struct vcpu *curr, unsigned int cmd, struct vcpu *v, unsigned long arg) { return -ENOSYS; }
long arch_memory_op(struct vcpu *curr, unsigned int cmd, unsigned long arg) { return -ENOSYS; }

/* Returns to the caller, unlike on real machines: no code of ours stands behind it. */
void context_switch(struct vcpu *prev, struct vcpu *next)
{
	BUG_ON(fake_cpu->irqs_off || prev == next || prev != current);
	fake_cpu->switches++;
	set_current(next);
	next->loaded_cpu = smp_processor_id();
	context_saved(prev);
}

void sync_vcpu_state(struct vcpu *v) { }

void arch_idle(void)
{
	local_irq_enable();
}

bool vcpu_has_pending_upcall(const struct vcpu *v)
{
	return v->vcpu_info->evtchn_upcall_pending && !v->vcpu_info->evtchn_upcall_mask;
}

void vcpu_set_upcall_mask(struct vcpu *v, bool masked)
{
	v->vcpu_info->evtchn_upcall_mask = masked;
}

void arch_event_kick(struct vcpu *v) { }

/* ---- hypercalls ---- */

long hypercall_restart(struct vcpu *curr, unsigned int op, unsigned int n, ...)
{
	unsigned long *args = curr->arch.mc.active ? curr->arch.mc.call.args : curr->arch.hc.args;
	va_list ap;

	va_start(ap, n);
	for (unsigned int i = 0; i < n; i++)
		args[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (curr->arch.mc.active) {
		curr->arch.mc.restarted = true;
		curr->arch.mc.call.op = op;
	} else {
		curr->arch.hc.restarted = true;
		curr->arch.hc.op = op;
	}
	return op;
}

long fake_hypercall(struct vcpu *v, unsigned int nr, unsigned long a1, unsigned long a2, unsigned long a3,
		    unsigned long a4, unsigned long a5)
{
	struct fake_cpu *was = fake_cpu;
	long rc;

	v->arch.hc.op = nr;
	memcpy(v->arch.hc.args, (unsigned long[]){ a1, a2, a3, a4, a5 }, sizeof(v->arch.hc.args));
	do {
		const unsigned long *a = v->arch.hc.args;
		struct vcpu *before;

		if (v->is_running)
			fake_cpu = &fake_cpus[v->processor];
		before = current;
		set_current(v);
		v->arch.hc.restarted = false;
		if (fake_preempt)
			softirq_raise(SOFTIRQ_TIMER);
		rc = hypercall_table[v->arch.hc.op](v, a[0], a[1], a[2], a[3], a[4]);
		set_current(before);
		fake_cpu = was;
		fake_restarts += v->arch.hc.restarted;
		fake_settle();
	} while (v->arch.hc.restarted);
	return rc;
}

/* What only real machines have. */
#define HYPERCALL(nr, name, nargs, flags) \
	__attribute__((weak)) long do_##name(struct vcpu *curr, unsigned long a1, unsigned long a2, unsigned long a3, \
					     unsigned long a4, unsigned long a5) { return -ENOSYS; }
#include "../../hypercalls.def"
#undef HYPERCALL

/* ---- life of a domain ---- */

struct domain *fake_domain(domid_t id, unsigned int vcpus, unsigned long pages)
{
	int rc;
	const struct domain_config config = {
		.max_vcpus = vcpus, .privileged = id == 0, .max_event_port = id ? 1023 : 131071,
		.max_grant_frames = GRANT_FRAMES_DEFAULT, .max_maptrack_frames = MAPTRACK_FRAMES_DEFAULT,
	};
	struct domain *d = domain_create(id, &config, &rc);

	if (!d)
		return NULL;
	if (id == 0)
		dom0 = d;
	d->max_pages = pages ? pages : 1;
	for (unsigned long i = 0; i < pages; i++)
		BUG_ON(!domain_alloc_pages(d, 0, 0));
	for (unsigned int i = 0; i < vcpus; i++) {
		struct vcpu *v = vcpu_create(d, i);

		BUG_ON(!v);
		v->is_initialised = true;
		v->periodic_period = 0;
		clear_bit(VPF_down, &v->pause_flags);
		vcpu_wake(v);
		fake_settle();
	}
	return d;
}

bool fake_kill(struct domain *d)
{
	domid_t id = d->domain_id;
	int rc;

	do {
		if (fake_preempt)
			softirq_raise(SOFTIRQ_TIMER);
		rc = domain_kill(d);
		fake_settle();
	} while (rc == -ERESTART);
	BUG_ON(rc);
	return !domain_by_id(id);
}

void machine_end(enum machine_end how)
{
	panic("machine_end %d", how);
}

void show_execution_state(const struct cpu_user_regs *regs) { }

void warn(const char *file, int line, const char *what)
{
	panic("unexpected: %s at %s:%d", what, file, line);
}
