// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests: their table, what they ask for, and the reply. */
#include "request.h"

#include <errno.h>
#include <stdio.h>

#include "alloc.h"
#include "contention.h"
#include "domain.h"
#include "store.h"
#include "transaction.h"
#include "watch.h"

static int reply_text(struct request *request, const char *text)
{
	return reply_add(request, text, strlen(text) + 1);
}

int reply_add(struct request *request, const void *data, size_t size)
{
	if (size > XENSTORE_PAYLOAD_MAX - request->reply_size)
		return E2BIG;
	memcpy(request->reply + request->reply_size, data, size);
	request->reply_size += size;
	return 0;
}

static int reply_ok(struct request *request)
{
	return reply_text(request, "OK");
}

const char *request_string(const struct request *request, unsigned int number)
{
	const char *at = request->payload, *end = at + request->size;

	for (;; number--) {
		const char *zero = at < end ? memchr(at, 0, end - at) : NULL;

		if (!zero)
			return NULL;
		if (!number)
			return at;
		at = zero + 1;
	}
}

/* The first string as the path of a node. */
static int request_path(struct request *request)
{
	const char *name = request_string(request, 0);

	return name && path_absolute(name, request->conn->home, request->path) ? 0 : EINVAL;
}

/* What follows the first string. */
static const char *request_rest(const struct request *request, size_t *size)
{
	const char *rest = request->payload + strlen(request->payload) + 1;

	*size = request->payload + request->size - rest;
	return rest;
}

int request_domid(const struct request *request, unsigned int number, uint16_t *domid)
{
	const char *text = request_string(request, number);
	unsigned long value;

	if (!text || !parse_number(text, DOMID_LIMIT - 1, &value))
		return EINVAL;
	*domid = value;
	return 0;
}

/* ---- nodes ---- */

static int do_directory(struct request *request)
{
	struct node *node;
	int error = view_get(request->view, &request->conn->actor, request->path, SAW_CHILDREN, &node);

	if (error)
		return error;
	if (node_list_size(node) > XENSTORE_PAYLOAD_MAX)
		return E2BIG;
	request->reply_size = node_list(node, 0, request->reply, XENSTORE_PAYLOAD_MAX);
	return 0;
}

/* A part of a long list: a number that changes with it, then names; an empty one at the end. */
static int do_directory_part(struct request *request)
{
	const char *text = request_string(request, 1);
	unsigned long offset;
	struct node *node;
	size_t size, room;
	char gen[24];
	int error = view_get(request->view, &request->conn->actor, request->path, SAW_CHILDREN, &node);

	if (error)
		return error;
	if (!text || !parse_number(text, UINT32_MAX, &offset))
		return EINVAL;
	sprintf(gen, "%llu", (unsigned long long)node->children_gen);
	reply_text(request, gen);
	room = XENSTORE_PAYLOAD_MAX - request->reply_size - 1;
	size = node_list(node, offset, request->reply + request->reply_size, room);
	request->reply_size += size;
	return offset + size >= node_list_size(node) ? reply_add(request, "", 1) : 0;
}

static int do_read(struct request *request)
{
	struct node *node;
	int error = view_get(request->view, &request->conn->actor, request->path, SAW_VALUE, &node);

	return error ? error : reply_add(request, node->value->data, node->value->size);
}

static int do_get_perms(struct request *request)
{
	const char *name = request_string(request, 0);
	struct perms **special = name ? watch_special_perms(name) : NULL;
	struct node *node;
	int error;

	if (special) {
		request->reply_size = perms_format(*special, request->reply, XENSTORE_PAYLOAD_MAX);
		return actor_privileged(&request->conn->actor) ? 0 : EACCES;
	}
	error = request_path(request);
	if (!error)
		error = view_get(request->view, &request->conn->actor, request->path, SAW_PERMS, &node);
	if (error)
		return error;
	request->reply_size = perms_format(node->perms, request->reply, XENSTORE_PAYLOAD_MAX);
	return request->reply_size ? 0 : E2BIG;
}

static int do_write(struct request *request)
{
	size_t size;
	const char *data = request_rest(request, &size);

	return view_write(request->view, &request->conn->actor, request->path, data, size) ?: reply_ok(request);
}

static int do_mkdir(struct request *request)
{
	return view_mkdir(request->view, &request->conn->actor, request->path) ?: reply_ok(request);
}

static int do_rm(struct request *request)
{
	return view_rm(request->view, &request->conn->actor, request->path) ?: reply_ok(request);
}

static int set_special_perms(struct request *request, struct perms **special, const char *text, size_t size)
{
	struct perms *perms;
	int error;

	if (!actor_privileged(&request->conn->actor))
		return EACCES;
	perms = perms_parse(text, size, &error);
	if (!perms)
		return error;
	perms_put(*special);
	*special = perms;
	record_add_path(&store_log, RECORD_SPECIAL, 0, request->payload, text, size);
	return reply_ok(request);
}

/*
 * Leaves out the entries of domains that do not exist: whoever gets their numbers later must not have the rights. An owner
 * must exist.
 */
static int nameable_perms(const char *text, size_t *size, char kept[PERMS_MAX * 8])
{
	int error;
	struct perms *perms = perms_parse(text, *size, &error);
	size_t count = 1;

	if (!perms)
		return error;
	error = domain_nameable(perms->entry[0].domid) ? 0 : ENOENT;
	for (size_t i = 1; i < perms->count; i++)
		if (domain_nameable(perms->entry[i].domid))
			perms->entry[count++] = perms->entry[i];
	perms->count = count;
	*size = perms_format(perms, kept, PERMS_MAX * 8);
	perms_put(perms);
	return error;
}

static int do_set_perms(struct request *request)
{
	char kept[PERMS_MAX * 8];
	struct perms **special;
	size_t size;
	const char *text;
	int error;

	if (!request_string(request, 1))
		return EINVAL;
	text = request_rest(request, &size);
	error = nameable_perms(text, &size, kept);
	if (error)
		return error;
	text = kept;
	special = watch_special_perms(request->payload);
	if (special)
		return set_special_perms(request, special, text, size);
	return request_path(request) ?:
	       view_set_perms(request->view, &request->conn->actor, request->path, text, size) ?: reply_ok(request);
}

/* ---- watches ---- */

static int watch_arguments(struct request *request, const char **token, bool *relative)
{
	const char *path = request_string(request, 0);

	*token = request_string(request, 1);
	if (!path || !*token)
		return EINVAL;
	*relative = path[0] != '/' && path[0] != '@';
	if (path[0] != '@')
		return request_path(request);
	if (strlen(path) > XENSTORE_REL_PATH_MAX)
		return EINVAL;
	strcpy(request->path, path);
	return 0;
}

static int do_watch(struct request *request)
{
	struct conn *conn = request->conn;
	char tail[XENSTORE_PAYLOAD_MAX + 2];
	const char *token;
	bool relative;
	int error = watch_arguments(request, &token, &relative) ?: watch_add(conn, request->path, token, relative);

	if (error)
		return error;
	tail[0] = relative;
	strcpy(tail + 1, token);
	record_add_path(&store_log, RECORD_WATCH, conn->index, request->path, tail, strlen(token) + 2);
	return reply_ok(request);
}

static int do_unwatch(struct request *request)
{
	struct conn *conn = request->conn;
	char tail[XENSTORE_PAYLOAD_MAX + 2] = { 0 };
	const char *token;
	bool relative;
	int error = watch_arguments(request, &token, &relative) ?: watch_remove(conn, request->path, token);

	if (error)
		return error;
	strcpy(tail + 1, token);
	record_add_path(&store_log, RECORD_UNWATCH, conn->index, request->path, tail, strlen(token) + 2);
	return reply_ok(request);
}

static int do_reset_watches(struct request *request)
{
	watch_remove_all(request->conn);
	transaction_drop_all(request->conn);
	conn_drop_events(request->conn);
	record_add(&store_log, RECORD_RESET, request->conn->index, 0);
	return reply_ok(request);
}

/* ---- transactions ---- */

static void note_transaction(const struct conn *conn, enum record_kind kind, uint32_t id)
{
	struct record *record = record_add(&store_log, kind, conn->index, sizeof(id));

	memcpy(record->payload, &id, sizeof(id));
}

static int do_transaction_start(struct request *request)
{
	char text[16];
	uint32_t id;
	int error;

	if (request->transaction)
		return EBUSY;
	error = transaction_begin(request->conn, &id);
	if (error)
		return error;
	note_transaction(request->conn, RECORD_BEGIN, id);
	sprintf(text, "%u", id);
	return reply_text(request, text);
}

static int do_transaction_end(struct request *request)
{
	const char *how = request_string(request, 0);
	uint32_t id;
	int error;

	if (!how || (strcmp(how, "T") && strcmp(how, "F")))
		return EINVAL;
	if (!request->transaction)
		return ENOENT;
	id = request->transaction->id;
	error = transaction_end(request->conn, request->transaction, how[0] == 'T', &store_log);
	contention_ended(request->conn, error == EAGAIN);
	request->transaction = NULL;
	note_transaction(request->conn, RECORD_END, id);
	return error ? error : reply_ok(request);
}

/* ---- domains ---- */

static int do_introduce(struct request *request)
{
	const char *port_text = request_string(request, 2);
	unsigned long port;
	uint16_t domid;
	int error = request_domid(request, 0, &domid);

	if (error || !domid || !port_text || !parse_number(port_text, UINT32_MAX, &port) || !port)
		return EINVAL;
	error = domain_introduce(domid, port);
	if (error)
		return error;
	request->special = "@introduceDomain";
	return reply_ok(request);
}

static int known_domain(struct request *request, struct domain **domain)
{
	uint16_t domid;
	int error = request_domid(request, 0, &domid);

	if (error || !domid)
		return EINVAL;
	*domain = domain_find(domid);
	return domain_introduced(domid) ? 0 : ENOENT;
}

static int do_release(struct request *request)
{
	struct domain *domain;
	int error = known_domain(request, &domain);

	if (error)
		return error;
	domain_release(domain);
	request->special = "@releaseDomain";
	return reply_ok(request);
}

static int do_resume(struct request *request)
{
	struct domain *domain;
	int error = known_domain(request, &domain);

	if (error)
		return error;
	domain_set_shutdown(domain, false);
	return reply_ok(request);
}

static int do_set_target(struct request *request)
{
	struct domain *domain;
	uint16_t target;
	int error = known_domain(request, &domain) ?: request_domid(request, 1, &target);

	if (error)
		return error;
	if (!domain_find(target) || !domain->conn)
		return ENOENT;
	domain_set_target(domain, target);
	return reply_ok(request);
}

static int do_get_domain_path(struct request *request)
{
	const char *number = request_string(request, 0);
	unsigned long domid;
	char text[32];

	if (!number || !parse_number(number, 0xffff, &domid))
		return EINVAL;
	sprintf(text, "/local/domain/%lu", domid);
	return reply_text(request, text);
}

static int do_is_introduced(struct request *request)
{
	const char *number = request_string(request, 0);
	unsigned long domid;

	if (!number || !parse_number(number, 0xffff, &domid))
		return EINVAL;
	return reply_text(request, domid == DOMID_LIMIT || domain_introduced(domid) ? "T" : "F");
}

/* ---- the table ---- */

enum { NEEDS_DOM0 = 1, CHANGES = 2, HAS_PATH = 4, OUTSIDE = 8 /* has nothing to do with transactions */ };

static const struct {
	int (*run)(struct request *request);
	unsigned int flags;
} handlers[XS_TYPE_COUNT] = {
	[XS_CONTROL] = { do_control, NEEDS_DOM0 },
	[XS_DIRECTORY] = { do_directory, HAS_PATH },
	[XS_READ] = { do_read, HAS_PATH },
	[XS_GET_PERMS] = { do_get_perms, 0 },
	[XS_WATCH] = { do_watch, OUTSIDE },
	[XS_UNWATCH] = { do_unwatch, OUTSIDE },
	[XS_TRANSACTION_START] = { do_transaction_start, 0 },
	[XS_TRANSACTION_END] = { do_transaction_end, 0 },
	[XS_INTRODUCE] = { do_introduce, NEEDS_DOM0 | CHANGES },
	[XS_RELEASE] = { do_release, NEEDS_DOM0 | CHANGES },
	[XS_GET_DOMAIN_PATH] = { do_get_domain_path, 0 },
	[XS_WRITE] = { do_write, HAS_PATH | CHANGES },
	[XS_MKDIR] = { do_mkdir, HAS_PATH | CHANGES },
	[XS_RM] = { do_rm, HAS_PATH | CHANGES },
	[XS_SET_PERMS] = { do_set_perms, CHANGES },
	[XS_IS_DOMAIN_INTRODUCED] = { do_is_introduced, 0 },
	[XS_RESUME] = { do_resume, NEEDS_DOM0 | CHANGES },
	[XS_SET_TARGET] = { do_set_target, NEEDS_DOM0 | CHANGES },
	[XS_RESET_WATCHES] = { do_reset_watches, OUTSIDE },
	[XS_DIRECTORY_PART] = { do_directory_part, HAS_PATH },
};

#define ERROR_NAME(name) { name, #name }
static const struct {
	int number;
	const char *name;
} error_names[] = {
	ERROR_NAME(EINVAL), ERROR_NAME(EACCES), ERROR_NAME(EEXIST), ERROR_NAME(EISDIR), ERROR_NAME(ENOENT),
	ERROR_NAME(ENOMEM), ERROR_NAME(ENOSPC), ERROR_NAME(EIO), ERROR_NAME(ENOTEMPTY), ERROR_NAME(ENOSYS),
	ERROR_NAME(EROFS), ERROR_NAME(EBUSY), ERROR_NAME(EAGAIN), ERROR_NAME(EISCONN), ERROR_NAME(E2BIG),
	ERROR_NAME(EPERM),
};

static const char *error_name(int error)
{
	for (size_t i = 0; i < sizeof(error_names) / sizeof(error_names[0]); i++)
		if (error_names[i].number == error)
			return error_names[i].name;
	return "EINVAL";
}

static int request_dispatch(struct request *request, const struct xsd_sockmsg *head)
{
	struct conn *conn = request->conn;
	unsigned int flags;
	int error = 0;

	if (head->type >= XS_TYPE_COUNT || !handlers[head->type].run)
		return ENOSYS;
	flags = handlers[head->type].flags;
	/* Not for what is outside: it may end the transaction. */
	request->transaction = head->tx_id && !(flags & OUTSIDE) ? transaction_find(conn, head->tx_id) : NULL;
	if (head->tx_id && !request->transaction && !(flags & OUTSIDE))
		return ENOENT;
	if (request->transaction)
		request->view = &request->transaction->view;
	if ((flags & CHANGES) && conn->actor.read_only)
		return EROFS;
	if ((flags & NEEDS_DOM0) && (!actor_privileged(&conn->actor) || conn->actor.read_only))
		return EACCES;
	if (flags & HAS_PATH)
		error = request_path(request);
	if (!error)
		error = handlers[head->type].run(request);
	if (!error && request->transaction)
		error = transaction_charge(conn, request->transaction);
	return error;
}

void request_run(struct conn *conn, const struct xsd_sockmsg *head, const char *payload)
{
	struct slot *slot = conn->slot;
	char *out = slot->out + slot_now(slot)->out_end;
	struct request request = {
		.conn = conn, .view = &store, .payload = payload, .size = head->len, .reply = out + sizeof(*head),
	};
	struct xsd_sockmsg reply = { .type = head->type, .req_id = head->req_id, .tx_id = head->tx_id };
	int error = request_dispatch(&request, head);

	if (error) {
		request.reply_size = 0;
		reply.type = XS_ERROR;
		reply_text(&request, error_name(error));
	}
	reply.len = request.reply_size;
	memcpy(out, &reply, sizeof(reply));
	store_commit(conn, sizeof(*head) + head->len, sizeof(reply) + reply.len);
	if (store.change_count)
		watch_fire(&store);
	if (request.special)
		watch_fire_special(request.special);
	store_tidy();
}
