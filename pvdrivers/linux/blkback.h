/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* tenon-blkback */
#ifndef PVL_BLKBACK_H
#define PVL_BLKBACK_H

#include <linux/blkdev.h>
#include "blkb.h"
#include "compat_blk.h"
#include "pvl.h"

#define UNMAP_BATCH	16U

/* What a request of the engine has here. */
struct pvl_blkb_req {
	struct bio bio;
	struct bio_vec vecs[BLKIF_MAX_SEGMENTS_PER_REQUEST];
	sector_t discard_next;			/* of a discard longer than an operation of the block layer: its rest */
	struct pvl_blkb_req *next;
	struct blkb_req *req;
	struct gntab_unmap_queue_data unmap;
	struct gnttab_unmap_grant_ref unmap_ops[UNMAP_BATCH];
	struct page *unmap_pages[UNMAP_BATCH];
	unsigned int unmapped;
};

struct pvl_blkb_large {
	struct bio_vec vecs[BLKB_SEGS_MAX];
};

struct pvl_blkb_queue {
	struct pvl_queue base;
	struct blkb_queue *core;
	struct blk_plug plug;			/* the worker's, while more requests follow */
	bool plugged;
	/* under the lock: */
	struct pvl_blkb_req *redo;		/* discards to be gone on with */
	struct pvl_blkb_req *unmap;		/* requests whose pages are to be unmapped */
};

struct pvl_blkb {
	struct pvl_dev base;
	struct blkb core;
	struct pvl_blkb_queue *queues;
	struct delayed_work size;		/* looks at the disk's size now and then */
	struct pvl_bdev disk;
	bool cdrom;
	bool gone;
};

/* ---- blkback_io.c ---- */

bool pvl_blkb_run(void *engine, bool arm);
bool pvl_blkb_due(void *engine);
bool pvl_blkb_quiet(void *engine);

/* ---- blkback_disk.c ---- */

/* Opens what the store names, once it does. Control. */
void pvl_blkb_disk_changed(struct pvl_dev *pvl);
void pvl_blkb_disk_init(struct pvl_blkb *b);
void pvl_blkb_disk_close(struct pvl_blkb *b);

#endif
