/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User mode that runs anything, from any context, and privileged instructions of the kernel. */
#ifndef HOSTILE_USER_H
#define HOSTILE_USER_H

#include "values.h"
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <xen/callback.h>

/* A little root of its own: whatever runs there reaches two pages, and the kernel is none of them. */
#define USER_CODE	0x400000UL
#define USER_STACK	0x401000UL
#define OP_IRET		0xcf
#define OP_POPF		0x9d
#define RFLAGS_TF	0x100UL
#define IOPL_SHIFT	12
#define USER_TIME	1000000		/* nanoseconds */
#define CODE_SIZE	64		/* bytes; the rest of the page is zero */

static void leave_user(const struct kit_regs *regs)
{
	if (me()->in_user && (regs->cs & 3) == 3)
		kit_probe_leave();
}

static bool on_event(struct kit_regs *regs)
{
	memset((void *)kit_shared->evtchn_pending, 0, sizeof(kit_shared->evtchn_pending));
	kit_this_vcpu()->info->evtchn_pending_sel = 0;
	kit_this_vcpu()->info->evtchn_upcall_pending = 0;
	leave_user(regs);
	return true;
}

static bool on_debug(struct kit_regs *regs)
{
	hc_set_debugreg(7, 0);
	hc_set_debugreg(6, 0);
	return (regs->cs & 3) != 3;
}

/* Ends user mode whose timer somebody took away. */
static bool on_nmi(struct kit_regs *regs)
{
	leave_user(regs);
	return true;
}

/* The guest's entries, all of them, as they are meant to be. */
static void set_entries(void)
{
	static const struct { uint16_t type; void (*entry)(void); } more[] = {
		{ CALLBACKTYPE_nmi, kit_entry_nmi }, { CALLBACKTYPE_syscall32, kit_entry_syscall32 },
		{ CALLBACKTYPE_sysenter, kit_entry_sysenter },
	};

	hc_set_trap_table(NULL);
	kit_trap_init();
	for (unsigned int i = 0; i < ARRAY_SIZE(more); i++) {
		struct callback_register reg = { .type = more[i].type, .address = (unsigned long)more[i].entry };

		hc_callback_op(CALLBACKOP_register, &reg);
	}
}

/* Of vCPU id; on the first. */
static void user_init(unsigned int id)
{
	struct actor *a = &actors[id];
	uint8_t *stack = kit_page_alloc();
	kit_pte *table[5];

	a->user_code = kit_page_alloc();
	for (int l = 1; l <= 4; l++) {
		table[l] = kit_page_alloc();
		if (l > 1)
			table[l][USER_CODE >> (PAGE_SHIFT + 9 * (l - 1)) & 511] =
				kit_make_pte(kit_va_to_mfn(table[l - 1]), PTE_TABLE);
	}
	table[1][USER_CODE >> PAGE_SHIFT & 511] = kit_make_pte(kit_va_to_mfn(a->user_code), PTE_RO);
	table[1][USER_STACK >> PAGE_SHIFT & 511] = kit_make_pte(kit_va_to_mfn(stack), PTE_RW | PTE_NX);
	for (int l = 1; l <= 4; l++)
		if (kit_set_readonly(table[l]))
			kit_fatal("cannot write-protect the user tables");
	if (kit_pin(table[4], 4))
		kit_fatal("cannot pin the user root");
	a->user_root = kit_va_to_mfn(table[4]);
}

static void hooks_init(void)
{
	kit_user_root();	/* now, or the kit sets it in the middle */
	kit_set_hook(KIT_VEC_EVENT, on_event);
	kit_set_hook(KIT_VEC_DB, on_debug);
	kit_set_hook(KIT_VEC_NMI_CALLBACK, on_nmi);
	kit_set_hook(KIT_VEC_NMI, on_nmi);
}

static void make_code(void)
{
	static const uint8_t starts[][4] = {
		{ 0x0f, 0x05 }, { 0x0f, 0x34 }, { 0xcd, 0x80 }, { 0xcd, 0x82 }, { 0xcc }, { 0xf4 }, { 0xfa }, { 0xfb },
		{ 0x0f, 0x20, 0xc0 }, { 0x0f, 0x22, 0xd8 }, { 0x0f, 0x21, 0xf8 }, { 0x0f, 0x30 }, { 0x0f, 0x32 },
		{ 0x0f, 0x01, 0xf8 }, { 0x0f, 0x01, 0xd1 }, { 0x0f, 0x01, 0xd9 }, { 0x0f, 0x00, 0xd8 }, { 0x0f, 0x06 },
		{ 0xec }, { 0xee }, { 0x6c }, { 0x6e }, { 0xe4, 0x80 }, { 0x0f, 0xa2 }, { 0x0f, 0x0b },
		{ 0x9d }, { 0x48, 0x0f, 0x07 }, { 0x0f, 0x35 }, { 0x8e, 0xd8 }, { 0x8e, 0xe8 }, { 0x0f, 0xb4, 0x06 },
		{ 0x0f, 0x0b, 0x78, 0x65 }, { 0xf1 }, { 0x0f, 0xff }, { 0x48, 0xcb }, { 0x0f, 0x01, 0xef },
	};
	uint8_t *code = me()->user_code;
	unsigned int at = 0;

	for (unsigned int i = 0; i < CODE_SIZE; i++)
		code[i] = (uint8_t)rnd();
	for (unsigned int n = below(3); n; n--) {
		memcpy(code + at, starts[below(ARRAY_SIZE(starts))], 4);
		at += 2 + below(3);
	}
	if (one_in(4))
		code[at] = 0xcd;	/* int n */
	/* The emulator's IRET enters virtual-8086 mode, which long mode does not have (HACKING). */
	for (unsigned int i = 0; i < CODE_SIZE; i++)
		if (code[i] == OP_IRET)
			code[i] = 0x90;
}

/*
 * An instruction that is stepped over and meets a data breakpoint as well gives one debug trap; the emulator gives two, the
 * second at the first instruction of the first one's entry, on the same stack: no hypervisor finds back from there (HACKING).
 */
static bool may_step(const struct kit_user_start *start)
{
	bool step = start->rflags & RFLAGS_TF;

	for (unsigned int i = 0; i < CODE_SIZE; i++)
		step |= me()->user_code[i] == OP_POPF;
	return step;
}

/*
 * Any context of user mode; events must reach the kernel, or nothing would end a loop. No I/O privilege of user mode:
 * with the assist for it a first domain's user mode reaches every port then, and what runs there writes to the
 * firmware's one for management interrupts or to a controller's for DMA sooner or later.
 */
static void run_user(void)
{
	static const uint16_t selectors[] = { FLAT_USER_CS64, FLAT_USER_CS32, FLAT_USER_SS64, 0, 3, 7, 0x1f3, 0xe008, 0xe010,
					      0xe038, 0xe043, 0xe04b, 0xfffb, 0xffff, 0x0b, 0x0f };
	struct kit_user_start start = {
		.rip = one_in(8) ? bad_va() : USER_CODE,
		.cs = FLAT_USER_CS64,
		.rflags = 0x202 | (one_in(2) ? (uint32_t)rnd() & 0x3fffff & ~(2U << IOPL_SHIFT) : 0),
		.rsp = one_in(4) ? bad_va() : USER_STACK + PAGE_SIZE - below(256),
		.ss = FLAT_USER_SS64,
		.iret_flags = one_in(2) ? 0x100 : one_in(8) ? number() : 0,
		.rdi = number(), .rsi = pointer(), .rax = number(), .rcx = number(), .r11 = number(),
	};
	struct kit_fault f;

	if (one_in(4))
		start.cs = selectors[below(ARRAY_SIZE(selectors))] | 3;
	if (one_in(4))
		start.ss = selectors[below(ARRAY_SIZE(selectors))];
	make_code();
	if (may_step(&start))
		hc_set_debugreg(7, 0);
	kit_evtchn_bind_virq(0, kit_this_vcpu()->id);
	memset((void *)kit_shared->evtchn_pending, 0, sizeof(kit_shared->evtchn_pending));
	memset((void *)kit_shared->evtchn_mask, 0, sizeof(kit_shared->evtchn_mask));
	kit_this_vcpu()->info->evtchn_pending_sel = 0;
	kit_this_vcpu()->info->evtchn_upcall_pending = 0;
	if (kit_mmuext(MMUEXT_NEW_USER_BASEPTR, me()->user_root))
		kit_fatal("the user root was refused");
	hc_set_timer_op(kit_time_now() + USER_TIME);
	me()->in_user = true;
	kit_user_enter(&start, &f);
	me()->in_user = false;
}

static uint32_t pick_msr(void)
{
	static const uint32_t msrs[] = {
		0x1b, 0x3a, 0x48, 0x49, 0x8b, 0xc1, 0xce, 0xfe, 0x174, 0x175, 0x176, 0x179, 0x186, 0x198, 0x1a0, 0x1d9, 0x200, 0x277,
		0x2ff, 0x345, 0x480, 0x802, 0x830, 0x40000000, 0x40000001, 0xc0000080, 0xc0000081, 0xc0000082, 0xc0000083,
		0xc0000084, 0xc0000100, 0xc0000101, 0xc0000102, 0xc0000103, 0xc0010015, 0xc001001f, 0xc0010114, 0xc0010117,
		0xc0011022,
	};

	return one_in(8) ? (uint32_t)number() : msrs[below(ARRAY_SIZE(msrs))];
}

/* Strings to and from ports that nobody listens at. */
static void string_port(void)
{
	static const uint16_t ports[] = { 0x80, 0xed, 0xa00 };
	uint16_t port = ports[below(ARRAY_SIZE(ports))];
	unsigned long n = one_in(8) ? number() & 0xffff : below(70), di = one_in(2) ? me()->results : pointer(), si = di;

	switch (below(5)) {
	case 0:
		asm volatile("rep insb" : "+D" (di), "+c" (n) : "d" (port) : "memory");
		break;
	case 1:
		asm volatile("rep outsw" : "+S" (si), "+c" (n) : "d" (port) : "memory");
		break;
	case 2:
		asm volatile("rep insl" : "+D" (di), "+c" (n) : "d" (port) : "memory");
		break;
	case 3:
		asm volatile("outsb" : "+S" (si) : "d" (port) : "memory");
		break;
	default:
		asm volatile("outl %0, %1" : : "a" ((uint32_t)n), "d" (port));
	}
}

static void privileged(void *arg)
{
	uint64_t v = number();
	uint32_t lo = (uint32_t)v, hi = (uint32_t)(v >> 32), msr = pick_msr();

	switch ((unsigned long)arg) {
	case 0: case 1:
		asm volatile("rdmsr" : "=a" (lo), "=d" (hi) : "c" (msr));
		break;
	case 2:
		asm volatile("wrmsr" : : "a" (lo), "d" (hi), "c" (msr));
		break;
	case 3:
		asm volatile("mov %%cr4, %0" : "=r" (v));
		v ^= 1UL << below(32);
		asm volatile("mov %0, %%cr4" : : "r" (v));
		break;
	case 4:
		asm volatile("mov %%cr0, %0" : "=r" (v));
		v ^= 1UL << below(32);
		asm volatile("mov %0, %%cr0" : : "r" (v));
		break;
	case 5:
		asm volatile("mov %0, %%cr3" : : "r" ((uint64_t)no_root() << PAGE_SHIFT | below(4096)));
		break;
	case 6:
		asm volatile("inl %w1, %0" : "=a" (lo) : "d" ((uint16_t)rnd()));
		break;
	case 7:
		asm volatile("invlpg (%0)" : : "r" (one_in(2) ? bad_va() : window_va()) : "memory");
		break;
	case 8:
		asm volatile("xsetbv" : : "a" (lo), "d" (hi), "c" (below(3)));
		break;
	case 9:
		asm volatile("mov %0, %%dr7" : : "r" (v));
		break;
	case 10:
		asm volatile("mov %0, %%cr2; mov %%cr2, %0" : "+r" (v));
		break;
	case 11:
		asm volatile("lgdt (%0); lidt (%0); ltr %w0" : : "r" (me()->results) : "memory");
		break;
	case 12:
		string_port();
		break;
	case 13:
		asm volatile("rdpmc" : "=a" (lo), "=d" (hi) : "c" (msr));
		break;
	default:
		asm volatile("mov %w0, %%ds; mov %w0, %%fs" : : "r" ((uint16_t)v));
	}
}

static void run_privileged(void)
{
	struct kit_fault f;

	kit_probe(privileged, (void *)(unsigned long)below(15), &f);
	asm volatile("mov %w0, %%ds; mov %w0, %%fs" : : "r" (0));
}

#endif
