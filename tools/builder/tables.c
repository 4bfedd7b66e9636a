// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A guest's first page tables. They are made here, with the guest's frame numbers in the entries, and get machine
 * frames on their way into the guest. They map themselves, read-only: a table may not be writable anywhere; so the
 * windows through which they were written are gone before the root is pinned.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#define ENTRIES		512
#define PRESENT		(1ULL << 0)
#define WRITABLE	(1ULL << 1)
#define USER		(1ULL << 2)
#define ACCESSED	(1ULL << 5)
#define DIRTY		(1ULL << 6)
#define FLAGS		0xfffULL

#define TABLE_FLAGS	(PRESENT | WRITABLE | USER | ACCESSED | DIRTY)
#define LEAF_FLAGS	(PRESENT | WRITABLE | ACCESSED)
#define READ_ONLY_FLAGS	(PRESENT | ACCESSED)

/* In the order of their frames: those in the mapping, then those of a p2m list apart. */
struct tables {
	const struct layout *layout;
	uint64_t (*table)[ENTRIES];
	uint64_t used, used_apart;
};

static uint64_t count_of(const struct layout *layout)
{
	return layout->nr_tables + layout->nr_p2m_tables;
}

static uint64_t first_pfn(const struct layout *layout)
{
	return layout_pfn(layout, layout->tables.start);
}

static bool is_table(const struct layout *layout, uint64_t pfn)
{
	return (pfn >= first_pfn(layout) && pfn - first_pfn(layout) < layout->nr_tables) ||
	       (pfn >= layout->p2m_tables_pfn && pfn - layout->p2m_tables_pfn < layout->nr_p2m_tables);
}

static uint64_t *table_of_pfn(const struct tables *tables, uint64_t pfn)
{
	const struct layout *layout = tables->layout;
	uint64_t first = first_pfn(layout);

	if (pfn >= first && pfn < first + layout->nr_tables)
		return tables->table[pfn - first];
	return tables->table[layout->nr_tables + pfn - layout->p2m_tables_pfn];
}

/* The next free one; 0 if the plan was wrong. */
static uint64_t new_table(struct tables *tables, bool apart)
{
	const struct layout *layout = tables->layout;

	if (apart)
		return tables->used_apart < layout->nr_p2m_tables ? layout->p2m_tables_pfn + tables->used_apart++ : 0;
	return tables->used < layout->nr_tables ? first_pfn(layout) + tables->used++ : 0;
}

static bool map_page(struct tables *tables, uint64_t address, uint64_t pfn, uint64_t flags, bool apart)
{
	uint64_t *table = tables->table[0];

	for (unsigned int level = 4; level > 1; level--) {
		uint64_t *entry = &table[address >> (PAGE_SHIFT + 9 * (level - 1)) & (ENTRIES - 1)];

		if (!*entry) {
			uint64_t new = new_table(tables, apart);

			if (!new)
				return false;
			*entry = new << PAGE_SHIFT | TABLE_FLAGS;
		}
		table = table_of_pfn(tables, *entry >> PAGE_SHIFT);
	}
	table[address >> PAGE_SHIFT & (ENTRIES - 1)] = pfn << PAGE_SHIFT | flags;
	return true;
}

static bool map_all(struct tables *tables)
{
	const struct layout *layout = tables->layout;
	bool good = true;

	tables->used = 1;
	for (uint64_t at = layout->v_start; at < layout->v_end && good; at += PAGE_BYTES) {
		uint64_t pfn = layout_pfn(layout, at);

		good = map_page(tables, at, pfn, is_table(layout, pfn) ? READ_ONLY_FLAGS : LEAF_FLAGS, false);
	}
	for (uint64_t page = 0; layout->p2m_apart && page < layout->p2m_pages && good; page++)
		good = map_page(tables, layout->p2m.start + page * PAGE_BYTES, layout->p2m_pfn + page, LEAF_FLAGS,
				true);
	return good && tables->used == layout->nr_tables && tables->used_apart == layout->nr_p2m_tables;
}

/* @arg: the first table. */
static int fill_tables(struct tenon_builder *builder, void *memory, uint64_t offset, size_t size, const void *arg)
{
	const uint64_t *from = (const uint64_t *)((const char *)arg + offset);
	uint64_t *to = memory;

	for (size_t i = 0; i < size / sizeof(*to); i++)
		to[i] = from[i] ? builder->p2m[from[i] >> PAGE_SHIFT] << PAGE_SHIFT | (from[i] & FLAGS) : 0;
	return 0;
}

static int pin(struct tenon_builder *builder)
{
	struct mmuext_op *op = memset(builder->tenon->structure, 0, sizeof(*op));
	long error;

	op->cmd = MMUEXT_PIN_L4_TABLE;
	op->arg1.mfn = builder->p2m[first_pfn(&builder->layout)];
	error = call(builder->tenon, __HYPERVISOR_mmuext_op, (uintptr_t)op, 1, 0, builder->domid);
	return error ? refused_call(builder, error, "pin its page tables") : 0;
}

int build_tables(struct tenon_builder *builder)
{
	const struct layout *layout = &builder->layout;
	struct tables tables = { .layout = layout, .table = calloc(count_of(layout), sizeof(*tables.table)) };
	int error = 0;

	if (!tables.table)
		return refuse(&builder->why, -ENOMEM, "no memory for its page tables");
	if (!map_all(&tables))
		error = refuse(&builder->why, -EPROTO, "its page tables were planned wrongly");
	if (!error)
		error = window_write(builder, first_pfn(layout), layout->nr_tables, fill_tables, tables.table);
	if (!error)
		error = window_write(builder, layout->p2m_tables_pfn, layout->nr_p2m_tables, fill_tables,
				     tables.table[layout->nr_tables]);
	free(tables.table);
	return error ? error : pin(builder);
}
