/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Network front end: doc/drivers.md, "Network". Transmit and receive of a queue have a lock each; "data" names which. Both use
 * pages that stay granted, and never show the peer another one.
 */
#ifndef PVD_NETF_H
#define PVD_NETF_H

#include "conn.h"
#include "net.h"
#include "pool.h"
#include "ring.h"

#define NETF_RING	256U		/* entries, of either ring */
#define NETF_KEY	40U		/* bytes of a hash's key */
#define NETF_MAPPING	128U		/* entries of a hash's table */

struct netf_stats {
	uint64_t packets, bytes, dropped, notified, busy;
	uint64_t held;			/* receive: runs after which no event was wanted */
};

struct netf_tx {
	void *os;			/* for pvos_lock() */
	struct netif_tx_sring *sring;
	struct pvd_front_ring ring;
	struct pvd_pool pool;
	struct pvd_page *page[NETF_RING];	/* by request's number; NULL: not under way */
	uint16_t idle[NETF_RING];	/* stack of numbers */
	uint32_t nr_idle;
	bool up;
	bool full;			/* the system waits for pvos_netf_wake() */
	struct pvd_shared shared;
	struct netf_stats stats;
};

struct netf_rx {
	void *os;
	struct netif_rx_sring *sring;
	struct pvd_front_ring ring;
	struct pvd_pool pool;
	struct pvd_page *page[NETF_RING];	/* by ring entry */
	uint32_t target;		/* buffers that the peer is to have */
	bool up;
	struct pvd_shared shared;
	struct netf_stats stats;
};

struct netf_queue {
	struct netf *f;
	struct netf_tx tx;
	struct netf_rx rx;
	struct pvd_event event;		/* of both */
	struct pvd_page *left;		/* list of pages that the peer is asked to keep mapped, or NULL */
	uint32_t nr_left;
};

/* What the peer is to spread packets over our queues by: a Toeplitz hash of addresses and, of TCP, ports. */
struct netf_hash {
	uint32_t types;			/* XEN_NETIF_CTRL_HASH_TYPE_*; 0: as it likes */
	uint32_t size;			/* entries of the table; 0: the hash modulo the number of queues */
	uint8_t key[NETF_KEY];
	uint32_t mapping[NETF_MAPPING];	/* queues; those that the connection does not use are taken modulo their number */
};

/* The control ring, by which it is told. */
struct netf_ctrl {
	void *os;
	struct xen_netif_ctrl_sring *sring;
	struct pvd_front_ring ring;
	struct pvd_event event;
	struct pvd_shared shared;
	struct pvd_page *key, *mapping;	/* that the peer copies from */
	bool up;			/* the peer takes orders */
	bool due;			/* what is wanted has changed meanwhile */
	bool leaves;			/* this peer is to be told of pages, too */
	bool spreads;			/* it does as it was told last */
};

struct netf {
	struct pvd_dev dev;
	struct netf_queue *queues;	/* nr_made */
	uint32_t nr_made, nr_queues;
	/* what the peer takes */
	struct pvd_offload peer;
	bool want_mcast, mcast;
	struct netf_hash hash;
	struct netf_ctrl ctrl;
	/* what it says */
	bool carrier;
	uint32_t mtu;			/* from tools; 0: not told */
	uint8_t mac[6];
};

struct netf_limits {
	uint32_t queues;
	bool mcast;			/* have the peer filter multicast, by netf_mcast() */
	const struct netf_hash *hash;	/* to start with; NULL: packets are spread as the peer likes */
};

enum netf_part { NETF_TX, NETF_RX, NETF_CTRL };

/* Control: *f is zeroed but for f->dev.os. os(f, i, part) is the system's object. -ENOMEM, -EINVAL: the address. */
int netf_init(struct netf *f, const struct netf_limits *limits, void *(*os)(struct netf *f, uint32_t queue, enum netf_part part));

/* Control: after pvd_conn_remove(). */
void netf_free(struct netf *f);

/*
 * Data (transmit): takes in a packet of at most PVD_NET_BYTES_MAX bytes; its pieces need not stay. -EBUSY: not now,
 * pvos_netf_wake() will tell; -EAGAIN: there is no peer.
 */
int netf_tx_put(struct netf_queue *q, const struct pvd_piece *pieces, uint32_t nr_pieces, uint32_t bytes,
		const struct pvd_meta *meta);

/* Data (transmit): the peer is told of what was put. */
void netf_tx_commit(struct netf_queue *q);

/* Data (transmit): on an event, and when the system likes. */
void netf_tx_reap(struct netf_queue *q);

/* Data (receive): gives the peer buffers, as many as it is to have, if there is memory. */
void netf_rx_post(struct netf_queue *q);

/*
 * Data (receive): delivers up to `budget` packets. Returns how many; with fewer than that, and `arm`, there will be an event for the
 * next. Without `arm` this is to be called again after a while.
 */
uint32_t netf_rx_run(struct netf_queue *q, uint32_t budget, bool arm);

/* Data (receive): is there something to be delivered? */
static inline bool netf_rx_due(const struct netf_queue *q)
{
	return q->rx.up && pvos_read_once(q->rx.ring.shared->rsp_prod) != q->rx.ring.rsp_cons;
}

/* Data (transmit): a change of the list of multicast addresses that the peer passes on. As netf_tx_put(). */
int netf_mcast(struct netf_queue *q, const uint8_t mac[6], bool add);

/*
 * Control: packets are to be spread like this from now on, also by the peers to come. -EINVAL: size or types are not possible;
 * -EOPNOTSUPP: this peer cannot.
 */
int netf_hash_set(struct netf *f, const struct netf_hash *hash);

/* Control, on an event of the control ring. */
void netf_ctrl_run(struct netf *f);

extern const struct pvd_class netf_class;

#endif
