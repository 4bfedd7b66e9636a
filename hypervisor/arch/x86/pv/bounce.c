/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making a PV guest take an exception, an event upcall or an NMI: the general
 * way, in C. entry.S has hand-written versions for system calls and page faults; the
 * frame they build is described here, in struct bounce_frame.
 */
#include <asm/current.h>
#include <asm/traps.h>
#include <asm/asm_entry.h>
#include <asm/cpu.h>
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include <tenon/sched.h>
#include <xen/callback.h>

#define BOUNCE_CLEAR (X86_EFLAGS_TF | X86_EFLAGS_NT | X86_EFLAGS_RF | X86_EFLAGS_VM | \
		      X86_EFLAGS_AC | X86_EFLAGS_IOPL)

/* The hardware-like part of what a guest handler finds on its stack; below it lie rcx and r11. */
struct bounce_frame {
	uint64_t rip, cs, rflags, rsp, ss;
};

#define BOUNCE_ERROR_CODE	0x1
#define BOUNCE_MASK_EVENTS	0x2
#define BOUNCE_SYSCALL		0x4	/* as the instruction: DF is cleared, too */
#define BOUNCE_SELECTORS	0x8	/* with those that the vCPU should have */

void pv_toggle_mode(struct vcpu *curr)
{
	curr->arch.kernel_mode = !curr->arch.kernel_mode;
	__asm__ volatile("swapgs" ::: "memory");
	write_cr3(curr->arch.kernel_mode ? curr->arch.cr3 : curr->arch.cr3_user);
}

static void fill_frame(const struct vcpu *curr, const struct cpu_user_regs *regs, bool from_kernel,
		       struct bounce_frame *f)
{
	unsigned int mask = curr->vcpu_info->evtchn_upcall_mask;

	f->rip = regs->rip;
	/* The guest's kernel is told by the RPL which of its two modes was interrupted. */
	f->cs = (from_kernel ? regs->cs & ~3U : regs->cs) | (uint64_t)mask << 32;
	f->rflags = (regs->rflags & ~(X86_EFLAGS_IF | X86_EFLAGS_IOPL)) |
		    (mask ? 0 : X86_EFLAGS_IF) | curr->arch.pv.bounce_flags;
	f->rsp = regs->rsp;
	f->ss = regs->ss;
}

/* Builds the frame for a handler at cs:rip and makes regs continue there. */
static void bounce(struct vcpu *curr, struct cpu_user_regs *regs, unsigned int cs,
		   unsigned long rip, unsigned int how, uint32_t error_code)
{
	bool from_kernel = curr->arch.kernel_mode;
	const struct cpu_user_regs *saved = &curr->arch.user_regs;
	uint64_t stack[11];		/* lowest address first */
	unsigned int n = 0;
	unsigned long sp;

	if (!from_kernel)
		pv_toggle_mode(curr);
	if (unlikely(curr->runstate_stale))
		vcpu_update_runstate_area(curr);
	sp = (from_kernel ? regs->rsp : curr->arch.pv.kernel_sp) & ~15UL;

	stack[n++] = regs->rcx;
	stack[n++] = regs->r11;
	if (how & BOUNCE_ERROR_CODE)
		stack[n++] = error_code;
	if (how & BOUNCE_SELECTORS) {
		stack[n++] = saved->ds;
		stack[n++] = saved->es;
		stack[n++] = saved->fs;
		stack[n++] = saved->gs;
	}
	fill_frame(curr, regs, from_kernel, (struct bounce_frame *)&stack[n]);
	n += sizeof(struct bounce_frame) / 8;

	if (how & BOUNCE_MASK_EVENTS)
		curr->vcpu_info->evtchn_upcall_mask = 1;
	sp -= n * 8;
	if (copy_to_guest_va(sp, stack, n * 8)) {
		domain_crash(curr->domain, "no stack for an exception handler");
		return;
	}
	regs->rip = rip;
	regs->cs = cs | 3;
	regs->rsp = sp;
	regs->ss = FLAT_RING3_SS32;
	regs->rflags &= ~(BOUNCE_CLEAR | (how & BOUNCE_SYSCALL ? X86_EFLAGS_DF : 0));
	/* rcx and r11 are on the stack: sysret may have them. */
	regs->entry_vector |= TRAP_syscall;
}

static bool has_error_code(unsigned int vector)
{
	return vector == TRAP_DF || (vector >= TRAP_TS && vector <= TRAP_PF) || vector == TRAP_AC;
}

static void inject(struct vcpu *curr, struct cpu_user_regs *regs, unsigned int vector,
		   unsigned int how, uint32_t error_code)
{
	const struct trap_info *ti = &curr->arch.pv.trap_ctxt[vector];

	if (!ti->address) {
		printk(LOG_GUEST "d%uv%u: unhandled exception %u, error code %#x, at %04x:%016lx\n",
		       curr->domain->domain_id, curr->vcpu_id, vector, error_code,
		       regs->cs, (unsigned long)regs->rip);
		domain_crash(curr->domain, "exception with no handler");
		return;
	}
	if (TI_GET_IF(ti))
		how |= BOUNCE_MASK_EVENTS;
	bounce(curr, regs, ti->cs, ti->address, how, error_code);
}

void pv_inject_exception(struct vcpu *curr, struct cpu_user_regs *regs, unsigned int vector,
			 int error_code)
{
	inject(curr, regs, vector, has_error_code(vector) ? BOUNCE_ERROR_CODE : 0,
	       (uint32_t)error_code);
}

void pv_inject_page_fault(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long cr2,
			  unsigned int error_code)
{
	/* Both of the guest's modes are user mode to the processor. */
	if (curr->arch.kernel_mode)
		error_code &= ~PFEC_user;
	curr->vcpu_info->arch.cr2 = cr2;
	inject(curr, regs, TRAP_PF, BOUNCE_ERROR_CODE, error_code);
}

void pv_inject_sw_interrupt(struct vcpu *curr, struct cpu_user_regs *regs, unsigned int vector)
{
	inject(curr, regs, vector, 0, 0);
}

/* ---- called by entry.S on the way to a guest ---- */

void pv_deliver_event(struct vcpu *curr, struct cpu_user_regs *regs);
void pv_deliver_event(struct vcpu *curr, struct cpu_user_regs *regs)
{
	if (!curr->arch.pv.event_callback_eip) {
		domain_crash(curr->domain, "event upcall with no callback");
		return;
	}
	bounce(curr, regs, FLAT_RING3_CS64, curr->arch.pv.event_callback_eip, BOUNCE_MASK_EVENTS, 0);
}

void pv_deliver_failsafe(struct vcpu *curr, struct cpu_user_regs *regs)
{
	const struct pv_vcpu *pv = &curr->arch.pv;

	curr->arch.pv.segments_lost = false;
	if (pv->failsafe_callback_eip)
		bounce(curr, regs, FLAT_RING3_CS64, pv->failsafe_callback_eip,
		       BOUNCE_SELECTORS | (pv->failsafe_disables_events ? BOUNCE_MASK_EVENTS : 0), 0);
}

void pv_deliver_nmi(struct vcpu *curr, struct cpu_user_regs *regs);
void pv_deliver_nmi(struct vcpu *curr, struct cpu_user_regs *regs)
{
	curr->nmi_pending = 0;
	if (!curr->arch.pv.trap_ctxt[TRAP_NMI].address)
		return;
	if (curr->arch.nmi_masked) {
		curr->arch.nmi_latched = true;
		return;
	}
	curr->arch.nmi_masked = true;	/* until the handler's iret hypercall */
	inject(curr, regs, TRAP_NMI, BOUNCE_MASK_EVENTS, 0);
}

/*
 * The processor refused the frame that the guest's return gave it: the guest's kernel is told by
 * the exception as if the code it meant to return to had caused it.
 */
void pv_iret_failed(struct vcpu *curr, struct cpu_user_regs *regs);
void pv_iret_failed(struct vcpu *curr, struct cpu_user_regs *regs)
{
	const struct entry_fault *f = &get_cpu_info()->fault;

	if (f->vector == TRAP_PF)
		pv_descriptor_fault(curr, regs, f->cr2, f->error_code);
	else
		pv_inject_exception(curr, regs, f->vector, (int)f->error_code);
}

void pv_stack_failed(struct vcpu *curr, struct cpu_user_regs *regs);
void pv_stack_failed(struct vcpu *curr, struct cpu_user_regs *regs)
{
	domain_crash(curr->domain, "the guest kernel's stack is not accessible");
}

void pv_syscall_no_handler(struct vcpu *curr, struct cpu_user_regs *regs);
void pv_syscall_no_handler(struct vcpu *curr, struct cpu_user_regs *regs)
{
	regs->rip -= 2;
	pv_inject_exception(curr, regs, TRAP_UD, 0);
}

void pv_syscall32(struct vcpu *curr, struct cpu_user_regs *regs);
void pv_syscall32(struct vcpu *curr, struct cpu_user_regs *regs)
{
	const struct pv_vcpu *pv = &curr->arch.pv;

	if (curr->arch.kernel_mode || !pv->syscall32_callback_eip) {
		regs->rip -= 2;
		pv_inject_exception(curr, regs, TRAP_UD, 0);
		return;
	}
	bounce(curr, regs, FLAT_RING3_CS64, pv->syscall32_callback_eip,
	       BOUNCE_SYSCALL | (pv->syscall32_disables_events ? BOUNCE_MASK_EVENTS : 0), 0);
}

void pv_sysenter(struct vcpu *curr, struct cpu_user_regs *regs);
void pv_sysenter(struct vcpu *curr, struct cpu_user_regs *regs)
{
	const struct pv_vcpu *pv = &curr->arch.pv;

	regs->rflags |= X86_EFLAGS_IF;	/* the instruction cleared it */
	if (!pv->sysenter_callback_eip) {
		regs->entry_vector = TRAP_GP;
		pv_inject_exception(curr, regs, TRAP_GP, 0);
		return;
	}
	bounce(curr, regs, FLAT_RING3_CS64, pv->sysenter_callback_eip,
	       BOUNCE_SYSCALL | (pv->sysenter_disables_events ? BOUNCE_MASK_EVENTS : 0), 0);
}
