/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transactions. Each works on its own state, which begins as a snapshot. At the end, what it saw is compared with the
 * present state; if it still holds, what it did is done there. So two transactions that touch different nodes do not
 * disturb each other, and one that only read never fails.
 */
#ifndef STORED_TRANSACTION_H
#define STORED_TRANSACTION_H

#include "conn.h"

struct transaction {
	struct transaction *next;
	uint32_t id;
	bool broken;		/* will fail: its snapshot is gone */
	ev_tstamp begun;
	long charged;		/* bytes in the domain's account */
	struct view view;
	struct buffer log;
};

/* ENOSPC: too many. */
int transaction_begin(struct conn *conn, uint32_t *id);
struct transaction *transaction_find(struct conn *conn, uint32_t id);

/* Ends it. EAGAIN: somebody changed what it saw. The records of what it did are added to @log. */
int transaction_end(struct conn *conn, struct transaction *transaction, bool commit, struct buffer *log);
void transaction_drop_all(struct conn *conn);

/* Charges its memory to the domain after each request. ENOSPC: too much. */
int transaction_charge(struct conn *conn, struct transaction *transaction);

/* Lets go of the snapshots of those that last too long. Domains cannot hold old states of the store for ever. */
void transaction_expire(ev_tstamp now);

/* After a restart: a transaction whose snapshot is gone. */
void transaction_replay(struct conn *conn, uint32_t id);
void transaction_dump(const struct conn *conn, struct buffer *log);

#endif
