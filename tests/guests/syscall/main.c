/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * syscall: ways into the guest kernel from user mode (syscall, int 80h, sysenter) and back (iret
 * with and without VGCF_in_syscall), registers and flags on both ways, callback registration in
 * both interfaces, and an iret that cannot work: the failsafe callback.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/callback.h>

static struct kit_regs seen;
static unsigned int calls;

static bool on_syscall(struct kit_regs *regs)
{
	if (regs->rax == KIT_SYS_RETURN)
		return false;
	seen = *regs;
	calls++;
	regs->rax = 0x1111;
	return true;
}

static unsigned long user_syscall(void *arg)
{
	unsigned long ret, rbx = 0x2222;

	asm volatile("syscall" : "=a" (ret), "+b" (rbx) : "0" (1000UL), "D" (arg)
		     : "rcx", "r11", "memory");
	return ret == 0x1111 && rbx == 0x2222;
}

static unsigned long user_int80(void *arg)
{
	unsigned long ret, rcx = 0x3333;

	asm volatile("int $0x80" : "=a" (ret), "+c" (rcx) : "0" (1001UL), "D" (arg)
		     : "memory");
	return ret == 0x1111 && rcx == 0x3333;
}

static unsigned long user_flags(void *arg)
{
	unsigned long flags, ret;

	(void)arg;
	asm volatile("stc; std; mov $1002, %%eax; syscall; pushfq; cld; pop %0"
		     : "=r" (flags), "=&a" (ret) : : "rcx", "r11", "memory", "cc");
	return flags;
}

static unsigned long user_sysenter(void *arg)
{
	(void)arg;
	asm volatile("mov $1003, %%eax; sysenter" : : : "rax", "memory");
	return 0;
}

static void calls_work(void)
{
	struct kit_fault f;
	unsigned long ret = 0;

	kit_set_hook(KIT_VEC_SYSCALL, on_syscall);
	kit_set_hook(0x80, on_syscall);
	kit_check(kit_user_probe(user_syscall, (void *)77, &f, &ret) && ret, "syscall returns");
	kit_check_eq((int64_t)seen.rdi, 77, "its argument");
	kit_observe("syscall frame: cs %lx ss %lx", seen.cs, seen.ss);
	kit_check_eq((int64_t)seen.rcx, (int64_t)seen.rip, "rcx is the return address");
	kit_check_eq((int64_t)seen.r11, (int64_t)seen.rflags, "r11 is the flags");
	kit_check(kit_user_probe(user_int80, (void *)78, &f, &ret) && ret, "int 80h returns");
	kit_check_eq((int64_t)seen.rdi, 78, "its argument");
	kit_observe("int 80h frame: cs %lx ss %lx", seen.cs, seen.ss);
	kit_check(kit_user_probe(user_flags, NULL, &f, &ret), "syscall with DF and CF set");
	kit_observe("user flags at syscall %lx, after %lx", seen.rflags & ~0x3000UL,
		    ret & ~0x3000UL);
}

/* Without a registered sysenter entry the instruction is a fault. */
static void sysenter(void)
{
	struct callback_register reg = {
		.type = CALLBACKTYPE_sysenter,
		.address = (unsigned long)kit_entry_sysenter,
	};
	struct kit_fault f;
	uint32_t r[4];

	kit_cpuid(0, 0, r);
	if (r[1] != 0x756e6547) {
		kit_skip("sysenter", "only Intel processors have it in 64-bit mode");
		return;
	}
	kit_user_probe(user_sysenter, NULL, &f, NULL);
	kit_check(f.vector == KIT_VEC_GP && f.user, "sysenter without an entry is #GP");
	kit_check_eq(hc_callback_op(CALLBACKOP_register, &reg), 0, "a sysenter entry");
	kit_user_probe(user_sysenter, NULL, &f, NULL);
	kit_check(f.vector == KIT_VEC_SYSENTER && f.regs.rax == 1003, "sysenter arrives");
}

static uint8_t mask_seen;

static bool see_mask(struct kit_regs *regs)
{
	if (regs->rax == KIT_SYS_RETURN)
		return false;
	mask_seen = kit_shared->vcpu_info[0].evtchn_upcall_mask;
	regs->rax = 0x1111;
	return true;
}

static void registration(void)
{
	struct callback_register reg = {
		.type = CALLBACKTYPE_syscall,
		.flags = CALLBACKF_mask_events,
		.address = (unsigned long)kit_entry_syscall,
	};
	struct callback_unregister unreg = { .type = CALLBACKTYPE_syscall };
	struct kit_fault f;
	unsigned long ret;

	kit_set_hook(KIT_VEC_SYSCALL, see_mask);
	kit_user_probe(user_syscall, NULL, &f, &ret);
	kit_observe("events masked in syscall by default: %u", mask_seen);
	kit_check_eq(hc_callback_op(CALLBACKOP_register, &reg), 0, "register with mask_events");
	kit_user_probe(user_syscall, NULL, &f, &ret);
	kit_observe("with mask_events: %u", mask_seen);
	for (uint16_t type = 0; type < 10; type++) {
		reg.type = type;
		reg.flags = 0;
		reg.address = 0x8000000000000000UL;
		kit_observe_ret(hc_callback_op(CALLBACKOP_register, &reg),
				"register type %u non-canonical", type);
		unreg.type = type;
		kit_observe_ret(hc_callback_op(CALLBACKOP_unregister, &unreg),
				"unregister type %u", type);
	}
	kit_observe_ret(hc_callback_op(2, &reg), "callback_op 2");
	kit_observe_ret(hc_callback_op(CALLBACKOP_register, NULL), "register NULL");
	kit_observe_ret(hc_set_callbacks(0x8000000000000000UL, 0, 0), "set_callbacks event");
	kit_check_eq(hc_set_callbacks((unsigned long)kit_entry_event,
				      (unsigned long)kit_entry_failsafe,
				      (unsigned long)kit_entry_syscall), 0, "set_callbacks");
}

/* iret into user mode with words that the processor refuses. */
static void iret_failures(void)
{
	static uint8_t stack[PAGE_SIZE];
	struct kit_user_start start = {
		.rip = (uint64_t)user_syscall, .cs = FLAT_USER_CS64, .rflags = 0x202,
		.rsp = (uint64_t)stack + sizeof(stack) - 8, .ss = FLAT_USER_SS64,
	};
	struct kit_user_start bad;
	struct kit_fault f;

	bad = start;
	bad.rip = 0x8000000000000000UL;
	kit_user_enter(&bad, &f);
	kit_observe_fault(&f, "iret to non-canonical rip");
	bad = start;
	bad.cs = 0x1f3;
	kit_user_enter(&bad, &f);
	kit_observe_fault(&f, "iret to a selector beyond the GDT");
	bad = start;
	bad.ss = 0xe033;
	kit_user_enter(&bad, &f);
	kit_observe_fault(&f, "iret to a stack in a code segment");
	bad = start;
	bad.rip = 0x1000;
	kit_user_enter(&bad, &f);
	kit_observe_fault(&f, "iret to an unmapped page");
	kit_check_eq((int64_t)f.cr2, 0x1000, "its address");
	bad = start;
	bad.rflags = 0x3202 | 0x20000 | 0x4000;
	bad.rip = (uint64_t)user_int80;
	kit_set_hook(0x80, on_syscall);
	bad.rdi = 5;
	kit_user_enter(&bad, &f);
	kit_observe("iret with IOPL 3, NT and VM: flags %lx", seen.rflags);
	start.iret_flags = VGCF_in_syscall;
	start.rip = (uint64_t)user_int80;
	kit_user_enter(&start, &f);
	kit_observe("iret with VGCF_in_syscall: cs %lx ss %lx", seen.cs, seen.ss);
}

void kit_main(void)
{
	calls_work();
	registration();
	sysenter();
	iret_failures();
}
