// SPDX-License-Identifier: GPL-2.0-or-later
/* The present state, its journal, and what a successor makes of them. */
#include "store.h"

#include "alloc.h"
#include "domain.h"
#include "journal.h"
#include "transaction.h"
#include "watch.h"

struct buffer store_log;
struct view store;

static size_t live_bytes;	/* of the journal when it was last written anew */

static const struct actor dom0 = { .domid = 0, .target = DOMID_NONE };

static void root_make(void)
{
	static const struct perm dom0_alone = { 0 };

	store.root = node_new("", 0, blob_new("", 0), perms_new(&dom0_alone, 1));
	tally_node(NULL, store.root, 1);
}

void store_init(void)
{
	if (!store.root)
		root_make();
	store.log = &store_log;
	if (!tree_find(store.root, "/tool/xenstored"))
		view_mkdir(&store, &dom0, "/tool/xenstored");
	view_drop_changes(&store);
	store_commit(NULL, 0, 0);
}

void store_commit(struct conn *conn, uint32_t in_size, uint32_t reply_size)
{
	struct slot_state next;

	if (conn) {
		struct record_request done = {
			.number = slot_now(conn->slot)->requests, .in_size = in_size, .reply_size = reply_size,
		};

		if (store_log.size) {
			struct record *record = record_add(&store_log, RECORD_REQUEST, conn->index, sizeof(done));

			memcpy(record->payload, &done, sizeof(done));
			journal_append(&store_log);
		}
		next = *slot_now(conn->slot);
		next.requests++;
		next.in_start += in_size;
		next.out_end += reply_size;
		slot_commit(conn->slot, &next);
	} else {
		journal_append(&store_log);
	}
	store_log.size = 0;
}

/* ---- the journal written anew ---- */

static void dump_node(void *arg, const char *path, struct node *node)
{
	struct buffer *log = arg;
	char perms[PERMS_MAX * 8];
	size_t size = perms_format(node->perms, perms, sizeof(perms));

	record_add_path(log, RECORD_WRITE, 0, path, node->value->data, node->value->size);
	record_add_path(log, RECORD_PERMS, 0, path, perms, size);
}

static void store_dump(struct buffer *log)
{
	char path[PATH_ROOM] = "/";

	tree_walk(store.root, path, dump_node, log);
	watch_special_dump(log);
	domain_dump(log);
	for_each_conn(conn) {
		conn_journal_open(conn, log);
		watch_dump(conn, log);
		transaction_dump(conn, log);
		if (conn->domain)
			domain_dump_target(conn->domain, log);
	}
}

void store_tidy(void)
{
	struct buffer log = { 0 };

	if (!journal_is_long(live_bytes))
		return;
	store_dump(&log);
	journal_rewrite(&log);
	live_bytes = log.size;
	buffer_free(&log);
}

/* ---- after a restart ---- */

static void replay_connect(const struct record *record)
{
	static const struct transport *const transports[] = {
		&transport_socket, &transport_socket_read_only, &transport_ring,
	};
	size_t name_size = strnlen(record->payload, record->size) + 1;
	struct conn *conn;
	uint16_t domid;

	if (record->domid >= SLOT_MAX || conn_by_slot(record->domid) || record->size < name_size + sizeof(domid))
		return;
	memcpy(&domid, record->payload + name_size, sizeof(domid));
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		if (strcmp(record->payload, transports[i]->name))
			continue;
		conn = conn_new(record->domid, transports[i], domid);
		conn->domain = transports[i] == &transport_ring ? domain_find(domid) : NULL;
		if (conn->domain)
			conn->domain->conn = conn;
		return;
	}
}

static void replay_watch(struct conn *conn, const struct record *record)
{
	const char *path = record->payload, *tail = path + strnlen(path, record->size) + 1;

	if (!conn || tail + 1 >= path + record->size)
		return;
	if (record->kind == RECORD_WATCH)
		watch_add(conn, path, tail + 1, tail[0]);
	else
		watch_remove(conn, path, tail + 1);
}

static void replay_transaction(struct conn *conn, const struct record *record)
{
	struct transaction *transaction;
	uint32_t id;

	if (!conn || record->size < sizeof(id))
		return;
	memcpy(&id, record->payload, sizeof(id));
	transaction = transaction_find(conn, id);
	if (record->kind == RECORD_BEGIN && !transaction)
		transaction_replay(conn, id);
	else if (record->kind == RECORD_END && transaction)
		transaction_end(conn, transaction, false, NULL);
}

static void replay_special(const struct record *record)
{
	const char *text = record->payload + strnlen(record->payload, record->size) + 1;
	struct perms **perms = watch_special_perms(record->payload), *parsed;
	int error;

	if (!perms)
		return;
	parsed = perms_parse(text, record->payload + record->size - text, &error);
	if (!parsed)
		return;
	perms_put(*perms);
	*perms = parsed;
}

static void replay_domain(const struct record *record)
{
	struct domain *domain = domain_find(record->domid);
	uint32_t number = 0;

	if (record->size >= sizeof(number))
		memcpy(&number, record->payload, sizeof(number));
	switch (record->kind) {
	case RECORD_INTRODUCE:
		domain_replay(record->domid, number);
		return;
	case RECORD_SHUTDOWN:
		if (domain)
			domain->shutdown = number;
		return;
	case RECORD_TARGET:
		if (domain && domain->conn)
			domain->conn->actor.target = number;
		return;
	case RECORD_RELEASE:
		if (domain)
			domain_forget(domain);
		return;
	}
}

static void replay(void *arg, const struct record *record)
{
	struct conn *conn = conn_by_slot(record->domid);

	switch (record->kind) {
	case RECORD_WRITE ... RECORD_LAST_OF_TREE:
		view_redo(&store, NULL, record);
		view_drop_changes(&store);
		return;
	case RECORD_REQUEST:
		if (record->domid < SLOT_MAX && record->size == sizeof(struct record_request))
			conn_replay_request(record->domid, (void *)record->payload);
		return;
	case RECORD_CONNECT:
		replay_connect(record);
		return;
	case RECORD_DISCONNECT:
		if (conn)
			conn_forget(conn);
		return;
	case RECORD_WATCH:
	case RECORD_UNWATCH:
		replay_watch(conn, record);
		return;
	case RECORD_RESET:
		if (conn)
			watch_remove_all(conn);
		if (conn)
			transaction_drop_all(conn);
		return;
	case RECORD_BEGIN:
	case RECORD_END:
		replay_transaction(conn, record);
		return;
	case RECORD_SPECIAL:
		replay_special(record);
		return;
	default:
		replay_domain(record);
	}
}

void store_resume(const int *fds)
{
	struct conn *next;

	root_make();
	journal_replay(replay, NULL);
	domain_resume_all();
	for (struct conn *conn = conns; conn; conn = next) {
		next = conn->next;
		slot_mark_taken(conn->index);
		conn_drop_events(conn);
		if (conn->domain)
			continue;
		if (fds[conn->index] >= 0)
			sock_resume(conn, fds[conn->index]);
		else
			conn_free(conn);
	}
	watch_fire_all();
}
