/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of page types. doc/page-types.md has the same rows, with the reasons. */
#include "page_type.h"

/* Large pages are not for guests; tables cannot be global, and are cached as all memory is. */
#define TABLE_REFUSED	(_PAGE_PWT | _PAGE_PCD | _PAGE_PSE | _PAGE_GLOBAL)

/* All of a guest's pages are user pages to the processor. Of level 1 the bits differ from entry to entry: l1e_adjust(). */
#define TABLE(l) { \
	.name = "L" #l " table", .level = l, .child = PGT_TABLE((l) - 1), \
	.refused = TABLE_REFUSED, .forced = _PAGE_USER, \
	.check = tables_check, .uncheck = tables_uncheck, \
}

const struct page_type_rule page_types[8] = {
	[PGT_INDEX(PGT_none)] = { .name = "none" },
	[PGT_INDEX(PGT_l1_table)] = {
		.name = "L1 table", .level = 1, .child = PGT_writable,
		.forced = _PAGE_USER, .check = l1_check, .uncheck = l1_uncheck,
	},
	[PGT_INDEX(PGT_l2_table)] = TABLE(2),
	[PGT_INDEX(PGT_l3_table)] = TABLE(3),
	[PGT_INDEX(PGT_l4_table)] = TABLE(4),
	[PGT_INDEX(PGT_seg_desc)] = { .name = "descriptors", .check = descriptors_check },
	[6] = { .name = "unused" },
	[PGT_INDEX(PGT_writable)] = { .name = "writable" },
};
