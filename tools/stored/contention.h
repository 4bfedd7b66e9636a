/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients whose transactions failed for a conflict take turns: the next transaction of one begins when that of another has
 * ended, or has lasted TURN_SECONDS. Else n clients that change the same node fail n times for each success. Who never
 * conflicts never waits.
 */
#ifndef STORED_CONTENTION_H
#define STORED_CONTENTION_H

#include "conn.h"

#define TURN_SECONDS	0.02

void contention_start(struct ev_loop *loop);

/* May the client begin a transaction now? False: it is kicked when it may. */
bool contention_may_begin(struct conn *conn);

/* It ended one. @conflict: it failed because of somebody else's. */
void contention_ended(struct conn *conn, bool conflict);

/* It is gone. */
void contention_forget(struct conn *conn);

#endif
