/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What top shows of two samples. */
#ifndef CLI_VIEW_H
#define CLI_VIEW_H

#include "sample.h"
#include "table.h"

enum view { VIEW_DOMAINS, VIEW_VCPUS, VIEW_DEVICES, VIEW_COUNT };

/* A view's columns, and the one that it is sorted by unless something else is said. */
const struct column *view_columns(enum view view);
int view_first_sort(enum view view);

/* The rows. @before: an earlier sample for what is told by the second, or NULL: that is then 0. */
void view_fill(struct table *table, enum view view, const struct sample *before, const struct sample *now);

/* One line about the machine. */
void view_summary(const struct sample *before, const struct sample *now, char out[TABLE_LINE_MAX]);

#endif
