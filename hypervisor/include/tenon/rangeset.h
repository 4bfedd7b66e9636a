/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of unsigned long kept as ordered, disjoint ranges [s, e] (inclusive). */
#ifndef TENON_RANGESET_H
#define TENON_RANGESET_H

#include <tenon/types.h>

struct rangeset;

/* NULL when out of memory. The set starts empty. name is kept, not copied. */
struct rangeset *rangeset_new(const char *name);
void rangeset_free(struct rangeset *r);
int __must_check rangeset_add(struct rangeset *r, unsigned long s, unsigned long e);
int __must_check rangeset_remove(struct rangeset *r, unsigned long s, unsigned long e);
/* Whole range inside? */
bool rangeset_contains(struct rangeset *r, unsigned long s, unsigned long e);
bool rangeset_overlaps(struct rangeset *r, unsigned long s, unsigned long e);
bool rangeset_is_empty(struct rangeset *r);
/* Calls fn for each range within [s, e], in order, until it returns non-zero, which is returned. */
int rangeset_for_each(struct rangeset *r, unsigned long s, unsigned long e,
		      int (*fn)(unsigned long s, unsigned long e, void *ctx), void *ctx);
void rangeset_dump(struct rangeset *r);

#endif
