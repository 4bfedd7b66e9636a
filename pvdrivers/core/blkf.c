// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Block front end: the path of a request. */
#include "blkf.h"

#define SEG_LAST	(PVD_PAGE_SIZE / 512 - 1)

static struct blkif_request_segment segment(const struct pvd_page *page, uint32_t bytes)
{
	struct blkif_request_segment seg = { .gref = page->gref, .last_sect = SEG_LAST };

	if (bytes < PVD_PAGE_SIZE)
		seg.last_sect = bytes / 512 - 1;
	return seg;
}

/* Segments for `bytes` of the chain. */
static void fill_segments(struct blkif_request_segment *seg, const struct pvd_page *page, uint32_t bytes)
{
	while (bytes > PVD_PAGE_SIZE) {
		*seg++ = segment(page, PVD_PAGE_SIZE);
		page = page->next;
		bytes -= PVD_PAGE_SIZE;
	}
	*seg = segment(page, bytes);
}

static void fill_direct(const struct blkf_queue *q, struct blkif_request *req, const struct blkf_slot *slot, uint32_t nr_segs)
{
	req->operation = slot->wire;
	req->nr_segments = nr_segs;
	req->handle = q->f->handle;
	req->sector_number = slot->sector + slot->done / 512;
	fill_segments(req->seg, slot->data, slot->part);
}

static void fill_indirect(const struct blkf_queue *q, struct blkif_request_indirect *req, const struct blkf_slot *slot,
		uint32_t nr_segs)
{
	req->operation = BLKIF_OP_INDIRECT;
	req->indirect_op = slot->wire;
	req->nr_segments = nr_segs;
	req->sector_number = slot->sector + slot->done / 512;
	req->handle = q->f->handle;
	req->indirect_grefs[0] = slot->pages->gref;
	fill_segments(slot->pages->addr, slot->data, slot->part);
}

static bool take_pages(struct blkf_queue *q, struct blkf_slot *slot, uint32_t nr_segs)
{
	bool indirect = nr_segs > BLKIF_MAX_SEGMENTS_PER_REQUEST;

	slot->pages = pvd_pool_take(&q->pool, nr_segs + indirect, &slot->last);
	if (!slot->pages)
		return false;
	slot->data = indirect ? slot->pages->next : slot->pages;
	slot->nr_pages = nr_segs + indirect;
	return true;
}

static struct blkif_request *next_entry(struct blkf_queue *q, uint32_t id)
{
	struct blkif_request *req = &q->sring->ring[q->ring.req_prod & (q->ring.size - 1)].req;

	q->ring.req_prod++;
	q->requests++;
	req->id = id;
	return req;
}

/* The next request of an operation that moves data. The first is the largest: its pages are enough for all. */
static bool issue(struct blkf_queue *q, uint32_t id)
{
	struct blkf_slot *slot = &q->slots[id];
	uint32_t left = slot->bytes - slot->done, nr_segs;

	slot->part = left < blkf_request_bytes(q->f) ? left : blkf_request_bytes(q->f);
	nr_segs = (slot->part + PVD_PAGE_SIZE - 1) / PVD_PAGE_SIZE;
	if (!slot->pages && !take_pages(q, slot, nr_segs))
		return false;
	if (slot->wire == BLKIF_OP_WRITE)
		pvos_io_copy(slot->io, slot->done, slot->part, slot->data, true);
	if (nr_segs > BLKIF_MAX_SEGMENTS_PER_REQUEST)
		fill_indirect(q, (struct blkif_request_indirect *)next_entry(q, id), slot, nr_segs);
	else
		fill_direct(q, next_entry(q, id), slot, nr_segs);
	return true;
}

static void issue_discard(struct blkf_queue *q, uint32_t id, uint64_t sectors)
{
	struct blkf_slot *slot = &q->slots[id];
	struct blkif_request_discard *req = (struct blkif_request_discard *)next_entry(q, id);

	req->operation = slot->wire = BLKIF_OP_DISCARD;
	req->flag = slot->op == BLKF_SECURE_DISCARD ? BLKIF_DISCARD_SECURE : 0;
	req->handle = q->f->handle;
	req->sector_number = slot->sector;
	req->nr_sectors = sectors;
}

static void issue_flush(struct blkf_queue *q, uint32_t id)
{
	struct blkif_request *req = next_entry(q, id);

	req->operation = q->slots[id].wire = q->f->disk.flush ? BLKIF_OP_FLUSH_DISKCACHE : BLKIF_OP_WRITE_BARRIER;
	req->nr_segments = 0;
	req->handle = q->f->handle;
	req->sector_number = 0;
}

static bool can_do(const struct blkf_disk *disk, enum blkf_op op)
{
	switch (op) {
	case BLKF_READ:
	case BLKF_WRITE:
		return true;
	case BLKF_FLUSH:
		return disk->flush || disk->barrier;
	case BLKF_DISCARD:
		return disk->discard;
	case BLKF_SECURE_DISCARD:
		return disk->secure_discard;
	}
	return false;
}

int blkf_submit(struct blkf_queue *q, uint32_t id, void *io, enum blkf_op op, uint64_t sector, uint64_t bytes)
{
	struct blkf_slot *slot = &q->slots[id];

	if (pvos_unlikely(!q->up))
		return -EAGAIN;
	if (pvos_unlikely(!pvd_front_room(&q->ring))) {
		q->busy++;
		return -EBUSY;
	}
	if (pvos_unlikely(op > BLKF_WRITE) && !can_do(&q->f->disk, op))
		return -EOPNOTSUPP;
	slot->io = io;
	slot->op = op;
	slot->sector = sector;
	slot->pages = NULL;
	slot->bytes = slot->done = 0;
	if (pvos_unlikely(op == BLKF_FLUSH)) {
		issue_flush(q, id);
	} else if (pvos_unlikely(op >= BLKF_DISCARD)) {
		issue_discard(q, id, bytes / 512);
	} else {
		slot->wire = op == BLKF_WRITE ? BLKIF_OP_WRITE : BLKIF_OP_READ;
		slot->bytes = bytes;
		if (!issue(q, id)) {
			slot->io = NULL;
			q->busy++;
			return -EBUSY;
		}
	}
	return 0;
}

void blkf_commit(struct blkf_queue *q)
{
	if (q->up && pvd_front_push(&q->ring)) {
		q->notified++;
		pvos_notify(&q->event);
	}
}

static void end(struct blkf_queue *q, struct blkf_slot *slot, int error)
{
	void *io = slot->io;

	if (slot->pages)
		pvd_pool_give(&q->pool, slot->pages, slot->last, slot->nr_pages);
	slot->io = NULL;
	pvos_io_done(io, error);
}

static int error_of(int16_t status)
{
	if (pvos_likely(status == BLKIF_RSP_OKAY))
		return 0;
	return status == BLKIF_RSP_EOPNOTSUPP ? -EOPNOTSUPP : -EIO;
}

/* One answer. Returns what is wrong with it, or NULL. */
static const char *answered(struct blkf_queue *q, uint64_t id, uint8_t operation, int16_t status)
{
	struct blkf_slot *slot;
	int error;

	if (pvos_unlikely(id >= q->f->ids || !q->slots[id].io))
		return "a response to no request";
	slot = &q->slots[id];
	if (pvos_unlikely(operation != slot->wire) && (operation != BLKIF_OP_INDIRECT || !slot->pages))
		return "a response of another operation";
	error = error_of(status);
	if (!error && slot->wire == BLKIF_OP_READ)
		pvos_io_copy(slot->io, slot->done, slot->part, slot->data, false);
	if (pvos_unlikely(!error && slot->done + slot->part < slot->bytes)) {
		slot->done += slot->part;
		issue(q, id);
		return NULL;
	}
	end(q, slot, error);
	return NULL;
}

/* Answers that are there. Returns what is wrong, or NULL. */
static const char *take_answers(struct blkf_queue *q, uint32_t *count)
{
	int n = pvd_front_responses(&q->ring);

	if (n < 0)
		return "more responses than requests";
	*count += n;
	while (n--) {
		struct blkif_response *rsp = &q->sring->ring[q->ring.rsp_cons & (q->ring.size - 1)].rsp;
		uint64_t id = pvos_read_once(rsp->id);
		uint8_t operation = pvos_read_once(rsp->operation);
		int16_t status = pvos_read_once(rsp->status);
		const char *wrong;

		q->ring.rsp_cons++;
		wrong = answered(q, id, operation, status);
		if (wrong)
			return wrong;
	}
	return NULL;
}

uint32_t blkf_poll(struct blkf_queue *q)
{
	const char *wrong;
	uint32_t count = 0;

	if (!q->up)
		return 0;
	q->events++;
	do {
		wrong = take_answers(q, &count);
		if (pvos_unlikely(wrong != NULL)) {
			q->up = false;
			q->f->dev.faults++;
			pvos_report(&q->f->dev, "%s; the device is ended", wrong);
			pvos_fail(&q->f->dev);
			return count;
		}
	} while (pvd_front_rearm(&q->ring));
	if (count)
		q->f->dev.conn.losses = 0;
	blkf_commit(q);
	return count;
}
