/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* tenon-blkfront */
#ifndef PVL_BLKFRONT_H
#define PVL_BLKFRONT_H

#include <linux/blk-mq.h>
#include <linux/kref.h>
#include "blkf.h"
#include "pvl.h"

struct pvl_blkf_queue {
	struct pvl_queue base;
	struct blkf_queue *core;
	/* under the lock: */
	struct request *ended;			/* to be told to the block layer when the lock is free */
};

struct pvl_blkf {
	struct pvl_dev base;
	struct blkf core;
	struct pvl_blkf_queue *queues;
	struct blk_mq_tag_set set;
	struct gendisk *disk;			/* from the first connection on */
	struct work_struct add;			/* shows the disk: it is read from meanwhile */
	bool added;
	struct delayed_work patience;		/* runs while there is no back end */
	bool dead;				/* requests fail */
	bool stopped;				/* the block layer's queues are quiesced */
	bool closing;
	atomic_t openers;
	struct kref ref;			/* the device and each opener */
	char name[DISK_NAME_LEN];
};

/* What an operation of the engine is here: struct request's private part. */
struct pvl_io {
	struct request *next;
	int error;
};

void pvl_blkf_put(struct pvl_blkf *b);

/* ---- blkfront_io.c ---- */

extern const struct blk_mq_ops pvl_blkf_mq_ops;
irqreturn_t pvl_blkf_event(int irq, void *queue);

/* Ends what the engine handed over while it was disconnected. May sleep, without the mutex. */
void pvl_blkf_end(struct pvl_blkf *b);

/* ---- blkfront_disk.c ---- */

void pvl_blkf_disk_init(struct pvl_blkf *b);

/* May sleep, without the mutex: after the device's end, the disk goes away. */
void pvl_blkf_disk_remove(struct pvl_blkf *b);

/* "xvda" for 51712, and so on. -EINVAL */
int pvl_blkf_name(u32 device, char name[DISK_NAME_LEN]);

#endif
