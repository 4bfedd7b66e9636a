// SPDX-License-Identifier: GPL-2.0-or-later
/* Transactions: snapshots, and what becomes of them. */
#include "transaction.h"

#include <errno.h>

#include "alloc.h"
#include "store.h"

#define SNAPSHOT_SECONDS	10	/* how long a domain may hold an old state */
#define SEEN_WEIGHT		128	/* bytes that each path seen is counted for, besides its length (estimated) */

static void transaction_snapshot(struct transaction *transaction)
{
	transaction->view = (struct view){
		.root = node_ref(store.root), .base = node_ref(store.root), .log = &transaction->log,
	};
	transaction->begun = ev_time();
}

static struct transaction *transaction_new(struct conn *conn, uint32_t id)
{
	struct transaction *transaction = xzalloc(sizeof(*transaction));

	transaction->id = id;
	transaction_snapshot(transaction);
	transaction->next = conn->transactions;
	conn->transactions = transaction;
	conn->transaction_count++;
	return transaction;
}

int transaction_begin(struct conn *conn, uint32_t *id)
{
	if (!actor_privileged(&conn->actor) && conn->transaction_count >= quotas[QUOTA_TRANSACTIONS].limit)
		return ENOSPC;
	do {
		*id = ++conn->last_transaction;
	} while (!*id || transaction_find(conn, *id));
	transaction_new(conn, *id);
	return 0;
}

struct transaction *transaction_find(struct conn *conn, uint32_t id)
{
	struct transaction *transaction = conn->transactions;

	while (transaction && transaction->id != id)
		transaction = transaction->next;
	return transaction;
}

static void transaction_free(struct conn *conn, struct transaction *transaction)
{
	struct transaction **link = &conn->transactions;

	while (*link != transaction)
		link = &(*link)->next;
	*link = transaction->next;
	conn->transaction_count--;
	tally_add(NULL, conn->actor.domid, 0, -transaction->charged);
	view_free(&transaction->view);
	buffer_free(&transaction->log);
	free(transaction);
}

void transaction_drop_all(struct conn *conn)
{
	while (conn->transactions)
		transaction_free(conn, conn->transactions);
}

/* Nothing happened since the snapshot: the transaction's state is the next one. */
static void commit_whole(struct view *view)
{
	node_put(store.root);
	store.root = view->root;
	view->root = NULL;
	tally_apply(&view->tally);
	store.changes = view->changes;
	store.change_count = view->change_count;
	view->changes = NULL;
	view->change_count = 0;
}

/* Does everything again on the present state, which is left alone until all of it has succeeded. */
static int commit_again(struct conn *conn, const struct buffer *log)
{
	struct view work = { .root = node_ref(store.root), .base = node_ref(store.root) };
	int error = 0;

	for (size_t at = 0; at < log->size && !error;) {
		const struct record *record = (void *)(log->data + at);

		error = view_redo(&work, &conn->actor, record);
		at += record_size(record);
	}
	if (!error)
		commit_whole(&work);
	view_free(&work);
	return error == ENOSPC ? ENOSPC : error ? EAGAIN : 0;
}

static int transaction_commit(struct conn *conn, struct transaction *transaction)
{
	if (transaction->broken)
		return EAGAIN;
	if (!transaction->log.size)
		return 0;
	if (transaction->view.base == store.root) {
		commit_whole(&transaction->view);
		return 0;
	}
	if (!view_still_true(&transaction->view, store.root))
		return EAGAIN;
	return commit_again(conn, &transaction->log);
}

int transaction_end(struct conn *conn, struct transaction *transaction, bool commit, struct buffer *log)
{
	int error = commit ? transaction_commit(conn, transaction) : 0;

	if (commit && !error)
		buffer_add(log, transaction->log.data, transaction->log.size);
	transaction_free(conn, transaction);
	return error;
}

int transaction_charge(struct conn *conn, struct transaction *transaction)
{
	long bytes = sizeof(*transaction) + transaction->log.size + transaction->view.seen.count * SEEN_WEIGHT +
		     transaction->view.change_count * SEEN_WEIGHT;

	tally_add(NULL, conn->actor.domid, 0, bytes - transaction->charged);
	transaction->charged = bytes;
	if (actor_privileged(&conn->actor))
		return 0;
	return account_of(conn->actor.domid)->bytes > quotas[QUOTA_MEMORY].limit ? ENOSPC : 0;
}

static void transaction_break(struct transaction *transaction)
{
	view_free(&transaction->view);
	transaction->log.size = 0;
	transaction_snapshot(transaction);
	transaction->broken = true;
}

void transaction_expire(ev_tstamp now)
{
	for_each_conn(conn) {
		if (actor_privileged(&conn->actor))
			continue;
		for (struct transaction *transaction = conn->transactions; transaction; transaction = transaction->next)
			if (now - transaction->begun > SNAPSHOT_SECONDS)
				transaction_break(transaction);
	}
}

void transaction_replay(struct conn *conn, uint32_t id)
{
	transaction_new(conn, id)->broken = true;
	if (id > conn->last_transaction)
		conn->last_transaction = id;
}

void transaction_dump(const struct conn *conn, struct buffer *log)
{
	for (const struct transaction *transaction = conn->transactions; transaction; transaction = transaction->next) {
		struct record *record = record_add(log, RECORD_BEGIN, conn->index, sizeof(transaction->id));

		memcpy(record->payload, &transaction->id, sizeof(transaction->id));
	}
}
