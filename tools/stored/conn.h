/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection: a client's socket or a domain's ring. Its bytes live in a slot; its watches and transactions hang here.
 * Requests are worked on in the order in which they came, some per turn, and only while there is room for the reply: a
 * client that does not read its replies is not served, and holds up nobody else.
 */
#ifndef STORED_CONN_H
#define STORED_CONN_H

#include <ev.h>

#include "perms.h"
#include "slot.h"
#include "view.h"

struct domain;
struct watch;
struct transaction;
struct event;
struct conn;

/* How bytes come and go. Both work on the slot; false: the connection is broken. */
struct transport {
	const char *name;
	bool (*receive)(struct conn *conn, bool *more);	/* *more: there may be more to get at once */
	bool (*send)(struct conn *conn);		/* as much as goes */
	void (*end_turn)(struct conn *conn);
	void (*close)(struct conn *conn);
};

struct conn {
	struct conn *next, **link;		/* in the list of all */
	struct slot *slot;
	unsigned int index;			/* of the slot */
	const struct transport *transport;
	struct actor actor;
	char home[24];				/* what relative paths are relative to */
	struct domain *domain;			/* of a ring */
	struct conn *next_ready;		/* in the list of those with work left */
	bool ready, broken;

	int fd;					/* of a socket */
	bool readable, blocked;			/* bytes have come; what is sent does not go */
	bool kept;				/* the service manager has it too */
	ev_io reader, writer;

	struct watch *watches;
	unsigned int watch_count;
	struct transaction *transactions;
	unsigned int transaction_count;
	uint32_t last_transaction;
	unsigned int suspect;			/* transactions for which it takes turns (contention.h) */
	bool waiting;				/* for its turn */
	struct conn *next_waiting;

	struct pace {				/* pace.h */
		double left, filled;		/* seconds of processor time; when that was */
		bool waits;
	} pace;

	struct event *events, **events_end;	/* to be sent, oldest first */
	struct map event_set;			/* their payloads: none waits twice */
};

extern struct conn *conns;
extern unsigned int conn_count;

#define for_each_conn(conn) for (struct conn *conn = conns; conn; conn = conn->next)

/* Once, before any connection. */
void conn_start(struct ev_loop *loop);

/* Notes a new connection in the journal, with the name of its transport. */
void conn_journal_open(const struct conn *conn, struct buffer *log);

/*
 * Makes a connection on a slot that is taken. @domid: whom it speaks for. It is not in the journal yet.
 */
struct conn *conn_new(unsigned int slot, const struct transport *transport, uint16_t domid);
struct conn *conn_by_slot(unsigned int slot);

/* Ends it: watches, transactions, slot; notes it in the journal. */
void conn_free(struct conn *conn);

/* The same without a trace in slot and journal: while a journal is replayed. */
void conn_forget(struct conn *conn);

/* Has it worked on soon: bytes may have come, or there may be room again. */
void conn_kick(struct conn *conn);

/* Marks it for its end, from within its own work. */
void conn_break(struct conn *conn, const char *why);

/* Queues a watch event; one that waits already is not queued again. @fallback: sent when too many wait: the watch's path. */
void conn_event(struct conn *conn, const char *path, const char *token, const char *fallback);
void conn_drop_events(struct conn *conn);
bool conn_has_output(const struct conn *conn);

/* After a restart: the request that @record tells of was done; is it noted in the slot? */
struct record_request {
	uint64_t number;
	uint32_t in_size, reply_size;
};
void conn_replay_request(unsigned int slot, const struct record_request *request);

/* sock.c, ring.c */
extern const struct transport transport_socket, transport_socket_read_only, transport_ring;

/*
 * Accepts clients on a listening socket. @read_only: they may not change anything. Before: sock_start().
 */
void sock_start(struct ev_loop *loop);
void sock_listen(int fd, bool read_only);

/* A listening socket at @path, made anew; the process ends if that fails. */
int sock_make(const char *path);

/* A connection of an earlier process goes on with the descriptor that the service manager kept. */
void sock_resume(struct conn *conn, int fd);

/* The name of a slot's descriptor with the service manager, and back (-1: none). */
void sock_kept_name(unsigned int slot, char out[32]);
int sock_kept_slot(const char *name);

/* request.c: works on the message at the start of the input; the reply is in the slot, everything done. */
void request_run(struct conn *conn, const struct xsd_sockmsg *head, const char *payload);

#endif
