/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processor this is and what it can do (SDM 2A CPUID; APM 3 appendix E). */
#include <asm/cpu.h>
#include <asm/system.h>
#include <tenon/init.h>
#include <tenon/lib.h>

struct cpu_features boot_cpu __ro_after_init;

static const struct {
	char id[13];
	enum cpu_vendor vendor;
} vendors[] = {
	{ "GenuineIntel", VENDOR_INTEL },
	{ "AuthenticAMD", VENDOR_AMD },
	{ "HygonGenuine", VENDOR_HYGON },
	{ "CentaurHauls", VENDOR_CENTAUR },
	{ "  Shanghai  ", VENDOR_SHANGHAI },
};

/* Where each feature word comes from, in the order of enum feature_word. */
static const struct {
	uint32_t leaf, subleaf;
	unsigned int reg;			/* 0..3: eax..edx */
} sources[NR_FEATURE_WORDS] = {
	[FW_1D] = { 1, 0, 3 }, [FW_1C] = { 1, 0, 2 },
	[FW_E1D] = { 0x80000001, 0, 3 }, [FW_E1C] = { 0x80000001, 0, 2 },
	[FW_7B0] = { 7, 0, 1 }, [FW_7C0] = { 7, 0, 2 }, [FW_7D0] = { 7, 0, 3 },
	[FW_7A1] = { 7, 1, 0 }, [FW_7D2] = { 7, 2, 3 },
	[FW_DA1] = { 0xd, 1, 0 },
	[FW_E7D] = { 0x80000007, 0, 3 }, [FW_E8B] = { 0x80000008, 0, 1 },
	[FW_E21A] = { 0x80000021, 0, 0 }, [FW_E21C] = { 0x80000021, 0, 2 },
};

static void read_vendor(struct cpu_features *c)
{
	uint32_t reg[4];

	cpuid(0, &reg[0], &reg[1], &reg[2], &reg[3]);
	memcpy(c->vendor_id, &reg[1], 4);
	memcpy(c->vendor_id + 4, &reg[3], 4);
	memcpy(c->vendor_id + 8, &reg[2], 4);
	for (unsigned int i = 0; i < ARRAY_SIZE(vendors); i++)
		if (!memcmp(c->vendor_id, vendors[i].id, 12))
			c->vendor = vendors[i].vendor;
}

static void read_model(struct cpu_features *c)
{
	uint32_t a, b, cx, d;

	cpuid(1, &a, &b, &cx, &d);
	c->signature = a;
	c->stepping = a & 0xf;
	c->model = a >> 4 & 0xf;
	c->family = a >> 8 & 0xf;
	if (c->family == 6 || c->family == 15)
		c->model |= a >> 12 & 0xf0;
	if (c->family == 15)
		c->family += a >> 20 & 0xff;
}

/* A leaf above the highest gives some other leaf's contents on Intel's: it is not asked for. */
static void read_words(struct cpu_features *c)
{
	for (unsigned int i = 0; i < NR_FEATURE_WORDS; i++) {
		uint32_t leaf = sources[i].leaf, reg[4] = { 0 }, a, b, cx, d;

		if (leaf > (leaf & 0x80000000 ? c->max_ext_leaf : c->max_leaf))
			continue;
		/* Leaf 7 says in eax how many parts it has. */
		cpuid(leaf, &a, &b, &cx, &d);
		if (leaf == 7 && sources[i].subleaf > a)
			continue;
		cpuid_count(leaf, sources[i].subleaf, &reg[0], &reg[1], &reg[2], &reg[3]);
		c->word[i] = reg[sources[i].reg];
	}
}

static void read_name(struct cpu_features *c)
{
	uint32_t reg[4];

	if (c->max_ext_leaf < 0x80000004)
		return;
	for (unsigned int i = 0; i < 3; i++) {
		cpuid(0x80000002 + i, &reg[0], &reg[1], &reg[2], &reg[3]);
		memcpy(c->model_name + sizeof(reg) * i, reg, sizeof(reg));
	}
}

static void identify(struct cpu_features *c)
{
	uint32_t a, b, cx, d;

	read_vendor(c);
	read_model(c);
	if (c->vendor == VENDOR_INTEL)
		cpu_setup_intel(c);
	cpuid(0, &c->max_leaf, &b, &cx, &d);
	cpuid(0x80000000, &a, &b, &cx, &d);
	c->max_ext_leaf = a >> 16 == 0x8000 ? a : 0;
	read_words(c);
	read_name(c);
	c->phys_bits = 36;
	c->virt_bits = 48;
	if (c->max_ext_leaf >= 0x80000008) {
		cpuid(0x80000008, &a, &b, &cx, &d);
		c->phys_bits = a & 0xff;
		c->virt_bits = a >> 8 & 0xff;
	}
	/* What page-table entries can hold (SDM 3A 4.5). */
	c->phys_bits = min(c->phys_bits, 52U);
}

void __init cpu_identify_boot(void)
{
	identify(&boot_cpu);
}

/* The bits of the first processor's that the hypervisor or its guests count on. */
static bool lacks(const struct cpu_features *c)
{
	bool bad = c->vendor != boot_cpu.vendor;

	for (unsigned int i = 0; i < NR_FEATURE_WORDS; i++)
		bad |= boot_cpu.word[i] & ~c->word[i] &
		       ~(i == FW_1C ? 1U << (X86_FEATURE_OSXSAVE % 32) : 0);
	return bad;
}

static void describe(const struct cpu_features *c)
{
	printk("CPU: %s, family %u model %u stepping %u, %u address bits, microcode %#x\n",
	       c->model_name[0] ? c->model_name : c->vendor_id, c->family, c->model, c->stepping,
	       c->phys_bits, c->microcode);
}

void cpu_identify_this(unsigned int cpu)
{
	struct cpu_features here = { 0 };

	identify(&here);
	if (here.vendor == VENDOR_AMD || here.vendor == VENDOR_HYGON)
		cpu_setup_amd(&here);
	here.microcode = microcode_revision(&here);
	if (!cpu) {
		boot_cpu = here;
		describe(&boot_cpu);
		return;
	}
	if (lacks(&here))
		panic("CPU%u lacks features of the first processor", cpu);
	if (here.signature != boot_cpu.signature || here.microcode != boot_cpu.microcode)
		printk(LOG_WARN "CPU%u differs from the first processor: %08x microcode %#x, not %08x %#x\n", cpu,
		       here.signature, here.microcode, boot_cpu.signature, boot_cpu.microcode);
}
