// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Network back end: packets to the peer. */
#include "netb.h"

static void broken(struct netb_queue *q)
{
	struct pvd_dev *dev = &q->b->dev;

	q->rx.up = false;
	dev->faults++;
	pvos_report(dev, "more receive requests than the ring holds; the device is ended");
	pvos_fail(dev);
}

/* Are there this many buffers? If not, an event is asked for when there are. */
static int buffers(struct netb_queue *q, uint32_t wanted)
{
	struct netb_half *h = &q->rx;
	int n = pvd_back_requests(&h->ring);

	if (pvos_likely(n >= (int)wanted))
		return 0;
	if (n >= 0) {
		pvos_write_once(h->ring.shared->req_event, h->ring.req_cons + wanted);
		pvos_mb();
		n = pvd_back_requests(&h->ring);
	}
	if (n < 0) {
		broken(q);
		return -EAGAIN;
	}
	if (n >= (int)wanted)
		return 0;
	h->needed = wanted;
	return -EBUSY;
}

static struct netb_slot *take_buffer(struct netb_half *h, uint32_t *gref)
{
	const struct netif_rx_sring *ring = h->shared_ring;
	const struct netif_rx_request *req = &ring->ring[h->ring.req_cons++ & (NETB_RING - 1)].req;
	struct netb_slot *slot = &h->slots[h->nr_slots++];

	slot->id = pvos_read_once(req->id);
	*gref = pvos_read_once(req->gref);
	slot->nr_ops = 0;
	slot->flags = 0;
	slot->status = 0;
	slot->offset = 0;
	slot->extra = false;
	return slot;
}

/* Where the rest of the pieces is. */
struct cursor {
	const struct pvd_piece *piece;
	uint32_t at;
};

/* Fills one buffer with `bytes` of the pieces. */
static void fill(struct netb_queue *q, struct netb_slot *slot, uint32_t gref, struct cursor *c, uint32_t bytes)
{
	struct netb_half *h = &q->rx;
	const struct pvd_map *map = q->grants.kept ? pvd_grants_find(&q->grants, gref) : NULL;
	uint32_t offset = slot->offset, end = offset + bytes;

	slot->status = bytes;
	slot->first_op = h->nr_ops;
	h->stats.placed += map != NULL;
	while (offset < end) {
		uint32_t n = c->piece->bytes - c->at;
		uint8_t *from = (uint8_t *)c->piece->addr + c->at;

		if (n > end - offset)
			n = end - offset;
		if (map) {
			memcpy((uint8_t *)map->addr + offset, from, n);
		} else {
			pvos_copy_to(&h->ops[h->nr_ops++], &q->b->dev, gref, offset, from, n);
			slot->nr_ops++;
		}
		offset += n;
		c->at += n;
		if (c->at == c->piece->bytes) {
			c->piece++;
			c->at = 0;
		}
	}
}

static void put_extras(struct netb_half *h, const struct netif_extra_info *extra, uint32_t n)
{
	uint32_t gref, i;

	for (i = 0; i < n; i++) {
		struct netb_slot *slot = take_buffer(h, &gref);

		slot->extra = true;
		slot->info = extra[i];
	}
}

static uint16_t flags_of(const struct pvd_meta *meta, uint32_t nr_extras)
{
	return (meta->blank ? NETRXF_csum_blank | NETRXF_data_validated : 0) | (meta->valid ? NETRXF_data_validated : 0) |
		(nr_extras ? NETRXF_extra_info : 0);
}

int netb_rx_put(struct netb_queue *q, const struct pvd_piece *pieces, uint32_t nr_pieces, uint32_t bytes,
		const struct pvd_meta *meta)
{
	struct netb_half *h = &q->rx;
	uint32_t headroom = pvos_read_once(q->b->headroom), room = PVD_PAGE_SIZE - headroom;
	uint32_t pages = (bytes + room - 1) / room, left, i;
	struct cursor c = { .piece = pieces };
	struct netif_extra_info extra[2];
	uint32_t nr_extras = pvd_extra_make(meta, extra);
	int error;

	if (pvos_unlikely(!h->up))
		return -EAGAIN;
	if (pvos_unlikely(pages > PVD_NET_PAGES_MAX || pages + nr_pieces > NETB_OPS))
		return -EMSGSIZE;
	/* A buffer's end and a piece's end each begin another copy. */
	if (pvos_unlikely(h->nr_ops + pages + nr_pieces > NETB_OPS || h->nr_slots + pages + nr_extras > NETB_RING))
		netb_rx_flush(q);
	error = buffers(q, pages + nr_extras);
	if (pvos_unlikely(error)) {
		h->stats.stalls++;
		netb_rx_flush(q);
		return error;
	}
	for (i = 0, left = bytes; i < pages; i++) {
		uint32_t here = left < room ? left : room, gref;
		struct netb_slot *slot = take_buffer(h, &gref);

		slot->offset = headroom;
		slot->flags = (i ? 0 : flags_of(meta, nr_extras)) | (i + 1 < pages ? NETRXF_more_data : 0);
		fill(q, slot, gref, &c, here);
		if (!i)
			put_extras(h, extra, nr_extras);
		left -= here;
	}
	h->stats.packets++;
	h->stats.bytes += bytes;
	return 0;
}

static int16_t status_of(struct netb_half *h, const struct netb_slot *slot)
{
	uint32_t i;

	for (i = 0; i < slot->nr_ops; i++) {
		if (pvos_unlikely(pvos_copy_failed(&h->ops[slot->first_op + i]))) {
			h->stats.wrong++;
			return NETIF_RSP_ERROR;
		}
	}
	return slot->status;
}

static void respond(struct netb_half *h, const struct netb_slot *slot)
{
	struct netif_rx_sring *ring = h->shared_ring;
	struct netif_rx_response *rsp = &ring->ring[h->ring.rsp_prod++ & (NETB_RING - 1)].rsp;

	if (slot->extra) {
		memcpy(rsp, &slot->info, sizeof(slot->info));
		return;
	}
	rsp->id = slot->id;
	rsp->offset = slot->offset;
	rsp->flags = slot->flags;
	rsp->status = status_of(h, slot);
}

void netb_rx_flush(struct netb_queue *q)
{
	struct netb_half *h = &q->rx;
	uint32_t i;

	/* A batch that the connection's end came into is not answered: its ring is not mapped any more. */
	if (!h->nr_slots || !h->up)
		return;
	if (h->nr_ops) {
		h->stats.copies += h->nr_ops;
		pvos_copy(&q->b->dev, h->ops, h->nr_ops);
	}
	for (i = 0; i < h->nr_slots; i++)
		respond(h, &h->slots[i]);
	h->nr_slots = h->nr_ops = 0;
	if (h->up && pvd_back_push(&h->ring)) {
		h->stats.notified++;
		pvos_notify(h->event);
	}
}

void netb_rx_event(struct netb_queue *q)
{
	struct netb_half *h = &q->rx;

	if (!h->up || !h->needed || buffers(q, h->needed))
		return;
	h->needed = 0;
	pvos_netb_wake(h->os);
}
