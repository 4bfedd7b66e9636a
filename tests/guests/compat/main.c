/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compat: 32-bit user mode under a 64-bit kernel: its ways in (syscall, int 80h, sysenter) with and without an entry of
 * theirs, back again, faults, and what the frames show.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/callback.h>

#define CODE	0x400000UL
#define STACK	0x401000UL

static uint8_t *code;
static bool is_intel;

/* Runs 32-bit code up to its first trap that nobody takes. */
static void run(const uint8_t *bytes, size_t size, struct kit_fault *f)
{
	struct kit_user_start start = {
		.rip = CODE, .cs = FLAT_USER_CS32, .rflags = 0x202, .rsp = STACK + 0xff0, .ss = FLAT_USER_SS32,
		.rax = 0x111, .rdi = 0x222, .rsi = 0x333,
	};

	memset(code, 0xf4, PAGE_SIZE);
	memcpy(code, bytes, size);
	kit_user_enter(&start, f);
}

#define RUN(f, ...) do { \
	static const uint8_t bytes[] = { __VA_ARGS__ }; \
	run(bytes, sizeof(bytes), f); \
} while (0)

static void show(const struct kit_fault *f, const char *what)
{
	kit_observe("%s: %s at +%lx cs %lx ss %lx rsp +%lx rax %lx", what, kit_vector_name(f->vector), f->regs.rip - CODE,
		    f->regs.cs, f->regs.ss, f->regs.rsp - STACK, f->regs.rax);
}

static bool answer(struct kit_regs *regs)
{
	if (regs->cs != FLAT_USER_CS32)
		return false;
	regs->rax = 0xabcd;
	return true;
}

static long set_entry(uint16_t type, void (*entry)(void))
{
	struct callback_register reg = { .type = type, .address = (unsigned long)entry };

	return hc_callback_op(CALLBACKOP_register, &reg);
}

static void syscalls(void)
{
	struct kit_fault f;

	RUN(&f, 0x0f, 0x05);				/* syscall */
	show(&f, "syscall without an entry");
	kit_check_eq(set_entry(CALLBACKTYPE_syscall32, kit_entry_syscall32), 0, "an entry for it");
	RUN(&f, 0xb8, 7, 0, 0, 0, 0x0f, 0x05);		/* mov $7, %eax; syscall */
	show(&f, "syscall");
	kit_check_eq((int64_t)f.regs.rdi, 0x222, "registers come along");
	kit_set_hook(KIT_VEC_SYSCALL32, answer);
	RUN(&f, 0x0f, 0x05, 0x0f, 0x05, 0xcc);		/* syscall; syscall; int3 */
	show(&f, "twice and a breakpoint");
	kit_set_hook(KIT_VEC_SYSCALL32, NULL);
}

static void int80(void)
{
	struct kit_fault f;

	RUN(&f, 0xcd, 0x80);
	show(&f, "int 80h");
	kit_set_hook(0x80, answer);
	RUN(&f, 0xcd, 0x80, 0xcc);
	show(&f, "and back");
	kit_set_hook(0x80, NULL);
	RUN(&f, 0xcd, 0x81);
	show(&f, "int 81h");
}

static void sysenter(void)
{
	struct kit_fault f;

	if (!is_intel) {
		kit_skip("sysenter", "only Intel processors have it in long mode");
		return;
	}
	RUN(&f, 0x0f, 0x34);
	kit_check_eq(f.vector, KIT_VEC_GP, "sysenter without an entry is #GP");
	kit_check_eq(set_entry(CALLBACKTYPE_sysenter, kit_entry_sysenter), 0, "an entry for it");
	RUN(&f, 0xb8, 7, 0, 0, 0, 0x0f, 0x34);
	kit_check_eq(f.vector, KIT_VEC_SYSENTER, "sysenter");
	kit_check_eq((int64_t)f.regs.rax, 7, "its number");
	kit_check_eq((int64_t)f.regs.rdi, 0x222, "and registers come along");
}

static void faults(void)
{
	struct kit_fault f;

	RUN(&f, 0x31, 0xc9, 0xf7, 0xf1);		/* xor %ecx, %ecx; div %ecx */
	show(&f, "divide by zero");
	RUN(&f, 0xa1, 0, 0, 0, 0);			/* mov 0, %eax */
	show(&f, "read of 0");
	kit_observe("  error %x address %lx", f.error, f.cr2);
	RUN(&f, 0xce);					/* into, no overflow */
	show(&f, "into");
	RUN(&f, 0xb0, 0x7f, 0x04, 0x7f, 0xce);		/* mov $127, %al; add $127, %al; into */
	show(&f, "into after an overflow");
	RUN(&f, 0xf4);
	show(&f, "hlt");
	RUN(&f, 0xfa);
	show(&f, "cli");
	RUN(&f, 0x8e, 0xd8);				/* mov %eax, %ds: 111h */
	show(&f, "a bad selector");
	RUN(&f, 0x1e, 0x07, 0xcc);			/* push %ds; pop %es; int3 */
	show(&f, "a good one");
	RUN(&f, 0x0f, 0x0b);
	show(&f, "ud2");
	RUN(&f, 0x40, 0x48, 0xcc);			/* inc %eax; dec %eax: no prefixes here */
	show(&f, "inc and dec");
}

void kit_main(void)
{
	void *stack = kit_page_alloc();
	uint32_t r[4];

	kit_cpuid(0, 0, r);
	is_intel = r[1] == 0x756e6547;
	code = kit_page_alloc();
	if (kit_map(CODE, kit_va_to_mfn(code), PTE_RO) || kit_map(STACK, kit_va_to_mfn(stack), PTE_RW))
		kit_fatal("low memory cannot be mapped");
	int80();
	faults();
	syscalls();
	sysenter();
}
