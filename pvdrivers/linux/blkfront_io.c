// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* tenon-blkfront: requests. */
#include <xen/events.h>
#include "blkfront.h"
#include "compat_blk.h"

/* ---- data ---- */

static void copy_piece(struct bio_vec *bv, struct pvd_page **page, unsigned int *at, bool to_pages)
{
	char *data = pvl_kmap(bv->bv_page) + bv->bv_offset;
	unsigned int left = bv->bv_len;

	while (left) {
		unsigned int n = min_t(unsigned int, left, PVD_PAGE_SIZE - *at);
		char *shared = (char *)(*page)->addr + *at;

		if (to_pages)
			memcpy(shared, data, n);
		else
			memcpy(data, shared, n);
		data += n;
		left -= n;
		*at += n;
		if (*at == PVD_PAGE_SIZE) {
			*at = 0;
			*page = (*page)->next;
		}
	}
	pvl_kunmap(data - bv->bv_len);
}

void pvos_io_copy(void *io, uint32_t offset, uint32_t bytes, struct pvd_page *pages, bool to_pages)
{
	struct request *rq = io;
	struct req_iterator iter;
	struct bio_vec bv;
	unsigned int at = 0;

	rq_for_each_segment(bv, rq, iter) {
		if (unlikely(offset)) {
			unsigned int skip = min_t(unsigned int, offset, bv.bv_len);

			offset -= skip;
			bv.bv_offset += skip;
			bv.bv_len -= skip;
			if (!bv.bv_len)
				continue;
		}
		if (unlikely(bv.bv_len > bytes))
			bv.bv_len = bytes;
		copy_piece(&bv, &pages, &at, to_pages);
		bytes -= bv.bv_len;
		if (!bytes)
			break;
	}
}

/* ---- queues ---- */

/*
 * The block layer's queues stay as they were made. A back end that has fewer serves several of them with one of its own, in which each
 * has its own range of numbers.
 */
static struct pvl_blkf_queue *queue_of(struct blk_mq_hw_ctx *hctx)
{
	struct pvl_blkf *b = hctx->queue->queuedata;

	return &b->queues[hctx->queue_num % b->core.nr_queues];
}

static u32 id_of(const struct pvl_blkf *b, const struct request *rq)
{
	return rq->mq_hctx->queue_num / b->core.nr_queues * b->set.queue_depth + rq->tag;
}

/* The engine's operation, or a negative number. */
static int operation(const struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
		return BLKF_READ;
	case REQ_OP_WRITE:
		return BLKF_WRITE;
	case REQ_OP_FLUSH:
		return BLKF_FLUSH;
	case REQ_OP_DISCARD:
		return BLKF_DISCARD;
	case REQ_OP_SECURE_ERASE:
		return BLKF_SECURE_DISCARD;
	default:
		return -1;
	}
}

static blk_status_t status_of(const struct pvl_blkf *b, const struct blkf_queue *core, int error)
{
	switch (error) {
	case 0:
		return BLK_STS_OK;
	case -EBUSY:
		/* The end of one that is under way lets the block layer try again, if it is of the same queue there. */
		return core->ring.req_prod != core->ring.rsp_cons && b->core.nr_queues == b->set.nr_hw_queues ?
			BLK_STS_DEV_RESOURCE : BLK_STS_RESOURCE;
	case -EAGAIN:
		return READ_ONCE(b->dead) ? BLK_STS_IOERR : BLK_STS_RESOURCE;
	case -EOPNOTSUPP:
		return BLK_STS_NOTSUPP;
	default:
		return BLK_STS_IOERR;
	}
}

static blk_status_t queue_rq(struct blk_mq_hw_ctx *hctx, const struct blk_mq_queue_data *bd)
{
	struct pvl_blkf *b = hctx->queue->queuedata;
	struct pvl_blkf_queue *q = queue_of(hctx);
	struct request *rq = bd->rq;
	int op = operation(rq), error;
	blk_status_t status;
	unsigned long flags;

	if (unlikely(op < 0))
		return BLK_STS_NOTSUPP;
	blk_mq_start_request(rq);
	spin_lock_irqsave(&q->base.lock, flags);
	error = blkf_submit(q->core, id_of(b, rq), rq, op, blk_rq_pos(rq), blk_rq_bytes(rq));
	status = status_of(b, q->core, error);
	if (bd->last || unlikely(error))
		blkf_commit(q->core);
	spin_unlock_irqrestore(&q->base.lock, flags);
	return status;
}

static void commit_rqs(struct blk_mq_hw_ctx *hctx)
{
	struct pvl_blkf_queue *q = queue_of(hctx);
	unsigned long flags;

	spin_lock_irqsave(&q->base.lock, flags);
	blkf_commit(q->core);
	spin_unlock_irqrestore(&q->base.lock, flags);
}

#if defined(HAVE_QUEUE_RQS) || defined(HAVE_QUEUE_RQ_LIST)
static bool put(struct pvl_blkf_queue *q, struct request *rq)
{
	struct pvl_blkf *b = rq->q->queuedata;
	int op = operation(rq);

	if (unlikely(op < 0) || unlikely(blkf_submit(q->core, id_of(b, rq), rq, op, blk_rq_pos(rq), blk_rq_bytes(rq))))
		return false;
	/* It cannot end before the peer is told. */
	blk_mq_start_request(rq);
	return true;
}

/* The lock is taken and the peer told once for all. What is left in the list comes again, each by itself. */
static void queue_rqs(pvl_rq_list_t *list)
{
	struct request *rq = rq_list_peek(list);

	while (rq) {
		struct pvl_blkf_queue *q = queue_of(rq->mq_hctx);
		unsigned long flags;
		bool good;

		spin_lock_irqsave(&q->base.lock, flags);
		do {
			good = put(q, rq);
			if (good)
				rq_list_pop(list);
			rq = rq_list_peek(list);
		} while (good && rq && queue_of(rq->mq_hctx) == q);
		blkf_commit(q->core);
		spin_unlock_irqrestore(&q->base.lock, flags);
		if (!good)
			break;
	}
}
#endif

const struct blk_mq_ops pvl_blkf_mq_ops = {
	.queue_rq = queue_rq,
#if defined(HAVE_QUEUE_RQS) || defined(HAVE_QUEUE_RQ_LIST)
	.queue_rqs = queue_rqs,
#endif
	.commit_rqs = commit_rqs,
};

/* ---- ends ---- */

void pvos_io_done(void *io, int error)
{
	struct request *rq = io;
	struct pvl_io *pdu = blk_mq_rq_to_pdu(rq);
	struct pvl_blkf_queue *q = queue_of(rq->mq_hctx);

	pdu->error = error;
	pdu->next = q->ended;
	q->ended = rq;
}

void pvos_io_again(void *io)
{
	blk_mq_requeue_request(io, false);
}

static void end_requests(struct request *ended)
{
	pvl_ends_t ends = { };

	while (ended) {
		struct pvl_io *pdu = blk_mq_rq_to_pdu(ended);
		struct request *next = pdu->next;

		if (pdu->error || !pvl_ends_add(&ends, ended))
			blk_mq_end_request(ended, errno_to_blk_status(pdu->error));
		ended = next;
	}
	pvl_ends_flush(&ends);
}

static struct request *take_ended(struct pvl_blkf_queue *q)
{
	struct request *ended = q->ended;

	q->ended = NULL;
	return ended;
}

irqreturn_t pvl_blkf_event(int irq, void *queue)
{
	struct pvl_blkf_queue *q = container_of(queue, struct pvl_blkf_queue, base);
	struct request *ended;
	unsigned long flags;
	u32 count;

	spin_lock_irqsave(&q->base.lock, flags);
	count = blkf_poll(q->core);
	ended = take_ended(q);
	spin_unlock_irqrestore(&q->base.lock, flags);
	xen_irq_lateeoi(irq, count ? 0 : XEN_EOI_FLAG_SPURIOUS);
	end_requests(ended);
	return IRQ_HANDLED;
}

void pvl_blkf_end(struct pvl_blkf *b)
{
	u32 i;

	for (i = 0; i < b->core.nr_made; i++) {
		struct pvl_blkf_queue *q = &b->queues[i];
		struct request *ended;

		spin_lock_irq(&q->base.lock);
		ended = take_ended(q);
		spin_unlock_irq(&q->base.lock);
		end_requests(ended);
	}
}
