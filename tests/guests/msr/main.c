/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msr: model-specific registers as a kernel sees them: which can be read, which take what was read, and which fault;
 * string port instructions, which are emulated like them.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/physdev.h>

struct access {
	uint32_t msr;
	uint64_t value;
};

static void read_msr(void *arg)
{
	struct access *a = arg;
	uint32_t lo, hi;

	asm volatile("rdmsr" : "=a" (lo), "=d" (hi) : "c" (a->msr));
	a->value = (uint64_t)hi << 32 | lo;
}

static void write_msr(void *arg)
{
	struct access *a = arg;

	asm volatile("wrmsr" : : "a" ((uint32_t)a->value), "d" ((uint32_t)(a->value >> 32)), "c" (a->msr) : "memory");
}

/* Registers whose value is the same each time are shown with it. */
static const struct {
	uint32_t msr;
	const char *name;
	bool fixed;
} msrs[] = {
	{ 0x10, "TSC", false }, { 0x1b, "APIC_BASE", true }, { 0x3a, "FEATURE_CONTROL", true }, { 0x48, "SPEC_CTRL", true },
	{ 0x8b, "UCODE_REV", false }, { 0xc1, "PMC0", true }, { 0xce, "PLATFORM_INFO", true }, { 0xfe, "MTRRCAP", true },
	{ 0x10a, "ARCH_CAPABILITIES", true }, { 0x174, "SYSENTER_CS", true }, { 0x175, "SYSENTER_ESP", true },
	{ 0x176, "SYSENTER_EIP", true }, { 0x179, "MCG_CAP", false }, { 0x17a, "MCG_STATUS", true },
	{ 0x186, "PERFEVTSEL0", true }, { 0x198, "PERF_STATUS", true }, { 0x199, "PERF_CTL", true },
	{ 0x19c, "THERM_STATUS", true }, { 0x1a0, "MISC_ENABLE", false }, { 0x1d9, "DEBUGCTL", true },
	{ 0x200, "MTRR_PHYSBASE0", false }, { 0x277, "PAT", true }, { 0x2ff, "MTRR_DEF_TYPE", false },
	{ 0x345, "PERF_CAPABILITIES", true }, { 0x400, "MC0_CTL", true }, { 0x480, "VMX_BASIC", true },
	{ 0x6e0, "TSC_DEADLINE", true }, { 0x802, "X2APIC_ID", true }, { 0x830, "X2APIC_ICR", true },
	{ 0xc0000080, "EFER", true }, { 0xc0000081, "STAR", true }, { 0xc0000082, "LSTAR", true },
	{ 0xc0000083, "CSTAR", true }, { 0xc0000084, "FMASK", true }, { 0xc0000100, "FS_BASE", true },
	{ 0xc0000101, "GS_BASE", true }, { 0xc0000102, "SHADOW_GS_BASE", true }, { 0xc0000103, "TSC_AUX", false },
	{ 0xc0010000, "K7_EVNTSEL0", true }, { 0xc0010010, "SYSCFG", false }, { 0xc0010015, "K7_HWCR", false },
	{ 0xc001001f, "NB_CFG", false }, { 0xc0010114, "VM_CR", true }, { 0xc0010117, "VM_HSAVE_PA", true },
	{ 0xc0011022, "DC_CFG", false }, { 0xc0011029, "DE_CFG", false }, { 0x40000000, "the first of hypervisors", true },
	{ 0x12345678, "none", true }, { 0xffffffff, "the last", true },
};

static void registers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(msrs); i++) {
		struct access a = { msrs[i].msr, 0 };
		struct kit_fault f;
		char text[64] = "";

		if (kit_probe(read_msr, &a, &f) && msrs[i].fixed)
			kit_snprintf(text, sizeof(text), " %lx", a.value);
		kit_observe("read %s: %s%s", msrs[i].name, kit_vector_name(f.vector), text);
		/* Interrupts, and addresses that the hypervisor would write to, are not for this. */
		if (msrs[i].msr == 0x830 || msrs[i].msr == 0x40000000)
			continue;
		kit_probe(write_msr, &a, &f);
		kit_observe("write it: %s", kit_vector_name(f.vector));
	}
}

/* A number of the hypervisor's page: it fills one that is the guest's. */
static void hypercall_page_by_msr(void)
{
	uint8_t *page = kit_page_alloc();
	struct access a = { 0x40000000, kit_va_to_ma(page) };
	struct kit_fault f;

	kit_probe(write_msr, &a, &f);
	kit_observe_fault(&f, "hypercall page by number");
	kit_check_eq(memcmp(page, hypercall_page, PAGE_SIZE), 0, "it is as the first");
	a.value = 0xfffffffUL << PAGE_SHIFT;
	kit_probe(write_msr, &a, &f);
	kit_observe_fault(&f, "in no frame");
	a.value = kit_va_to_ma(kit_root());
	kit_probe(write_msr, &a, &f);
	kit_observe_fault(&f, "in a page table");
	a.value = kit_va_to_ma(page) | 5;
	kit_probe(write_msr, &a, &f);
	kit_observe_fault(&f, "page 5");
}

/*
 * The base of the other GS is read in a shorter way where the instruction is spelt without a prefix, and not near the end of a
 * page: whatever the spelling and the place, the value is the same.
 */
#define SHADOW_GS_BASE	0xc0000102UL
#define RET		0xc3

static uint8_t code[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

struct spelling {
	const char *name;
	uint8_t bytes[3], len;
};

static const struct spelling spellings[] = {
	{ "rdmsr", { 0x0f, 0x32 }, 2 }, { "REX.W rdmsr", { 0x48, 0x0f, 0x32 }, 3 }, { "CS rdmsr", { 0x2e, 0x0f, 0x32 }, 3 },
};

struct run {
	const uint8_t *at;
	uint64_t rax, rcx, rdx, rflags;
};

static void run_code(void *arg)
{
	struct run *r = arg;

	asm volatile("stc; std; call *%[at]; pushfq; cld; popq %[flags]"
		     : "+a" (r->rax), "+c" (r->rcx), "+d" (r->rdx), [flags] "=&r" (r->rflags) : [at] "r" (r->at) : "memory", "cc");
}

static unsigned long user_reads(void *arg)
{
	read_msr(arg);
	return 0;
}

static void other_gs(void)
{
	static const uint64_t bases[] = { 0, 0x12345678, 0x7fff89abcdef, 0xffff8800deadbeef };
	static const unsigned int places[] = { 0, PAGE_SIZE - 17, PAGE_SIZE - 16, PAGE_SIZE - 15, PAGE_SIZE - 4, PAGE_SIZE - 2, PAGE_SIZE - 1 };
	struct access a = { SHADOW_GS_BASE, 0 };
	struct kit_fault f;

	for (size_t i = 0; i < ARRAY_SIZE(bases) * ARRAY_SIZE(places) * ARRAY_SIZE(spellings); i++) {
		const struct spelling *s = &spellings[i % ARRAY_SIZE(spellings)];
		unsigned int place = places[i / ARRAY_SIZE(spellings) % ARRAY_SIZE(places)];
		uint64_t base = bases[i / ARRAY_SIZE(spellings) / ARRAY_SIZE(places)];
		struct run r = { code + place, ~0UL, SHADOW_GS_BASE | 0xdeadbeefUL << 32, ~0UL, 0 };

		memcpy(code + place, s->bytes, s->len);
		code[place + s->len] = RET;
		a.value = base;
		kit_probe(write_msr, &a, &f);
		kit_probe(run_code, &r, &f);
		kit_check(f.vector < 0 && r.rax == (uint32_t)base && r.rdx == base >> 32, "%s at %#x: %lx, not %lx:%lx", s->name, place,
			  base, r.rdx, r.rax);
		kit_check(r.rcx == (SHADOW_GS_BASE | 0xdeadbeefUL << 32) && (r.rflags & 0x401) == 0x401, "the rest is left alone");
	}
	a.value = 0;
	kit_probe(write_msr, &a, &f);
	kit_check(!kit_user_probe(user_reads, &a, &f, NULL) && f.vector == KIT_VEC_GP, "user mode may not");
}

struct string {
	uint8_t *at;
	unsigned long count;
	uint16_t port;
};

static void ins_bytes(void *arg)
{
	struct string *s = arg;

	asm volatile("rep insb" : "+D" (s->at), "+c" (s->count) : "d" (s->port) : "memory");
}

static void outs_bytes(void *arg)
{
	struct string *s = arg;

	asm volatile("rep outsb" : "+S" (s->at), "+c" (s->count) : "d" (s->port) : "memory");
}

static void ins_words(void *arg)
{
	struct string *s = arg;

	asm volatile("rep insw" : "+D" (s->at), "+c" (s->count) : "d" (s->port) : "memory");
}

/* Port 80h keeps nothing; reading it gives a byte over and over. */
static void strings(void)
{
	static const struct { const char *name; void (*fn)(void *); unsigned int bytes; } kinds[] = {
		{ "ins of bytes", ins_bytes, 1 }, { "outs of bytes", outs_bytes, 1 }, { "ins of words", ins_words, 2 },
	};
	struct physdev_set_iopl iopl = { .iopl = 1 };
	uint8_t *page = kit_page_alloc();
	struct kit_fault f;

	hc_physdev_op(PHYSDEVOP_set_iopl, &iopl);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct string s = { page, 16, 0x80 };

		memset(page, 0x5a, PAGE_SIZE);
		kit_probe(kinds[i].fn, &s, &f);
		kit_observe_fault(&f, "%s", kinds[i].name);
		kit_observe("  left %lu, behind %ld bytes", s.count, (long)(s.at - page));
		kit_check_eq(page[16 * kinds[i].bytes], 0x5a, "no byte too many");
		s = (struct string){ page, 0, 0x80 };
		kit_probe(kinds[i].fn, &s, &f);
		kit_check(f.vector < 0 && s.at == page, "none with a count of 0");
		s = (struct string){ (uint8_t *)8, 4, 0x80 };
		kit_probe(kinds[i].fn, &s, &f);
		kit_observe("%s at address 8: %s cr2 %lx", kinds[i].name, kit_vector_name(f.vector), f.cr2);
		s = (struct string){ page, 4, 0x3f8 };
		kit_probe(kinds[i].fn, &s, &f);
		kit_observe_fault(&f, "%s, the console's port", kinds[i].name);
	}
	iopl.iopl = 0;
	hc_physdev_op(PHYSDEVOP_set_iopl, &iopl);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct string s = { page, 16, 0x80 };

		kit_probe(kinds[i].fn, &s, &f);
		kit_observe_fault(&f, "%s without permission", kinds[i].name);
	}
}

void kit_main(void)
{
	registers();
	other_gs();
	hypercall_page_by_msr();
	strings();
}
