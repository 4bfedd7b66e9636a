/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Block back end: from a ring's entry to a checked request. Worker context. */
#ifndef PVD_BLKB_PARSE_H
#define PVD_BLKB_PARSE_H

#include "blkb.h"

/*
 * Reads an entry of the ring and fills in the request, whose pages are put on the list of those to be mapped; there are
 * BLKB_SEGS_MAX + 1 mapping structures and a struct blkb_large to take. What is wrong is told in req->error.
 */
void blkb_parse(struct blkb_queue *q, const void *entry, struct blkb_req *req);

/* Maps what is wanted. */
void blkb_map_wanted(struct blkb_queue *q);

/* After that: sets req->error if a page of the request could not be mapped. */
void blkb_check_maps(struct blkb_queue *q, struct blkb_req *req);

/* A request that failed gives back the kept mappings that could not be mapped: after all of its batch were checked. */
void blkb_forget_maps(struct blkb_queue *q, struct blkb_req *req);

#endif
