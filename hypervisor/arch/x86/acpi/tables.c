/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the root pointer to the tables: each is checked, and given to the one who reads it. */
#include <tenon/init.h>
#include <tenon/lib.h>
#include "acpi.h"

#define ROOT_MAX	128		/* entries of the root table that are looked at */
#define TABLE_MAX	(16U << 20)	/* bytes; definition blocks alone are larger than a window */

#define BIOS_START	0xe0000UL
#define BIOS_SIZE	0x20000UL
#define EBDA_SEGMENT	0x40eUL		/* where the BIOS keeps the segment of its data area */
#define EBDA_SIZE	1024
#define LAPIC_DEFAULT	0xfee00000UL

struct acpi_info acpi_info;

/* 5.2.5.3 */
struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt, length;
	uint64_t xsdt;
	uint8_t checksum2, reserved[3];
} __packed;
#define RSDP_V1_SIZE	20

static uint64_t root[ROOT_MAX] __initdata;
static unsigned int nr_root __initdata;

/* Definition blocks are read last: which registers their values go to stands in the FADT. */
static uint64_t ssdt[ROOT_MAX] __initdata;
static unsigned int nr_ssdt __initdata;

static uint8_t __init sum_of(const void *p, size_t n)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	while (n--)
		sum += *b++;
	return sum;
}

static bool __init rsdp_good(const struct rsdp *r)
{
	if (memcmp(r->signature, "RSD PTR ", 8) || sum_of(r, RSDP_V1_SIZE))
		return false;
	return r->revision < 2 || (r->length == sizeof(*r) && !sum_of(r, sizeof(*r)));
}

/* Copies the root pointer found at a multiple of 16 bytes in the range. */
static bool __init rsdp_scan(uint64_t start, size_t bytes, struct rsdp *found)
{
	const char *p = acpi_map(start, bytes);

	for (size_t at = 0; p && at + sizeof(*found) <= bytes; at += 16)
		if (rsdp_good((const struct rsdp *)(p + at))) {
			memcpy(found, p + at, sizeof(*found));
			return true;
		}
	return false;
}

static bool __init rsdp_find(struct rsdp *r)
{
	const uint16_t *segment;

	if (boot_info.rsdp && rsdp_scan(boot_info.rsdp, sizeof(*r), r))
		return true;
	segment = acpi_map(EBDA_SEGMENT, sizeof(*segment));
	if (segment && *segment >= 0x400 && rsdp_scan((uint64_t)*segment << 4, EBDA_SIZE, r))
		return true;
	return rsdp_scan(BIOS_START, BIOS_SIZE, r);
}

/* A table's header, its length believable; false with a word to the user. */
static bool __init header_get(uint64_t addr, struct acpi_header *h)
{
	const struct acpi_header *t = addr ? acpi_map(addr, sizeof(*h)) : NULL;

	if (!t)
		return false;
	memcpy(h, t, sizeof(*h));
	if (h->length >= sizeof(*h) && h->length <= TABLE_MAX)
		return true;
	printk(LOG_WARN "ACPI: table %.4s at %#lx has an impossible length\n", h->signature, (unsigned long)addr);
	return false;
}

/* The whole table, checked. */
static const struct acpi_header *__init table_get(uint64_t addr, const struct acpi_header *h)
{
	const struct acpi_header *t = acpi_map(addr, h->length);

	/* Mapped twice, read twice: it must still be the one whose length was checked. */
	if (t && t->length == h->length && !sum_of(t, h->length))
		return t;
	printk(LOG_WARN "ACPI: table %.4s at %#lx is damaged: not used\n", h->signature, (unsigned long)addr);
	return NULL;
}

static bool __init root_read(uint64_t addr, const char *signature, size_t entry)
{
	const struct acpi_header *t;
	struct acpi_header h;

	if (!header_get(addr, &h) || memcmp(h.signature, signature, 4))
		return false;
	t = table_get(addr, &h);
	if (!t)
		return false;
	for (size_t at = sizeof(h); at + entry <= h.length; at += entry) {
		uint64_t a = 0;

		if (nr_root == ROOT_MAX) {
			printk(LOG_WARN "ACPI: more than %u tables: the rest is not looked at\n", ROOT_MAX);
			break;
		}
		memcpy(&a, (const char *)t + at, entry);
		root[nr_root++] = a;
	}
	return true;
}

static void __init table_use(uint64_t addr)
{
	static struct {
		char signature[5];
		bool seen;
		void (*read)(const struct acpi_header *t);
	} readers[] __initdata = {
		{ "APIC", false, acpi_madt_read }, { "FACP", false, acpi_fadt_read }, { "HPET", false, acpi_hpet_read },
		{ "MCFG", false, acpi_mcfg_read }, { "SRAT", false, acpi_srat_read }, { "SLIT", false, acpi_slit_read },
	};
	const struct acpi_header *t;
	struct acpi_header h;

	if (!header_get(addr, &h))
		return;
	if (!memcmp(h.signature, "SSDT", 4))
		ssdt[nr_ssdt++] = addr;
	for (unsigned int i = 0; i < ARRAY_SIZE(readers); i++) {
		if (memcmp(h.signature, readers[i].signature, 4) || readers[i].seen)
			continue;
		t = table_get(addr, &h);
		if (!t)
			return;
		readers[i].seen = true;
		readers[i].read(t);
	}
}

/* Definition blocks are looked at whatever their check sum: what is looked for is not to be mistaken. */
static bool __init block_search(uint64_t addr, const char *signature)
{
	struct acpi_header h;

	return header_get(addr, &h) && !memcmp(h.signature, signature, 4) && acpi_s5_search(addr, h.length);
}

const struct acpi_entry *__init acpi_entry_next(const struct acpi_header *t, size_t head, const struct acpi_entry *e)
{
	size_t at = e ? (size_t)((const char *)e - (const char *)t) + e->length : head;

	e = (const struct acpi_entry *)((const char *)t + at);
	if (at + sizeof(*e) > t->length || e->length < sizeof(*e) || at + e->length > t->length)
		return NULL;
	return e;
}

void __init acpi_tables_init(void)
{
	struct rsdp r;

	acpi_info.lapic_addr = LAPIC_DEFAULT;
	acpi_info.nr_nodes = 1;
	if (!rsdp_find(&r)) {
		printk(LOG_WARN "ACPI: no root pointer: one processor and the old interrupt controllers are used\n");
		return;
	}
	acpi_info.present = (r.revision >= 2 && r.xsdt && root_read(r.xsdt, "XSDT", 8)) || root_read(r.rsdt, "RSDT", 4);
	if (!acpi_info.present)
		printk(LOG_WARN "ACPI: the root table cannot be used\n");
	for (unsigned int i = 0; i < nr_root; i++)
		table_use(root[i]);
	acpi_info.has_s5 = block_search(acpi_info.dsdt, "DSDT");
	for (unsigned int i = 0; i < nr_ssdt && !acpi_info.has_s5; i++)
		acpi_info.has_s5 = block_search(ssdt[i], "SSDT");
	acpi_nodes_finish();
	printk("ACPI: %u processors, %u I/O APICs, %u memory nodes%s%s\n", acpi_info.nr_cpus, acpi_info.nr_ioapics,
	       acpi_info.nr_nodes, acpi_info.hpet_addr ? ", HPET" : "", acpi_info.has_s5 ? ", power off" : "");
}
