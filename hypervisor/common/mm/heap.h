/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the heap. A free frame is in a block of the buddy lists or in a CPU's
 * cache. What is known of its contents and its translations stands in refs, frame by frame:
 * PGC_need_scrub and PGC_need_flush. The head of a block sums them up in its type
 * word, perhaps too pessimistically, so that clean blocks need no look at every frame; see buddy.c.
 */
#ifndef COMMON_MM_HEAP_H
#define COMMON_MM_HEAP_H

#include <tenon/mm.h>

#define MAX_ORDER	18			/* 1 GiB */
#define PGC_need_flush	(1UL << 57)		/* free: processors may still have translations to it */
#define PGC_block_head	(1UL << 56)		/* free: first frame of a block of 2^order */
#define PGC_todo	(PGC_need_scrub | PGC_need_flush)

/* Buddy lists (buddy.c), heap lock inside. */
struct page_info *buddy_alloc(unsigned int order, unsigned int memflags);
/* The todo flags of each frame stand in its refs already. */
void buddy_free(struct page_info *pg, unsigned int order);
/* A block with frames to be scrubbed, no longer in the lists but still counted as free; NULL if there is none. */
struct page_info *buddy_take_dirty(unsigned int *order);
void buddy_return(struct page_info *pg, unsigned int order);
unsigned long buddy_free_pages(void);
unsigned long buddy_dirty_blocks(void);

#endif
