/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The contexts of other domains' vCPUs, read and written by tools. Who is read or written does not run meanwhile. */
#include <asm/cpu.h>
#include <asm/mm.h>
#include <asm/pv.h>
#include <asm/regs.h>
#include <tenon/arch.h>
#include <tenon/sched.h>
#include "ctl.h"

static void get_pv(const struct vcpu *v, struct vcpu_guest_context *c)
{
	const struct pv_vcpu *pv = &v->arch.pv;

	memcpy(c->trap_ctxt, pv->trap_ctxt, sizeof(c->trap_ctxt));
	memcpy(c->gdt_frames, pv->gdt_frames, sizeof(c->gdt_frames));
	c->gdt_ents = pv->gdt_ents;
	c->ldt_base = pv->ldt_base;
	c->ldt_ents = pv->ldt_ents;
	c->kernel_ss = pv->kernel_ss;
	c->kernel_sp = pv->kernel_sp;
	c->ctrlreg[0] = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_PG |
			(v->arch.ts ? X86_CR0_TS : 0);
	c->ctrlreg[1] = v->arch.guest_table_user.m ? xen_pfn_to_cr3(v->arch.guest_table_user.m) : 0;
	c->ctrlreg[2] = v->vcpu_info->arch.cr2;
	c->ctrlreg[3] = v->arch.guest_table.m ? xen_pfn_to_cr3(v->arch.guest_table.m) : 0;
	c->ctrlreg[4] = pv->ctrlreg[4];
	c->event_callback_eip = pv->event_callback_eip;
	c->failsafe_callback_eip = pv->failsafe_callback_eip;
	c->syscall_callback_eip = pv->syscall_callback_eip;
	if (pv->failsafe_disables_events)
		c->flags |= VGCF_failsafe_disables_events;
	if (pv->syscall_disables_events)
		c->flags |= VGCF_syscall_disables_events;
	c->fs_base = pv->fs_base;
	c->gs_base_kernel = pv->gs_base_kernel;
	c->gs_base_user = pv->gs_base_user;
}

static void get(const struct vcpu *v, struct vcpu_guest_context *c)
{
	fpu_get_legacy(v, &c->fpu_ctxt);
	c->flags = VGCF_i387_valid | (v->arch.kernel_mode ? VGCF_in_kernel : 0) |
		   (test_bit(VPF_down, &v->pause_flags) ? 0 : VGCF_online);
	c->user_regs = v->arch.user_regs;
	c->user_regs.rflags |= v->arch.pv.iopl;
	get_pv(v, c);
	memcpy(c->debugreg, v->arch.dr, sizeof(c->debugreg));
	c->debugreg[7] |= v->arch.pv.dr7_emul;
	c->vm_assist = v->domain->vm_assist;
}

long domctl_getvcpucontext(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct vcpu *v = domain_vcpu(d, op->u.vcpucontext.vcpu);
	struct vcpu_guest_context *c;
	long rc;

	if (!v || v == curr)
		return -EINVAL;
	if (!v->is_initialised)
		return -ENODATA;
	c = xzalloc(struct vcpu_guest_context);
	if (!c)
		return -ENOMEM;
	vcpu_pause(v);
	get(v, c);
	vcpu_unpause(v);
	rc = copy_to_guest(op->u.vcpucontext.ctxt, c, 1);
	xfree(c);
	return rc;
}

/* A vCPU that has a context keeps its page and descriptor tables. */
static bool same_tables(const struct vcpu *v, const struct vcpu_guest_context *c)
{
	const struct pv_vcpu *pv = &v->arch.pv;

	return xen_cr3_to_pfn(c->ctrlreg[3]) == v->arch.guest_table.m &&
	       xen_cr3_to_pfn(c->ctrlreg[1]) == v->arch.guest_table_user.m &&
	       c->gdt_ents == pv->gdt_ents && c->ldt_base == pv->ldt_base && c->ldt_ents == pv->ldt_ents &&
	       !memcmp(c->gdt_frames, pv->gdt_frames, DIV_ROUND_UP(c->gdt_ents, PAGE_SIZE / 8) * sizeof(c->gdt_frames[0]));
}

static long set(struct vcpu *v, const struct vcpu_guest_context *c)
{
	struct domain *d = v->domain;
	unsigned long assist = d->vm_assist;
	long rc;

	/* What the registers mean depends on them. */
	if (v->vcpu_id == 0)
		d->vm_assist = c->vm_assist & ARCH_VM_ASSISTS;
	if (v->is_initialised)
		rc = same_tables(v, c) ? pv_set_registers(v, c) : -EOPNOTSUPP;
	else
		rc = pv_set_context(v, c);
	if (rc) {
		d->vm_assist = assist;
		return rc;
	}
	if (c->flags & VGCF_online)
		clear_bit(VPF_down, &v->pause_flags);
	else
		set_bit(VPF_down, &v->pause_flags);
	if (v->vcpu_id == 0)
		update_domain_wallclock(d);
	return 0;
}

long domctl_setvcpucontext(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_vcpucontext *vc = &op->u.vcpucontext;
	struct vcpu *v = domain_vcpu(d, vc->vcpu);
	struct vcpu_guest_context *c = NULL;
	long rc;

	if (!v)
		return -EINVAL;
	if (!guest_handle_is_null(vc->ctxt)) {
		c = xmalloc_bytes(sizeof(*c));
		if (!c)
			return -ENOMEM;
		if (copy_from_guest(c, vc->ctxt, 1)) {
			xfree(c);
			return -EFAULT;
		}
	}
	domain_pause(d);
	if (!c)
		set_bit(VPF_down, &v->pause_flags);
	rc = c ? set(v, c) : arch_vcpu_reset(v);
	domain_unpause(d);
	xfree(c);
	return rc;
}

/* ---- entries from 32-bit user mode ---- */

long domctl_get_ext_vcpucontext(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
	const struct vcpu *v = domain_vcpu(d, e->vcpu);
	const struct pv_vcpu *pv;

	if (!v)
		return -ESRCH;
	pv = &v->arch.pv;
	*e = (struct xen_domctl_ext_vcpucontext){
		.vcpu = e->vcpu, .size = sizeof(*e),
		.syscall32_callback_eip = pv->syscall32_callback_eip, .sysenter_callback_eip = pv->sysenter_callback_eip,
		.syscall32_callback_cs = FLAT_USER_CS64, .sysenter_callback_cs = FLAT_USER_CS64,
		.syscall32_disables_events = pv->syscall32_disables_events,
		.sysenter_disables_events = pv->sysenter_disables_events,
	};
	return 0;
}

long domctl_set_ext_vcpucontext(struct vcpu *curr, struct domain *d, struct xen_domctl *op)
{
	const struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
	struct vcpu *v = domain_vcpu(d, e->vcpu);
	struct pv_vcpu *pv;

	if (!v)
		return -ESRCH;
	if (e->size < offsetof(struct xen_domctl_ext_vcpucontext, vmce))
		return -EINVAL;
	if (!is_canonical(e->syscall32_callback_eip) || !is_canonical(e->sysenter_callback_eip))
		return -EINVAL;
	pv = &v->arch.pv;
	domain_pause(d);
	pv->syscall32_callback_eip = e->syscall32_callback_eip;
	pv->sysenter_callback_eip = e->sysenter_callback_eip;
	pv->syscall32_disables_events = !!e->syscall32_disables_events;
	pv->sysenter_disables_events = !!e->sysenter_disables_events;
	domain_unpause(d);
	return 0;
}
