/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypercalls by which a PV kernel tells where it wants to be entered. */
#include <asm/current.h>
#include <asm/mm.h>
#include <asm/msr.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <tenon/sched.h>
#include <xen/callback.h>
#include <xen/nmi.h>

void pv_set_iopl(struct vcpu *v, unsigned long iopl)
{
	v->arch.pv.iopl = iopl & X86_EFLAGS_IOPL;
	v->arch.pv.bounce_flags = VM_ASSIST(v->domain, architectural_iopl) ? v->arch.pv.iopl : 0;
}

void arch_vm_assist_changed(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v)
		pv_set_iopl(v, v->arch.pv.iopl);
}

void pv_set_kernel_stack(struct vcpu *v, unsigned long ss, unsigned long sp)
{
	/* entry.S writes below it without looking: 96 bytes at most. */
	v->arch.pv.kernel_sp = guest_range_ok((sp & ~15UL) - 96, 96) ? sp : 0;
	v->arch.pv.kernel_ss = ss;
}

void pv_update_fast_traps(struct vcpu *v)
{
	const struct trap_info *ti = &v->arch.pv.trap_ctxt[TRAP_PF];

	v->arch.pv.pf_masks_events = TI_GET_IF(ti);
	v->arch.pv.pf_handler = ti->address;
	v->arch.pv.pf_cs = ti->cs | 3;
}

long do_set_trap_table(struct vcpu *curr, unsigned long a1, unsigned long a2, unsigned long a3,
		       unsigned long a4, unsigned long a5)
{
	struct trap_info *table = curr->arch.pv.trap_ctxt, ti;
	long rc = 0;

	if (!a1) {	/* no table: forget all */
		memset(table, 0, 256 * sizeof(*table));
		pv_update_fast_traps(curr);
		return 0;
	}
	/* At most one entry a vector is of use; more would be a guest keeping us busy. */
	for (unsigned int n = 0; n < 512; n++, a1 += sizeof(ti)) {
		if (n && hypercall_preempt_check()) {
			rc = hypercall_restart(curr, __HYPERVISOR_set_trap_table, 1, a1);
			break;
		}
		if (copy_from_guest_va(&ti, a1, sizeof(ti))) {
			rc = -EFAULT;
			break;
		}
		if (!ti.address)
			break;
		if (!is_canonical(ti.address)) {
			rc = -EINVAL;
			break;
		}
		ti.cs = pv_fix_selector(ti.cs);
		table[ti.vector] = ti;
	}
	pv_update_fast_traps(curr);
	return rc;
}

static long register_callback(struct vcpu *v, unsigned int type, unsigned int flags,
			      unsigned long addr)
{
	struct pv_vcpu *pv = &v->arch.pv;
	bool mask = flags & CALLBACKF_mask_events;

	if (!is_canonical(addr))
		return -EINVAL;
	switch (type) {
	case CALLBACKTYPE_event:
		pv->event_callback_eip = addr;
		return 0;
	case CALLBACKTYPE_failsafe:
		pv->failsafe_callback_eip = addr;
		pv->failsafe_disables_events = mask;
		return 0;
	case CALLBACKTYPE_syscall:
		pv->syscall_callback_eip = addr;
		pv->syscall_disables_events = mask;
		return 0;
	case CALLBACKTYPE_syscall32:
		pv->syscall32_callback_eip = addr;
		pv->syscall32_disables_events = mask;
		return 0;
	case CALLBACKTYPE_sysenter:
		pv->sysenter_callback_eip = addr;
		pv->sysenter_disables_events = mask;
		return 0;
	case CALLBACKTYPE_nmi:
		pv->trap_ctxt[TRAP_NMI] = (struct trap_info){
			.vector = TRAP_NMI, .cs = FLAT_RING3_CS64, .address = addr };
		return 0;
	}
	return -ENOSYS;
}

static long unregister_callback(struct vcpu *v, unsigned int type)
{
	switch (type) {
	case CALLBACKTYPE_event:
	case CALLBACKTYPE_failsafe:
	case CALLBACKTYPE_syscall:
	case CALLBACKTYPE_syscall32:
	case CALLBACKTYPE_sysenter:
		return -EINVAL;	/* can be replaced, not removed */
	case CALLBACKTYPE_nmi:
		memset(&v->arch.pv.trap_ctxt[TRAP_NMI], 0, sizeof(struct trap_info));
		return 0;
	}
	return -ENOSYS;
}

long do_callback_op(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long a3,
		    unsigned long a4, unsigned long a5)
{
	struct callback_register reg;
	struct callback_unregister unreg;

	switch ((uint32_t)cmd) {
	case CALLBACKOP_register:
		if (copy_from_guest_va(&reg, arg, sizeof(reg)))
			return -EFAULT;
		return register_callback(curr, reg.type, reg.flags, reg.address);
	case CALLBACKOP_unregister:
		if (copy_from_guest_va(&unreg, arg, sizeof(unreg)))
			return -EFAULT;
		return unregister_callback(curr, unreg.type);
	}
	return -ENOSYS;
}

long do_set_callbacks(struct vcpu *curr, unsigned long event, unsigned long failsafe,
		      unsigned long syscall, unsigned long a4, unsigned long a5)
{
	/* What is no address is passed over without a word: the interface has it so. */
	register_callback(curr, CALLBACKTYPE_event, 0, event);
	register_callback(curr, CALLBACKTYPE_failsafe, 0, failsafe);
	register_callback(curr, CALLBACKTYPE_syscall, 0, syscall);
	return 0;
}

long do_nmi_op(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long a3,
	       unsigned long a4, unsigned long a5)
{
	struct xennmi_callback cb;

	switch ((uint32_t)cmd) {
	case XENNMI_register_callback:
		if (copy_from_guest_va(&cb, arg, sizeof(cb)))
			return -EFAULT;
		return register_callback(curr, CALLBACKTYPE_nmi, 0, cb.handler_address);
	case XENNMI_unregister_callback:
		return unregister_callback(curr, CALLBACKTYPE_nmi);
	}
	return -ENOSYS;
}

long do_stack_switch(struct vcpu *curr, unsigned long ss, unsigned long sp, unsigned long a3,
		     unsigned long a4, unsigned long a5)
{
	pv_set_kernel_stack(curr, pv_fix_selector(ss), sp);
	return 0;
}

/* CR0.TS as the guest sees it: the next use of the FPU then traps (#NM) to the guest. */
long do_fpu_taskswitch(struct vcpu *curr, unsigned long set, unsigned long a2, unsigned long a3,
		       unsigned long a4, unsigned long a5)
{
	pv_set_ts(curr, set);
	return 0;
}

long do_set_segment_base(struct vcpu *curr, unsigned long which, unsigned long base,
			 unsigned long a3, unsigned long a4, unsigned long a5)
{
	uint16_t sel = base;

	switch ((uint32_t)which) {
	case SEGBASE_FS:
		if (!is_canonical(base))
			return -EINVAL;
		wrmsr(MSR_FS_BASE, base);
		return 0;
	case SEGBASE_GS_USER:	/* the kernel runs now: the user's is the one swapped out */
		if (!is_canonical(base))
			return -EINVAL;
		wrmsr(MSR_SHADOW_GS_BASE, base);
		return 0;
	case SEGBASE_GS_KERNEL:
		if (!is_canonical(base))
			return -EINVAL;
		wrmsr(MSR_GS_BASE, base);
		return 0;
	case SEGBASE_GS_USER_SEL:
		/* Loads the selector with the user's base in force; a bad one becomes null. */
		local_irq_disable();
		__asm__ volatile("swapgs" ::: "memory");
		pv_load_gs_selector(sel);
		__asm__ volatile("mfence; swapgs" ::: "memory");
		local_irq_enable();
		return 0;
	}
	return -EINVAL;
}

long do_set_debugreg(struct vcpu *curr, unsigned long reg, unsigned long value, unsigned long a3,
		     unsigned long a4, unsigned long a5)
{
	return pv_set_debugreg(curr, reg, value);
}

long do_get_debugreg(struct vcpu *curr, unsigned long reg, unsigned long a2, unsigned long a3,
		     unsigned long a4, unsigned long a5)
{
	if ((uint32_t)reg > 7)
		return -ENODEV;
	return (long)pv_get_debugreg(curr, (uint32_t)reg);
}
