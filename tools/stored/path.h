/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of nodes: "/a/b". */
#ifndef STORED_PATH_H
#define STORED_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include <xen/io/xs_wire.h>

#define PATH_ROOM (XENSTORE_ABS_PATH_MAX + 1)

/* A decimal number up to @max and nothing else. */
bool parse_number(const char *text, unsigned long max, unsigned long *value);

/*
 * The absolute form of @name, which is relative to @home ("/local/domain/7") unless it begins with a slash, in @out
 * (PATH_ROOM bytes). False: not a name of a node (empty parts, characters other than letters, digits, -/_@; too long).
 */
bool path_absolute(const char *name, const char *home, char *out);

/* Is @path @top, or below it? */
bool path_within(const char *path, const char *top);

/* The next part of a path behind @*rest: its start and size. False at the end. */
bool path_next(const char **rest, const char **part, size_t *size);

/* Cuts the last part off @path. False for "/". */
bool path_parent(char *path);

#endif
