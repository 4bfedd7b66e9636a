// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The process as operating system: network interfaces. */
#include <stdlib.h>
#include "host_net.h"

#define BUDGET	16

/* ---- packets ---- */

struct packet {
	uint32_t nr_pieces, bytes;
	struct { uint8_t *data; uint32_t bytes; } piece[PVD_NET_PAGES_MAX];
};

void *pvos_packet_new(void *queue, uint32_t first_bytes)
{
	struct host_queue *q = queue;

	host_check(q->locked && first_bytes <= PVD_PAGE_SIZE);
	if (host->no_packets && !host_random(8))
		return NULL;
	host->packets_live++;
	return calloc(1, sizeof(struct packet));
}

void *pvos_packet_room(void *packet, uint32_t bytes)
{
	struct packet *p = packet;

	host_check(p->nr_pieces < PVD_NET_PAGES_MAX && bytes && bytes <= PVD_PAGE_SIZE);
	if (host->no_packets && !host_random(16))
		return NULL;
	p->piece[p->nr_pieces].data = malloc(bytes);
	p->piece[p->nr_pieces].bytes = bytes;
	p->bytes += bytes;
	return p->piece[p->nr_pieces++].data;
}

void pvos_packet_drop(void *queue, void *packet)
{
	struct packet *p = packet;

	while (p->nr_pieces)
		free(p->piece[--p->nr_pieces].data);
	free(p);
	host->packets_live--;
}

static int side_of(const struct host_queue *q)
{
	return q->end == &host->back;
}

void pvos_packet_deliver(void *queue, void *packet, const struct pvd_meta *meta)
{
	struct host_queue *q = queue;
	struct packet *p = packet;
	uint8_t *data = malloc(p->bytes);
	uint32_t i, at = 0;

	host_check(q->locked && p->bytes >= PVD_NET_HEADER_MIN && p->bytes <= PVD_NET_BYTES_MAX);
	for (i = 0; i < p->nr_pieces; i++) {
		memcpy(data + at, p->piece[i].data, p->piece[i].bytes);
		at += p->piece[i].bytes;
	}
	if (host->delivered) {
		int side = side_of(q);
		uint32_t index = (q - &host->halves[side][0][0]) / 2;

		host->delivered(side, index, data, p->bytes, meta);
	}
	free(data);
	pvos_packet_drop(queue, packet);
}

/* ---- both ends ---- */

static void *netf_os(struct netf *f, uint32_t i, enum netf_part part)
{
	struct host_queue *q = part == NETF_CTRL ? &host->ctrl[0] : &host->halves[0][i][part == NETF_RX];

	*q = (struct host_queue){ .end = &host->front, .netf = &f->queues[i] };
	return q;
}

static void *netb_os(struct netb *b, uint32_t i, enum netb_part part)
{
	struct host_queue *q = part == NETB_CTRL ? &host->ctrl[1] : &host->halves[1][i][part == NETB_RX];

	*q = (struct host_queue){ .end = &host->back, .netb = &b->queues[i] };
	return q;
}

void host_netf_new(const struct netf_limits *limits)
{
	host->netf = calloc(1, sizeof(*host->netf));
	host->front.dev = &host->netf->dev;
	host_set(&host->front, "mac", "00:16:3e:01:aB:03");
	host_check(limits->queues <= HOST_QUEUES && !netf_init(host->netf, limits, netf_os));
	host->net_gone = false;
	host_set_state(&host->front, PVD_INITIALISING);
	host->front.peer_changed = true;
}

static void free_netf(void)
{
	netf_free(host->netf);
	free(host->netf);
	host->netf = NULL;
	host->front.dev = NULL;
}

void host_netf_delete(void)
{
	pvd_conn_remove(&host->netf->dev);
	pvd_conn_release(&host->netf->dev);
	free_netf();
	host_set_state(&host->front, PVD_CLOSED);
}

void host_netf_leave(void)
{
	host_leave(&host->front);
	free_netf();
}

void host_netb_new(const struct netb_limits *limits)
{
	host->netb = calloc(1, sizeof(*host->netb));
	host_check(limits->queues <= HOST_QUEUES && !netb_init(host->netb, limits, netb_os));
	host->back.dev = &host->netb->dev;
	host_set_state(&host->back, PVD_INITIALISING);
	host->back.peer_changed = true;
	pvd_conn_ready(&host->netb->dev);
}

static void free_netb(void)
{
	netb_free(host->netb);
	free(host->netb);
	host->netb = NULL;
	host->back.dev = NULL;
}

void host_netb_delete(void)
{
	pvd_conn_remove(&host->netb->dev);
	free_netb();
	host_set_state(&host->back, PVD_CLOSED);
}

void host_netb_leave(void)
{
	host_leave(&host->back);
	free_netb();
}

int pvos_netf_start(struct netf *f)
{
	host_check(f == host->netf);
	host->net_up[0] = true;
	host->net_starts++;
	return 0;
}

void pvos_netf_stop(struct netf *f, bool forever)
{
	host->net_up[0] = false;
	host->net_gone |= forever;
}

int pvos_netb_start(struct netb *b)
{
	host_check(b == host->netb);
	host->net_up[1] = true;
	return 0;
}

void pvos_netb_stop(struct netb *b)
{
	host->net_up[1] = false;
}

void pvos_netf_wake(void *queue)
{
	struct host_queue *q = queue;

	host_check(q->locked);
	q->woken = true;
}

void pvos_netb_wake(void *queue)
{
	pvos_netf_wake(queue);
}

void pvos_netb_later(void *queue, uint64_t ns)
{
	struct host_queue *q = queue;

	host_check(q->locked && ns);
	q->due = host->now + ns;
}

/* ---- events and work ---- */

bool host_net_later(void)
{
	struct host_queue *first = NULL, *q = &host->halves[0][0][0], *end = q + sizeof(host->halves) / sizeof(*q);

	for (; q < end; q++)
		if (q->due && (q->netf ? host->netf != NULL : host->netb != NULL) && (!first || q->due < first->due))
			first = q;
	if (!first)
		return false;
	if (host->now < first->due)
		host->now = first->due;
	first->due = 0;
	first->kicked = true;
	return true;
}

void host_net_event(struct pvd_event *event)
{
	uint32_t i;

	for (i = 0; host->netf && i < host->netf->nr_made; i++)
		if (event == &host->netf->queues[i].event)
			host->halves[0][i][0].kicked = host->halves[0][i][1].kicked = true;
	for (i = 0; host->netb && i < host->netb->nr_made; i++) {
		struct netb_queue *q = &host->netb->queues[i];

		if (event == q->tx.event)
			host->halves[1][i][0].kicked = true;
		if (event == q->rx.event)
			host->halves[1][i][1].kicked = true;
	}
	if (host->netf && event == &host->netf->ctrl.event)
		host->ctrl[0].kicked = true;
	if (host->netb && event == &host->netb->ctrl_event)
		host->ctrl[1].kicked = true;
}

static void poll(struct host_queue *q, bool tx)
{
	bool more = false, arm = host_random(4);

	q->kicked = false;
	pvos_lock(q);
	if (q->netf && tx)
		netf_tx_reap(q->netf);
	else if (q->netf)
		more = netf_rx_run(q->netf, BUDGET, arm) == BUDGET;
	else if (tx)
		more = netb_tx_run(q->netb, BUDGET, arm) == BUDGET;
	else
		netb_rx_event(q->netb);
	/* Without an event it is looked at again after a while. */
	if (!arm && !more && !q->due && (q->netf ? !tx : tx))
		q->due = host->now + 1000;
	pvos_unlock(q);
	q->kicked |= more;
}

static bool control(void)
{
	if (host->ctrl[0].kicked && host->netf) {
		host->ctrl[0].kicked = false;
		netf_ctrl_run(host->netf);
		return true;
	}
	if (host->ctrl[1].kicked && host->netb) {
		host->ctrl[1].kicked = false;
		netb_ctrl_run(host->netb);
		return true;
	}
	return false;
}

bool host_net_work(void)
{
	uint32_t first, i;

	if (!host->netf && !host->netb)
		return false;
	if (control())
		return true;
	first = host_random(4 * HOST_QUEUES);
	for (i = 0; i < 4 * HOST_QUEUES; i++) {
		uint32_t at = (first + i) % (4 * HOST_QUEUES);
		struct host_queue *q = &host->halves[at & 1][at / 4][at >> 1 & 1];

		if (!q->kicked || (at & 1 ? !host->netb : !host->netf))
			continue;
		poll(q, !(at >> 1 & 1));
		return true;
	}
	return false;
}
