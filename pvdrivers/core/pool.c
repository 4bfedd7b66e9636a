// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include "pool.h"

void pvd_pool_init(struct pvd_pool *pool, struct pvd_dev *dev, uint32_t limit)
{
	memset(pool, 0, sizeof(*pool));
	pool->dev = dev;
	pool->limit = limit;
}

int pvd_pool_fill(struct pvd_pool *pool, uint32_t count)
{
	while (pool->spare < count) {
		struct pvd_page *page = pool->total < pool->limit ? pvos_page_get(pool->dev) : NULL;

		if (!page)
			return -ENOMEM;
		pool->total++;
		pvd_pool_give(pool, page, page, 1);
	}
	return 0;
}

struct pvd_page *pvd_pool_take(struct pvd_pool *pool, uint32_t n, struct pvd_page **last)
{
	struct pvd_page *first, *page;
	uint32_t i;

	if (pvos_unlikely(pool->spare < n) && pvd_pool_fill(pool, n))
		return NULL;
	first = page = pool->stack;
	for (i = 1; i < n; i++)
		page = page->next;
	pool->stack = page->next;
	page->next = NULL;
	pool->spare -= n;
	*last = page;
	return first;
}

uint32_t pvd_pool_shrink(struct pvd_pool *pool, uint32_t keep)
{
	uint32_t freed = 0;

	while (pool->spare && pool->total > keep) {
		struct pvd_page *page = pool->stack;

		pool->stack = page->next;
		pool->spare--;
		pool->total--;
		pvos_page_put(pool->dev, page);
		freed++;
	}
	return freed;
}
