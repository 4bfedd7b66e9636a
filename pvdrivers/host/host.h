/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The contract fulfilled by one process, in which a front end and a back end run against each other. One thread, no time: what is
 * due (events, work, disk operations, signs of a peer's state) is done by host_step() in an order that the seed picks.
 *
 * The peer's pages are mapped for real, by addresses of their own, so that a use after the unmapping faults. What breaks
 * the contract aborts.
 */
#ifndef PVD_HOST_H
#define PVD_HOST_H

#include "conn.h"
#include "blkb.h"
#include "blkf.h"
#include "netb.h"
#include "netf.h"

#define HOST_FRAMES	4096U
#define HOST_NODES	512U
#define HOST_PORTS	64U
#define HOST_QUEUES	8U
#define HOST_DISK	(4U << 20)	/* bytes */
#define HOST_IOS	1024U

struct host_node {
	char name[48];
	char value[80];
};

/* A grant of the front end's; its number is the index. */
struct host_grant {
	bool used, revoked;
	uint32_t frame;
	uint32_t mapped;
};

struct host_end {
	struct pvd_dev *dev;
	struct host_node nodes[HOST_NODES];
	uint32_t nr_nodes;
	bool peer_changed;		/* a sign that the peer's state was written */
	bool failing;			/* pvos_fail() was called */
	bool deaf;			/* it does nothing about its peer's state */
	int publishing;
};

/* The object of a queue, of either end. */
struct host_queue {
	struct host_end *end;
	struct blkf_queue *blkf;
	struct blkb_queue *blkb;
	struct netf_queue *netf;
	struct netb_queue *netb;
	bool locked, kicked, running;
	bool woken;			/* network: there is room again */
	uint64_t due;			/* when it is to be run again; 0: it is not */
};

struct host_port {
	struct pvd_event *event[2];	/* of the front end, of the back end */
	bool pending[2];
};

struct host_io {
	uint8_t *data;
	uint32_t bytes;
	bool busy, again;
	int error;
};

struct host_options {
	uint32_t seed;
	bool read_only_disk, no_flush, no_discard;
	uint32_t disk_errors;		/* one in so many operations; 0: none */
	uint32_t delayed;		/* of 8 disk operations, how many end later */
	uint32_t logical;
	bool late_disk;			/* pvd_conn_ready() of the block back end is the test's to call */
};

struct host {
	struct host_options options;
	uint64_t random;
	uint64_t now;			/* nanoseconds; goes on when there is nothing else to do */
	uint8_t frame_used[HOST_FRAMES];
	uint32_t frame_first, grant_first;	/* none below is free */
	struct host_grant grants[HOST_FRAMES];
	struct host_port ports[HOST_PORTS];
	struct host_end front, back;
	struct host_queue queues[2][HOST_QUEUES];
	/* block */
	struct blkf *blkf;
	struct blkb *blkb;
	uint8_t *disk;			/* as the world before left it */
	uint64_t disk_sectors;
	struct blkb_req *pending[HOST_IOS];
	uint32_t nr_pending;
	bool started, closing, stopped_forever;
	uint32_t starts;
	/* network: [0] is the front end's, [1] the back end's */
	struct netf *netf;
	struct netb *netb;
	struct host_queue halves[2][HOST_QUEUES][2];	/* transmit, receive */
	struct host_queue ctrl[2];
	bool net_up[2], net_gone;
	uint32_t net_starts, packets_live;
	bool no_packets;		/* pvos_packet_new() fails at times */
	/* A packet has come out at this side. */
	void (*delivered)(int side, uint32_t queue, const uint8_t *data, uint32_t bytes, const struct pvd_meta *meta);
	/* counts */
	uint32_t reports, maps, unmaps, events, no_pages;
	uint32_t torn;			/* grants that were taken back while they were mapped */
	uint32_t page_limit;		/* pvos_page_get() fails beyond; 0: none */
};

extern struct host *host;
extern bool host_verbose;

void host_new(const struct host_options *options);

/* Everything must have been given back. */
void host_end(void);

uint32_t host_random(uint32_t below);

/* Does one thing that is due. Returns false when there is none. */
bool host_step(void);

/* Until nothing is due. Aborts when that takes too long. */
void host_run(void);

/* ---- nodes, as a peer or tools see them ---- */

const char *host_get(struct host_end *end, const char *name);
void host_set(struct host_end *end, const char *name, const char *value);	/* NULL: removes, with what is below */
uint32_t host_get_state(struct host_end *end);
void host_set_state(struct host_end *end, uint32_t state);

/* ---- memory, as a hostile front end has it ---- */

uint32_t host_frame_alloc(void);
uint32_t host_frames_used(void);
void host_frame_free(uint32_t frame);
void *host_frame(uint32_t frame);
uint32_t host_grant(uint32_t frame);
void host_revoke(uint32_t gref);	/* mappings stay */

/* A port of the front end's that the back end can bind. */
uint32_t host_port_alloc(void);
void host_send(uint32_t port, int to_back);

/* What host_*_leave() begin with: the device is left to another driver. host_*_delete(): its system is gone. */
void host_leave(struct host_end *end);

/* ---- block ---- */

void host_blkf_new(const struct blkf_limits *limits);
void host_blkf_delete(void);
void host_blkf_leave(void);
void host_blkb_new(const struct blkb_limits *limits);
void host_blkb_delete(void);
void host_blkb_leave(void);

/* Ends the disk operation with this index now. */
void host_disk_end(uint32_t index, int error);

/* ---- network ---- */

void host_netf_new(const struct netf_limits *limits);
void host_netf_delete(void);
void host_netf_leave(void);
void host_netb_new(const struct netb_limits *limits);
void host_netb_delete(void);
void host_netb_leave(void);

void host_bug(const char *file, int line, const char *what) __attribute__((noreturn));
#define host_check(good)	((good) ? (void)0 : host_bug(__FILE__, __LINE__, #good))

#endif
