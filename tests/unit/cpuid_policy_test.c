/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identification of processors, and CPUID as a PV domain sees it: for QEMU's models what Debian's Xen shows, and for a
 * made-up server processor what the emulator has not got.
 */
#include <string.h>
#include <asm/cpuid.h>
#include <asm/msr.h>
#include <tenon/errno.h>
#include "../lib/tap.h"
#include "cpuid_hosts.h"

static const struct cpuid_row *host;
static unsigned int host_rows;

/* What a row does not say is 0, as on the models. */
void cpuid_count(uint32_t leaf, uint32_t sub, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*a = *b = *c = *d = 0;
	for (unsigned int i = 0; i < host_rows; i++) {
		const struct cpuid_row *r = &host[i];

		if (r->leaf != leaf || r->subleaf != sub)
			continue;
		*a = r->raw[0];
		*b = r->raw[1];
		*c = r->raw[2];
		*d = r->raw[3];
	}
}

static void raw(uint32_t leaf, uint32_t sub, struct cpuid_leaf *r)
{
	cpuid_count(leaf, sub, &r->a, &r->b, &r->c, &r->d);
}

/* The emulator has none of the registers: they read 0 and ignore writes. */
uint64_t rdmsr(uint32_t msr)
{
	return 0;
}

void wrmsr(uint32_t msr, uint64_t v)
{
}

int rdmsr_safe(uint32_t msr, uint64_t *v)
{
	*v = 0;
	return 0;
}

int wrmsr_safe(uint32_t msr, uint64_t v)
{
	return 0;
}

static void load(const struct cpuid_row *rows, unsigned int nr)
{
	host = rows;
	host_rows = nr;
	memset(&boot_cpu, 0, sizeof(boot_cpu));
	cpu_identify_boot();
	cpu_identify_this(0);
}

static uint64_t host_xcr0(void)
{
	uint32_t a, b, c, d;

	if (!cpu_has(X86_FEATURE_XSAVE))
		return 0;
	cpuid_count(0xd, 0, &a, &b, &c, &d);
	return a & 0xe7;
}

/* The state in which the test guest asked. */
static const struct cpuid_view first_domain = { .xcr0 = 3, .kernel = true, .osxsave = true, .maddr_bits = 0x1d };

static bool shown(const struct cpuid_policy *p, const struct cpuid_view *view, uint32_t leaf, uint32_t sub,
		  struct cpuid_leaf *res)
{
	cpuid_policy_leaf(p, view, raw, leaf, sub, res);
	return res->a || res->b || res->c || res->d;
}

static unsigned int differences(const struct cpuid_policy *p)
{
	struct cpuid_view view = first_domain;
	unsigned int wrong = 0;

	view.osxsave = cpu_has(X86_FEATURE_XSAVE);
	for (unsigned int i = 0; i < host_rows; i++) {
		const uint32_t *want = host[i].seen;
		struct cpuid_leaf got;

		shown(p, &view, host[i].leaf, host[i].subleaf, &got);
		if (got.a == want[0] && got.b == want[1] && got.c == want[2] && got.d == want[3])
			continue;
		wrong++;
		printf("# leaf %x/%x: %08x %08x %08x %08x, not %08x %08x %08x %08x\n", host[i].leaf, host[i].subleaf,
		       got.a, got.b, got.c, got.d, want[0], want[1], want[2], want[3]);
	}
	return wrong;
}

static void test_models(void)
{
	for (unsigned int i = 0; i < sizeof(cpuid_hosts) / sizeof(cpuid_hosts[0]); i++) {
		struct cpuid_policy p;

		load(cpuid_rows + cpuid_hosts[i].first, cpuid_hosts[i].nr);
		cpuid_policy_derive(&p, &boot_cpu, host_xcr0(), 0, true);
		ok(!differences(&p), "%s: the first domain sees what Xen shows", cpuid_hosts[i].name);
	}
}

static void test_identity(void)
{
	load(cpuid_rows + cpuid_hosts[2].first, cpuid_hosts[2].nr);
	ok(boot_cpu.vendor == VENDOR_INTEL && boot_cpu.family == 6 && boot_cpu.model == 60 && boot_cpu.stepping == 4,
	   "a Haswell is one");
	ok(boot_cpu.phys_bits == 40 && boot_cpu.virt_bits == 48, "its addresses");
	load(cpuid_rows + cpuid_hosts[5].first, cpuid_hosts[5].nr);
	ok(boot_cpu.vendor == VENDOR_AMD && boot_cpu.family == 23 && boot_cpu.model == 1 && boot_cpu.stepping == 2,
	   "an EPYC is one");
	ok(!strcmp(boot_cpu.vendor_id, "AuthenticAMD"), "the vendor's name");
}

/* AVX-512, speculation controls, invariant clock, compact saving, more address bits than a guest gets to know. */
static const struct cpuid_row server[] = {
	{ 0, 0, { 0x1b, 0x756e6547, 0x6c65746e, 0x49656e69 }, { 0 } },
	{ 1, 0, { 0x606a6, 0x07400800, 0x7ffefbbf, 0xbfebfbff }, { 0 } },
	{ 7, 0, { 2, 0xf3bfffff, 0x00405ffe, 0xfc100510 }, { 0 } },
	{ 7, 1, { 0x00001c30, 0, 0, 0 }, { 0 } },
	{ 7, 2, { 0, 0, 0, 0x37 }, { 0 } },
	{ 0xb, 0, { 1, 2, 0x100, 7 }, { 0 } },
	{ 0xd, 0, { 0x2ff, 0xa88, 0xa88, 0 }, { 0 } },
	{ 0xd, 1, { 0xf, 0xa08, 0x100, 0 }, { 0 } },
	{ 0xd, 2, { 0x100, 0x240, 0, 0 }, { 0 } },
	{ 0xd, 3, { 0x40, 0x3c0, 0, 0 }, { 0 } },
	{ 0xd, 5, { 0x40, 0x440, 0, 0 }, { 0 } },
	{ 0xd, 6, { 0x200, 0x480, 0, 0 }, { 0 } },
	{ 0xd, 7, { 0x400, 0x680, 0, 0 }, { 0 } },
	{ 0xd, 9, { 8, 0xa80, 0, 0 }, { 0 } },
	{ 0x80000000, 0, { 0x80000008, 0, 0, 0 }, { 0 } },
	{ 0x80000001, 0, { 0, 0, 0x121, 0x2c100800 }, { 0 } },
	{ 0x80000007, 0, { 0, 0, 0, 0x100 }, { 0 } },
	{ 0x80000008, 0, { 0x3934, 0, 0, 0 }, { 0 } },
};

static void test_server(void)
{
	struct cpuid_policy dom0, domu;
	struct cpuid_leaf r, u;
	struct cpuid_view view = first_domain;

	load(server, sizeof(server) / sizeof(server[0]));
	cpuid_policy_derive(&dom0, &boot_cpu, host_xcr0(), ~0UL, true);
	cpuid_policy_derive(&domu, &boot_cpu, host_xcr0(), ~0UL, false);

	ok(dom0.xcr0_mask == 0xe7, "AVX-512's state is offered, MPX's and protection keys' is not");
	shown(&dom0, &view, 0xd, 0, &r);
	ok(r.a == 0xe7 && r.b == 0x240 && r.c == 0xa80, "save area: now, and at most");
	view.xcr0 = 0xe7;
	shown(&dom0, &view, 0xd, 0, &r);
	ok(r.b == 0xa80, "save area grows with XCR0");
	shown(&dom0, &view, 0xd, 1, &r);
	ok(r.a == 7 && r.b == 0x240 + 0x100 + 0x40 + 0x200 + 0x400, "the compact one is shorter; no XSAVES");
	ok(!shown(&dom0, &view, 0xd, 3, &r) && shown(&dom0, &view, 0xd, 7, &r), "only components that are offered");

	shown(&dom0, &view, 7, 0, &r);
	ok(!(r.b & (1U << 7 | 1U << 20 | 1U << 10)) && !(r.c & (1U << 2 | 1U << 3)), "no SMEP, SMAP, INVPCID, UMIP, PKU");
	ok((r.d & 0xac000000) == 0xac000000, "IBRS, STIBP, SSBD, ARCH_CAPABILITIES for the first domain");
	shown(&domu, &view, 7, 0, &u);
	ok(!(u.d & 1U << 29), "no ARCH_CAPABILITIES for others");
	ok(dom0.arch_caps && !(dom0.arch_caps & (1UL << 3 | 1UL << 7 | 1UL << 18)), "of its bits those that describe");

	shown(&dom0, &view, 1, 0, &r);
	ok(!(r.c & (1U << 3 | 1U << 5 | 1U << 17 | 1U << 21 | 1U << 24)) && r.c >> 31,
	   "no MONITOR, VMX, PCID, x2APIC, deadline timer; a hypervisor");
	ok(!(r.b >> 24) && !shown(&dom0, &view, 0xb, 0, &u), "no APIC identifiers");
	shown(&domu, &view, 1, 0, &u);
	ok((r.d & 1U << 12) && !(u.d & 1U << 12), "MTRRs are hinted at to the first domain only");
	view.kernel = false;
	shown(&dom0, &view, 1, 0, &u);
	ok(!(u.d & 1U << 12), "... and to its kernel only");
	view.osxsave = false;
	shown(&dom0, &view, 1, 0, &u);
	ok(!(u.c & 1U << 27), "OSXSAVE is not seen where CR4 has it off");

	shown(&dom0, &view, 0x80000007, 0, &r);
	ok(r.d == 0x100 && !shown(&domu, &view, 0x80000007, 0, &u), "an invariant clock, for who does not move");
	shown(&dom0, &view, 0x80000008, 0, &r);
	ok(r.a == 0x3034, "52 bits of physical, 48 of virtual addresses");
	shown(&dom0, &view, 0, 0, &r);
	ok(shown(&dom0, &view, 0x40000005, 0, &u) && u.b == view.maddr_bits && !shown(&dom0, &view, 0x40000005, 1, &u), "the interface's last leaf has no other part");
	ok(r.a == 0xd && !shown(&dom0, &view, 0x1b, 0, &u) && !shown(&dom0, &view, 0xe, 0, &u), "no leaf above 13");
}

/* No leaf shows what the processor has not got, whatever is asked for. */
static void test_any_leaf(void)
{
	static const uint32_t bases[] = { 0, 0x40000000, 0x80000000, 0xc0000000, 0x8fff0000, 0x40010000, 0xffffff00 };
	struct cpuid_policy p;
	struct cpuid_leaf r;
	bool sane = true;

	load(server, sizeof(server) / sizeof(server[0]));
	cpuid_policy_derive(&p, &boot_cpu, host_xcr0(), 0, true);
	for (unsigned int i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		for (uint32_t leaf = 0; leaf < 256; leaf++)
			for (uint32_t sub = 0; sub < 80; sub += 1 + sub / 8)
				if (shown(&p, &first_domain, bases[i] + leaf, sub, &r))
					sane &= i < 3 && leaf <= 0x21;
	ok(sane, "leaves outside the ranges are empty");
}

int main(void)
{
	test_models();
	test_identity();
	test_server();
	test_any_leaf();
	return tap_end();
}
