/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Block back end: doc/drivers.md, "Block". */
#ifndef PVD_BLKB_H
#define PVD_BLKB_H

#include "conn.h"
#include "grants.h"
#include "ring.h"
#include <xen/io/blkif.h>

#define BLKB_SEGS_MAX	256U		/* of a request */
#define BLKB_BATCH	32U		/* requests that are taken at a time */
#define BLKB_WANT	64U		/* pages that are mapped at a time */

enum blkb_op { BLKB_READ, BLKB_WRITE, BLKB_FLUSH, BLKB_BARRIER, BLKB_DISCARD, BLKB_SECURE_DISCARD };

/* What the disk is. Sectors are of 512 bytes. */
struct blkb_disk {
	uint64_t sectors;
	uint32_t logical, physical;	/* block sizes in bytes */
	bool readonly, cdrom, removable;
	bool flush, discard, secure_discard;
	uint32_t discard_granularity, discard_alignment;
};

struct blkb_seg {
	uint16_t map;			/* pvd_grants_map() */
	uint8_t first, last;		/* sectors within the page, both included */
};

/* A request under way. It is the worker's until pvos_disk_submit(), and again after its end. */
struct blkb_req {
	struct blkb_queue *queue;
	struct blkb_req *next;
	uint64_t id;
	uint64_t sector;
	uint64_t sectors;		/* of data, or to discard */
	int16_t error;
	uint16_t nr_segs;
	uint16_t nr_temps;
	uint8_t op;			/* enum blkb_op */
	uint8_t wire;			/* the operation as the peer named it */
	struct blkb_seg *segs;
	struct pvd_map **temps;		/* mapped for this request alone */
	struct blkb_large *large;
	struct blkb_seg small_segs[BLKIF_MAX_SEGMENTS_PER_REQUEST];
	struct pvd_map *small_temps[BLKIF_MAX_SEGMENTS_PER_REQUEST];
	void *os;			/* blkb_limits.os_bytes, the system's */
};

/* Room for more segments; the indirect page is one of temps. */
struct blkb_large {
	struct blkb_large *next;
	struct blkb_seg segs[BLKB_SEGS_MAX];
	struct pvd_map *temps[BLKB_SEGS_MAX + 1];
	void *os;			/* blkb_limits.large_os_bytes */
};

struct blkb_stats {
	uint64_t reads, writes, flushes, discards, sectors_read, sectors_written;
	uint64_t errors;		/* requests that were wrong in themselves */
	uint64_t found, mapped;		/* pages */
	uint64_t batches, notified, stalls;
};

struct blkb_queue {
	struct blkb *b;
	void *os;			/* for pvos_lock(), pvos_kick(), pvos_quiesce() */
	/* the worker's */
	const struct blkb_abi *abi;
	uint8_t *entries;
	struct blkb_req *idle;
	struct blkb_large *idle_large;
	struct pvd_grants grants;
	struct blkb_req *reqs;
	struct blkb_large *larges;
	uint8_t *os_area, *large_os_area;
	struct blkb_req *barrier;	/* waits for all that was before it */
	bool draining;			/* no request is taken until nothing is under way */
	struct pvd_map *want[BLKB_WANT];	/* to be mapped */
	uint32_t nr_want;
	uint32_t grefs[BLKB_SEGS_MAX];	/* of the request that is being parsed: kernels clear what lies on the stack */
	struct blkb_stats stats;
	/* under the lock */
	struct pvd_back_ring ring;
	struct blkb_req *done;		/* answered, not yet taken back */
	uint32_t inflight;
	bool up;
	bool stalled;			/* the worker waits for something to end */
	bool running;			/* it has taken requests and will look at the ring again: what ends meanwhile can wait for that */
	/* control's */
	struct pvd_event event;
	struct pvd_shared shared;
	uint32_t peer_port;
};

struct blkb {
	struct pvd_dev dev;
	struct blkb_queue *queues;	/* nr_made */
	uint32_t nr_made;
	uint32_t nr_queues;		/* of them, those that the peer uses */
	struct blkb_disk disk;
	uint32_t max_order, keep_limit, larges;	/* limits */
	size_t os_bytes, large_os_bytes;
	bool persistent;
	const struct blkb_abi *abi;
};

struct blkb_limits {
	uint32_t queues;
	uint32_t max_order;		/* pages of a ring, their logarithm: at most 4 */
	uint32_t keep_limit;		/* pages of the peer that stay mapped, each queue, at most 32768 */
	uint32_t larges;		/* requests of more than 11 segments under way at a time, each queue; at least 1 */
	size_t os_bytes;		/* of the system in each request, */
	size_t large_os_bytes;		/* and in each of those larger ones */
};

/* Control: *b is zeroed but for b->dev.os. os(b, i) is the system's object for queue i. -ENOMEM: nothing is left to free. */
int blkb_init(struct blkb *b, const struct blkb_limits *limits, void *(*os)(struct blkb *b, uint32_t queue));

/* Control: after pvd_conn_remove(). */
void blkb_free(struct blkb *b);

/* Control: the disk's size or being read-only has changed: asks pvos_disk_info() and tells the peer. */
void blkb_disk_changed(struct blkb *b);

/*
 * Worker: takes requests and starts them, up to some 64. Returns true when there is more to do at once; else there will be
 * pvos_kick() or, with `arm`, an event. Without `arm` this is to be called again when blkb_due(), and at last with it.
 */
bool blkb_run(struct blkb_queue *q, bool arm);

/* Worker: are there requests that blkb_run() would take? */
static inline bool blkb_due(const struct blkb_queue *q)
{
	return pvos_read_once(q->up) && !pvos_read_once(q->stalled) && pvos_read_once(q->ring.shared->req_prod) != q->ring.req_cons;
}

/*
 * Data: the request has ended: 0, -EIO, -EOPNOTSUPP. `batched`: in the worker's thread, or in an interrupt of it: if it is in
 * blkb_run(), that tells the peer.
 */
void blkb_done(struct blkb_req *req, int error, bool batched);

/* Data: pvos_unmap_req() has done its work. */
void blkb_unmapped(struct blkb_req *req);

/* Under the lock: nothing is under way. */
static inline bool blkb_quiet(const struct blkb_queue *q)
{
	return !q->inflight;
}

extern const struct pvd_class blkb_class;

#endif
