// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Network front end: transmit. */
#include "netf.h"

static void broken(struct netf_queue *q, const char *why)
{
	struct pvd_dev *dev = &q->f->dev;

	q->tx.up = false;
	dev->faults++;
	pvos_report(dev, "%s; the device is ended", why);
	pvos_fail(dev);
}

static struct netif_tx_request *next_entry(struct netf_tx *tx)
{
	return &tx->sring->ring[tx->ring.req_prod++ & (NETF_RING - 1)].req;
}

static void put_extra(struct netf_tx *tx, const struct netif_extra_info *extra)
{
	memcpy(next_entry(tx), extra, sizeof(*extra));
}

static void put_data(struct netf_tx *tx, struct pvd_page *page, uint32_t size, uint16_t flags)
{
	struct netif_tx_request *req = next_entry(tx);
	uint16_t id = tx->idle[--tx->nr_idle];

	tx->page[id] = page;
	req->gref = page->gref;
	req->offset = 0;
	req->flags = flags;
	req->id = id;
	req->size = size;
}

/* Packs the pieces into the pages. */
static void copy_pieces(struct pvd_page *page, const struct pvd_piece *pieces, uint32_t nr_pieces)
{
	uint32_t at = 0, i;

	for (i = 0; i < nr_pieces; i++) {
		const uint8_t *from = pieces[i].addr;
		uint32_t left = pieces[i].bytes;

		while (left) {
			uint32_t n = PVD_PAGE_SIZE - at;

			if (n > left)
				n = left;
			memcpy((uint8_t *)page->addr + at, from, n);
			from += n;
			left -= n;
			at += n;
			if (at == PVD_PAGE_SIZE) {
				at = 0;
				page = page->next;
			}
		}
	}
}

/* Requests for a packet whose pages are filled. */
static void put_packet(struct netf_tx *tx, struct pvd_page *page, uint32_t bytes, const struct pvd_meta *meta)
{
	struct netif_extra_info extra[2];
	uint32_t nr_extras = pvd_extra_make(meta, extra), i;
	uint16_t flags = (meta->blank ? NETTXF_csum_blank | NETTXF_data_validated : 0) |
		(meta->valid ? NETTXF_data_validated : 0) | (nr_extras ? NETTXF_extra_info : 0);
	uint32_t left = bytes;
	bool first = true;

	while (page) {
		struct pvd_page *next = page->next;
		uint32_t here = left < PVD_PAGE_SIZE ? left : PVD_PAGE_SIZE;

		put_data(tx, page, first ? bytes : here, flags | (next ? NETTXF_more_data : 0));
		for (i = 0; first && i < nr_extras; i++)
			put_extra(tx, &extra[i]);
		first = false;
		flags = 0;
		left -= here;
		page = next;
	}
}

/* Waits for the peer to have answered three quarters of what is under way. Returns true when there is room already. */
static bool wait_for_room(struct netf_queue *q, uint32_t entries)
{
	struct netf_tx *tx = &q->tx;
	uint32_t outstanding = tx->ring.req_pushed - tx->ring.rsp_cons;

	tx->stats.busy++;
	tx->full = true;
	pvos_write_once(tx->ring.shared->rsp_event, tx->ring.rsp_cons + (outstanding * 3 / 4 ? outstanding * 3 / 4 : 1));
	pvos_mb();
	netf_tx_reap(q);
	if (!tx->up || pvd_front_room(&tx->ring) < entries || tx->nr_idle < entries)
		return false;
	tx->full = false;
	return true;
}

static bool has_room(const struct netf_tx *tx, uint32_t entries)
{
	return pvd_front_room(&tx->ring) >= entries && tx->nr_idle >= entries;
}

int netf_tx_put(struct netf_queue *q, const struct pvd_piece *pieces, uint32_t nr_pieces, uint32_t bytes,
		const struct pvd_meta *meta)
{
	struct netf_tx *tx = &q->tx;
	uint32_t pages = (bytes + PVD_PAGE_SIZE - 1) / PVD_PAGE_SIZE, entries = pages + 2;
	struct pvd_page *first, *last;

	if (pvos_unlikely(!tx->up))
		return -EAGAIN;
	if (pvos_unlikely(tx->nr_idle < NETF_RING / 2))
		netf_tx_reap(q);
	if (pvos_unlikely(!has_room(tx, entries))) {
		netf_tx_commit(q);
		if (!tx->up || !wait_for_room(q, entries))
			return -EBUSY;
	}
	first = pvd_pool_take(&tx->pool, pages, &last);
	if (pvos_unlikely(!first)) {
		/* Pages come back with the responses to what is under way; with none under way the packet is lost. */
		tx->stats.dropped++;
		return -ENOMEM;
	}
	copy_pieces(first, pieces, nr_pieces);
	put_packet(tx, first, bytes, meta);
	tx->stats.packets++;
	tx->stats.bytes += bytes;
	return 0;
}

void netf_tx_commit(struct netf_queue *q)
{
	if (q->tx.up && pvd_front_push(&q->tx.ring)) {
		q->tx.stats.notified++;
		pvos_notify(&q->event);
	}
}

static bool answered(struct netf_tx *tx, uint16_t id, int16_t status)
{
	struct pvd_page *page;

	if (status == NETIF_RSP_NULL)
		return true;
	page = id < NETF_RING ? tx->page[id] : NULL;
	if (!page)
		return false;
	tx->page[id] = NULL;
	tx->idle[tx->nr_idle++] = id;
	pvd_pool_give(&tx->pool, page, page, 1);
	if (status != NETIF_RSP_OKAY)
		tx->stats.dropped++;
	return true;
}

void netf_tx_reap(struct netf_queue *q)
{
	struct netf_tx *tx = &q->tx;
	int n;

	if (!tx->up)
		return;
	n = pvd_front_responses(&tx->ring);
	if (pvos_unlikely(n < 0)) {
		broken(q, "more transmit responses than requests");
		return;
	}
	q->f->dev.conn.losses = 0;
	while (n--) {
		struct netif_tx_response *rsp = &tx->sring->ring[tx->ring.rsp_cons++ & (NETF_RING - 1)].rsp;
		uint16_t id = pvos_read_once(rsp->id);

		if (pvos_unlikely(!answered(tx, id, pvos_read_once(rsp->status)))) {
			broken(q, "a transmit response to no request");
			return;
		}
	}
	if (tx->full && has_room(tx, PVD_NET_PAGES_MAX + 2)) {
		tx->full = false;
		pvos_netf_wake(tx->os);
	}
}

int netf_mcast(struct netf_queue *q, const uint8_t mac[6], bool add)
{
	struct netf_tx *tx = &q->tx;
	struct netif_extra_info extra = { .type = add ? XEN_NETIF_EXTRA_TYPE_MCAST_ADD : XEN_NETIF_EXTRA_TYPE_MCAST_DEL };
	struct pvd_page *page, *last;

	if (!tx->up)
		return -EAGAIN;
	netf_tx_reap(q);
	page = has_room(tx, 2) ? pvd_pool_take(&tx->pool, 1, &last) : NULL;
	if (!page)
		return -EBUSY;
	memcpy(extra.u.mcast.addr, mac, sizeof(extra.u.mcast.addr));
	put_data(tx, page, 0, NETTXF_extra_info);
	put_extra(tx, &extra);
	netf_tx_commit(q);
	return 0;
}
