/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A back end's mappings of its peer's pages: some kept from request to request, the others for one. One queue's; worker context, or
 * control while the queue is quiet. Kept ones are found by their grant in a table of sets: look-ups cost the same whatever numbers
 * the peer picks.
 */
#ifndef PVD_GRANTS_H
#define PVD_GRANTS_H

#include "os.h"

#define PVD_GRANTS_WAYS	8

struct pvd_grants {
	struct pvd_dev *dev;
	struct pvd_map *maps;		/* all there are */
	uint16_t *idle;			/* stack of indices of those not in use */
	uint32_t nr_idle;
	uint32_t kept, keep_limit;
	uint32_t refused;		/* pages that the table had no room for, since the last pvd_grants_trim() */
	uint16_t *table;		/* sets of PVD_GRANTS_WAYS indices + 1, those in use first */
	uint32_t set_bits;
};

/* Room for `keep_limit` (at most 32768) kept and `temporary` other mappings. -ENOMEM */
int pvd_grants_init(struct pvd_grants *g, struct pvd_dev *dev, uint32_t keep_limit, uint32_t temporary);

/* Unmaps what is kept; nothing else may be in use. */
void pvd_grants_free(struct pvd_grants *g);

/* The kept mapping of a grant, or NULL. */
struct pvd_map *pvd_grants_find(struct pvd_grants *g, uint32_t gref);

/*
 * A mapping structure for a grant that is not found: to be kept if there is room and `keep`. It is to be mapped by the caller.
 * NULL: all are in use.
 */
struct pvd_map *pvd_grants_new(struct pvd_grants *g, uint32_t gref, bool readonly, bool keep);

/* Keeps a mapping that was made without, if there is room; a look-up finds it from then on. */
bool pvd_grants_keep(struct pvd_grants *g, struct pvd_map *map);

/* The opposite: it stays mapped, and is not found any more. */
void pvd_grants_unkeep(struct pvd_grants *g, struct pvd_map *map);

/* Gives back a mapping structure: not kept and unmapped, or not to be mapped after all. */
void pvd_grants_put(struct pvd_grants *g, struct pvd_map *map);

/* Unmaps up to a quarter of what is kept: what was not found since the last time. The queue is quiet. */
void pvd_grants_trim(struct pvd_grants *g);

static inline struct pvd_map *pvd_grants_map(struct pvd_grants *g, uint32_t index)
{
	return &g->maps[index];
}

#endif
