// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* tenon-blkback: requests. */
#include <linux/bio.h>
#include <linux/mm.h>
#include "blkback.h"

/* A discard is one or more operations of at most so many sectors. */
#define DISCARD_MAX	(UINT_MAX >> SECTOR_SHIFT & ~4095U)

static struct pvl_blkb_queue *queue_of(const struct blkb_req *req)
{
	return container_of(req->queue->os, struct pvl_blkb_queue, base);
}

static struct pvl_blkb *pvl_of(const struct blkb_req *req)
{
	return container_of(req->queue->b, struct pvl_blkb, core);
}

/* ---- pages that were mapped for one request ---- */

static void unmap_next(struct pvl_blkb_req *r);

static void unmap_done(int result, struct gntab_unmap_queue_data *data)
{
	struct pvl_blkb_req *r = data->data;
	struct pvl_blkb_queue *q = queue_of(r->req);
	unsigned long flags;

	WARN_ON_ONCE(result);
	gnttab_page_cache_put(&pvl_of(r->req)->base.cache, data->pages, data->count);
	r->unmapped += data->count;
	if (r->unmapped < r->req->nr_temps) {
		unmap_next(r);
		return;
	}
	spin_lock_irqsave(&q->base.lock, flags);
	blkb_unmapped(r->req);
	pvl_queue_ended(&q->base);
	spin_unlock_irqrestore(&q->base.lock, flags);
}

static void unmap_next(struct pvl_blkb_req *r)
{
	struct blkb_req *req = r->req;
	unsigned int n = min(req->nr_temps - r->unmapped, UNMAP_BATCH), i;

	for (i = 0; i < n; i++) {
		struct pvd_map *map = req->temps[r->unmapped + i];

		r->unmap_pages[i] = map->os;
		gnttab_set_unmap_op(&r->unmap_ops[i], (unsigned long)map->addr, GNTMAP_host_map, map->handle);
		map->addr = NULL;
	}
	r->unmap = (struct gntab_unmap_queue_data){
		.data = r, .done = unmap_done, .unmap_ops = r->unmap_ops, .pages = r->unmap_pages, .count = n,
	};
	gnttab_unmap_refs_async(&r->unmap);
}

static struct pvl_blkb_req *take_list(struct pvl_blkb_req **list)
{
	struct pvl_blkb_req *first = *list;

	*list = NULL;
	return first;
}

/* The lock is not held: what is unmapped may be told at once. */
static void unmap_list(struct pvl_blkb_req *r)
{
	while (unlikely(r != NULL)) {
		struct pvl_blkb_req *next = r->next;

		r->unmapped = 0;
		unmap_next(r);
		r = next;
	}
}

void pvos_unmap_req(struct blkb_req *req)
{
	struct pvl_blkb_req *r = req->os;
	struct pvl_blkb_queue *q = queue_of(req);

	r->req = req;
	r->next = q->unmap;
	q->unmap = r;
}

/* ---- ends ---- */

static int error_of(blk_status_t status)
{
	if (likely(!status))
		return 0;
	return status == BLK_STS_NOTSUPP ? -EOPNOTSUPP : -EIO;
}

static bool goes_on(struct pvl_blkb_req *r)
{
	return r->req->op >= BLKB_DISCARD && r->discard_next < r->req->sector + r->req->sectors;
}

static void ended(struct bio *bio)
{
	struct pvl_blkb_req *r = container_of(bio, struct pvl_blkb_req, bio);
	struct pvl_blkb_queue *q = queue_of(r->req);
	int error = error_of(bio->bi_status);
	struct pvl_blkb_req *unmap;
	unsigned long flags;

	bio_uninit(bio);
	spin_lock_irqsave(&q->base.lock, flags);
	if (unlikely(!error && goes_on(r))) {
		r->next = q->redo;
		q->redo = r;
		pvos_kick(&q->base);
	} else {
		blkb_done(r->req, error, current == q->base.worker);
		pvl_queue_ended(&q->base);
	}
	unmap = take_list(&q->unmap);
	spin_unlock_irqrestore(&q->base.lock, flags);
	unmap_list(unmap);
}

/* ---- starts ---- */

static pvl_opf_t operation(const struct blkb_req *req)
{
	switch (req->op) {
	case BLKB_READ:
		return REQ_OP_READ;
	case BLKB_WRITE:
		return REQ_OP_WRITE | REQ_SYNC | REQ_IDLE;
	case BLKB_FLUSH:
		return REQ_OP_WRITE | REQ_PREFLUSH;
	case BLKB_BARRIER:
		return REQ_OP_WRITE | REQ_PREFLUSH | (req->sectors ? REQ_FUA : 0);
	case BLKB_SECURE_DISCARD:
		return REQ_OP_SECURE_ERASE;
	default:
		return REQ_OP_DISCARD;
	}
}

static void start_data(struct pvl_blkb *b, struct blkb_req *req, struct pvl_blkb_req *r)
{
	struct bio_vec *vecs = req->large ? ((struct pvl_blkb_large *)req->large->os)->vecs : r->vecs;
	u32 i;

	pvl_bio_init(&r->bio, b->disk.bdev, vecs, req->nr_segs, operation(req));
	for (i = 0; i < req->nr_segs; i++) {
		const struct blkb_seg *seg = &req->segs[i];

		vecs[i].bv_page = pvd_grants_map(&req->queue->grants, seg->map)->os;
		vecs[i].bv_offset = seg->first * 512;
		vecs[i].bv_len = (seg->last - seg->first + 1) * 512;
	}
	r->bio.bi_vcnt = req->nr_segs;
	r->bio.bi_iter.bi_size = req->sectors * 512;
	r->bio.bi_iter.bi_sector = req->sector;
}

static void start_discard(struct pvl_blkb *b, struct blkb_req *req, struct pvl_blkb_req *r)
{
	sector_t left = req->sector + req->sectors - r->discard_next;

	left = min_t(sector_t, left, DISCARD_MAX);
	pvl_bio_init(&r->bio, b->disk.bdev, NULL, 0, operation(req));
	r->bio.bi_iter.bi_sector = r->discard_next;
	r->bio.bi_iter.bi_size = left * 512;
	r->discard_next += left;
}

static void submit(struct pvl_blkb_req *r)
{
	struct blkb_req *req = r->req;
	struct pvl_blkb *b = pvl_of(req);

	if (unlikely(req->op >= BLKB_DISCARD))
		start_discard(b, req, r);
	else
		start_data(b, req, r);
	r->bio.bi_end_io = ended;
	submit_bio(&r->bio);
}

void pvos_disk_submit(struct blkb_req *req, bool more)
{
	struct pvl_blkb_req *r = req->os;
	struct pvl_blkb_queue *q = queue_of(req);

	if (more && !q->plugged) {
		blk_start_plug(&q->plug);
		q->plugged = true;
	}
	r->req = req;
	r->discard_next = req->sector;
	submit(r);
	if (!more && q->plugged) {
		q->plugged = false;
		blk_finish_plug(&q->plug);
	}
}

/* What was put off: discards of several operations, pages of requests that were refused. */
static void go_on(struct pvl_blkb_queue *q)
{
	struct pvl_blkb_req *redo, *unmap;

	spin_lock_irq(&q->base.lock);
	redo = take_list(&q->redo);
	unmap = take_list(&q->unmap);
	spin_unlock_irq(&q->base.lock);
	unmap_list(unmap);
	while (redo) {
		struct pvl_blkb_req *next = redo->next;

		submit(redo);
		redo = next;
	}
}

bool pvl_blkb_due(void *engine)
{
	return blkb_due(engine);
}

bool pvl_blkb_run(void *engine, bool arm)
{
	struct blkb_queue *core = engine;
	struct pvl_blkb_queue *q = container_of(core->os, struct pvl_blkb_queue, base);
	u64 batches = core->stats.batches;
	bool more = blkb_run(core, arm);

	if (unlikely(READ_ONCE(q->redo) || READ_ONCE(q->unmap)))
		go_on(q);
	q->base.worked |= core->stats.batches != batches;
	return more;
}

bool pvl_blkb_quiet(void *engine)
{
	return blkb_quiet(engine);
}
