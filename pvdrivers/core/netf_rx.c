// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Network front end: receive. */
#include "netf.h"

/* Gives the peer buffers up to the target. */
static void post(struct netf_rx *rx)
{
	while (rx->ring.req_prod - rx->ring.rsp_cons < rx->target) {
		uint32_t at = rx->ring.req_prod & (NETF_RING - 1);
		struct netif_rx_request *req = &rx->sring->ring[at].req;
		struct pvd_page *page, *last;

		page = pvd_pool_take(&rx->pool, 1, &last);
		if (!page)
			return;
		rx->page[at] = page;
		req->id = at;
		req->gref = page->gref;
		rx->ring.req_prod++;
	}
}

static void push(struct netf_queue *q)
{
	if (pvd_front_push(&q->rx.ring)) {
		q->rx.stats.notified++;
		pvos_notify(&q->event);
	}
}

void netf_rx_post(struct netf_queue *q)
{
	post(&q->rx);
	push(q);
}

/* One packet as it comes in. */
struct arrival {
	void *packet;			/* NULL: thrown away */
	uint32_t bytes, pages;
	struct pvd_extras extras;
	bool bad;
};

/* The buffer in entry `at` goes back to the pool. */
static struct pvd_page *take_buffer(struct netf_rx *rx, uint32_t at)
{
	struct pvd_page *page = rx->page[at];

	rx->page[at] = NULL;
	return page;
}

static void append(struct netf_queue *q, struct arrival *a, const uint8_t *from, uint32_t bytes)
{
	void *room;

	if (a->bad)
		return;
	if (++a->pages > PVD_NET_PAGES_MAX || a->bytes + bytes > PVD_NET_BYTES_MAX || !bytes) {
		a->bad = true;
		return;
	}
	if (!a->packet)
		a->packet = pvos_packet_new(q->rx.os, bytes);
	room = a->packet ? pvos_packet_room(a->packet, bytes) : NULL;
	if (!room) {
		a->bad = true;
		return;
	}
	memcpy(room, from, bytes);
	a->bytes += bytes;
}

/* Reads extra entries, whose number is limited by what there is. Returns what is wrong, or NULL. */
static const char *read_extras(struct netf_queue *q, struct arrival *a, uint32_t *left)
{
	struct netf_rx *rx = &q->rx;
	const char *wrong = NULL;
	bool more = true;

	while (more) {
		uint32_t at = rx->ring.rsp_cons & (NETF_RING - 1);
		struct netif_extra_info extra;
		uint32_t words[2];
		const uint32_t *shared = (const uint32_t *)&rx->sring->ring[at];
		struct pvd_page *page;

		if (!*left)
			return "a packet without its end";
		words[0] = pvos_read_once(shared[0]);
		words[1] = pvos_read_once(shared[1]);
		memcpy(&extra, words, sizeof(extra));
		page = take_buffer(rx, at);
		pvd_pool_give(&rx->pool, page, page, 1);
		rx->ring.rsp_cons++;
		--*left;
		if (!wrong)
			wrong = pvd_extra_read(&a->extras, &extra);
		more = extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
	}
	if (wrong)
		a->bad = true;
	return NULL;
}

/* One packet. Returns what is wrong with the ring, or NULL. */
static const char *receive(struct netf_queue *q, uint32_t *left)
{
	struct netf_rx *rx = &q->rx;
	struct arrival a = { .extras.meta.hash_type = PVD_NO_HASH };
	uint16_t flags = 0, first_flags = 0;
	bool first = true;

	do {
		uint32_t at = rx->ring.rsp_cons & (NETF_RING - 1);
		struct netif_rx_response *rsp = &rx->sring->ring[at].rsp;
		uint16_t offset = pvos_read_once(rsp->offset);
		int16_t status = pvos_read_once(rsp->status);
		struct pvd_page *page;

		if (!*left) {
			if (a.packet)
				pvos_packet_drop(rx->os, a.packet);
			return "a packet without its end";
		}
		flags = pvos_read_once(rsp->flags);
		page = take_buffer(rx, at);
		rx->ring.rsp_cons++;
		--*left;
		if (status < 0 || offset > PVD_PAGE_SIZE || status > (int)(PVD_PAGE_SIZE - offset))
			a.bad = true;
		else
			append(q, &a, (const uint8_t *)page->addr + offset, status);
		pvd_pool_give(&rx->pool, page, page, 1);
		if (first) {
			const char *wrong = flags & NETRXF_extra_info ? read_extras(q, &a, left) : NULL;

			if (wrong) {
				if (a.packet)
					pvos_packet_drop(rx->os, a.packet);
				return wrong;
			}
			first_flags = flags;
			first = false;
		}
	} while (flags & NETRXF_more_data);

	if (a.bad || a.bytes < PVD_NET_HEADER_MIN) {
		rx->stats.dropped++;
		if (a.packet)
			pvos_packet_drop(rx->os, a.packet);
		return NULL;
	}
	a.extras.meta.blank = first_flags & NETRXF_csum_blank;
	a.extras.meta.valid = first_flags & NETRXF_data_validated;
	rx->stats.packets++;
	rx->stats.bytes += a.bytes;
	pvos_packet_deliver(rx->os, a.packet, &a.extras.meta);
	return NULL;
}

uint32_t netf_rx_run(struct netf_queue *q, uint32_t budget, bool arm)
{
	struct netf_rx *rx = &q->rx;
	const char *wrong = NULL;
	uint32_t done = 0;

	while (rx->up && done < budget) {
		int n = pvd_front_responses(&rx->ring);
		uint32_t left = n < 0 ? 0 : n;

		if (n < 0)
			wrong = "more received than buffers";
		while (!wrong && left && done < budget) {
			wrong = receive(q, &left);
			done++;
		}
		if (wrong) {
			rx->up = false;
			q->f->dev.faults++;
			pvos_report(&q->f->dev, "%s; the device is ended", wrong);
			pvos_fail(&q->f->dev);
			return done;
		}
		netf_rx_post(q);
		if (!arm || (done < budget && !pvd_front_rearm(&rx->ring)))
			break;
	}
	rx->stats.held += !arm;
	if (done)
		q->f->dev.conn.losses = 0;
	return done;
}
