/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the ACPI part: finding, mapping and checking tables (ACPI 6.4, chapter 5.2). Nothing in them is trusted. */
#ifndef X86_ACPI_H
#define X86_ACPI_H

#include <asm/acpi.h>
#include <tenon/compiler.h>

/* What starts each table, 5.2.6. */
struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem_id[6], oem_table_id[8];
	uint32_t oem_revision, creator_id, creator_revision;
} __packed;

struct acpi_gas_packed {
	uint8_t space, bits, bit_offset, access;
	uint64_t address;
} __packed;

/* The most that acpi_map() maps at a time, wherever it begins. */
#define ACPI_WINDOW	(63UL << 12)

/* A range of addresses that this machine's processors have. */
bool acpi_addr_good(uint64_t addr, uint64_t bytes);
/* Memory at a machine address, to be read until the next call. NULL: too long, or no address of this machine. */
const void *acpi_map(uint64_t addr, size_t len);

/* Tables with length and check sum in order; t is mapped whole. */
void acpi_madt_read(const struct acpi_header *t);
void acpi_fadt_read(const struct acpi_header *t);
void acpi_hpet_read(const struct acpi_header *t);
void acpi_mcfg_read(const struct acpi_header *t);
void acpi_srat_read(const struct acpi_header *t);
void acpi_slit_read(const struct acpi_header *t);
/* After all tables: nodes of processors, distances; drops what contradicts itself. */
void acpi_nodes_finish(void);

/* Looks for \_S5 in a definition block at addr, of len bytes in all; true: found. */
bool acpi_s5_search(uint64_t addr, uint32_t len);

/* The entries behind the first head bytes of a MADT or an SRAT: type, length, and what fits them. */
struct acpi_entry {
	uint8_t type, length;
} __packed;
/* The next entry, or the first for NULL; NULL at the end, or where a length makes no sense. */
const struct acpi_entry *acpi_entry_next(const struct acpi_header *t, size_t head, const struct acpi_entry *e);

#endif
