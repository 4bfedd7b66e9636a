/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * low: a kernel linked near address 0, with no more notes than a small kernel needs: no base address, no entry, no word of the
 * hypervisor's hole. It then does what generic test suites for paravirtual guests do first, and what they look for.
 */

#include <guestkit/notes.h>
#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <guestkit/other.h>
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

KIT_LINKED_AT(0)
KIT_NOTES
KIT_NOTE(XEN_ELFNOTE_GUEST_OS, ".asciz \"low\"")
KIT_NOTE(XEN_ELFNOTE_LOADER, ".asciz \"generic\"")
KIT_NOTE(XEN_ELFNOTE_HYPERCALL_PAGE, ".quad hypercall_page")
KIT_NOTE(XEN_ELFNOTE_XEN_VERSION, ".asciz \"xen-3.0\"")
KIT_NOTE(XEN_ELFNOTE_FEATURES, ".asciz \"!writable_page_tables|pae_pgdir_above_4gb\"")
KIT_NOTE(XEN_ELFNOTE_PAE_MODE, ".asciz \"yes\"")

#define ONE(fname, code) \
static unsigned long fname(void *arg) \
{ \
	asm volatile(code : : "D" (arg), "S" (words) : "rax", "rbx", "rcx", "rdx", "r8", "r11", "memory", "cc"); \
	return words[0]; \
}

static uint64_t words[8];

ONE(do_nothing, "")
ONE(do_sgdt, "sgdt (%%rsi)")
ONE(do_sidt, "sidt (%%rsi)")
ONE(do_sldt, "sldt %%eax; mov %%rax, (%%rsi)")
ONE(do_str, "str %%eax")
ONE(do_smsw, "smsw %%eax")
ONE(do_fnop, "fnop")
ONE(do_fwait, "fwait")
ONE(do_movups, "movups %%xmm0, %%xmm0")
ONE(do_rdfsbase, "rdfsbase %%rax")
ONE(do_rdgsbase, "rdgsbase %%rax")
ONE(do_wrfsbase, "wrfsbase %%rdi")
ONE(do_wrgsbase, "wrgsbase %%rdi")
ONE(do_cpuid, "xor %%eax, %%eax; cpuid")
ONE(do_forced_cpuid, "xor %%eax, %%eax; ud2; .ascii \"xen\"; cpuid")
ONE(do_forced_mov, "ud2; .ascii \"xen\"; mov %%eax, %%eax")
ONE(do_forced_prefix, "ud2; .ascii \"xen\"; .byte 0x2e; cpuid")
ONE(do_set_cr4, "mov %%cr4, %%rax; or %%rdi, %%rax; mov %%rax, %%cr4; mov %%cr4, %%rax; and %%rdi, %%rax; mov %%rax, (%%rsi)")
ONE(do_clear_cr4, "not %%rdi; mov %%cr4, %%rax; and %%rdi, %%rax; mov %%rax, %%cr4; mov %%cr4, %%rax; mov %%rax, (%%rsi)")
ONE(do_set_cr0, "mov %%cr0, %%rax; or %%rdi, %%rax; mov %%rax, %%cr0")
ONE(do_invlpg, "invlpg (%%rdi)")
ONE(do_invlpg_null_fs, "xor %%eax, %%eax; mov %%eax, %%fs; invlpg %%fs:(%%rdi)")
ONE(do_read, "mov (%%rdi), %%rax")
ONE(do_read_bx, "mov %%rdi, %%rbx; mov (%%rbx), %%rax")
ONE(do_read_bp, "push %%rbp; mov %%rdi, %%rbp; mov (%%rbp), %%rax; pop %%rbp")
ONE(do_read_sp, "mov %%rsp, %%rbx; mov %%rdi, %%rsp; mov (%%rsp), %%rax; mov %%rbx, %%rsp")
ONE(do_read_ds_bp, "push %%rbp; mov %%rdi, %%rbp; .byte 0x3e; mov (%%rbp), %%rax; pop %%rbp")
ONE(do_read_ss_bx, "mov %%rdi, %%rbx; .byte 0x36; mov (%%rbx), %%rax")
ONE(do_read_fs_bp, "push %%rbp; mov %%rdi, %%rbp; mov %%fs:(%%rbp), %%rax; pop %%rbp")
ONE(do_int80, "int $0x80")
ONE(do_int3, "int3")
ONE(do_icebp, ".byte 0xf1")
ONE(do_into_ldt, "rex64 lcall *(%%rdi)")
ONE(do_sysenter_nt, "pushf; orl $0x4000, (%%rsp); popf; sysenter")
ONE(do_wrfs, "mov $0xc0000100, %%ecx; mov %%edi, %%eax; mov %%rdi, %%rdx; shr $32, %%rdx; wrmsr")
ONE(do_wrgs, "mov $0xc0000101, %%ecx; mov %%edi, %%eax; mov %%rdi, %%rdx; shr $32, %%rdx; wrmsr")
ONE(do_wrkgs, "mov $0xc0000102, %%ecx; mov %%edi, %%eax; mov %%rdi, %%rdx; shr $32, %%rdx; wrmsr")
ONE(do_debugctl, "mov $0x1d9, %%ecx; mov %%edi, %%eax; xor %%edx, %%edx; wrmsr")
ONE(do_faulting, "mov $0x140, %%ecx; rdmsr; or %%edi, %%eax; wrmsr")

struct call {
	unsigned long (*fn)(void *arg);
	void *arg;
};

static void call(void *arg)
{
	const struct call *c = arg;

	c->fn(c->arg);
}

static void in_kernel(const char *what, unsigned long (*fn)(void *), unsigned long arg)
{
	struct call c = { fn, (void *)arg };
	struct kit_fault f;

	kit_probe(call, &c, &f);
	kit_observe_fault(&f, "%s", what);
}

static void in_user(const char *what, unsigned long (*fn)(void *), unsigned long arg)
{
	struct kit_fault f;

	kit_user_probe(fn, (void *)arg, &f, NULL);
	kit_observe_fault(&f, "user: %s", what);
}

static void in_both(const char *what, unsigned long (*fn)(void *), unsigned long arg)
{
	in_kernel(what, fn, arg);
	in_user(what, fn, arg);
}

static void place(void)
{
	const struct start_info *si = kit_start_info;

	kit_check_eq((int64_t)(unsigned long)kit_virt_base, 0, "linked at 0");
	kit_check((unsigned long)si < 64UL << 20 && si->pt_base > (unsigned long)si, "start info lies low");
	kit_check((si->mfn_list & (PAGE_SIZE - 1)) == 0 && si->mfn_list < (unsigned long)si, "so does the list of frames");
	kit_observe("magic %s flags %x", si->magic, si->flags);
	kit_observe_ret(hc_update_va_mapping(0, 0, UVMF_INVLPG), "unmap page 0");
	in_kernel("read page 0", do_read, 0);
	/* User mode runs on the kernel's own tables. */
	kit_user_root();
	kit_observe_ret(kit_mmuext(MMUEXT_NEW_USER_BASEPTR, kit_va_to_mfn(kit_root())), "one root for both");
	in_user("nothing", do_nothing, 0);
}

/* A boot module: by address, as the kernel does not say that it takes a frame's number. */
static void module(void)
{
	const struct start_info *si = kit_start_info;
	const char *text = (const char *)si->mod_start;

	kit_observe("a module: %s", si->mod_len ? "yes" : "no");
	if (!si->mod_len)
		return;
	kit_check(!(si->flags & SIF_MOD_START_PFN), "it is given by address");
	kit_check(!(si->mod_start & (PAGE_SIZE - 1)) && si->mod_start < si->mfn_list, "between kernel and list of frames");
	kit_check(!memcmp(text, "\177ELF", 4), "and its contents are there");
}

static void descriptors(void)
{
	for (int umip = 0; umip < 2; umip++) {
		in_both("sgdt", do_sgdt, 0);
		in_both("sidt", do_sidt, 0);
		in_both("sldt", do_sldt, 0);
		in_both("str", do_str, 0);
		in_both("smsw", do_smsw, 0);
		if (umip)
			break;
		in_kernel("cr4 with UMIP", do_set_cr4, 1UL << 11);
		kit_observe("it is set: %u", words[0] != 0);
	}
}

static void bases(void)
{
	static const uint64_t addresses[] = {
		0, 0x7fffffffffff, 0x800000000000, 0x8000000000000000, 0xffff7fffffffffff, 0xffff800000000000, ~0UL,
	};

	for (int on = 0; on < 3; on++) {
		kit_observe("round %d", on);
		in_kernel("rdfsbase", do_rdfsbase, 0);
		in_kernel("rdgsbase", do_rdgsbase, 0);
		in_kernel("wrfsbase", do_wrfsbase, 0);
		in_kernel("wrgsbase", do_wrgsbase, 0);
		if (on == 1) {
			for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
				in_kernel("wrfsbase of an address", do_wrfsbase, addresses[i]);
				in_kernel("wrfs by number", do_wrfs, addresses[i]);
				in_kernel("wrgs by number", do_wrgs, addresses[i]);
				in_kernel("wrkgs by number", do_wrkgs, addresses[i]);
			}
			in_kernel("clear cr4.FSGSBASE", do_clear_cr4, 1UL << 16);
			kit_observe("it is set: %u", !!(words[0] & 1UL << 16));
		} else if (!on) {
			in_kernel("set cr4.FSGSBASE", do_set_cr4, 1UL << 16);
			kit_observe("it is set: %u", words[0] != 0);
		}
	}
	in_kernel("fs back", do_wrfs, 0);
	in_kernel("gs back", do_wrgs, 0);
	in_kernel("kernel gs back", do_wrkgs, 0);
}

static void control_registers(void)
{
	static const struct {
		const char *name;
		uint64_t bit;
	} bits[] = {
		{ "VME", 0 }, { "PVI", 1 }, { "TSD", 2 }, { "DE", 3 }, { "PSE", 4 }, { "PAE", 5 }, { "MCE", 6 }, { "PGE", 7 },
		{ "PCE", 8 }, { "OSFXSR", 9 }, { "OSXMMEXCPT", 10 }, { "LA57", 12 }, { "VMXE", 13 }, { "SMXE", 14 }, { "PCIDE", 17 },
		{ "OSXSAVE", 18 }, { "SMEP", 20 }, { "SMAP", 21 }, { "PKE", 22 }, { "CET", 23 }, { "bit 63", 63 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		char text[32];

		kit_snprintf(text, sizeof(text), "set cr4.%s", bits[i].name);
		words[0] = ~0UL;
		in_kernel(text, do_set_cr4, 1UL << bits[i].bit);
		kit_observe("it is set: %lu", words[0] == ~0UL ? 2 : words[0] >> bits[i].bit);
		in_kernel("clear it", do_clear_cr4, 1UL << bits[i].bit);
		kit_observe("it is set: %lu", words[0] >> bits[i].bit & 1);
	}
	in_kernel("cr0 with EM", do_set_cr0, 4);
	in_kernel("cr0 with CD", do_set_cr0, 1UL << 30);
	in_kernel("cr0 with TS", do_set_cr0, 8);
	in_kernel("fwait", do_fwait, 0);
	in_kernel("cr0 with TS", do_set_cr0, 8);
	in_kernel("fnop", do_fnop, 0);
	in_kernel("cr0 with TS", do_set_cr0, 8);
	in_kernel("movups", do_movups, 0);
	hc_fpu_taskswitch(0);
}

static void emulated(void)
{
	in_both("cpuid", do_cpuid, 0);
	in_both("forced cpuid", do_forced_cpuid, 0);
	in_both("forced mov", do_forced_mov, 0);
	in_both("forced cpuid with a prefix", do_forced_prefix, 0);
	in_kernel("cpuid faulting", do_faulting, 1);
	in_both("cpuid", do_cpuid, 0);
	in_both("forced cpuid", do_forced_cpuid, 0);
	in_kernel("invlpg of the kernel", do_invlpg, (unsigned long)words);
	in_kernel("invlpg of nothing", do_invlpg, 0);
	in_kernel("invlpg of no address", do_invlpg, 0x800000000000);
	in_kernel("invlpg of the hypervisor", do_invlpg, 0xffff82d040000000);
	in_kernel("invlpg by a null segment", do_invlpg_null_fs, 0);
	in_user("invlpg", do_invlpg, 0);
	for (unsigned int bit = 6; bit < 9; bit++)
		in_kernel("debug control: branch traces", do_debugctl, 1UL << bit);
}

/* An address that is none, by each default segment. */
static void segments(void)
{
	static const unsigned long bad = 0x8000000040000000;

	in_user("read by bx", do_read_bx, bad);
	in_user("read by bp", do_read_bp, bad);
	in_user("read by sp", do_read_sp, bad);
	in_user("read by ds:bp", do_read_ds_bp, bad);
	in_user("read by ss:bx", do_read_ss_bx, bad);
	in_user("read by fs:bp", do_read_fs_bp, bad);
	in_kernel("read by bp", do_read_bp, bad);
}

static void entries(void)
{
	struct trap_info none = { 0 };
	static const struct { uint64_t offset; uint16_t selector; } __attribute__((packed)) far = { 0, 0x1000 | 4 | 3 };

	in_both("int3", do_int3, 0);
	in_both("icebp", do_icebp, 0);
	in_user("far call through no LDT", do_into_ldt, (unsigned long)&far);
	in_user("sysenter with NT", do_sysenter_nt, 0);
	/* A table of nothing, then one without the usual vector of system calls. */
	kit_observe_ret(hc_set_trap_table(NULL), "no trap table");
	kit_observe_ret(hc_set_trap_table(&none), "an empty one");
	for (unsigned int vec = 0; vec < 20; vec++)
		if (vec != KIT_VEC_NMI && vec != 9 && vec != 15)
			kit_set_gate(vec, vec == KIT_VEC_BP || vec == KIT_VEC_OF ? 3 : 0);
	in_both("int 80h without a handler", do_int80, 0);
	kit_trap_init();
	in_both("int 80h with one", do_int80, 0);
}

/* An IRET among other calls ends them. */
static struct multicall_entry calls[2];

static void iret_in_multicall(void *arg)
{
	asm volatile("push %0; push %%rsp; pushfq; push %1; push $1f; push $0; push $0; push $0; push $0xdead; syscall\n"
		     "1: int3" : :
		     "i" (FLAT_USER_SS64), "i" (FLAT_USER_CS64), "a" (__HYPERVISOR_multicall), "D" (arg), "S" (2)
		     : "rcx", "r11", "memory");
}

static void multicalls(void)
{
	struct kit_fault f;

	calls[0] = (struct multicall_entry){ .op = __HYPERVISOR_iret, .result = 77 };
	calls[1] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = 77 };
	kit_probe(iret_in_multicall, calls, &f);
	kit_observe("iret in a multicall: vector %d rax %lx user %u", f.vector, f.regs.rax, f.user);
	kit_observe("the next one's result: %lu", calls[1].result);
}

/* The last bytes of the lower half: what comes behind a SYSCALL there is no address. */
static unsigned long page_end[512] __attribute__((aligned(PAGE_SIZE)));

static void jump(void *arg)
{
	asm volatile("xor %%edi, %%edi; xor %%esi, %%esi; jmp *%0" : : "r" (arg), "a" (__HYPERVISOR_xen_version)
		     : "rdi", "rsi", "rcx", "r11", "memory");
}

static void last_page(void)
{
	unsigned long va = 0x7ffffffff000;
	struct kit_fault f;

	memcpy((char *)page_end + PAGE_SIZE - 2, "\x0f\x05", 2);
	kit_check(kit_map(va, kit_va_to_mfn(page_end), PTE_RW) == 0, "map the last page of the lower half");
	kit_probe(jump, (void *)(va + PAGE_SIZE - 2), &f);
	kit_observe("hypercall from its end: %s error %x rip %lx", kit_vector_name(f.vector), f.error, f.regs.rip);
	kit_unmap(va);
}

static void breakpoint(const char *what, unsigned long (*fn)(void *), bool user)
{
	struct call c = { fn, NULL };
	struct kit_fault f;

	hc_set_debugreg(0, (unsigned long)&words[1]);
	hc_set_debugreg(7, 0xd0703);
	if (user)
		kit_user_probe(fn, NULL, &f, NULL);
	else
		kit_probe(call, &c, &f);
	hc_set_debugreg(7, 0);
	kit_observe("%s: %s dr6 %lx", what, kit_vector_name(f.vector), hc_get_debugreg(6));
	hc_set_debugreg(6, 0);
}

ONE(store, "movl $0, 8(%%rsi); nop")
ONE(load_ss, "mov 8(%%rsi), %%ss; nop")
ONE(load_ss_int3, "mov 8(%%rsi), %%ss; int3")
ONE(load_ss_call, "mov %%rsp, %%rbx; btc $63, %%rsp; mov $0x7e7e, %%eax; mov 8(%%rsi), %%ss; syscall")
ONE(set_dr7, "mov $0xd0703, %%eax; mov %%rax, %%dr7; movl $0, 8(%%rsi); nop")

static void debug_registers(void)
{
	uint32_t ss;

	breakpoint("a store that is watched", store, false);
	breakpoint("the same in user mode", store, true);
	asm volatile("mov %%ss, %0" : "=r" (ss));
	words[1] = ss;
	breakpoint("load of SS", load_ss, false);
	breakpoint("load of SS, then int3", load_ss_int3, false);
	breakpoint("load of SS, then int3, in user mode", load_ss_int3, true);
	words[1] = FLAT_USER_SS64;
	breakpoint("load of SS, then a call with a stack that is none, in user mode", load_ss_call, true);
	hc_set_debugreg(7, 0);
	breakpoint("DR7 is in force at once", set_dr7, false);
	kit_observe_ret(hc_set_debugreg(6, 1UL << 13), "DR6 with BD");
	words[1] = ss;
	breakpoint("load of SS, then int3", load_ss_int3, false);
	kit_observe_ret(hc_set_debugreg(0, 0xffff82c000000000), "a breakpoint in the hypervisor");
	kit_observe_ret(hc_set_debugreg(0, 0x800000000000), "a breakpoint nowhere");
}

static void ports(void)
{
	struct evtchn_alloc_unbound unbound = { .dom = DOMID_SELF };
	struct evtchn_init_control control = { .control_gfn = (uint64_t)-2 };
	struct evtchn_expand_array array = { .array_gfn = kit_va_to_mfn(page_end) };
	evtchn_port_t port = 0;
	struct sched_poll poll = { .nr_ports = 1, .timeout = 1 };
	static const unsigned int some[] = { 0, 32, 127, 128, 1000, 4095, 4096, 131071, 131072, ~0U };
	unsigned long bad = 0;

	set_xen_guest_handle(poll.ports, &port);
	for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
		port = some[i];
		kit_observe_ret(hc_sched_op(SCHEDOP_poll, &poll), "poll port %u", port);
	}
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_init_control, &control), "queues in no frame");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_expand_array, &array), "more of them");
	for (bad = 0; bad < 5000 && !hc_event_channel_op(EVTCHNOP_alloc_unbound, &unbound); bad++)
		;
	kit_observe("ports there are: %s", bad > 4000 && bad < 4096 ? "nearly 4096" : "another number");
	kit_observe_ret(hc_event_channel_op(EVTCHNOP_alloc_unbound, &unbound), "another one");
	for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
		port = some[i];
		kit_observe_ret(hc_sched_op(SCHEDOP_poll, &poll), "poll port %u", port);
	}
}

static void memory(void)
{
	unsigned long in = kit_pfn_to_mfn(0), far = 0xffff82d040000000 / 8;
	struct xen_memory_exchange x = {
		.in = { .nr_extents = far + 1, .domid = DOMID_SELF },
		.out = { .nr_extents = far + 1, .domid = DOMID_SELF, .mem_flags = 32 },
		.nr_exchanged = far,
	};
	uint64_t cr3 = kit_va_to_ma(kit_root());

	set_xen_guest_handle(x.in.extent_start, (unsigned long)&in - far * 8);
	set_xen_guest_handle(x.out.extent_start, (xen_pfn_t *)NULL);
	kit_observe_ret(hc_memory_op(XENMEM_exchange, &x), "exchange that seems to have begun");
	kit_observe_ret(hc_update_va_mapping(1UL << 63, 0, UVMF_INVLPG | UVMF_ALL), "update of no address");
	kit_observe_ret(kit_mmu_update(cr3 + 200 * 8, cr3 | PTE_RO), "the root in itself");
	kit_observe_ret(kit_mmu_update(cr3 + 200 * 8, cr3 | PTE_RW), "writable");
	kit_observe_ret(kit_mmu_update(cr3 + 200 * 8, 0), "and out again");
}

static void texts(void)
{
	union {
		char extra[16];
		struct xen_compile_info info;
		char changes[64];
	} u;
	unsigned long left = 0;

	memset(&u, 0x55, sizeof(u));
	hc_xen_version(XENVER_extraversion, &u);
	for (size_t i = strlen(u.extra); i < sizeof(u.extra); i++)
		left += u.extra[i] != 0;
	memset(&u, 0x55, sizeof(u));
	hc_xen_version(XENVER_compile_info, &u);
	for (size_t i = strlen(u.info.compiler); i < sizeof(u.info.compiler); i++)
		left += u.info.compiler[i] != 0;
	for (size_t i = strlen(u.info.compile_by); i < sizeof(u.info.compile_by); i++)
		left += u.info.compile_by[i] != 0;
	for (size_t i = strlen(u.info.compile_domain); i < sizeof(u.info.compile_domain); i++)
		left += u.info.compile_domain[i] != 0;
	for (size_t i = strlen(u.info.compile_date); i < sizeof(u.info.compile_date); i++)
		left += u.info.compile_date[i] != 0;
	memset(&u, 0x55, sizeof(u));
	hc_xen_version(XENVER_changeset, &u);
	for (size_t i = strlen(u.changes); i < sizeof(u.changes); i++)
		left += u.changes[i] != 0;
	kit_check_eq((int64_t)left, 0, "texts are filled up with zeros");
}

void kit_main(void)
{
	/* The same again without privileges. */
	if ((kit_start_info->flags & SIF_INITDOMAIN) && strstr((const char *)kit_start_info->cmd_line, "other")) {
		kit_other_build();
		kit_check_eq(kit_other_unpause(), 0, "start the other domain");
		kit_other_wait();
		kit_other_destroy();
		return;
	}
	place();
	module();
	descriptors();
	bases();
	control_registers();
	emulated();
	segments();
	entries();
	multicalls();
	last_page();
	debug_registers();
	ports();
	memory();
	texts();
}
