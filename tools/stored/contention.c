// SPDX-License-Identifier: GPL-2.0-or-later
/* Turns of clients whose transactions conflict. */
#include "contention.h"

#define SUSPECT_FOR 8	/* successes after which a client no longer takes turns */

static struct ev_loop *contention_loop;
static ev_timer turn;
static struct conn *holder;
static struct conn *waiting, **waiting_end = &waiting;

static void turn_give(struct conn *conn)
{
	holder = conn;
	ev_timer_stop(contention_loop, &turn);
	if (!conn)
		return;
	ev_timer_set(&turn, TURN_SECONDS, 0);
	ev_timer_start(contention_loop, &turn);
}

static void turn_next(void)
{
	struct conn *next = waiting;

	if (next) {
		waiting = next->next_waiting;
		if (!waiting)
			waiting_end = &waiting;
		next->waiting = false;
		conn_kick(next);
	}
	turn_give(next);
}

static void turn_over(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	turn_next();
}

void contention_start(struct ev_loop *loop)
{
	contention_loop = loop;
	ev_timer_init(&turn, turn_over, TURN_SECONDS, 0);
}

bool contention_may_begin(struct conn *conn)
{
	if (!conn->suspect || conn == holder)
		return true;
	if (!holder) {
		turn_give(conn);
		return true;
	}
	if (!conn->waiting) {
		conn->waiting = true;
		conn->next_waiting = NULL;
		*waiting_end = conn;
		waiting_end = &conn->next_waiting;
	}
	return false;
}

void contention_ended(struct conn *conn, bool conflict)
{
	if (conflict)
		conn->suspect = SUSPECT_FOR;
	else if (conn->suspect)
		conn->suspect--;
	if (conn == holder && !conflict)
		turn_next();
}

void contention_forget(struct conn *conn)
{
	struct conn **link = &waiting;

	if (conn == holder)
		turn_next();
	if (!conn->waiting)
		return;
	while (*link != conn)
		link = &(*link)->next_waiting;
	*link = conn->next_waiting;
	if (!*link)
		waiting_end = link;
}
