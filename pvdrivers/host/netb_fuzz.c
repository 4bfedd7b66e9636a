// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The network back end with a hostile front end: its store nodes, its three rings, its pages, its grants. */
#include <stdlib.h>
#include "fuzz.h"

#define PAGES	24U		/* of the front end's, those that it uses */

static struct fuzz_front front;
static struct fuzz_input in;
static uint32_t packets;

static const char *const names[] = {
	"tx-ring-ref", "rx-ring-ref", "event-channel", "event-channel-tx", "event-channel-rx", "ctrl-ring-ref", "event-channel-ctrl",
	"multi-queue-num-queues", "request-rx-copy", "feature-sg", "feature-gso-tcpv4", "request-multicast-control",
	"queue-0/tx-ring-ref", "queue-0/rx-ring-ref", "queue-0/event-channel", "queue-1/tx-ring-ref", "queue-1/rx-ring-ref",
	"queue-1/event-channel-tx", "queue-1/event-channel-rx", "xdp-headroom",
};

static void delivered(int side, uint32_t queue, const uint8_t *data, uint32_t bytes, const struct pvd_meta *meta)
{
	host_check(side == 1 && bytes <= PVD_NET_BYTES_MAX && meta->gso <= 2 && (!meta->gso || meta->gso_size));
	packets += data[0];
}

/* Frames 0 and 1 are the first queue's rings, 2 and 3 the second's, 4 is the control ring. */
static void publish(uint32_t kind)
{
	fuzz_set_number("request-rx-copy", 1);
	fuzz_set_number("feature-sg", 1);
	fuzz_set_number("feature-gso-tcpv4", 1);
	fuzz_set_number("request-multicast-control", kind & 1);
	fuzz_set_number("multi-queue-num-queues", kind & 2 ? 2 : 1);
	fuzz_set_number("tx-ring-ref", front.grefs[0]);
	fuzz_set_number("rx-ring-ref", front.grefs[1]);
	fuzz_set_number("event-channel", front.ports[0]);
	fuzz_set_number("queue-0/tx-ring-ref", front.grefs[0]);
	fuzz_set_number("queue-0/rx-ring-ref", front.grefs[1]);
	fuzz_set_number("queue-0/event-channel", front.ports[0]);
	fuzz_set_number("queue-1/tx-ring-ref", front.grefs[2]);
	fuzz_set_number("queue-1/rx-ring-ref", front.grefs[3]);
	fuzz_set_number("queue-1/event-channel-tx", front.ports[1]);
	fuzz_set_number("queue-1/event-channel-rx", front.ports[2]);
	fuzz_set_number("ctrl-ring-ref", front.grefs[4]);
	fuzz_set_number("event-channel-ctrl", front.ports[3]);
	fuzz_set_number("xdp-headroom", kind & 4 ? (kind >> 3) * 15 : 0);
	host_set_state(&host->front, kind & 8 ? PVD_RECONFIGURING : PVD_CONNECTED);
}

static void *next_entry(uint32_t frame, uint32_t entry_bytes, uint32_t size)
{
	struct pvd_ring_header *ring = host_frame(front.frames[frame]);

	return (uint8_t *)ring + PVD_RING_HEADER + (ring->req_prod++ & (size - 1)) * entry_bytes;
}

static uint32_t some_gref(void)
{
	uint32_t kind = fuzz_byte(&in);

	return kind < 250 ? front.grefs[5 + kind % (PAGES - 5)] : fuzz_word(&in);
}

static void put_tx(uint32_t kind)
{
	uint32_t n = 1 + kind % 20, queue = kind >> 7, i;

	for (i = 0; i < n; i++) {
		struct netif_tx_request req = { .gref = some_gref(), .id = i };
		uint32_t what = fuzz_byte(&in);

		req.offset = what & 1 ? fuzz_byte(&in) * 16 : 0;
		req.size = i ? 1 + what * 4 : what & 2 ? 65535 : 40 * n + 300 * n + what;
		req.flags = (i + 1 < n ? NETTXF_more_data : 0) | (what & 4 ? NETTXF_csum_blank : 0);
		if (!i && what & 8)
			req.flags |= NETTXF_extra_info;
		if (what > 250)
			req.flags ^= fuzz_byte(&in);
		memcpy(next_entry(queue * 2, sizeof(req), 256), &req, sizeof(req));
		if (!i && what & 8) {
			struct netif_extra_info extra = { .type = what >> 4 & 7, .flags = fuzz_byte(&in) > 250 };

			extra.u.gso.size = fuzz_byte(&in);
			extra.u.gso.type = fuzz_byte(&in) % 4;
			memcpy(next_entry(queue * 2, sizeof(req), 256), &extra, sizeof(extra));
		}
	}
	host_send(front.ports[queue], 1);
}

static void post_rx(uint32_t kind)
{
	uint32_t n = kind % 64, queue = kind >> 7, i;

	for (i = 0; i < n; i++) {
		struct netif_rx_request req = { .id = i, .gref = some_gref() };

		memcpy(next_entry(queue * 2 + 1, sizeof(req), 256), &req, sizeof(req));
	}
	host_send(front.ports[queue * 2], 1);
}

static void put_ctrl(uint32_t kind)
{
	struct xen_netif_ctrl_request req = { .id = kind, .type = kind % 12 };
	uint32_t n = fuzz_byte(&in), i;

	req.data[0] = req.type == XEN_NETIF_CTRL_TYPE_SET_HASH_KEY || req.type == XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING ? some_gref() : n % 4;
	req.data[1] = req.type >= XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING ? some_gref() : fuzz_byte(&in);
	req.data[2] = fuzz_byte(&in) * (n > 200 ? 1000 : 1);
	if (req.type >= XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING) {
		struct xen_netif_gref *list = host_frame(front.frames[5 + n % (PAGES - 5)]);

		req.data[1] = front.grefs[5 + n % (PAGES - 5)];
		req.data[2] %= 20;
		for (i = 0; i < req.data[2]; i++)
			list[i].ref = some_gref();
	}
	memcpy(next_entry(4, sizeof(req), 128), &req, sizeof(req));
	host_send(front.ports[3], 1);
}

static void send_packet(uint32_t kind)
{
	static uint8_t data[65536];
	struct netb_queue *q = &host->netb->queues[kind & 1];
	struct pvd_meta meta = { .gso = kind >> 1 & 1, .gso_size = 1400, .hash_type = kind & 4 ? 1 : PVD_NO_HASH };
	uint32_t bytes = 14 + fuzz_byte(&in) * (kind & 8 ? 250 : 4), at = 0, n = 0, step = 64 + fuzz_byte(&in) * 16;
	struct pvd_piece piece[64];

	for (; at < bytes && n < 64; n++) {
		uint32_t here = n == 63 || bytes - at < step ? bytes - at : step;

		if (here > 4096)
			here = 4096;
		piece[n] = (struct pvd_piece){ data + at, here };
		at += here;
	}
	pvos_lock(q->rx.os);
	netb_rx_put(q, piece, n, at, &meta);
	netb_rx_flush(q);
	pvos_unlock(q->rx.os);
}

static void select_queue(void)
{
	uint8_t tuple[36];
	struct pvd_meta meta;
	uint32_t queue = 0, i;

	for (i = 0; i < sizeof(tuple); i++)
		tuple[i] = fuzz_byte(&in);
	if (host->netb->nr_queues && netb_select(host->netb, tuple[0] & 1, tuple[0] & 2, tuple, &queue, &meta))
		host_check(queue < host->netb->nr_queues);
	netb_takes_mcast(host->netb, tuple);
}

static void act(void)
{
	uint32_t what = fuzz_byte(&in);

	switch (what % 12) {
	case 0:
		fuzz_node(&in, &host->front, fuzz_one_of(&in, names));
		break;
	case 1:
		host_set_state(&host->front, what / 12 % 9);
		break;
	case 2:
		publish(fuzz_byte(&in));
		break;
	case 3:
	case 4:
		put_tx(fuzz_byte(&in));
		break;
	case 5:
		post_rx(fuzz_byte(&in));
		break;
	case 6:
		put_ctrl(fuzz_byte(&in));
		break;
	case 7:
		fuzz_poke(&in, &front);
		break;
	case 8:
		send_packet(fuzz_byte(&in));
		break;
	case 9:
		fuzz_revoke(&in, &front, 5 + what / 12 % (PAGES - 5));
		break;
	case 10:
		select_queue();
		break;
	case 11:
		host->no_packets = what > 200;
		fuzz_steps(what / 12);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	in = (struct fuzz_input){ data, data + size };
	host_new(&(struct host_options){ .seed = 1 });
	host->delivered = delivered;
	fuzz_front_new(&front);
	host_set_state(&host->front, PVD_INITIALISING);
	if (size > 4 && data[0] & 1 && data[1] & 1)
		host_set(&host->back, "rate", data[0] & 2 ? "1,1" : "3000,100");
	host_netb_new(&(struct netb_limits){ .queues = 2 });
	while (in.at < in.end)
		act();
	host_run();
	host_netb_delete();
	fuzz_front_end(&front);
	host_end();
	return 0;
}
