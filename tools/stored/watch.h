/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches: who is told of which changes. */
#ifndef STORED_WATCH_H
#define STORED_WATCH_H

#include "conn.h"

struct watch {
	struct watch *next;		/* of the connection */
	struct watch *next_same;	/* of the same path */
	struct conn *conn;
	char *path;			/* absolute, or special ("@releaseDomain") */
	char *token;
	bool relative;			/* it was given, and is answered, relative to the connection's home */
};

/*
 * Adds a watch on an absolute or special path. Errors: EEXIST, E2BIG (too many). The first event is queued.
 */
int watch_add(struct conn *conn, const char *path, const char *token, bool relative);

/* ENOENT: there is none. */
int watch_remove(struct conn *conn, const char *path, const char *token);
void watch_remove_all(struct conn *conn);

/* Tells of the changes of a view, and forgets them. */
void watch_fire(struct view *view);
void watch_fire_special(const char *name);

/* Each watch once, as if just added: after a restart nobody knows which events were lost. */
void watch_fire_all(void);

/* Permissions of the special names. NULL: no such name. */
struct perms **watch_special_perms(const char *name);

void watch_dump(const struct conn *conn, struct buffer *log);
void watch_special_dump(struct buffer *log);

#endif
