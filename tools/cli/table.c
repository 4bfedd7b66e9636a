// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables of numbers and texts. */
#include "table.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"

void table_init(struct table *table, const struct column *columns)
{
	*table = (struct table){ .columns = columns };
	while (columns[table->column_count].title)
		table->column_count++;
}

void table_clear(struct table *table)
{
	free(table->rows);
	*table = (struct table){ 0 };
}

struct cell *table_add(struct table *table)
{
	if (table->row_count == table->room) {
		table->room = table->room ? table->room * 2 : 64;
		table->rows = realloc(table->rows, table->room * sizeof(table->rows[0]));
		if (!table->rows)
			fail("out of memory");
	}
	memset(table->rows[table->row_count], 0, sizeof(table->rows[0]));
	return table->rows[table->row_count++];
}

/* Nothing that a terminal would obey. */
void cell_set_text(struct cell *cell, const char *text)
{
	snprintf(cell->text, sizeof(cell->text), "%s", text);
	for (char *at = cell->text; *at; at++)
		if (iscntrl((unsigned char)*at))
			*at = '?';
}

struct order {
	size_t column;
	bool text, reverse;
};

static int compare(const void *left, const void *right, void *arg)
{
	const struct order *order = arg;
	const struct cell *a = (const struct cell *)left + order->column, *b = (const struct cell *)right + order->column;
	int result = order->text ? strcmp(a->text, b->text) : (a->number < b->number) - (a->number > b->number);

	return order->reverse ? -result : result;
}

/* By insertion: there are few rows, and equal ones are to stay in their order. */
void table_sort(struct table *table, size_t column, bool reverse)
{
	struct order order = { .column = column, .text = table->columns[column].digits < 0, .reverse = reverse };
	struct cell row[TABLE_COLUMNS_MAX];

	for (size_t i = 1; i < table->row_count; i++) {
		size_t at = i;

		if (compare(table->rows[i - 1], table->rows[i], &order) <= 0)
			continue;
		memcpy(row, table->rows[i], sizeof(row));
		for (; at && compare(table->rows[at - 1], row, &order) > 0; at--)
			memcpy(table->rows[at], table->rows[at - 1], sizeof(row));
		memcpy(table->rows[at], row, sizeof(row));
	}
}

int table_find_column(const struct column *columns, const char *title)
{
	for (int i = 0; columns[i].title; i++)
		if (!strcasecmp(columns[i].title, title))
			return i;
	return -1;
}

static size_t put(char *out, size_t used, size_t column, int width, const char *text)
{
	int size = snprintf(out + used, TABLE_LINE_MAX - used, "%s%*s", column ? " " : "", width, text);

	return used + size < TABLE_LINE_MAX ? used + size : TABLE_LINE_MAX - 1;
}

void table_head(const struct table *table, char out[TABLE_LINE_MAX])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < table->column_count; i++)
		used = put(out, used, i, table->columns[i].width, table->columns[i].title);
}

void table_line(const struct table *table, size_t row, char out[TABLE_LINE_MAX])
{
	const struct cell *cells = table->rows[row];
	size_t used = 0;
	char number[40];

	out[0] = '\0';
	for (size_t i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];

		snprintf(number, sizeof(number), "%.*f", column->digits < 0 ? 0 : column->digits, cells[i].number);
		used = put(out, used, i, column->width, column->digits < 0 ? cells[i].text : number);
	}
}

void table_column_place(const struct table *table, size_t column, int *at, int *width)
{
	*at = 0;
	for (size_t i = 0; i < column; i++)
		*at += abs(table->columns[i].width) + 1;
	*width = abs(table->columns[column].width);
}
