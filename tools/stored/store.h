/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The present state of the store, and the way it is kept for a successor. */
#ifndef STORED_STORE_H
#define STORED_STORE_H

#include "conn.h"

extern struct view store;

/* An empty store: the root, and what every domain expects to find. */
void store_init(void);

/*
 * Takes up what an earlier process left: the journal is replayed, slots are completed. @fds: descriptors by slot that the
 * service manager kept (-1: none). Connections without one are ended.
 */
void store_resume(const int *fds);

/* Records of one request, or of something that happened. @conn may be NULL. */
extern struct buffer store_log;

/* Puts store_log into the journal. With a request: @reply_size bytes of reply stand in the slot. */
void store_commit(struct conn *conn, uint32_t in_size, uint32_t reply_size);

/* Writes the journal anew if it has become long. Between requests. */
void store_tidy(void);

#endif
