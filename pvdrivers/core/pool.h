/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A front end's pages that stay granted: a stack, so that few are used as long as few are needed. Data context, of its queue. */
#ifndef PVD_POOL_H
#define PVD_POOL_H

#include "os.h"

struct pvd_pool {
	struct pvd_dev *dev;
	struct pvd_page *stack;
	uint32_t spare;			/* on the stack */
	uint32_t total;			/* and in use */
	uint32_t limit;
};

void pvd_pool_init(struct pvd_pool *pool, struct pvd_dev *dev, uint32_t limit);

/* Grows the stack to `count` pages. -ENOMEM */
int pvd_pool_fill(struct pvd_pool *pool, uint32_t count);

/* A chain of n >= 1 pages, its last one in *last; NULL: not now. */
struct pvd_page *pvd_pool_take(struct pvd_pool *pool, uint32_t n, struct pvd_page **last);

/* A chain of n pages comes back. */
static inline void pvd_pool_give(struct pvd_pool *pool, struct pvd_page *first, struct pvd_page *last, uint32_t n)
{
	last->next = pool->stack;
	pool->stack = first;
	pool->spare += n;
}

/* Frees spare pages until there are no more than `keep` pages in all. Returns how many it freed. */
uint32_t pvd_pool_shrink(struct pvd_pool *pool, uint32_t keep);

#endif
