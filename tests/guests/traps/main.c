/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traps: every exception that a guest may raise, from its kernel and from user mode: vector,
 * error code, fault address, what RIP and RFLAGS the frame shows. Also handlers that resume, a
 * vector without a handler is not tried (it ends the guest).
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>

struct kind {
	const char *name;
	unsigned long (*fn)(void *arg);
	void *arg;
};

static char readonly_page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

#define INSN(fname, code) \
static unsigned long fname(void *arg) \
{ \
	asm volatile(code : : "D" (arg) : "rax", "rcx", "rdx", "rsi", "memory", "cc"); \
	return 0; \
}

INSN(do_de, "xor %%edx, %%edx; mov $1, %%eax; xor %%ecx, %%ecx; div %%ecx")
INSN(do_de_overflow, "mov $2, %%edx; xor %%eax, %%eax; mov $1, %%ecx; div %%ecx")
INSN(do_bp, "int3")
INSN(do_ud2, "ud2")
INSN(do_ud1, ".byte 0x0f, 0xb9, 0xc0")
INSN(do_into_ud, ".byte 0xce")
INSN(do_read, "movb (%%rdi), %%al")
INSN(do_write, "movb $0, (%%rdi)")
INSN(do_jump, "jmp *%%rdi")
INSN(do_ss, "mov %%rsp, %%rsi; mov $0x8000000000000000, %%rax; mov %%rax, %%rsp; push %%rax; "
     "mov %%rsi, %%rsp")
INSN(do_ss_bp, "push %%rbp; mov $0x8000000000000000, %%rbp; movb (%%rbp), %%al; pop %%rbp")
INSN(do_hlt, "hlt")
INSN(do_lgdt, "lgdt (%%rdi)")
INSN(do_lldt, "xor %%eax, %%eax; lldt %%ax")
INSN(do_ltr, "mov $8, %%eax; ltr %%ax")
INSN(do_sgdt, "sub $16, %%rsp; sgdt (%%rsp); add $16, %%rsp")
INSN(do_str, "str %%eax")
INSN(do_tf, "pushfq; orl $0x100, (%%rsp); popfq; nop; nop")
INSN(do_ac, "pushfq; orl $0x40000, (%%rsp); popfq; lea -33(%%rsp), %%rax; movl (%%rax), %%eax; "
     "pushfq; andl $~0x40000, (%%rsp); popfq")
INSN(do_int_gp, "int $0x70")
INSN(do_int_20, "int $0x20")
INSN(do_ds_bad, "mov $0x1f3, %%eax; mov %%eax, %%ds")
INSN(do_ds_null, "xor %%eax, %%eax; mov %%eax, %%ds")
INSN(do_es_kernel_cs, "mov $0xe008, %%eax; mov %%eax, %%es")
INSN(do_fs_bad, "mov $0xfffb, %%eax; mov %%eax, %%fs")
INSN(do_ss_null, "xor %%eax, %%eax; mov %%eax, %%ss")
INSN(do_ss_cs, "mov $0xe033, %%eax; mov %%eax, %%ss")
INSN(do_lret_bad, "pushq $0x1f3; pushq $0; lretq")
INSN(do_xmm_de, "push %%rax; stmxcsr (%%rsp); andl $~0x200, (%%rsp); ldmxcsr (%%rsp); "
     "pop %%rax; mov $1, %%eax; cvtsi2sd %%eax, %%xmm0; xorpd %%xmm1, %%xmm1; "
     "divsd %%xmm1, %%xmm0")
INSN(do_x87_de, "fninit; push %%rax; fnstcw (%%rsp); andw $~4, (%%rsp); fldcw (%%rsp); pop %%rax; "
     "fld1; fldz; fdivrp; fwait")

static const struct kind kinds[] = {
	{ "divide by zero", do_de, NULL },
	{ "divide overflow", do_de_overflow, NULL },
	{ "int3", do_bp, NULL },
	{ "ud2", do_ud2, NULL },
	{ "ud1", do_ud1, NULL },
	{ "into in 64-bit mode", do_into_ud, NULL },
	{ "read of 0", do_read, NULL },
	{ "write of 0", do_write, NULL },
	{ "read of an unmapped page", do_read, (void *)0x7f0000001000UL },
	{ "read-only page", do_write, readonly_page },
	{ "jump to unmapped", do_jump, (void *)0x7f0000001000UL },
	{ "jump to non-canonical", do_jump, (void *)0x8000000000000000UL },
	{ "read non-canonical", do_read, (void *)0x8000000000000000UL },
	{ "read hypervisor", do_read, (void *)0xffff87ffffffe000UL },
	{ "lgdt", do_lgdt, readonly_page },
	{ "lldt", do_lldt, NULL },
	{ "ltr", do_ltr, NULL },
	{ "sgdt", do_sgdt, NULL },
	{ "str", do_str, NULL },
	{ "single step", do_tf, NULL },
	{ "ds selector beyond the GDT", do_ds_bad, NULL },
	{ "ds null", do_ds_null, NULL },
	{ "es hypervisor code", do_es_kernel_cs, NULL },
	{ "fs beyond the table", do_fs_bad, NULL },
	{ "ss null", do_ss_null, NULL },
	{ "ss a code segment", do_ss_cs, NULL },
	{ "far return to a bad selector", do_lret_bad, NULL },
	{ "x87 divide by zero", do_x87_de, NULL },
};

static void run_kernel(void *arg)
{
	const struct kind *k = arg;

	k->fn(k->arg);
}

static unsigned long run_user(void *arg)
{
	const struct kind *k = arg;

	return k->fn(k->arg);
}

static void observe(const struct kind *k, const struct kit_fault *f, const char *mode)
{
	if (f->vector == KIT_VEC_PF)
		kit_observe("%s %s: #PF error %x cr2 %s", mode, k->name, f->error,
			    f->cr2 == (uint64_t)k->arg ? "right" : "WRONG");
	else
		kit_observe_fault(f, "%s %s", mode, k->name);
	kit_check(f->vector < 0 || f->user == (mode[0] == 'u'), "%s %s: mode", mode, k->name);
}

static void all_kinds(void)
{
	struct kit_fault f;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		kit_probe(run_kernel, (void *)&kinds[i], &f);
		observe(&kinds[i], &f, "kernel");
		kit_user_probe(run_user, (void *)&kinds[i], &f, NULL);
		observe(&kinds[i], &f, "user");
	}
}

/* User mode may not halt or use gates that are for the kernel. */
static void user_only(void)
{
	static const struct kind more[] = {
		{ "hlt", do_hlt, NULL },
		{ "int 70h without a gate", do_int_gp, NULL },
		{ "int 20h with a DPL 0 gate", do_int_20, NULL },
	};
	struct kit_fault f;

	kit_check_eq(kit_set_gate(0x20, 0), 0, "a gate of DPL 0");
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		kit_user_probe(run_user, (void *)&more[i], &f, NULL);
		if (f.vector == KIT_VEC_GP)
			kit_observe("user %s: #GP", more[i].name);
		else
			kit_observe_fault(&f, "user %s", more[i].name);
	}
}

/* What hardware raises and an emulator may not, or may raise as another vector. */
static void emulator_dependent(void)
{
	static const struct kind stack_read = { "", do_ss_bp, NULL };
	static const struct kind stack_push = { "", do_ss, NULL };
	static const struct kind misaligned = { "", do_ac, NULL };
	static const struct kind simd = { "", do_xmm_de, NULL };
	struct kit_fault f;

	kit_probe(run_kernel, (void *)&stack_read, &f);
	kit_check((f.vector == KIT_VEC_SS || f.vector == KIT_VEC_GP) && !f.error,
		  "non-canonical stack read");
	/* From the kernel this would end the guest: the trap has no stack. */
	kit_user_probe(run_user, (void *)&stack_push, &f, NULL);
	kit_check((f.vector == KIT_VEC_SS || f.vector == KIT_VEC_GP) && !f.error && f.user,
		  "non-canonical push in user mode");
	kit_user_probe(run_user, (void *)&misaligned, &f, NULL);
	if (f.vector < 0)
		kit_skip("alignment check", "the emulator does not check alignment");
	else
		kit_check(f.vector == KIT_VEC_AC && !f.error && f.user, "alignment check");
	kit_user_probe(run_user, (void *)&simd, &f, NULL);
	if (f.vector < 0)
		kit_skip("SIMD exception", "the emulator does not raise it");
	else
		kit_check(f.vector == KIT_VEC_XM && !f.error && f.user, "SIMD exception");
}

static unsigned int resumed;

static bool skip_ud2(struct kit_regs *regs)
{
	resumed++;
	regs->rip += 2;
	return true;
}

static bool count_bp(struct kit_regs *regs)
{
	resumed++;
	(void)regs;
	return true;
}

/* All sixteen registers and the flags survive a trap that resumes. */
static void resume(void)
{
	uint64_t flags = 0, in = 0x123456789abcdef0UL, out[4];
	struct kit_fault f;
	unsigned long ret = 0;

	kit_set_hook(KIT_VEC_UD, skip_ud2);
	asm volatile("mov %5, %%r8; mov %5, %%r11; mov %5, %%rcx; mov %5, %%r15; stc; ud2; "
		     "pushfq; pop %0; mov %%r8, %1; mov %%r11, %2; mov %%rcx, %3; mov %%r15, %4"
		     : "=&r" (flags), "=m" (out[0]), "=m" (out[1]), "=m" (out[2]), "=m" (out[3])
		     : "r" (in) : "r8", "r11", "rcx", "r15", "cc", "memory");
	kit_check(out[0] == in && out[1] == in && out[2] == in && out[3] == in,
		  "registers survive a resumed trap");
	kit_check(flags & 1, "flags survive a resumed trap");
	kit_check_eq(resumed, 1, "one trap was taken");
	kit_check(kit_user_probe(do_ud2, NULL, &f, &ret) && resumed == 2, "user mode resumes");
	kit_set_hook(KIT_VEC_UD, NULL);
	kit_set_hook(KIT_VEC_BP, count_bp);
	asm volatile("int3");
	kit_check_eq(resumed, 3, "a breakpoint resumes behind itself");
	kit_check(kit_user_probe(do_bp, NULL, &f, &ret) && resumed == 4, "also in user mode");
	kit_set_hook(KIT_VEC_BP, NULL);
}

/* The frame of a trap from the kernel: RPL of CS, stack, interrupt flag. */
static void frame(void)
{
	struct kit_fault f;

	kit_probe(run_kernel, (void *)&kinds[3], &f);
	kit_observe("kernel frame: cs %lx ss %lx IF %lu", f.regs.cs, f.regs.ss,
		    (f.regs.rflags >> 9) & 1);
	kit_shared->vcpu_info[0].evtchn_upcall_mask = 0;
	kit_probe(run_kernel, (void *)&kinds[3], &f);
	kit_observe("kernel frame, events on: IF %lu", (f.regs.rflags >> 9) & 1);
	kit_shared->vcpu_info[0].evtchn_upcall_mask = 1;
	kit_user_probe(run_user, (void *)&kinds[3], &f, NULL);
	kit_observe("user frame: cs %lx ss %lx IF %lu", f.regs.cs, f.regs.ss,
		    (f.regs.rflags >> 9) & 1);
}

static uint8_t mask_seen;

static bool see_mask(struct kit_regs *regs)
{
	mask_seen = kit_shared->vcpu_info[0].evtchn_upcall_mask;
	regs->rip += 2;
	return true;
}

/* Bit 2 of a gate's flags masks events on entry, and iret brings back what was. */
static void gate_masks_events(void)
{
	kit_set_hook(KIT_VEC_UD, see_mask);
	kit_shared->vcpu_info[0].evtchn_upcall_mask = 0;
	asm volatile("ud2" ::: "memory");
	kit_observe("gate without IF flag: mask %u, after iret %u", mask_seen,
		    kit_shared->vcpu_info[0].evtchn_upcall_mask);
	kit_set_gate(KIT_VEC_UD, 4);
	asm volatile("ud2" ::: "memory");
	kit_observe("gate with IF flag: mask %u, after iret %u", mask_seen,
		    kit_shared->vcpu_info[0].evtchn_upcall_mask);
	kit_shared->vcpu_info[0].evtchn_upcall_mask = 1;
	kit_set_gate(KIT_VEC_UD, 0);
	kit_set_hook(KIT_VEC_UD, NULL);
}

static void table_errors(void)
{
	struct trap_info t[2] = { { 0x90, 3, FLAT_KERNEL_CS64, 0x8000000000000000UL }, { 0 } };

	kit_observe_ret(hc_set_trap_table(t), "trap table: non-canonical handler");
	t[0] = (struct trap_info){ 0x90, 3, 0xe008, 0x1000 };
	kit_observe_ret(hc_set_trap_table(t), "trap table: hypervisor selector");
	t[0] = (struct trap_info){ 0x90, 3, 0, 0x1000 };
	kit_observe_ret(hc_set_trap_table(t), "trap table: null selector");
	kit_observe_ret(hc_set_trap_table((void *)0x10), "trap table: unmapped");
	kit_observe_ret(hc_set_trap_table((void *)HYPERVISOR_VIRT_START), "trap table: hypervisor");
}

void kit_main(void)
{
	kit_check_eq(kit_set_readonly(readonly_page), 0, "a read-only page");
	all_kinds();
	user_only();
	emulator_dependent();
	resume();
	frame();
	gate_masks_events();
	table_errors();
}
