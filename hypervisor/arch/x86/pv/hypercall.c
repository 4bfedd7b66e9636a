/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypercall page, restarting, and the iret hypercall. */
#include <stdarg.h>
#include <asm/asm_entry.h>
#include <asm/current.h>
#include <asm/mm.h>
#include <asm/pv.h>
#include <asm/traps.h>
#include <tenon/hypercall.h>
#include <tenon/perfc.h>

#define STUB_SIZE	32
#define SYSCALL_LENGTH	2	/* bytes of the instruction that entered */

void pv_hypercall_page_init(void *page)
{
	static const uint8_t head[] = { 0x51, 0x41, 0x53, 0xb8 };		/* push rcx, r11; mov $nr, eax */
	static const uint8_t tail[] = { 0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3 };	/* syscall; pop r11, rcx; ret */
	static const uint8_t iret_head[] = { 0x51, 0x41, 0x53, 0x50, 0xb8 };	/* push rax, too */
	static const uint8_t iret_tail[] = { 0x0f, 0x05 };

	memset(page, 0xcc, PAGE_SIZE);
	for (uint32_t nr = 0; nr < PAGE_SIZE / STUB_SIZE; nr++) {
		bool iret = nr == __HYPERVISOR_iret;
		uint8_t *p = (uint8_t *)page + nr * STUB_SIZE;
		size_t n = iret ? sizeof(iret_head) : sizeof(head);

		memcpy(p, iret ? iret_head : head, n);
		memcpy(p + n, &nr, sizeof(nr));
		n += sizeof(nr);
		memcpy(p + n, iret ? iret_tail : tail, iret ? sizeof(iret_tail) : sizeof(tail));
	}
}

long hypercall_restart(struct vcpu *curr, unsigned int op, unsigned int n, ...)
{
	struct cpu_user_regs *regs = guest_regs();
	unsigned long args[6] = { 0 };
	va_list ap;

	perfc_incr(PERFC_restart);
	va_start(ap, n);
	for (unsigned int i = 0; i < n; i++)
		args[i] = va_arg(ap, unsigned long);
	va_end(ap);

	if (curr->arch.mc.active) {
		curr->arch.mc.restarted = true;
		curr->arch.mc.call.op = op;
		for (unsigned int i = 0; i < n; i++)
			curr->arch.mc.call.args[i] = args[i];
		return -ERESTART;
	}

	regs->rip -= SYSCALL_LENGTH;
	switch (n) {
	case 5: regs->r8 = args[4]; /* fall through */
	case 4: regs->r10 = args[3]; /* fall through */
	case 3: regs->rdx = args[2]; /* fall through */
	case 2: regs->rsi = args[1]; /* fall through */
	case 1: regs->rdi = args[0];
	}
	return op;	/* becomes eax */
}

/* What the guest has on its stack when it calls iret: interface, xen/arch-x86/xen-x86_64.h */
struct iret_frame {
	uint64_t rax, r11, rcx, flags, rip, cs, rflags, rsp, ss;
};

long do_iret(struct vcpu *curr, unsigned long a1, unsigned long a2, unsigned long a3,
	     unsigned long a4, unsigned long a5)
{
	struct cpu_user_regs *regs = guest_regs();
	struct iret_frame f;

	if (copy_from_guest_va(&f, regs->rsp, sizeof(f))) {
		domain_crash(curr->domain, "iret hypercall with an unreadable frame");
		return 0;
	}
	/* RPL 3: back to the guest's user code, which has page tables of its own. */
	if ((f.cs & 3) == 3) {
		if (!curr->arch.cr3_user) {
			domain_crash(curr->domain, "iret to user code without user page tables");
			return 0;
		}
		pv_toggle_mode(curr);
	}
	if (VM_ASSIST(curr->domain, architectural_iopl))
		pv_set_iopl(curr, f.rflags & X86_EFLAGS_IOPL);

	regs->rip = f.rip;
	regs->cs = f.cs | 3;
	regs->rflags = (f.rflags & ~(X86_EFLAGS_IOPL | X86_EFLAGS_VM)) | X86_EFLAGS_IF;
	regs->rsp = f.rsp;
	regs->ss = f.ss | 3;
	regs->r11 = f.r11;
	regs->rcx = f.rcx;
	/* As from a system call: into 64-bit code by the fast way, which loses rcx and r11. */
	if ((f.flags & VGCF_in_syscall) && regs->cs != FLAT_RING3_CS32) {
		regs->cs = FLAT_RING3_CS64;
		regs->ss = FLAT_RING3_SS32;
		regs->entry_vector |= TRAP_syscall;
	} else {
		regs->entry_vector &= ~TRAP_syscall;
	}
	curr->vcpu_info->evtchn_upcall_mask = !(f.rflags & X86_EFLAGS_IF);
	curr->arch.nmi_masked = false;
	if (curr->arch.nmi_latched) {
		curr->arch.nmi_latched = false;
		curr->nmi_pending = 1;
	}
	return (long)f.rax;
}
