/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * privop: privileged instructions, which the hypervisor emulates for the guest's kernel and turns
 * into #GP for its user mode: control registers, MSRs, ports, interrupt flag, caches, time stamps.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/physdev.h>

static uint64_t in, out;

#define OP(fname, code) \
static unsigned long fname(void *arg) \
{ \
	asm volatile(code : : "D" (&in), "S" (&out), "c" (arg) \
		     : "rax", "rdx", "rbx", "memory", "cc"); \
	return 0; \
}

OP(rd_cr0, "mov %%cr0, %%rax; mov %%rax, (%%rsi)")
OP(rd_cr2, "mov %%cr2, %%rax; mov %%rax, (%%rsi)")
OP(rd_cr3, "mov %%cr3, %%rax; mov %%rax, (%%rsi)")
OP(rd_cr4, "mov %%cr4, %%rax; mov %%rax, (%%rsi)")
OP(rd_cr8, "mov %%cr8, %%rax; mov %%rax, (%%rsi)")
OP(wr_cr0, "mov (%%rdi), %%rax; mov %%rax, %%cr0")
OP(wr_cr2, "mov (%%rdi), %%rax; mov %%rax, %%cr2")
OP(wr_cr3, "mov (%%rdi), %%rax; mov %%rax, %%cr3")
OP(wr_cr4, "mov (%%rdi), %%rax; mov %%rax, %%cr4")
OP(wr_cr8, "mov (%%rdi), %%rax; mov %%rax, %%cr8")
OP(do_clts, "clts")
OP(do_lmsw, "mov (%%rdi), %%rax; lmsw %%ax")
OP(do_smsw, "smsw %%rax; mov %%rax, (%%rsi)")
OP(do_cli, "cli")
OP(do_sti, "sti")
OP(do_wbinvd, "wbinvd")
OP(do_invd, "invd")
OP(do_invlpg, "invlpg (%%rdi)")
OP(do_rdtsc, "rdtsc; shl $32, %%rdx; or %%rdx, %%rax; mov %%rax, (%%rsi)")
OP(do_rdtscp, "rdtscp; shl $32, %%rdx; or %%rdx, %%rax; mov %%rax, (%%rsi)")
OP(do_rdpmc, "xor %%ecx, %%ecx; rdpmc")
OP(do_swapgs, "swapgs")
OP(do_sysret, "sysretq")
OP(do_iret_cs0, "pushq $0; pushq $0; pushq $2; pushq $8; pushq $0; iretq")
OP(do_xsetbv, "mov (%%rdi), %%eax; mov 4(%%rdi), %%edx; xsetbv")
OP(do_xgetbv, "xgetbv; shl $32, %%rdx; or %%rdx, %%rax; mov %%rax, (%%rsi)")
OP(do_inb, "mov %%ecx, %%edx; inb %%dx, %%al; movzbl %%al, %%eax; mov %%rax, (%%rsi)")
OP(do_inw, "mov %%ecx, %%edx; inw %%dx, %%ax; movzwl %%ax, %%eax; mov %%rax, (%%rsi)")
OP(do_inl, "mov %%ecx, %%edx; inl %%dx, %%eax; mov %%rax, (%%rsi)")
OP(do_outb, "mov %%ecx, %%edx; mov (%%rdi), %%al; outb %%al, %%dx")
OP(do_popf_if, "pushfq; pop %%rax; mov %%rax, (%%rsi); or $0x3200, %%rax; push %%rax; popfq; "
   "pushfq; pop %%rax; mov %%rax, (%%rsi)")
OP(do_vmcall, "vmmcall")
OP(do_monitor, "xor %%ecx, %%ecx; xor %%edx, %%edx; mov %%rsi, %%rax; monitor")
OP(do_rdfsbase, "rdfsbase %%rax; mov %%rax, (%%rsi)")
OP(do_rdpid, ".byte 0xf3, 0x0f, 0xc7, 0xf8; mov %%rax, (%%rsi)")

struct op {
	const char *name;
	unsigned long (*fn)(void *arg);
	unsigned long arg;
	uint64_t in;
	bool show;	/* the value read is part of what must be the same */
	bool user_ok;	/* user mode's outcome is shown too */
};

static void call(void *arg)
{
	const struct op *op = arg;

	op->fn((void *)op->arg);
}

static unsigned long call_user(void *arg)
{
	call(arg);
	return 0;
}

static const struct op ops[] = {
	{ "read cr0", rd_cr0, 0, 0, true, true },
	{ "read cr2", rd_cr2, 0, 0, false, true },
	{ "read cr4", rd_cr4, 0, 0, true, true },
	{ "read cr8", rd_cr8, 0, 0, false, true },
	{ "write cr0 with TS", wr_cr0, 0, 0x8005003b, false, true },
	{ "read cr0 with TS", rd_cr0, 0, 0, true, false },
	{ "clts", do_clts, 0, 0, false, true },
	{ "read cr0 after clts", rd_cr0, 0, 0, true, false },
	{ "write cr0 without WP", wr_cr0, 0, 0x80040033, false, false },
	{ "write cr0 without PG", wr_cr0, 0, 0x00050033, false, false },
	{ "write cr2", wr_cr2, 0, 0x1234, false, true },
	{ "read cr2 written", rd_cr2, 0, 0, true, false },
	{ "write cr4 with PCE", wr_cr4, 0, 0x100, false, true },
	{ "write cr8", wr_cr8, 0, 0, false, true },
	{ "lmsw", do_lmsw, 0, 0x3b, false, true },
	{ "read cr0 after lmsw", rd_cr0, 0, 0, true, false },
	{ "clts again", do_clts, 0, 0, false, false },
	{ "smsw", do_smsw, 0, 0, false, true },
	{ "cli", do_cli, 0, 0, false, true },
	{ "sti", do_sti, 0, 0, false, true },
	{ "wbinvd", do_wbinvd, 0, 0, false, true },
	{ "invd", do_invd, 0, 0, false, true },
	{ "invlpg", do_invlpg, 0, 0, false, true },
	{ "rdtsc", do_rdtsc, 0, 0, false, true },
	{ "rdtscp", do_rdtscp, 0, 0, false, true },
	{ "rdpmc", do_rdpmc, 0, 0, false, true },
	{ "swapgs", do_swapgs, 0, 0, false, true },
	{ "sysret", do_sysret, 0, 0, false, true },
	{ "iret to ring 0", do_iret_cs0, 0, 0, false, false },
	{ "xgetbv 0", do_xgetbv, 0, 0, false, true },
	{ "xgetbv 5", do_xgetbv, 5, 0, false, true },
	{ "xsetbv 0 without x87", do_xsetbv, 0, 2, false, true },
	{ "xsetbv 0 x87 and SSE", do_xsetbv, 0, 3, false, true },
	{ "xgetbv 0 after", do_xgetbv, 0, 0, true, true },
	{ "xsetbv 0 with reserved bits", do_xsetbv, 0, 0x4000000000000003, false, true },
	{ "xsetbv 1", do_xsetbv, 1, 3, false, true },
	{ "vmmcall", do_vmcall, 0, 0, false, true },
	{ "monitor", do_monitor, 0, 0, false, true },
	{ "pushf after popf with IF and IOPL", do_popf_if, 0, 0, false, true },
};

static void run(const struct op *op)
{
	struct kit_fault f;

	in = op->in;
	out = 0;
	kit_probe(call, (void *)op, &f);
	if (f.vector < 0 && op->show)
		kit_observe("kernel %s: %lx", op->name, out);
	else
		kit_observe_fault(&f, "kernel %s", op->name);
	if (!op->user_ok)
		return;
	in = op->in;
	kit_user_probe(call_user, (void *)op, &f, NULL);
	kit_observe_fault(&f, "user %s", op->name);
}

/* The page-table root shows as the guest's own, and loading another valid root works. */
static void cr3(void)
{
	uint64_t want = (uint64_t)kit_va_to_mfn(kit_root()) << PAGE_SHIFT;
	static const struct op write = { "write cr3 with garbage", wr_cr3, 0, ~0xfffUL, false, true };
	static const struct op read = { "read cr3", rd_cr3, 0, 0, false, true };
	struct kit_fault f;

	run(&read);
	kit_check_eq((int64_t)out, (int64_t)want, "cr3 is the root's machine address");
	in = want;
	kit_check(kit_probe(call, (void *)&write, &f), "the same root can be loaded");
	run(&write);
}

/* The interrupt flag is not the virtual one, and IOPL is what physdev_op set. */
static void flags(void)
{
	static const struct op popf = { "popf", do_popf_if, 0, 0, true, false };
	struct physdev_set_iopl iopl = { .iopl = 3 };
	struct kit_fault f;

	kit_probe(call, (void *)&popf, &f);
	kit_observe("flags after popf with IF and IOPL 3: %lx", out & 0x3200);
	kit_observe_ret(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), "set_iopl 3");
	kit_probe(call, (void *)&popf, &f);
	kit_observe("flags after popf, IOPL 3: %lx", out & 0x3200);
	iopl.iopl = 4;
	kit_observe_ret(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), "set_iopl 4");
	iopl.iopl = 1;
	kit_check_eq(hc_physdev_op(PHYSDEVOP_set_iopl, &iopl), 0, "set_iopl 1");
}

static void ports(void)
{
	static const struct op list[] = {
		{ "in 71h", do_inb, 0x71, 0, false, true },
		{ "out 80h", do_outb, 0x80, 0, false, true },
		{ "in 3f8h (console)", do_inb, 0x3f8, 0, true, false },
		{ "in 3fdh (console)", do_inb, 0x3fd, 0, true, false },
		{ "in 21h (PIC)", do_inb, 0x21, 0, true, false },
		{ "in a1h (PIC)", do_inb, 0xa1, 0, true, false },
		{ "in 40h (PIT)", do_inb, 0x40, 0, true, false },
		{ "in 61h", do_inb, 0x61, 0, false, false },
		{ "inw 1f0h", do_inw, 0x1f0, 0, false, false },
		{ "inl cf8h", do_inl, 0xcf8, 0, true, false },
		{ "inl cfch", do_inl, 0xcfc, 0, true, false },
	};
	struct physdev_set_iopl iopl = { .iopl = 0 };
	static uint8_t bitmap[8192];
	struct physdev_set_iobitmap map = { .nr_ports = 65536 };

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		run(&list[i]);
	hc_physdev_op(PHYSDEVOP_set_iopl, &iopl);
	kit_observe("with IOPL 0");
	run(&list[0]);
	iopl.iopl = 3;
	hc_physdev_op(PHYSDEVOP_set_iopl, &iopl);
	kit_observe("with IOPL 3");
	run(&list[0]);
	iopl.iopl = 1;
	hc_physdev_op(PHYSDEVOP_set_iopl, &iopl);
	memset(bitmap, 0xff, sizeof(bitmap));
	bitmap[0x71 / 8] = (uint8_t)~(1u << (0x71 % 8));
	set_xen_guest_handle(map.bitmap, bitmap);
	kit_observe_ret(hc_physdev_op(PHYSDEVOP_set_iobitmap, &map), "set_iobitmap");
	kit_observe("with a bitmap that allows 71h");
	run(&list[0]);
	run(&list[1]);
	map.nr_ports = 65537;
	kit_observe_ret(hc_physdev_op(PHYSDEVOP_set_iobitmap, &map), "set_iobitmap 65537 ports");
}

static void bases(void)
{
	static const struct op list[] = {
		{ "rdfsbase", do_rdfsbase, 0, 0, true, true },
		{ "rdpid", do_rdpid, 0, 0, false, true },
	};
	uint32_t r[4];

	kit_cpuid(7, 0, r);
	kit_observe("fsgsbase in CPUID: %u", r[1] & 1);
	if (r[1] & 1)
		run(&list[0]);
	if (r[2] & (1u << 22))
		run(&list[1]);
}

void kit_main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		run(&ops[i]);
	cr3();
	flags();
	ports();
	bases();
}
