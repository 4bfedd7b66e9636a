/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Block devices: the ring's messages. The store's nodes are described in doc/drivers.md.
 *
 * Sectors are of 512 bytes, unless the front end says feature-large-sector-size: then of the back end's sector-size.
 */
#ifndef XEN_IO_BLKIF_H
#define XEN_IO_BLKIF_H

#include <xen/grant_table.h>
#include <xen/io/ring.h>

#define blkif_vdev_t	uint16_t
#define blkif_sector_t	uint64_t

#define BLKIF_OP_READ			0
#define BLKIF_OP_WRITE			1
#define BLKIF_OP_WRITE_BARRIER		2	/* feature-barrier: earlier writes before it, later ones after it */
#define BLKIF_OP_FLUSH_DISKCACHE	3	/* feature-flush-cache */
#define BLKIF_OP_RESERVED_1		4
#define BLKIF_OP_DISCARD		5	/* feature-discard: struct blkif_request_discard */
#define BLKIF_OP_INDIRECT		6	/* feature-max-indirect-segments: struct blkif_request_indirect */

#define BLKIF_MAX_SEGMENTS_PER_REQUEST		11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST	8	/* each an array of struct blkif_request_segment */

struct blkif_request_segment {
	grant_ref_t gref;
	uint8_t first_sect, last_sect;	/* both included, counted within the page */
};

struct blkif_request {
	uint8_t operation;
	uint8_t nr_segments;
	blkif_vdev_t handle;		/* the node virtual-device */
	uint64_t id;			/* comes back in the response */
	blkif_sector_t sector_number;
	struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

struct blkif_request_discard {
	uint8_t operation;
	uint8_t flag;			/* BLKIF_DISCARD_SECURE, or 0 */
	blkif_vdev_t handle;
	uint64_t id;
	blkif_sector_t sector_number;
	uint64_t nr_sectors;
};

#define BLKIF_DISCARD_SECURE	(1 << 0)	/* discard-secure */

struct blkif_request_indirect {
	uint8_t operation;
	uint8_t indirect_op;		/* BLKIF_OP_READ or BLKIF_OP_WRITE */
	uint16_t nr_segments;
	uint64_t id;
	blkif_sector_t sector_number;
	blkif_vdev_t handle;
	grant_ref_t indirect_grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
#ifdef __i386__
	uint64_t pad;
#endif
};

struct blkif_response {
	uint64_t id;
	uint8_t operation;
	int16_t status;
};

#define BLKIF_RSP_EOPNOTSUPP	-2
#define BLKIF_RSP_ERROR		-1
#define BLKIF_RSP_OKAY		0

typedef struct blkif_request blkif_request_t;
typedef struct blkif_request_discard blkif_request_discard_t;
typedef struct blkif_request_indirect blkif_request_indirect_t;
typedef struct blkif_response blkif_response_t;

DEFINE_RING_TYPES(blkif, struct blkif_request, struct blkif_response);

/* Bits of the back end's node "info" */
#define VDISK_CDROM	0x1
#define VDISK_REMOVABLE	0x2
#define VDISK_READONLY	0x4

#endif
