/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Random disk operations through front and back end, and what they must have done. Used by tests. */
#ifndef PVD_BLK_MODEL_H
#define PVD_BLK_MODEL_H

#include "host.h"

struct model_op {
	struct host_io io;
	struct blkf_queue *queue;
	uint32_t id;
	enum blkf_op op;
	uint64_t sector;
	uint32_t sectors;
	bool used;
};

struct model {
	uint8_t *expect;		/* the disk's contents */
	uint8_t claimed[HOST_DISK / 512];
	struct model_op ops[HOST_QUEUES * 64];
	uint32_t nr_ops;
	uint32_t max_sectors;		/* of an operation */
	uint32_t done, failed, wrong, again, busy;
};

extern struct model model;

void model_new(uint32_t max_sectors);
void model_end(void);

/* Starts one operation if there is an idle number and a free place. */
void model_submit(void);

/* Submits again what came back, and looks at what has ended. */
void model_collect(void);

/* `count` operations, with steps of the world in between; then all of them end. */
void model_run(uint32_t count);

#endif
