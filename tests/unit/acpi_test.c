/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI tables: a machine's firmware made up here, whole and then damaged. */
#include <stdlib.h>
#include <string.h>
#include <tenon/init.h>
#include "../../hypervisor/arch/x86/acpi/acpi.h"
#include "../lib/host_log.h"
#include "../lib/tap.h"

struct boot_info boot_info;
extern char init_data_start[], init_data_end[];

/* ---- the machine's memory: tables at addresses, all else is empty ---- */
static struct { uint64_t addr; uint8_t *data; size_t size; } area[64];
static unsigned int nr_areas;

static void place(uint64_t addr, const void *data, size_t size)
{
	area[nr_areas].addr = addr;
	area[nr_areas].data = malloc(size);
	area[nr_areas].size = size;
	memcpy(area[nr_areas++].data, data, size);
}

static void forget_all(void)
{
	while (nr_areas)
		free(area[--nr_areas].data);
}

bool acpi_addr_good(uint64_t addr, uint64_t bytes)
{
	return addr && bytes && bytes <= 1UL << 40 && addr <= (1UL << 40) - bytes;
}

/* Each mapping is a block of its own: a sanitizer sees reads outside, and those after the next call. */
const void *acpi_map(uint64_t addr, size_t len)
{
	static uint8_t *mapping;

	free(mapping);
	mapping = NULL;
	if (len > ACPI_WINDOW || !acpi_addr_good(addr, len))
		return NULL;
	mapping = malloc(len);
	memset(mapping, 0xff, len);
	for (unsigned int i = 0; i < nr_areas; i++)
		for (size_t k = 0; k < area[i].size; k++)
			if (area[i].addr + k >= addr && area[i].addr + k - addr < len)
				mapping[area[i].addr + k - addr] = area[i].data[k];
	return mapping;
}

/* ---- writing tables ---- */
struct table {
	uint8_t b[2048];
	uint32_t n;
};

static void put(struct table *t, uint64_t v, unsigned int bytes)
{
	memcpy(t->b + t->n, &v, bytes);
	t->n += bytes;
}

static struct table start(const char *signature, uint8_t revision)
{
	struct table t = { .n = 0 };

	memcpy(t.b, signature, 4);
	t.b[8] = revision;
	t.n = 36;
	return t;
}

static void seal(uint8_t *b, size_t n, size_t at)
{
	uint8_t sum = 0;

	b[at] = 0;
	for (size_t i = 0; i < n; i++)
		sum += b[i];
	b[at] = (uint8_t)-sum;
}

static void finish(struct table *t, uint64_t addr)
{
	memcpy(t->b + 4, &t->n, 4);
	seal(t->b, t->n, 9);
	place(addr, t->b, t->n);
}

#define RSDP	0xf5a10UL
#define XSDT	0x7fe0000UL
#define MADT	0x7fe1000UL
#define FADT	0x7fe2ff0UL
#define DSDT	0x7fe4000UL
#define HPET	0x7fe5000UL
#define MCFG	0x7fe6000UL
#define SRAT	0x7fe7000UL
#define SLIT	0x7fe8000UL

static void put_rsdp(uint64_t addr, uint8_t revision, uint32_t rsdt, uint64_t xsdt)
{
	uint8_t b[36] = "RSD PTR ";
	uint32_t length = 36;

	b[15] = revision;
	memcpy(b + 16, &rsdt, 4);
	memcpy(b + 20, &length, 4);
	memcpy(b + 24, &xsdt, 8);
	seal(b, 20, 8);
	seal(b, 36, 32);
	place(addr, b, 36);
}

static void put_root(const char *signature, uint64_t addr, unsigned int bytes)
{
	static const uint64_t all[] = { 0, FADT, MADT, HPET, MCFG, SRAT, SLIT, 0xffffffffff000000UL, 0x1000, MADT };
	struct table t = start(signature, 1);

	for (unsigned int i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		put(&t, all[i], bytes);
	finish(&t, addr);
}

static void put_lapic(struct table *t, uint8_t acpi_id, uint8_t apic_id, uint32_t flags)
{
	put(t, 0x0800, 2), put(t, acpi_id, 1), put(t, apic_id, 1), put(t, flags, 4);
}

static void put_madt(void)
{
	struct table t = start("APIC", 3);

	put(&t, 0xfee00000, 4), put(&t, 1, 4);
	put_lapic(&t, 0, 0, 1);
	put_lapic(&t, 1, 2, 1);
	put_lapic(&t, 2, 4, 0);
	put_lapic(&t, 3, 0xff, 1);
	put(&t, 0x1009, 2), put(&t, 0, 2), put(&t, 300, 4), put(&t, 1, 4), put(&t, 7, 4);
	put(&t, 0x1009, 2), put(&t, 0, 2), put(&t, 2, 4), put(&t, 1, 4), put(&t, 9, 4);
	put(&t, 0x0c01, 2), put(&t, 5, 2), put(&t, 0xfec00000, 4), put(&t, 0, 4);
	put(&t, 0x0c01, 2), put(&t, 6, 2), put(&t, 0xfec10000, 4), put(&t, 24, 4);
	put(&t, 0x0a02, 2), put(&t, 0, 1), put(&t, 0, 1), put(&t, 2, 4), put(&t, 0, 2);
	put(&t, 0x0a02, 2), put(&t, 0, 1), put(&t, 9, 1), put(&t, 9, 4), put(&t, 0xd, 2);
	put(&t, 0x0a02, 2), put(&t, 0, 1), put(&t, 200, 1), put(&t, 9, 4), put(&t, 0xd, 2);
	put(&t, 0x0604, 2), put(&t, 0, 4);
	put(&t, 0x0c05, 2), put(&t, 0, 2), put(&t, 0xfee01000, 8);
	put(&t, 0x0480, 2), put(&t, 0, 2);
	finish(&t, MADT);
}

static void gas(struct table *t, size_t at, uint8_t space, uint64_t address)
{
	t->b[at] = space;
	memcpy(t->b + at + 4, &address, 8);
}

static void put_fadt(uint32_t length)
{
	struct table t = start("FACP", 4);
	uint32_t v[] = { 0x7fe0400, DSDT };

	memcpy(t.b + 36, v, 8);
	t.b[46] = 9;
	memcpy(t.b + 56, &(uint32_t){ 0x600 }, 4);
	memcpy(t.b + 64, &(uint32_t){ 0x604 }, 4);
	memcpy(t.b + 68, &(uint32_t){ 0x12345 }, 4);
	memcpy(t.b + 76, &(uint32_t){ 0x608 }, 4);
	t.b[91] = 4;
	memcpy(t.b + 112, &(uint32_t){ 1 << 8 | 1 << 10 }, 4);
	gas(&t, 116, 1, 0xcf9);
	t.b[128] = 6;
	gas(&t, 172, 1, 0x704);
	gas(&t, 208, 0, 0xfed80000);
	t.n = length;
	finish(&t, FADT);
}

static void put_dsdt(const char *aml, size_t size, size_t before)
{
	static uint8_t big[600000];
	uint32_t n = (uint32_t)(36 + before + size + 10);

	memset(big, 0x5f, n);
	memcpy(big, "DSDT", 4);
	memcpy(big + 4, &n, 4);
	memcpy(big + 36 + before, aml, size);
	place(DSDT, big, n);
}
#define S5	"\x08_S5_\x12\x06\x04\x0a\x05\x0a\x07\0\0"

static void put_others(void)
{
	struct table t = start("HPET", 1);

	put(&t, 0x8086a201, 4), put(&t, 0, 4), put(&t, 0xfed00000, 8), put(&t, 0, 8);
	finish(&t, HPET);
	t = start("MCFG", 1);
	put(&t, 0, 8);
	put(&t, 0xb0000000, 8), put(&t, 0, 2), put(&t, 0, 1), put(&t, 255, 1), put(&t, 0, 4);
	put(&t, 0xa0000000, 8), put(&t, 1, 2), put(&t, 9, 1), put(&t, 8, 1), put(&t, 0, 4);
	put(&t, 0xc0000000, 8), put(&t, 2, 2), put(&t, 8, 1), put(&t, 8, 1), put(&t, 0, 4);
	put(&t, 0xbad, 4);
	finish(&t, MCFG);
}

static void put_memory(struct table *t, uint32_t domain, uint64_t base, uint64_t length, uint32_t flags)
{
	put(t, 0x2801, 2), put(t, domain, 4), put(t, 0, 2), put(t, base, 8), put(t, length, 8), put(t, 0, 4);
	put(t, flags, 4), put(t, 0, 8);
}

static void put_srat(bool overlap)
{
	struct table t = start("SRAT", 3);

	put(&t, 1, 4), put(&t, 0, 8);
	put(&t, 0x1000, 2), put(&t, 1, 1), put(&t, 0, 1), put(&t, 1, 4), put(&t, 0, 8);
	put(&t, 0x1000, 2), put(&t, 0, 1), put(&t, 2, 1), put(&t, 1, 4), put(&t, 0, 8);
	put(&t, 0x1802, 2), put(&t, 0, 2), put(&t, 0, 4), put(&t, 300, 4), put(&t, 1, 4), put(&t, 0, 8);
	put_memory(&t, 0, 0x100000000, 0x40000000, 1);
	put_memory(&t, 1, 0, 0xa0000, 1);
	put_memory(&t, 1, 0x100000, 0x3ff00000, 1);
	put_memory(&t, 0, 0x40000000, 0x40000000, 1);
	put_memory(&t, 0, 0x80000000, 0x10000000, 1);
	put_memory(&t, 7, 0, -1, 0);
	if (overlap)
		put_memory(&t, 1, 0x50000000, 0x1000, 1);
	finish(&t, SRAT);
	t = start("SLIT", 1);
	put(&t, 2, 8), put(&t, 10, 1), put(&t, 31, 1), put(&t, 32, 1), put(&t, 10, 1);
	finish(&t, SLIT);
}

static void put_all(void)
{
	forget_all();
	put_rsdp(RSDP, 2, 0, XSDT);
	put_root("XSDT", XSDT, 8);
	put_madt();
	put_fadt(244);
	put_dsdt(S5, sizeof(S5) - 1, 100);
	put_others();
	put_srat(false);
}

/* What is used once, as it was when the program started. */
__attribute__((no_sanitize("address"))) static void initial_state(bool save)
{
	static char *saved;
	volatile char *p = init_data_start;
	size_t n = (size_t)(init_data_end - init_data_start);

	if (save)
		saved = malloc(n);
	for (size_t i = 0; i < n; i++)
		if (save)
			saved[i] = p[i];
		else
			p[i] = saved[i];
}

static void run(void)
{
	initial_state(false);
	memset(&acpi_info, 0, sizeof(acpi_info));
	host_log_clear();
	acpi_tables_init();
}

static void test_whole(void)
{
	const struct acpi_info *a = &acpi_info;

	put_all();
	run();
	ok(a->present && !strstr(host_log, "SLIT"), "tables are found");
	ok(a->lapic_addr == 0xfee01000, "the local APIC's address is overridden");
	ok(a->nr_cpus == 3 && a->cpu[0].apic_id == 0 && a->cpu[1].apic_id == 2 && a->cpu[1].acpi_id == 1 &&
	   a->cpu[2].apic_id == 300 && a->cpu[2].acpi_id == 7, "usable processors, each once");
	ok(a->nr_ioapics == 2 && a->ioapic[1].id == 6 && a->ioapic[1].addr == 0xfec10000 && a->ioapic[1].gsi_base == 24,
	   "I/O APICs");
	ok(a->nr_overrides == 2 && a->override[0].gsi == 2 && a->override[1].flags == 0xd, "overrides");
	ok(a->sci_irq == 9 && a->pm1a_evt == 0x600 && a->pm1a_cnt == 0x704 && !a->pm1b_cnt && a->pm_timer == 0x608 &&
	   a->pm_timer_32, "power management registers");
	ok(a->has_reset_reg && a->reset_reg.address == 0xcf9 && a->reset_reg.space == 1 && a->reset_value == 6, "reset");
	ok(a->has_s5 && a->s5_typ_a == 5 && a->s5_typ_b == 7, "power off");
	ok(a->hpet_addr == 0xfed00000, "HPET");
	ok(a->nr_mcfg == 2 && a->mcfg[0].end_bus == 255 && a->mcfg[1].segment == 2, "PCI configuration");
	ok(a->nr_nodes == 2 && a->nr_memory == 4 && a->memory[0].node == 0 && a->memory[1].end == 0x40000000 &&
	   a->memory[2].node == 1 && a->memory[2].end == 0x90000000 && a->memory[3].node == 1, "memory nodes");
	ok(!acpi_apic_to_node(0) && acpi_apic_to_node(2) == 1 && acpi_apic_to_node(300) == 1, "processors' nodes");
	ok(a->distance[0][0] == 10 && a->distance[0][1] == 32 && a->distance[1][0] == 31, "distances");
}

static void test_places(void)
{
	put_all();
	area[0].addr = 0x9fc40;
	place(0x40e, "\xc0\x9f", 2);
	run();
	ok(acpi_info.present, "root pointer in the BIOS data area");
	put_all();
	area[0].addr = 0x200000;
	run();
	ok(!acpi_info.present && acpi_info.lapic_addr == 0xfee00000, "no root pointer");
	boot_info.rsdp = 0x200000;
	run();
	ok(acpi_info.present && acpi_info.nr_cpus == 3, "root pointer from the loader");
	boot_info.rsdp = 0;
	forget_all();
	put_rsdp(RSDP, 0, (uint32_t)XSDT, 0);
	put_root("RSDT", XSDT, 4);
	put_madt();
	put_fadt(116);
	put_dsdt(S5, sizeof(S5) - 1, 20);
	run();
	ok(acpi_info.present && acpi_info.nr_cpus == 3, "tables of the first version");
	ok(acpi_info.pm1a_cnt == 0x604 && !acpi_info.has_reset_reg && acpi_info.has_s5, "a short FADT");
}

static void test_s5(void)
{
	static const struct { const char *aml; unsigned int size; bool found; } rows[] = {
#define ROW(s, f)	{ s, sizeof(s) - 1, f }
		ROW("\x08\\_S5_\x12\x06\x04\x01\x00\0\0", true), ROW("\x08_S5_\x12\x46\x00\x02\x0b\x05\x00\x0c\x07\0\0\0", true),
		ROW("\x07_S5_\x12\x06\x04\x01\x00", false), ROW("\x08_S5_\x12\x06\x01\x01\x00", false),
		ROW("\x08_S5_\x11\x06\x04\x01\x00", false), ROW("\x08_S5_\x12\x06\x04\x0a\x08\x00", false),
		ROW("\x08_S5_\x12\x06\x04\xff\x01", false),
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_all();
		area[4].addr = 0;
		put_dsdt(rows[i].aml, rows[i].size, 40);
		run();
		ok(acpi_info.has_s5 == rows[i].found, "definition block %u", i);
	}
	for (unsigned int i = 0; i < 40; i++) {
		bool good = true;

		put_all();
		area[4].addr = 0;
		put_dsdt(S5, sizeof(S5) - 1, ACPI_WINDOW - 36 - 100 + i * 3);
		run();
		good = acpi_info.has_s5;
		if (!good || i == 39)
			ok(good, "found at the end of a window");
	}
}

static void test_damage(void)
{
	uint32_t x = 99;

	put_all();
	area[2].data[20] ^= 1;
	run();
	ok(!acpi_info.nr_cpus && strstr(host_log, "damaged"), "a wrong check sum");
	put_all();
	area[3].data[4] = 10;
	run();
	ok(!acpi_info.pm_timer && strstr(host_log, "impossible"), "a wrong length");
	put_all();
	memset(area[5].data + 44, 0xff, 8);
	memset(area[6].data + 44 + 4, 0xff, 4);
	seal(area[5].data, area[5].size, 9);
	seal(area[6].data, area[6].size, 9);
	run();
	ok(!acpi_info.hpet_addr && acpi_info.nr_mcfg == 1 && !strstr(host_log, "damaged"), "addresses that there are not");
	forget_all();
	put_rsdp(RSDP, 2, 0, XSDT);
	put_root("XSDT", XSDT, 8);
	put_srat(true);
	run();
	ok(acpi_info.nr_nodes == 1 && !acpi_info.nr_memory && strstr(host_log, "contradicts"), "nodes that overlap");

	/* Nothing but survival is wanted here. */
	for (unsigned int round = 0; round < 3000; round++) {
		put_all();
		for (unsigned int k = 0; k < 1 + round % 5; k++) {
			unsigned int i, at;

			x = x * 1664525 + 1013904223;
			i = 1 + (x >> 8) % (nr_areas - 1);
			at = (x >> 16) % (unsigned int)area[i].size;
			area[i].data[at] = (uint8_t)(x >> 4);
			if (round % 3)
				area[i].data[at] = round % 3 == 1 ? 0 : 0xff;
			/* Most damage must get past the check sum. */
			if (area[i].size < 2048)
				seal(area[i].data, area[i].size, 9);
		}
		run();
		if (acpi_info.nr_cpus > NR_CPUS || acpi_info.nr_memory > ACPI_MAX_MEMORY || acpi_info.nr_nodes > ACPI_MAX_NODES)
			break;
	}
	ok(acpi_info.nr_cpus <= NR_CPUS, "thousands of damaged machines");
}

int main(void)
{
	initial_state(true);
	test_whole();
	test_places();
	test_s5();
	test_damage();
	forget_all();
	return tap_end();
}
