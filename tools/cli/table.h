/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows that can be sorted by any column, as lines of text. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct column {
	const char *title;
	int width;		/* below 0: to the left */
	int digits;		/* behind the point; below 0: text */
};

enum { TABLE_COLUMNS_MAX = 14, TABLE_TEXT_MAX = 40, TABLE_LINE_MAX = 256 };

struct cell {
	double number;
	char text[TABLE_TEXT_MAX];
};

struct table {
	const struct column *columns;	/* title NULL: the end */
	size_t column_count, row_count, room;
	struct cell (*rows)[TABLE_COLUMNS_MAX];
};

void table_init(struct table *table, const struct column *columns);
void table_clear(struct table *table);

/* A new row of empty cells; valid until the next. */
struct cell *table_add(struct table *table);
void cell_set_text(struct cell *cell, const char *text);

/* Numbers from the largest down, texts from a on; the other way round with @reverse. Equal ones stay in their order. */
void table_sort(struct table *table, size_t column, bool reverse);

/* The column of a title, whatever its case, or -1. */
int table_find_column(const struct column *columns, const char *title);

void table_head(const struct table *table, char out[TABLE_LINE_MAX]);
void table_line(const struct table *table, size_t row, char out[TABLE_LINE_MAX]);

/* Where a column stands in these lines. */
void table_column_place(const struct table *table, size_t column, int *at, int *width);

#endif
