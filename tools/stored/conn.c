// SPDX-License-Identifier: GPL-2.0-or-later
/* Connections: their turns, and the events that wait. */
#include "conn.h"

#include <stdio.h>

#include "alloc.h"
#include "contention.h"
#include "journal.h"
#include "pace.h"
#include "priority.h"
#include "transaction.h"
#include "watch.h"

#define REQUESTS_PER_TURN 16

struct event {
	struct event *next;
	size_t size;
	char payload[];		/* path, token */
};

struct conn *conns;
unsigned int conn_count;

static struct conn *conn_of_slot[SLOT_MAX];
static struct conn *ready_first, **ready_end = &ready_first;
static ev_prepare prepare;	/* the turns, before the loop looks for events */
static ev_idle idle;		/* active while somebody is ready, so that the loop does not sleep */

struct conn *conn_by_slot(unsigned int slot)
{
	return slot < SLOT_MAX ? conn_of_slot[slot] : NULL;
}

struct conn *conn_new(unsigned int slot, const struct transport *transport, uint16_t domid)
{
	struct conn *conn = xzalloc(sizeof(*conn));

	conn->slot = slot_at(slot);
	conn->index = slot;
	conn->transport = transport;
	conn->actor = (struct actor){ .domid = domid, .target = DOMID_NONE };
	conn->fd = -1;
	snprintf(conn->home, sizeof(conn->home), "/local/domain/%u", domid);
	conn->events_end = &conn->events;
	pace_new(conn);
	conn->next = conns;
	conn->link = &conns;
	if (conns)
		conns->link = &conn->next;
	conns = conn;
	conn_of_slot[slot] = conn;
	conn_count++;
	return conn;
}

static void ready_remove(struct conn *conn)
{
	struct conn **link = &ready_first;

	if (!conn->ready)
		return;
	while (*link != conn)
		link = &(*link)->next_ready;
	*link = conn->next_ready;
	if (!*link)
		ready_end = link;
	conn->ready = false;
}

void conn_forget(struct conn *conn)
{
	ready_remove(conn);
	watch_remove_all(conn);
	transaction_drop_all(conn);
	contention_forget(conn);
	conn_drop_events(conn);
	conn->transport->close(conn);
	*conn->link = conn->next;
	if (conn->next)
		conn->next->link = conn->link;
	conn_of_slot[conn->index] = NULL;
	conn_count--;
	free(conn);
}

void conn_free(struct conn *conn)
{
	struct buffer log = { 0 };
	unsigned int index = conn->index;

	record_add(&log, RECORD_DISCONNECT, index, 0);
	journal_append(&log);
	buffer_free(&log);
	conn_forget(conn);
	slot_release(index);
}

void conn_break(struct conn *conn, const char *why)
{
	if (!conn->broken)
		log_debug("%s %u: closed: %s", conn->transport->name, conn->index, why);
	conn->broken = true;
	conn_kick(conn);
}

void conn_kick(struct conn *conn)
{
	if (conn->ready)
		return;
	conn->ready = true;
	conn->next_ready = NULL;
	*ready_end = conn;
	ready_end = &conn->next_ready;
}

/* ---- events ---- */

void conn_event(struct conn *conn, const char *path, const char *token, const char *fallback)
{
	size_t path_size = strlen(path) + 1, token_size = strlen(token) + 1, size = path_size + token_size;
	struct event *event;
	void **entry;

	if (conn->event_set.count >= (size_t)quotas[QUOTA_EVENTS].limit && strcmp(path, fallback)) {
		conn_event(conn, fallback, token, fallback);
		return;
	}
	if (size > XENSTORE_PAYLOAD_MAX)
		return;
	event = xmalloc(sizeof(*event) + size);
	event->next = NULL;
	event->size = size;
	memcpy(event->payload, path, path_size);
	memcpy(event->payload + path_size, token, token_size);
	entry = map_get(&conn->event_set, event->payload, size);
	if (*entry) {
		free(event);
		return;
	}
	*entry = event;
	*conn->events_end = event;
	conn->events_end = &event->next;
	conn_kick(conn);
}

static struct event *event_take(struct conn *conn)
{
	struct event *event = conn->events;

	conn->events = event->next;
	if (!conn->events)
		conn->events_end = &conn->events;
	map_remove(&conn->event_set, event->payload, event->size);
	return event;
}

void conn_drop_events(struct conn *conn)
{
	while (conn->events)
		free(event_take(conn));
	map_clear(&conn->event_set);
}

/* Moves events into the output while there is room. */
static void conn_flush_events(struct conn *conn)
{
	while (conn->events && slot_make_room_out(conn->slot)) {
		struct event *event = event_take(conn);
		struct slot_state next = *slot_now(conn->slot);
		struct xsd_sockmsg head = { .type = XS_WATCH_EVENT, .len = event->size };

		memcpy(conn->slot->out + next.out_end, &head, sizeof(head));
		memcpy(conn->slot->out + next.out_end + sizeof(head), event->payload, event->size);
		next.out_end += sizeof(head) + event->size;
		slot_commit(conn->slot, &next);
		free(event);
	}
}

bool conn_has_output(const struct conn *conn)
{
	return slot_now(conn->slot)->out_start != slot_now(conn->slot)->out_end;
}

/* ---- turns ---- */

/* A whole request at the start of the input? */
static bool conn_has_request(struct conn *conn)
{
	const struct slot_state *now = slot_now(conn->slot);
	uint32_t held = now->in_end - now->in_start;
	struct xsd_sockmsg head;

	if (held < sizeof(head))
		return false;
	memcpy(&head, conn->slot->in + now->in_start, sizeof(head));
	if (head.len > XENSTORE_PAYLOAD_MAX) {
		conn_break(conn, "a message is longer than the protocol allows");
		return false;
	}
	return held >= sizeof(head) + head.len;
}

/* Returns whether the request was run; not: it must wait for its turn. */
static bool conn_run_request(struct conn *conn)
{
	const char *start = conn->slot->in + slot_now(conn->slot)->in_start;
	struct xsd_sockmsg head;

	memcpy(&head, start, sizeof(head));
	if (head.type == XS_TRANSACTION_START && !contention_may_begin(conn))
		return false;
	request_run(conn, &head, start + sizeof(head));
	return true;
}

static void conn_send(struct conn *conn)
{
	if (!conn->broken && conn_has_output(conn) && !conn->transport->send(conn))
		conn_break(conn, "the other side closed it");
}

/* Returns whether there is more to do at once. */
static bool conn_turn(struct conn *conn)
{
	bool more = false;
	unsigned int done = 0;

	if (!conn->transport->receive(conn, &more))
		conn_break(conn, "the other side closed it");
	while (!conn->broken && done < REQUESTS_PER_TURN && conn_has_request(conn)) {
		if (!slot_make_room_out(conn->slot)) {
			conn_send(conn);
			if (!slot_make_room_out(conn->slot))
				break;
		}
		if (!conn_run_request(conn))
			break;
		done++;
	}
	/* Replies go before what the client watches. */
	conn_flush_events(conn);
	conn_send(conn);
	if (conn->broken)
		return false;
	conn->transport->end_turn(conn);
	if (done == REQUESTS_PER_TURN || more)
		return true;
	/* Output that went made room for events, or for the reply to a request that waits. */
	return !conn_has_output(conn) && !conn->waiting && (conn->events || conn_has_request(conn));
}

static void conn_run_ready(struct ev_loop *loop, ev_prepare *watcher, int revents)
{
	struct conn *list = ready_first;

	priority_turn(ev_now(loop));
	/* Those who become ready in this turn come in the next one. */
	ready_first = NULL;
	ready_end = &ready_first;
	while (list) {
		struct conn *conn = list;
		bool more;

		list = conn->next_ready;
		conn->ready = false;
		if (!conn->broken && pace_waits(conn))
			continue;
		pace_begin(conn);
		more = !conn->broken && conn_turn(conn);
		pace_end(conn);
		if (conn->broken)
			conn_free(conn);
		else if (more)
			conn_kick(conn);
	}
	if (ready_first)
		ev_idle_start(loop, &idle);
	else
		ev_idle_stop(loop, &idle);
}

static void conn_idle(struct ev_loop *loop, ev_idle *watcher, int revents)
{
}

void conn_start(struct ev_loop *loop)
{
	ev_idle_init(&idle, conn_idle);
	contention_start(loop);
	pace_start(loop);
	ev_prepare_init(&prepare, conn_run_ready);
	ev_prepare_start(loop, &prepare);
}

void conn_journal_open(const struct conn *conn, struct buffer *log)
{
	record_add_path(log, RECORD_CONNECT, conn->index, conn->transport->name, &conn->actor.domid,
			sizeof(conn->actor.domid));
}

void conn_replay_request(unsigned int index, const struct record_request *request)
{
	struct slot *slot = slot_at(index);
	struct slot_state next = *slot_now(slot);

	if (next.requests != request->number)
		return;
	next.requests++;
	next.in_start += request->in_size;
	next.out_end += request->reply_size;
	if (next.in_start > next.in_end || next.out_end > sizeof(slot->out))
		return;		/* not the slot that the record speaks of */
	slot_commit(slot, &next);
}
