/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Network back end: doc/drivers.md, "Network". All data is copied: no page of the peer's outlives a call. Transmit (from the peer)
 * and receive (to it) of a queue have a lock each; "data" names which.
 */
#ifndef PVD_NETB_H
#define PVD_NETB_H

#include "conn.h"
#include "grants.h"
#include "net.h"
#include "ring.h"

#define NETB_RING	256U		/* entries, of either ring */
#define NETB_OPS	128U		/* copies in one call */
#define NETB_BATCH	32U		/* packets taken at a time */
#define NETB_STATIC	512U		/* pages of a queue that the peer may leave with us */
#define NETB_MCAST	64U		/* addresses that it may ask for */
#define NETB_KEY	40U		/* bytes of a hash's key */
#define NETB_MAPPING	128U		/* entries of a hash's table */
#define NETB_HEADROOM	448U		/* bytes, at most: the largest packet still takes no more than PVD_NET_PAGES_MAX pages */

struct netb_stats {
	uint64_t packets, bytes, dropped, wrong, copies, placed, notified, stalls;	/* transmit stalls by its rate */
	uint64_t held;			/* transmit: runs after which no event was wanted */
};

/* An entry that was taken, until its response is written. */
struct netb_slot {
	uint16_t id;
	uint16_t flags;
	int16_t status;
	uint16_t offset;		/* of the data in its page */
	uint16_t first_op, nr_ops;	/* copies that must have succeeded */
	bool extra;			/* a response of its own kind */
	struct netif_extra_info info;
};

/* A packet from the peer, until its data was copied. */
struct netb_packet {
	void *packet;			/* NULL: there is none to be delivered */
	uint16_t first_slot, nr_slots;
	struct pvd_meta meta;
};

struct netb_half {
	void *os;			/* for pvos_lock() */
	struct pvd_back_ring ring;
	void *shared_ring;
	bool up;
	pvos_copy_t ops[NETB_OPS];
	uint32_t nr_ops;
	struct netb_slot slots[NETB_RING];
	uint32_t nr_slots;
	uint32_t needed;		/* receive: buffers that a packet waits for */
	struct pvd_event *event;
	struct pvd_shared shared;
	struct netb_stats stats;
};

struct netb_queue {
	struct netb *b;
	struct netb_half tx, rx;
	struct netb_packet packets[NETB_BATCH];
	uint32_t nr_packets;
	/* changed with both locks held */
	struct pvd_grants grants;
	struct pvd_event events[2];	/* of transmit, of receive; the first is of both if there is one */
	uint32_t peer_ports[2];
	/* transmit's: what the rate leaves; below 0 when a packet was larger than what was left */
	int64_t credit;
	uint64_t credit_from;		/* begin of the interval that it is for */
};

/* What a queue may send: so many bytes in an interval. */
struct netb_rate {
	uint64_t bytes, ns;		/* bytes 0: there is no limit */
};

/* What the peer wants to have received packets spread by. Changed by control; looked at by anyone. */
struct netb_hash {
	uint32_t algorithm, types;
	uint32_t key_bytes, mapping_size;
	uint8_t key[NETB_KEY];
	uint32_t mapping[NETB_MAPPING];
};

struct netb {
	struct pvd_dev dev;
	struct netb_queue *queues;	/* nr_made */
	uint32_t nr_made, nr_queues;
	/* what the peer takes */
	struct pvd_offload peer;
	struct netb_rate rate;		/* its limit, as tools set it */
	uint32_t headroom;		/* bytes that it wants to have free in front of data in each page */
	bool filter_mcast;
	bool carrier;			/* what it is told of the link */
	uint8_t mcast[NETB_MCAST][6];
	uint32_t nr_mcast;		/* under the first queue's transmit lock */
	struct netb_hash hash;
	/* control ring */
	void *ctrl_os;
	struct pvd_back_ring ctrl;
	struct pvd_event ctrl_event;
	struct pvd_shared ctrl_shared;
};

struct netb_limits {
	uint32_t queues;
};

enum netb_part { NETB_TX, NETB_RX, NETB_CTRL };

/* Control: *b is zeroed but for b->dev.os. os(b, i, part) is the system's object. -ENOMEM */
int netb_init(struct netb *b, const struct netb_limits *limits, void *(*os)(struct netb *b, uint32_t queue, enum netb_part part));

/* Control: after pvd_conn_remove(). */
void netb_free(struct netb *b);

/*
 * Data (transmit): takes up to `budget` packets from the peer and delivers them. Fewer, and `arm`: there will be an event for the next.
 * Without `arm` this is to be called again after a while.
 */
uint32_t netb_tx_run(struct netb_queue *q, uint32_t budget, bool arm);

static inline bool netb_tx_due(const struct netb_queue *q)
{
	return q->tx.up && pvos_read_once(q->tx.ring.shared->req_prod) != q->tx.ring.req_cons;
}

/*
 * Data (receive): a packet for the peer, whose pieces must stay until netb_rx_flush(). -EBUSY: there are not enough buffers,
 * pvos_netb_wake() will tell; -EAGAIN: there is no peer; -EMSGSIZE.
 */
int netb_rx_put(struct netb_queue *q, const struct pvd_piece *pieces, uint32_t nr_pieces, uint32_t bytes,
		const struct pvd_meta *meta);

/* Data (receive): copies what was put, and tells the peer. */
void netb_rx_flush(struct netb_queue *q);

/* Data (receive), on an event: are there buffers again? */
void netb_rx_event(struct netb_queue *q);

/* Control, on an event of the control ring. */
void netb_ctrl_run(struct netb *b);

/* Any context: the queue for a packet with these addresses and ports, as the peer wants it, and its hash; false: it does not say. */
bool netb_select(const struct netb *b, bool ip6, bool tcp, const uint8_t *tuple, uint32_t *queue, struct pvd_meta *meta);

/* Any context: does the peer take packets to this multicast address? */
bool netb_takes_mcast(const struct netb *b, const uint8_t mac[6]);

/* Control: the interface's link is up or down. */
void netb_set_carrier(struct netb *b, bool up);

extern const struct pvd_class netb_class;

#endif
