/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steps: flags of the processor across entries: single steps over hypercalls and over instructions that the hypervisor
 * emulates, alignment checks, nested task and resume flags in frames and in handlers.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/physdev.h>

#define TF	0x100UL
#define NT	0x4000UL
#define RF	0x10000UL
#define AC	0x40000UL
#define MAX	40

static unsigned long base, where[MAX], dr6;
static unsigned int steps;
static kit_pte *pte;
static char text[32];

static bool on_step(struct kit_regs *regs)
{
	if (steps < MAX)
		where[steps++] = regs->rip - base;
	else
		regs->rflags &= ~TF;
	dr6 |= hc_get_debugreg(6);
	hc_set_debugreg(6, 0xffff0ff0);
	return true;
}

#define STEP(fname, code) \
static void fname(void *arg) \
{ \
	asm volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; pushfq; orl $0x100, (%%rsp); popfq; " \
		     "1: " code "; nop; pushfq; andl $~0x100, (%%rsp); popfq; nop" \
		     : "=m" (base) : "D" (arg) : "rax", "rbx", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc"); \
}

STEP(do_nop, "nop")
STEP(do_call, "mov $17, %%eax; xor %%edi, %%edi; xor %%esi, %%esi; syscall")
STEP(do_no_call, "mov $63, %%eax; syscall")
STEP(do_yield, "mov $29, %%eax; xor %%edi, %%edi; syscall")
STEP(do_rdmsr, "mov $0xc0000100, %%ecx; rdmsr")
STEP(do_rdmsr_gs, "mov $0xc0000102, %%ecx; rdmsr")
STEP(do_wrmsr, "mov $0xc0000100, %%ecx; rdmsr; wrmsr")
STEP(do_in, "inb $0x71, %%al")
STEP(do_outs, "mov $2, %%ecx; mov $0x80, %%edx; mov %%rdi, %%rsi; rep outsb")
STEP(do_cr2, "mov %%cr2, %%rax")
STEP(do_cr4, "mov %%cr4, %%rax; mov %%rax, %%cr4")
STEP(do_dr7, "mov %%dr7, %%rax")
STEP(do_clts, "clts")
STEP(do_int3, "int3")
STEP(do_write, "xor %%eax, %%eax; mov %%rax, (%%rdi)")
STEP(do_write_32, "movl $0, (%%rdi)")
STEP(do_fault, "mov %%eax, 0")
STEP(do_ss, "mov %%ss, %%eax; mov %%eax, %%ss; nop")

static bool skip_int3(struct kit_regs *regs)
{
	(void)regs;
	return true;
}

/* As a handler that repairs what was missing would: the instruction is 7 bytes long. */
static bool skip_fault(struct kit_regs *regs)
{
	regs->rip += 7;
	return true;
}

static void stepping(void)
{
	const struct { const char *name; void (*fn)(void *); void *arg; } kinds[] = {
		{ "nop", do_nop, NULL }, { "hypercall", do_call, NULL }, { "hypercall that is none", do_no_call, NULL },
		{ "yield", do_yield, NULL }, { "rdmsr", do_rdmsr, NULL }, { "rdmsr of the other GS", do_rdmsr_gs, NULL }, { "wrmsr", do_wrmsr, NULL }, { "in", do_in, NULL },
		{ "rep outs", do_outs, text }, { "mov from cr2", do_cr2, NULL },
		{ "mov to cr4", do_cr4, NULL }, { "mov from dr7", do_dr7, NULL }, { "clts", do_clts, NULL },
		{ "int3", do_int3, NULL }, { "write of a page-table entry", do_write, pte },
		{ "the same, 4 bytes", do_write_32, pte }, { "page fault", do_fault, NULL }, { "mov to ss", do_ss, NULL },
	};

	kit_set_hook(KIT_VEC_DB, on_step);
	kit_set_hook(KIT_VEC_BP, skip_int3);
	kit_set_hook(KIT_VEC_PF, skip_fault);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		char line[200];
		int n = 0;

		steps = 0;
		dr6 = 0;
		hc_set_debugreg(6, 0xffff0ff0);
		kinds[i].fn(kinds[i].arg);
		for (unsigned int k = 0; k < steps; k++)
			n += kit_snprintf(line + n, sizeof(line) - (size_t)n, " %lu", where[k]);
		kit_observe("%s: steps at%s, dr6 %lx", kinds[i].name, line, dr6);
	}
	kit_set_hook(KIT_VEC_DB, NULL);
	kit_set_hook(KIT_VEC_BP, NULL);
	kit_set_hook(KIT_VEC_PF, NULL);
}

static uint64_t saved, inside;

static bool see_flags(struct kit_regs *regs)
{
	saved = regs->rflags;
	asm volatile("pushfq; popq %0" : "=m" (inside));
	regs->rip += 2;
	return true;
}

static uint64_t trap_with(uint64_t flags)
{
	uint64_t after;

	asm volatile("pushfq; orq %1, (%%rsp); popfq; ud2; pushfq; popq %0; pushfq; andq %2, (%%rsp); popfq"
		     : "=r" (after) : "r" (flags), "r" (~flags) : "memory", "cc");
	return after;
}

static unsigned long user_trap_with(void *arg)
{
	return trap_with((uint64_t)arg);
}

static void flags(void)
{
	static const struct { const char *name; uint64_t bits; } kinds[] = {
		{ "AC", AC }, { "NT", NT }, { "ID", 1UL << 21 },
	};
	unsigned long after = 0;
	struct kit_fault f;

	kit_set_hook(KIT_VEC_UD, see_flags);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		after = trap_with(kinds[i].bits);
		kit_observe("kernel with %s: saved %lx inside %lx after %lx", kinds[i].name, saved & kinds[i].bits,
			    inside & kinds[i].bits, after & kinds[i].bits);
		kit_user_probe(user_trap_with, (void *)kinds[i].bits, &f, &after);
		kit_observe("user with %s: saved %lx inside %lx after %lx", kinds[i].name, saved & kinds[i].bits,
			    inside & kinds[i].bits, after & kinds[i].bits);
	}
	kit_set_hook(KIT_VEC_UD, NULL);
}

/* An execution breakpoint that the handler steps over by the resume flag. */
static unsigned int hits;
static uint64_t hit_flags;

static bool resume_at(struct kit_regs *regs)
{
	hits++;
	hit_flags = regs->rflags;
	regs->rflags |= RF;
	return hits < 5;
}

static void marked(void)
{
	asm volatile("nop; nop");
}

static void resume_flag(void)
{
	kit_set_hook(KIT_VEC_DB, resume_at);
	hc_set_debugreg(0, (unsigned long)marked);
	hc_set_debugreg(7, 0x403);
	marked();
	hc_set_debugreg(7, 0x400);
	hc_set_debugreg(6, 0xffff0ff0);
	kit_set_hook(KIT_VEC_DB, NULL);
	kit_observe("execution breakpoint: %u hit, RF in its frame %lx", hits, hit_flags & RF);
}

/* iret into user mode with TF: the first step ends behind its first instruction. */
static void step_by_iret(void)
{
	static uint8_t stack[PAGE_SIZE];
	struct kit_user_start start = {
		.rip = (uint64_t)marked, .cs = FLAT_USER_CS64, .rflags = 0x202 | TF,
		.rsp = (uint64_t)stack + sizeof(stack) - 8, .ss = FLAT_USER_SS64,
	};
	struct kit_fault f;

	kit_user_enter(&start, &f);
	kit_observe_fault(&f, "iret with TF");
	kit_observe("at offset %lu, TF in its frame %lx", f.regs.rip - (uint64_t)marked, f.regs.rflags & TF);
	start.iret_flags = VGCF_in_syscall;
	kit_user_enter(&start, &f);
	kit_observe_fault(&f, "the same as from a system call");
	kit_observe("at offset %lu, TF in its frame %lx", f.regs.rip - (uint64_t)marked, f.regs.rflags & TF);
	kit_observe("dr6 %lx", hc_get_debugreg(6));
}

static unsigned long user_syscall_step(void *arg)
{
	(void)arg;
	asm volatile("pushfq; orl $0x100, (%%rsp); popfq; mov $1000, %%eax; syscall; nop; nop" : : : "rax", "rcx", "r11", "memory");
	return 0;
}

static uint64_t call_flags;

static bool on_syscall(struct kit_regs *regs)
{
	if (regs->rax == KIT_SYS_RETURN)
		return false;
	call_flags = regs->rflags;
	asm volatile("pushfq; popq %0" : "=m" (inside));
	regs->rflags &= ~TF;
	return true;
}

static void step_into_kernel(void)
{
	struct kit_fault f;

	steps = 0;
	kit_set_hook(KIT_VEC_DB, on_step);
	kit_set_hook(KIT_VEC_SYSCALL, on_syscall);
	kit_user_probe(user_syscall_step, NULL, &f, NULL);
	kit_observe("system call under TF: %u steps in user mode, TF saved %lx, inside %lx", steps, call_flags & TF, inside & TF);
	kit_set_hook(KIT_VEC_DB, NULL);
	kit_set_hook(KIT_VEC_SYSCALL, NULL);
}

void kit_main(void)
{
	struct physdev_set_iopl iopl = { .iopl = 1 };
	unsigned long va = kit_va_alloc(1);

	hc_physdev_op(PHYSDEVOP_set_iopl, &iopl);
	pte = kit_pte_make(kit_root(), va);
	stepping();
	flags();
	resume_flag();
	step_by_iret();
	step_into_kernel();
}
