/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The x86 part of creating and destroying domains and vCPUs. */
#include <asm/cpu.h>
#include <asm/mm.h>
#include <asm/irq.h>
#include <asm/pv.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>

int arch_domain_create(struct domain *d)
{
	static uint64_t lives;
	int rc;

	d->arch.life = __atomic_add_fetch(&lives, 1, __ATOMIC_RELAXED);
	spin_lock_init(&d->arch.pirq_lock);
	spin_lock_init(&d->arch.e820_lock);
	if (d->is_idle)
		return 0;
	d->arch.ioport_caps = rangeset_new("I/O ports");
	if (!d->arch.ioport_caps)
		return -ENOMEM;
	rc = perdomain_create(d);
	if (!rc)
		rc = cpuid_policy_init(d);
	if (!rc)
		rc = msr_policy_init(d);
	if (!rc)
		rc = pirq_domain_init(d);
	if (rc)
		arch_domain_destroy(d);
	return rc;
}

void arch_domain_destroy(struct domain *d)
{
	pirq_domain_free(d);
	msr_policy_free(d);
	cpuid_policy_free(d);
	perdomain_destroy(d);
	rangeset_free(d->arch.ioport_caps);
	d->arch.ioport_caps = NULL;
	xfree(d->arch.e820);
	d->arch.e820 = NULL;
}

int arch_vcpu_create(struct vcpu *v)
{
	int rc;

	v->arch.kernel_mode = true;
	v->loaded_cpu = VCPU_NOT_LOADED;
	spin_lock_init(&v->arch.pv.ldt_lock);
	v->arch.dr[6] = 0xffff0ff0UL;
	v->arch.dr[7] = 0x400;
	if (v->is_idle) {
		v->arch.cr3 = virt_to_maddr(idle_l4);
		return 0;
	}
	v->arch.pv.trap_ctxt = alloc_hv_page();
	if (!v->arch.pv.trap_ctxt)
		return -ENOMEM;
	rc = perdomain_add_vcpu(v);
	if (!rc)
		rc = fpu_vcpu_init(v);
	if (rc)
		arch_vcpu_destroy(v);
	return rc;
}

void arch_vcpu_destroy(struct vcpu *v)
{
	if (v->is_idle)
		return;
	fpu_vcpu_free(v);
	if (v->arch.pv.trap_ctxt)
		free_hv_page(v->arch.pv.trap_ctxt);
	v->arch.pv.trap_ctxt = NULL;
}

static int check_context(const struct vcpu_guest_context *c)
{
	if (!is_canonical(c->event_callback_eip) || !is_canonical(c->failsafe_callback_eip) ||
	    !is_canonical(c->syscall_callback_eip) || !is_canonical(c->fs_base) ||
	    !is_canonical(c->gs_base_kernel) || !is_canonical(c->gs_base_user) ||
	    !is_canonical(c->user_regs.rip) || !is_canonical(c->user_regs.rsp) || !is_canonical(c->kernel_sp) ||
	    !guest_va_ok(c->ldt_base) || !xen_cr3_to_pfn(c->ctrlreg[3]))
		return -EINVAL;
	if (!(c->flags & VGCF_in_kernel) && !c->ctrlreg[1])
		return -EINVAL;
	for (unsigned int i = 0; i < ARRAY_SIZE(c->trap_ctxt); i++)
		if (!is_canonical(c->trap_ctxt[i].address))
			return -EINVAL;
	if (c->gdt_ents > FIRST_RESERVED_GDT_ENTRY || c->ldt_ents > 8192 || PAGE_OFFSET(c->ldt_base))
		return -EINVAL;
	return 0;
}

static void set_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct cpu_user_regs *r = &v->arch.user_regs;

	*r = c->user_regs;
	r->error_code = 0;
	r->entry_vector = 0;
	r->cs = pv_fix_selector(r->cs);
	r->ss = pv_fix_selector(r->ss);
	/* The guest's level for I/O is ours to keep: the processor's stays 0. */
	pv_set_iopl(v, r->rflags);
	r->rflags = (r->rflags & ~(X86_EFLAGS_IOPL | X86_EFLAGS_VM)) | X86_EFLAGS_IF | X86_EFLAGS_MBS;
}

static void set_callbacks(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct pv_vcpu *pv = &v->arch.pv;

	for (unsigned int i = 0; i < ARRAY_SIZE(c->trap_ctxt); i++) {
		pv->trap_ctxt[i] = c->trap_ctxt[i];
		pv->trap_ctxt[i].cs = pv_fix_selector(c->trap_ctxt[i].cs);
	}
	pv_update_fast_traps(v);
	pv_set_kernel_stack(v, pv_fix_selector(c->kernel_ss), c->kernel_sp);
	pv->event_callback_eip = c->event_callback_eip;
	pv->failsafe_callback_eip = c->failsafe_callback_eip;
	pv->syscall_callback_eip = c->syscall_callback_eip;
	pv->failsafe_disables_events = !!(c->flags & VGCF_failsafe_disables_events);
	pv->syscall_disables_events = !!(c->flags & VGCF_syscall_disables_events);
	pv->fs_base = c->fs_base;
	pv->gs_base_kernel = c->gs_base_kernel;
	pv->gs_base_user = c->gs_base_user;
}

static void apply(struct vcpu *v, const struct vcpu_guest_context *c)
{
	set_registers(v, c);
	set_callbacks(v, c);
	v->arch.kernel_mode = c->flags & VGCF_in_kernel;
	v->arch.ts = c->ctrlreg[0] & X86_CR0_TS;
	v->arch.pv.ctrlreg[4] = pv_guest_cr4(v, c->ctrlreg[4]);
	if (c->flags & VGCF_I387_VALID)
		fpu_set_legacy(v, &c->fpu_ctxt);
	for (unsigned int i = 0; i < 8; i++)
		if (i < 4 || i > 5)
			pv_set_debugreg(v, i, c->debugreg[i]);
}

int pv_set_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
	int rc = check_context(c);

	if (!rc)
		apply(v, c);
	return rc;
}

int pv_set_context(struct vcpu *v, const struct vcpu_guest_context *c)
{
	int rc = check_context(c);

	if (rc)
		return rc;
	rc = pv_set_gdt(v, c->gdt_frames, c->gdt_ents);
	if (rc)
		return rc;
	rc = vcpu_set_roots(v, _mfn(xen_cr3_to_pfn(c->ctrlreg[3])), _mfn(xen_cr3_to_pfn(c->ctrlreg[1])));
	if (rc) {
		pv_destroy_gdt(v);
		return rc;
	}
	v->arch.pv.ldt_base = c->ldt_base;
	v->arch.pv.ldt_ents = c->ldt_ents;
	apply(v, c);
	v->is_initialised = true;
	return 0;
}

int arch_vcpu_initialise(struct vcpu *v, unsigned long ctxt)
{
	struct vcpu_guest_context *c = xmalloc_bytes(sizeof(*c));
	int rc;

	if (!c)
		return -ENOMEM;
	rc = copy_from_guest_va(c, ctxt, sizeof(*c));
	if (!rc)
		rc = v->is_initialised ? -EEXIST : pv_set_context(v, c);
	xfree(c);
	return rc;
}

int arch_vcpu_reset(struct vcpu *v)
{
	int rc;

	pv_destroy_gdt(v);
	pv_destroy_ldt(v);
	rc = vcpu_drop_page_tables(v);
	if (rc)
		return rc;
	v->is_initialised = false;
	return 0;
}

int arch_domain_relinquish(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		int rc = arch_vcpu_reset(v);

		if (rc)
			return rc;
	}
	pirq_domain_destroy(d);
	return relinquish_pages(d);
}

bool vcpu_has_pending_upcall(const struct vcpu *v)
{
	return v->vcpu_info->evtchn_upcall_pending && !v->vcpu_info->evtchn_upcall_mask;
}

void vcpu_set_upcall_mask(struct vcpu *v, bool masked)
{
	v->vcpu_info->evtchn_upcall_mask = masked;
}

void arch_event_kick(struct vcpu *v)
{
}
