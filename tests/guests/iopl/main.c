/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * iopl: the virtual I/O privilege level, set by physdev_op or, with the assist for it, by iret: which of kernel
 * and user mode may use CLI, STI and ports, and what saved flags show.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <xen/physdev.h>

#define IOPL(n)		((uint64_t)(n) << 12)

static uint8_t stack[PAGE_SIZE] __attribute__((aligned(16)));

#define STUB(fname, code) \
static void fname(void *arg) \
{ \
	(void)arg; \
	asm volatile(code : : : "rax", "memory", "cc"); \
}

STUB(do_cli, "cli")
STUB(do_sti, "sti")
STUB(do_out, "xor %%eax, %%eax; outb %%al, $0x80")
STUB(do_ud2, "ud2")

static const struct { const char *name; void (*fn)(void *); } insns[] = {
	{ "cli", do_cli }, { "sti", do_sti }, { "out", do_out },
};

/* User mode at fn with that level in its flags; fn returns into the kernel by a system call. */
static void user(void (*fn)(void *), unsigned int iopl, struct kit_fault *f)
{
	extern char kit_user_trampoline[];
	struct kit_user_start start = {
		.rip = (uint64_t)kit_user_trampoline, .cs = FLAT_USER_CS64, .rflags = 0x202 | IOPL(iopl),
		.rsp = (uint64_t)stack + sizeof(stack), .ss = FLAT_USER_SS64, .rsi = (uint64_t)fn,
	};

	kit_user_enter(&start, f);
}

static void nothing(void *arg)
{
	(void)arg;
}

static long set(unsigned int iopl)
{
	struct physdev_set_iopl op = { .iopl = iopl };

	return hc_physdev_op(PHYSDEVOP_set_iopl, &op);
}

static void try_all(unsigned int iopl, const char *how)
{
	struct kit_fault f;

	for (size_t i = 0; i < ARRAY_SIZE(insns); i++) {
		kit_probe(insns[i].fn, NULL, &f);
		kit_observe_fault(&f, "%s %u: kernel %s", how, iopl, insns[i].name);
		user(insns[i].fn, iopl, &f);
		kit_observe_fault(&f, "%s %u: user %s", how, iopl, insns[i].name);
	}
}

static void saved_flags(const char *what)
{
	struct kit_fault f;

	kit_probe(do_ud2, NULL, &f);
	kit_observe("%s: IOPL in a frame from the kernel %lu", what, f.regs.rflags >> 12 & 3);
	user(do_ud2, 0, &f);
	kit_observe("%s: from user mode that iret gave level 0: %lu", what, f.regs.rflags >> 12 & 3);
}

void kit_main(void)
{
	struct kit_fault f;

	for (unsigned int iopl = 0; iopl < 4; iopl++) {
		kit_check_eq(set(iopl), 0, "level %u", iopl);
		try_all(iopl, "set");
	}
	saved_flags("without the assist");
	kit_check_eq(hc_vm_assist(VMASST_CMD_enable, VMASST_TYPE_architectural_iopl), 0, "the assist");
	/* The level that was set before shows from here on. */
	saved_flags("with the assist");
	for (unsigned int iopl = 0; iopl < 4; iopl++) {
		user(nothing, iopl, &f);
		try_all(iopl, "iret");
		user(do_ud2, iopl, &f);
		kit_observe("iret %u: user frame shows %lu", iopl, f.regs.rflags >> 12 & 3);
	}
	kit_check_eq(set(2), 0, "level 2 by call");
	kit_probe(do_ud2, NULL, &f);
	kit_observe("set with the assist: %lu", f.regs.rflags >> 12 & 3);
	kit_check_eq(hc_vm_assist(VMASST_CMD_disable, VMASST_TYPE_architectural_iopl), 0, "the assist is off");
	saved_flags("without it again");
}
