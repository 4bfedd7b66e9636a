/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The control ring of a network front end, for netf_conn.c. All in control context. */
#ifndef PVD_NETF_CTRL_H
#define PVD_NETF_CTRL_H

#include "netf.h"

/* Makes the ring, if the peer takes orders, and lists the pages that are to stay mapped. */
int netf_ctrl_offer(struct netf *f);

/* Part of the transaction that publishes the rings. */
int netf_ctrl_publish(struct netf *f);

/* The peer is connected: it is told. */
void netf_ctrl_connect(struct netf *f);

/* The peer may be another one that took up the rings: it is told again. */
void netf_ctrl_again(struct netf *f);

/* No orders any more. */
void netf_ctrl_stop(struct netf *f);

/* After that: the ring, and the pages that the peer was to copy from. */
void netf_ctrl_release(struct netf *f);

#endif
