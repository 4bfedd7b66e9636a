/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Block front end: doc/drivers.md, "Block". */
#ifndef PVD_BLKF_H
#define PVD_BLKF_H

#include "conn.h"
#include "pool.h"
#include "ring.h"
#include <xen/io/blkif.h>

#define BLKF_SEGS_MAX	256U		/* pages of data in one request */

enum blkf_op { BLKF_READ, BLKF_WRITE, BLKF_FLUSH, BLKF_DISCARD, BLKF_SECURE_DISCARD };

/* An operation under way. Its index is the request's id. */
struct blkf_slot {
	void *io;			/* NULL: none */
	struct pvd_page *pages, *last;	/* the indirect page first, if there is one */
	struct pvd_page *data;
	uint64_t sector;
	uint32_t bytes, done;		/* all of the operation; what earlier requests of it did */
	uint32_t part;			/* what the request does */
	uint16_t nr_pages;
	uint8_t op;			/* enum blkf_op */
	uint8_t wire;			/* BLKIF_OP_*, with an indirect page that of its data */
};

struct blkf_queue {
	struct blkf *f;
	void *os;			/* for pvos_lock() */
	struct blkif_sring *sring;
	struct pvd_front_ring ring;
	struct blkf_slot *slots;	/* f->ids */
	struct pvd_pool pool;
	bool up;
	struct pvd_event event;
	struct pvd_shared shared;
	uint64_t requests, notified, events, busy;
};

/* What the back end says that the disk is. Sectors are of 512 bytes. */
struct blkf_disk {
	uint64_t sectors;
	uint32_t logical, physical;	/* block sizes in bytes */
	bool readonly, cdrom, removable;
	bool flush, barrier, discard, secure_discard;
	uint32_t discard_granularity, discard_alignment;
};

struct blkf {
	struct pvd_dev dev;
	struct blkf_queue *queues;	/* nr_made */
	uint32_t nr_made;
	uint32_t nr_queues;		/* of them, those that the connection uses */
	uint32_t ids, depth, max_order, max_segs;	/* limits */
	uint32_t order;			/* pages of a ring, their logarithm */
	uint32_t segs;			/* of a request */
	uint16_t handle;
	struct blkf_disk disk;
};

struct blkf_limits {
	uint32_t queues;
	uint32_t ids;			/* numbers of operations, for each queue */
	uint32_t depth;			/* operations of a queue that the ring should have room for */
	uint32_t max_order;		/* at most 4 */
	uint32_t max_segs;		/* at most BLKF_SEGS_MAX */
	uint32_t pool_pages;		/* of a queue; at least max_segs + 1 */
};

/*
 * Control: *f is zeroed but for f->dev.os. os(f, i) is the system's object for queue i, asked for here. -ENOMEM: nothing is
 * left to free.
 */
int blkf_init(struct blkf *f, const struct blkf_limits *limits, void *(*os)(struct blkf *f, uint32_t queue));

/* Control: after pvd_conn_remove(). */
void blkf_free(struct blkf *f);

/*
 * Data: starts an operation under the number `id` < ids, which has none. `sector` (of 512 bytes) and `bytes` (a multiple of 512;
 * below 4 GiB, but for discards) lie within the disk. -EBUSY: not now, try again after a response; -EAGAIN: there is no
 * peer; -EOPNOTSUPP.
 */
int blkf_submit(struct blkf_queue *q, uint32_t id, void *io, enum blkf_op op, uint64_t sector, uint64_t bytes);

/* Data: the peer is told of what was submitted. */
void blkf_commit(struct blkf_queue *q);

/* Data, on an event: ends the operations that were answered. Returns how many. */
uint32_t blkf_poll(struct blkf_queue *q);

/* Bytes that one request moves at most: longer operations take several, one after the other. */
static inline uint32_t blkf_request_bytes(const struct blkf *f)
{
	return f->segs * PVD_PAGE_SIZE;
}

extern const struct pvd_class blkf_class;

#endif
