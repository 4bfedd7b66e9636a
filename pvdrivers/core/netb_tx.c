// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Network back end: packets from the peer. */
#include "netb.h"

#define SLOTS_FATAL	64U		/* entries of one packet: who sends more does not mean it */
#define OPS_PACKET	(2 * PVD_NET_PAGES_MAX)

/* A packet as its entries say. */
struct sketch {
	struct { uint32_t gref; uint16_t offset, size; } piece[PVD_NET_PAGES_MAX];
	uint32_t nr_pieces, bytes;
	uint16_t flags;
	struct pvd_extras extras;
	const char *wrong;		/* with the packet alone */
};

static void broken(struct netb_queue *q, const char *why)
{
	struct pvd_dev *dev = &q->b->dev;

	q->tx.up = false;
	dev->faults++;
	pvos_report(dev, "%s; the device is ended", why);
	pvos_fail(dev);
}

static const uint32_t *entry(const struct netb_half *h)
{
	const struct netif_tx_sring *ring = h->shared_ring;

	return (const uint32_t *)&ring->ring[h->ring.req_cons & (NETB_RING - 1)];
}

static struct netb_slot *new_slot(struct netb_half *h)
{
	struct netb_slot *slot = &h->slots[h->nr_slots++];

	slot->status = NETIF_RSP_OKAY;
	slot->nr_ops = 0;
	return slot;
}

static void take_extra(struct netb_half *h, struct sketch *s, bool *more)
{
	const uint32_t *shared = entry(h);
	uint32_t words[2] = { pvos_read_once(shared[0]), pvos_read_once(shared[1]) };
	struct netif_extra_info extra;
	const char *wrong;

	memcpy(&extra, words, sizeof(extra));
	h->ring.req_cons++;
	new_slot(h)->status = NETIF_RSP_NULL;
	wrong = pvd_extra_read(&s->extras, &extra);
	if (wrong)
		s->wrong = wrong;
	*more = extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
}

static void take_request(struct netb_half *h, struct sketch *s, bool first)
{
	const uint32_t *shared = entry(h);
	uint32_t words[3] = { pvos_read_once(shared[0]), pvos_read_once(shared[1]), pvos_read_once(shared[2]) };
	struct netif_tx_request req;

	memcpy(&req, words, sizeof(req));
	h->ring.req_cons++;
	new_slot(h)->id = req.id;
	s->flags = first ? req.flags : (s->flags & ~NETTXF_more_data) | (req.flags & NETTXF_more_data);
	if (first)
		s->bytes = req.size;
	if (s->nr_pieces == PVD_NET_PAGES_MAX) {
		s->wrong = "too many pieces";
		return;
	}
	if (!first && (!req.size || req.size >= s->piece[0].size)) {
		s->wrong = "pieces larger than the whole";
		return;
	}
	if (!first)
		s->piece[0].size -= req.size;
	s->piece[s->nr_pieces].gref = req.gref;
	s->piece[s->nr_pieces].offset = req.offset;
	s->piece[s->nr_pieces++].size = req.size;
}

/* Takes the entries of a packet; `left` are there. Returns what is wrong with the ring, or NULL. */
static const char *take_entries(struct netb_half *h, struct sketch *s, uint32_t left)
{
	uint32_t limit = left < SLOTS_FATAL ? left : SLOTS_FATAL, taken = 1;
	bool more;

	take_request(h, s, true);
	for (more = s->flags & NETTXF_extra_info; more; taken++) {
		if (taken == limit)
			return "a packet without its end";
		take_extra(h, s, &more);
	}
	for (; s->flags & NETTXF_more_data; taken++) {
		if (taken == limit)
			return "a packet without its end";
		take_request(h, s, false);
	}
	return NULL;
}

static void check(const struct netb *b, struct sketch *s)
{
	uint32_t i;

	if (s->wrong)
		return;
	if (s->bytes < PVD_NET_HEADER_MIN)
		s->wrong = "shorter than a header";
	for (i = 0; !s->wrong && i < s->nr_pieces; i++)
		if (s->piece[i].offset > PVD_PAGE_SIZE || s->piece[i].size > PVD_PAGE_SIZE - s->piece[i].offset)
			s->wrong = "a piece beyond its page";
}

/* ---- copying ---- */

static void copy_piece(struct netb_queue *q, struct netb_slot *slot, uint32_t gref, uint32_t offset, uint8_t *to, uint32_t bytes)
{
	struct netb_half *h = &q->tx;
	const struct pvd_map *map = q->grants.kept ? pvd_grants_find(&q->grants, gref) : NULL;

	if (map) {
		memcpy(to, (const uint8_t *)map->addr + offset, bytes);
		h->stats.placed++;
		return;
	}
	if (!slot->nr_ops)
		slot->first_op = h->nr_ops;
	while (bytes) {
		uint32_t n = PVD_PAGE_SIZE - ((uintptr_t)to & (PVD_PAGE_SIZE - 1));

		if (n > bytes)
			n = bytes;
		pvos_copy_from(&h->ops[h->nr_ops++], &q->b->dev, gref, offset, to, n);
		slot->nr_ops++;
		offset += n;
		to += n;
		bytes -= n;
	}
}

/* There is no memory for the packet: nothing is copied into what there was. */
static void *give_up(struct netb_queue *q, void *packet, uint32_t first_slot, uint32_t nr_ops)
{
	uint32_t i;

	pvos_packet_drop(q->tx.os, packet);
	for (i = first_slot; i < q->tx.nr_slots; i++)
		q->tx.slots[i].nr_ops = 0;
	q->tx.nr_ops = nr_ops;
	return NULL;
}

/* Room for a packet, and the copies into it. Returns NULL when there is no memory. */
static void *start_packet(struct netb_queue *q, const struct sketch *s, uint32_t first_slot)
{
	void *packet = pvos_packet_new(q->tx.os, s->piece[0].size);
	uint32_t nr_ops = q->tx.nr_ops, i, slot = first_slot;

	for (i = 0; packet && i < s->nr_pieces; i++, slot++) {
		void *room = pvos_packet_room(packet, s->piece[i].size);

		if (!room)
			return give_up(q, packet, first_slot, nr_ops);
		/* Extra entries stand behind the first. */
		while (i && q->tx.slots[slot].status == NETIF_RSP_NULL)
			slot++;
		copy_piece(q, &q->tx.slots[slot], s->piece[i].gref, s->piece[i].offset, room, s->piece[i].size);
	}
	return packet;
}

/* ---- the list of multicast addresses ---- */

static int16_t change_mcast(struct netb *b, const struct netif_extra_info *extra)
{
	const uint8_t *mac = extra->u.mcast.addr;
	uint32_t i;

	for (i = 0; i < b->nr_mcast && memcmp(b->mcast[i], mac, 6); i++)
		;
	if (extra->type == XEN_NETIF_EXTRA_TYPE_MCAST_DEL) {
		if (i < b->nr_mcast) {
			memcpy(b->mcast[i], b->mcast[b->nr_mcast - 1], 6);
			b->nr_mcast--;
		}
		return NETIF_RSP_OKAY;
	}
	if (i == NETB_MCAST)
		return NETIF_RSP_ERROR;
	if (i == b->nr_mcast) {
		memcpy(b->mcast[i], mac, 6);
		b->nr_mcast++;
	}
	return NETIF_RSP_OKAY;
}

bool netb_takes_mcast(const struct netb *b, const uint8_t mac[6])
{
	uint32_t n = pvos_read_once(b->nr_mcast), i;

	if (!b->filter_mcast)
		return true;
	for (i = 0; i < n; i++)
		if (!memcmp(b->mcast[i], mac, 6))
			return true;
	return false;
}

/* ---- the path ---- */

static void set_status(struct netb_half *h, uint32_t first, uint32_t n, int16_t status)
{
	uint32_t i;

	for (i = first; i < first + n; i++)
		if (h->slots[i].status != NETIF_RSP_NULL)
			h->slots[i].status = status;
}

static const char *take_packet(struct netb_queue *q, uint32_t left)
{
	struct netb_half *h = &q->tx;
	struct sketch s = { .extras.meta.hash_type = PVD_NO_HASH };
	struct netb_packet *p = &q->packets[q->nr_packets];
	const char *wrong;

	p->first_slot = h->nr_slots;
	p->packet = NULL;
	wrong = take_entries(h, &s, left);
	if (wrong)
		return wrong;
	p->nr_slots = h->nr_slots - p->first_slot;
	q->nr_packets++;
	if (s.extras.mcast.type && !s.wrong && q == q->b->queues) {
		set_status(h, p->first_slot, p->nr_slots, change_mcast(q->b, &s.extras.mcast));
		return NULL;
	}
	check(q->b, &s);
	if (s.wrong) {
		h->stats.wrong++;
		set_status(h, p->first_slot, p->nr_slots, NETIF_RSP_ERROR);
		pvos_report(&q->b->dev, "packet refused: %s", s.wrong);
		return NULL;
	}
	p->meta = s.extras.meta;
	p->meta.blank = s.flags & NETTXF_csum_blank;
	p->meta.valid = s.flags & NETTXF_data_validated;
	p->packet = start_packet(q, &s, p->first_slot);
	if (!p->packet) {
		h->stats.dropped++;
		set_status(h, p->first_slot, p->nr_slots, NETIF_RSP_DROPPED);
		return NULL;
	}
	h->stats.packets++;
	h->stats.bytes += s.bytes;
	if (pvos_unlikely(q->b->rate.bytes))
		q->credit -= s.bytes;
	return NULL;
}

static bool copied(const struct netb_half *h, const struct netb_slot *slot)
{
	uint32_t i;

	for (i = 0; i < slot->nr_ops; i++)
		if (pvos_copy_failed(&h->ops[slot->first_op + i]))
			return false;
	return true;
}

static void finish_packet(struct netb_queue *q, struct netb_packet *p)
{
	struct netb_half *h = &q->tx;
	uint32_t i;

	if (!p->packet)
		return;
	for (i = 0; i < p->nr_slots; i++) {
		if (pvos_likely(copied(h, &h->slots[p->first_slot + i])))
			continue;
		h->stats.wrong++;
		set_status(h, p->first_slot, p->nr_slots, NETIF_RSP_ERROR);
		pvos_packet_drop(h->os, p->packet);
		return;
	}
	pvos_packet_deliver(h->os, p->packet, &p->meta);
}

static void respond(struct netb_half *h)
{
	struct netif_tx_sring *ring = h->shared_ring;
	uint32_t i;

	for (i = 0; i < h->nr_slots; i++) {
		struct netif_tx_response *rsp = &ring->ring[h->ring.rsp_prod++ & (NETB_RING - 1)].rsp;

		rsp->id = h->slots[i].id;
		rsp->status = h->slots[i].status;
	}
	h->nr_slots = h->nr_ops = 0;
	if (pvd_back_push(&h->ring)) {
		h->stats.notified++;
		pvos_notify(h->event);
	}
}

/* Copies and delivers what was taken. */
static void finish(struct netb_queue *q)
{
	struct netb_half *h = &q->tx;
	uint32_t i;

	if (h->nr_ops) {
		h->stats.copies += h->nr_ops;
		pvos_copy(&q->b->dev, h->ops, h->nr_ops);
	}
	for (i = 0; i < q->nr_packets; i++)
		finish_packet(q, &q->packets[i]);
	q->nr_packets = 0;
	respond(h);
}

/* May a packet be taken, as far as the rate goes? If not, this is run again when one may. */
static bool has_credit(struct netb_queue *q)
{
	const struct netb_rate *rate = &q->b->rate;
	uint64_t now, intervals;

	if (pvos_likely(!rate->bytes) || q->credit > 0)
		return true;
	now = pvos_now();
	intervals = (now - q->credit_from) / rate->ns;
	/* What was not used in an interval is lost, but for a debt. */
	if (intervals) {
		uint64_t debt = -q->credit;

		q->credit_from += intervals * rate->ns;
		q->credit = intervals > debt / rate->bytes + 1 ? rate->bytes : intervals * rate->bytes - debt;
		if (q->credit > 0)
			return true;
	}
	q->tx.stats.stalls++;
	pvos_netb_later(q->tx.os, q->credit_from + rate->ns - now);
	return false;
}

/* A batch of up to `budget` packets. Returns how many, or -EPROTO. *later: no more now, whatever the ring holds. */
static int run_batch(struct netb_queue *q, uint32_t budget, bool *later)
{
	struct netb_half *h = &q->tx;
	const char *wrong = NULL;
	int n = pvd_back_requests(&h->ring);
	uint32_t end = h->ring.req_cons + n, taken = 0;

	if (n < 0) {
		broken(q, "more transmit requests than the ring holds");
		return -EPROTO;
	}
	while (!wrong && taken < budget && taken < NETB_BATCH && h->ring.req_cons != end && h->nr_ops + OPS_PACKET <= NETB_OPS) {
		if (pvos_unlikely(!has_credit(q))) {
			*later = true;
			break;
		}
		wrong = take_packet(q, end - h->ring.req_cons);
		taken += !wrong;
	}
	finish(q);
	if (wrong) {
		broken(q, wrong);
		return -EPROTO;
	}
	return taken;
}

uint32_t netb_tx_run(struct netb_queue *q, uint32_t budget, bool arm)
{
	uint32_t done = 0;
	bool later = false;

	while (q->tx.up && done < budget && !later) {
		int n = run_batch(q, budget - done, &later);

		if (n < 0)
			break;
		done += n;
		if (!n && (!arm || (!later && !pvd_back_rearm(&q->tx.ring))))
			break;
	}
	q->tx.stats.held += !arm;
	return done;
}
