/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of the daemon's processor time a guest may have: so much in each second (quota time), and twice that at once
 * after it has rested. Who has used it up is not served for a while, nor are its events taken: its ring stays full, and
 * it slows down nobody but itself.
 */
#ifndef STORED_PACE_H
#define STORED_PACE_H

#include "conn.h"

void pace_start(struct ev_loop *loop);
void pace_new(struct conn *conn);

/* Must @conn wait? It is kicked then when it need not any more. */
bool pace_waits(struct conn *conn);

/* An event of its domain was taken: that costs more than it seems here, in dom0's kernel. */
void pace_event(struct conn *conn);

/* Around what is done for @conn. */
void pace_begin(const struct conn *conn);
void pace_end(struct conn *conn);

#endif
