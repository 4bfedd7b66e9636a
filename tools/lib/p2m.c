// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A 64-bit paravirtual guest says in its shared info where its list lies: under page tables of its own as one array
 * (p2m_cr3, p2m_vaddr), or in a tree of three levels (pfn_to_mfn_frame_list_list). Either way the frames of the array's pages
 * are found first, then the pages are read. Linux marks entries that are no memory of the guest in the two highest bits.
 */
#include "p2m.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES		512		/* of 8 bytes in a page */
#define NO_FRAME	(~0ULL)
#define NO_MEMORY	(3ULL << 62)
#define FRAME_BITS	0xffffffffffULL	/* 52 bits of address */
#define PRESENT		1
#define BATCH		256		/* pages mapped at a time */

struct reader {
	struct tenon *tenon;
	uint16_t domid;
	uint64_t *frames;		/* of the array's pages; NO_FRAME where there is none */
	uint64_t frame_count;
};

/* A copy of one frame; false: it is none of the domain's. */
static bool read_frame(struct reader *reader, uint64_t frame, uint64_t words[ENTRIES])
{
	void *page = tenon_map_frames(reader->tenon, reader->domid, &frame, 1, false, NULL);

	if (!page)
		return false;
	memcpy(words, page, PAGE_BYTES);
	tenon_unmap_frames(reader->tenon, page, 1);
	return true;
}

/* ---- the array under page tables ---- */

static uint64_t table_entry(const uint64_t table[ENTRIES], uint64_t address, unsigned int level)
{
	uint64_t entry = table[address >> (12 + 9 * (level - 1)) & (ENTRIES - 1)];

	return entry & PRESENT ? entry >> 12 & FRAME_BITS : NO_FRAME;
}

/* The level-1 table for an address. */
static bool read_leaf_table(struct reader *reader, uint64_t root, uint64_t address, uint64_t table[ENTRIES])
{
	uint64_t frame = root;

	for (unsigned int level = 4; level > 1; level--) {
		if (!read_frame(reader, frame, table))
			return false;
		frame = table_entry(table, address, level);
		if (frame == NO_FRAME)
			return false;
	}
	return read_frame(reader, frame, table);
}

static void find_array(struct reader *reader, uint64_t cr3, uint64_t address)
{
	uint64_t table[ENTRIES];
	bool there = false;

	for (uint64_t i = 0; i < reader->frame_count; i++) {
		uint64_t at = address + i * PAGE_BYTES;

		if (!i || !(at >> 12 & (ENTRIES - 1)))
			there = read_leaf_table(reader, cr3 >> 12 & FRAME_BITS, at, table);
		reader->frames[i] = there ? table_entry(table, at, 1) : NO_FRAME;
	}
}

/* ---- the tree ---- */

static void find_tree(struct reader *reader, uint64_t root)
{
	uint64_t top[ENTRIES], middle[ENTRIES];
	bool there = read_frame(reader, root, top);

	for (uint64_t i = 0; i < reader->frame_count; i++) {
		if (!(i % ENTRIES) && i / ENTRIES < ENTRIES)
			there = there && read_frame(reader, top[i / ENTRIES], middle);
		reader->frames[i] = there && i / ENTRIES < ENTRIES ? middle[i % ENTRIES] : NO_FRAME;
	}
}

/* ---- the entries ---- */

struct result {
	struct p2m_page *pages;
	uint64_t count, room;
};

static int take_entries(struct result *result, const uint64_t *entries, uint64_t first_pfn, uint64_t end_pfn)
{
	for (unsigned int i = 0; i < ENTRIES && first_pfn + i < end_pfn; i++) {
		if (entries[i] & NO_MEMORY)
			continue;
		if (result->count == result->room) {
			uint64_t room = result->room ? result->room * 2 : 4096;
			void *more = realloc(result->pages, room * sizeof(*result->pages));

			if (!more)
				return -ENOMEM;
			result->pages = more;
			result->room = room;
		}
		result->pages[result->count++] = (struct p2m_page){ .pfn = first_pfn + i, .mfn = entries[i] };
	}
	return 0;
}

static int read_batch(struct reader *reader, uint64_t first, uint64_t end_pfn, struct result *result)
{
	size_t count = reader->frame_count - first < BATCH ? reader->frame_count - first : BATCH;
	int errors[BATCH], error = 0;
	char *memory = tenon_map_frames(reader->tenon, reader->domid, reader->frames + first, count, false, errors);

	if (!memory)
		return -errno;
	for (size_t i = 0; i < count && !error; i++)
		if (!errors[i])
			error = take_entries(result, (const uint64_t *)(memory + i * PAGE_BYTES), (first + i) * ENTRIES, end_pfn);
	tenon_unmap_frames(reader->tenon, memory, count);
	return error;
}

static int read_entries(struct reader *reader, uint64_t end_pfn, struct p2m_page **pages, uint64_t *count)
{
	struct result result = { 0 };
	int error = 0;

	for (uint64_t i = 0; i < reader->frame_count && !error; i += BATCH)
		error = read_batch(reader, i, end_pfn, &result);
	if (error) {
		free(result.pages);
		return error;
	}
	*pages = result.pages;
	*count = result.count;
	return 0;
}

int p2m_read(struct tenon *tenon, uint16_t domid, uint64_t shared_info_frame, uint64_t limit, struct p2m_page **pages,
	     uint64_t *count)
{
	struct reader reader = { .tenon = tenon, .domid = domid };
	const struct shared_info *shared = tenon_map_frames(tenon, domid, &shared_info_frame, 1, false, NULL);
	struct arch_shared_info arch;
	int error;

	if (!shared)
		return -errno;
	arch = shared->arch;
	tenon_unmap_frames(tenon, (void *)shared, 1);
	if (!arch.max_pfn || (!arch.p2m_cr3 && (!arch.pfn_to_mfn_frame_list_list || arch.pfn_to_mfn_frame_list_list == NO_FRAME)))
		return -ENODATA;
	/* There may be holes in it. */
	if (arch.max_pfn > limit * 2 + (1 << 20))
		return -EPROTO;
	reader.frame_count = (arch.max_pfn + ENTRIES - 1) / ENTRIES;
	reader.frames = calloc(reader.frame_count, sizeof(*reader.frames));
	if (!reader.frames)
		return -ENOMEM;
	if (arch.p2m_cr3)
		find_array(&reader, arch.p2m_cr3, arch.p2m_vaddr);
	else
		find_tree(&reader, arch.pfn_to_mfn_frame_list_list);
	error = read_entries(&reader, arch.max_pfn, pages, count);
	free(reader.frames);
	return error;
}
