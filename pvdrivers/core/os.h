/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The contract between the core and an operating system. doc/drivers.md has it at a glance.
 *
 * <pvd_os.h> is the system's own header: fixed-width types, bool, errno values, memcpy(), memset(), memcmp(), strcmp(),
 * strchr(), strlen(), snprintf(), and
 *
 *	pvos_read_once(x), pvos_write_once(x, v)	one access of x, as wide as it is
 *	pvos_mb(), pvos_rmb(), pvos_wmb()		barriers against another processor
 *	pvos_likely(x), pvos_unlikely(x)
 *	pvos_notify(struct pvd_event *)			any context: the peer is to look at its ring
 *	pvos_copy_t, pvos_copy_from(), pvos_copy_to(), pvos_copy(), pvos_copy_failed()
 *		copies from and to the peer's pages, n in one call, of which each may fail; `addr` .. `addr + bytes` lies in a page
 *
 * Contexts: "control" is with the device's mutex held, may sleep; "data" is with a queue's lock held, perhaps in an interrupt;
 * "worker" is one thread a queue, may sleep. A function that returns int gives 0 or more, or a negative errno value.
 */
#ifndef PVD_OS_H
#define PVD_OS_H

#include <pvd_os.h>

#define PVD_PAGE_SHIFT		12
#define PVD_PAGE_SIZE		4096U
#define PVD_RING_PAGES_MAX	16

struct pvd_dev;
struct blkb_disk;
struct blkb_req;
struct blkf;
struct netb;
struct netf;
struct pvd_meta;

enum pvd_side { PVD_OWN, PVD_PEER };

/* Pages that both ends see, at consecutive addresses here. */
struct pvd_shared {
	void *addr;			/* NULL: there are none */
	uint32_t pages;
	uint32_t gref[PVD_RING_PAGES_MAX];
	void *os;
};

/* One end of an event channel. What happens on an event is the system's: it made the object that this is part of. */
struct pvd_event {
	uint32_t port;			/* here; 0: none */
	uint32_t irq;
	void *os;
};

/* A page of ours that the peer may read and write as long as it exists. */
struct pvd_page {
	struct pvd_page *next;
	void *addr;
	uint32_t gref;
	void *os;
};

/* A page of the peer's. */
struct pvd_map {
	uint32_t gref;			/* in */
	uint32_t handle;
	void *addr;			/* out; NULL: not mapped */
	void *os;
	int16_t status;			/* out: 0, or a negative errno value */
	bool readonly;			/* in */
	bool kept, recent;		/* of grants.c */
};

/* ---- the store (control) ---- */

/*
 * The text of node `name` of one's own or the peer's directory, with a terminating zero, into buf[size]. Returns its length;
 * -ENOENT: there is none; -E2BIG: it does not fit.
 */
int pvos_read(struct pvd_dev *dev, enum pvd_side side, const char *name, char *buf, uint32_t size);

/* Calls fill() within a transaction, again each time that it must be repeated. */
int pvos_publish(struct pvd_dev *dev, int (*fill)(struct pvd_dev *dev));

/*
 * Writes a node of one's own directory, or (value is NULL) removes it, if there is one, with what is below it; from a fill() as part of its
 * transaction.
 */
int pvos_write(struct pvd_dev *dev, const char *name, const char *value);

/* Writes one's own state, also when it is the same as before. */
void pvos_set_state(struct pvd_dev *dev, uint32_t state);

/* ---- rings (control) ---- */

/* Zeroed pages, granted to the peer for writing. Sets all of *shared. */
int pvos_share(struct pvd_dev *dev, uint32_t pages, struct pvd_shared *shared);

/* Takes the grants back and frees the pages, later if the peer still uses them. Sets shared->addr to NULL. */
void pvos_unshare(struct pvd_dev *dev, struct pvd_shared *shared);

/* Maps the peer's pages shared->gref[0 .. pages - 1] for writing. */
int pvos_attach(struct pvd_dev *dev, struct pvd_shared *shared);
void pvos_detach(struct pvd_dev *dev, struct pvd_shared *shared);

/* ---- events (control) ---- */

/* A new port that the peer may bind; event->port is to be published. Events are delivered from now on. */
int pvos_event_alloc(struct pvd_dev *dev, struct pvd_event *event);

/* Binds the peer's port. Events are delivered from now on, one right away. */
int pvos_event_bind(struct pvd_dev *dev, struct pvd_event *event, uint32_t peer_port);

/* No event is delivered, nor being delivered, after this. Sets event->port to 0. */
void pvos_event_free(struct pvd_dev *dev, struct pvd_event *event);

/* ---- locks (any context) ---- */

/* The lock of a queue; `queue` is the system's object that the engine's queue was made with. */
void pvos_lock(void *queue);
void pvos_unlock(void *queue);

/* ---- data pages of a front end ---- */

/* Data or control, does not sleep: a page granted to the peer for writing, zeroed. NULL: no memory or no grants. */
struct pvd_page *pvos_page_get(struct pvd_dev *dev);

/* Data or control: takes the grant back and frees the page, later if the peer still uses it. */
void pvos_page_put(struct pvd_dev *dev, struct pvd_page *page);

/* ---- the peer's pages in a back end (worker) ---- */

/* Maps n pages. Each has its own status; what failed is not mapped. */
void pvos_map(struct pvd_dev *dev, struct pvd_map **maps, uint32_t n);

/* Unmaps n pages that are mapped, once nothing else of the system uses them. */
void pvos_unmap(struct pvd_dev *dev, struct pvd_map **maps, uint32_t n);

/* ---- memory (control) ---- */

void *pvos_alloc(size_t bytes);		/* zeroed; NULL: there is none */
void pvos_free(void *memory);		/* NULL is nothing */

/* ---- time (any context) ---- */

uint64_t pvos_now(void);		/* nanoseconds since some moment; never less than before */

/* ---- what cannot go on (any context) ---- */

/* A message with device and peer in front of it. A peer can cause a limited number of them in a time. */
void pvos_report(struct pvd_dev *dev, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Has pvd_conn_fail() called in control context. */
void pvos_fail(struct pvd_dev *dev);

/* ---- block front end ---- */

/*
 * Data: moves `bytes` of the operation's data from byte `offset` on to or from the pages, which are filled one after the other.
 */
void pvos_io_copy(void *io, uint32_t offset, uint32_t bytes, struct pvd_page *pages, bool to_pages);

/* Data: the operation has ended: 0, -EIO, -EOPNOTSUPP. */
void pvos_io_done(void *io, int error);

/* Data: the operation was not done, its peer is gone: to be submitted once more when there is another. */
void pvos_io_again(void *io);

/* Control: there is a peer: the disk is as blkf.disk says; operations are wanted. Called again when the disk has changed. */
int pvos_blk_start(struct blkf *f);

/* Control: the back end asks for the end: pvd_conn_idle() is to follow once nobody uses the disk. */
void pvos_blk_closing(struct blkf *f);

/* Control: there is no peer; `forever`: nor will there be another one. */
void pvos_blk_stop(struct blkf *f, bool forever);

/* ---- block back end ---- */

/* Control: what the disk is like now. */
void pvos_disk_info(struct pvd_dev *dev, struct blkb_disk *disk);

/*
 * Worker: starts the request. Its end is told by blkb_done(), with the queue's lock held, perhaps before this returns. With
 * `more`, another one follows at once.
 */
void pvos_disk_submit(struct blkb_req *req, bool more);

/* Data: unmaps req->temps[0 .. req->nr_temps - 1] once nothing else of the system uses them, then blkb_unmapped(). */
void pvos_unmap_req(struct blkb_req *req);

/* Data: have blkb_run() called in the worker's context. */
void pvos_kick(void *queue);

/* Control: returns when the worker is not in blkb_run(), nor will be until the next event, and blkb_quiet(). */
void pvos_quiesce(void *queue);

/* ---- network, both ends (data) ---- */

/*
 * A packet to be handed on by the system, and room for its data: pieces one after the other, the first in it from the
 * start, each of at most a page. NULL: no memory.
 */
void *pvos_packet_new(void *queue, uint32_t first_bytes);
void *pvos_packet_room(void *packet, uint32_t bytes);

/* The packet's data is there: it goes where packets of this device go, or it is thrown away. */
void pvos_packet_deliver(void *queue, void *packet, const struct pvd_meta *meta);
void pvos_packet_drop(void *queue, void *packet);

/* ---- network front end ---- */

/* Control: there is a peer; f says what it can do. Called again when something of it has changed. */
int pvos_netf_start(struct netf *f);

/* Control: there is none; `forever`: nor will there be. */
void pvos_netf_stop(struct netf *f, bool forever);

/* Data (transmit): there is room in the ring again. */
void pvos_netf_wake(void *queue);

/* ---- network back end ---- */

/* Control: there is a peer; b says what it takes. */
int pvos_netb_start(struct netb *b);
void pvos_netb_stop(struct netb *b);

/* Data (receive): there are buffers again. */
void pvos_netb_wake(void *queue);

/* Data (transmit): have netb_tx_run() called again after so many nanoseconds. */
void pvos_netb_later(void *queue, uint64_t ns);

#endif
