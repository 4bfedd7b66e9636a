// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The network front end with a hostile back end: its store nodes, its responses, what it writes into pages it may write to. */
#include <stdlib.h>
#include "fuzz.h"

static struct fuzz_input in;
static uint32_t packets;

static const char *const names[] = {
	"feature-rx-copy", "feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-no-csum-offload", "feature-ipv6-csum-offload",
	"multi-queue-max-queues", "feature-multicast-control", "carrier", "feature-ctrl-ring",
};

static void delivered(int side, uint32_t queue, const uint8_t *data, uint32_t bytes, const struct pvd_meta *meta)
{
	host_check(!side && bytes <= PVD_NET_BYTES_MAX && meta->gso <= 2 && (!meta->gso || meta->gso_size));
	packets += data[0];
}

static void offer(uint32_t kind)
{
	host_set(&host->back, "feature-rx-copy", "1");
	host_set(&host->back, "feature-sg", kind & 1 ? "1" : "0");
	host_set(&host->back, "feature-gso-tcpv4", kind & 2 ? "1" : "0");
	host_set(&host->back, "feature-multicast-control", kind & 4 ? "1" : "0");
	host_set(&host->back, "feature-ctrl-ring", kind & 16 ? "1" : NULL);
	host_set(&host->back, "multi-queue-max-queues", kind & 8 ? "2" : NULL);
	host_set_state(&host->back, kind & 64 ? PVD_CONNECTED : PVD_INITWAIT);
}

static struct netf_queue *queue(uint32_t kind)
{
	return &host->netf->queues[kind & 1];
}

static void send_packet(uint32_t kind)
{
	static uint8_t data[65536];
	struct netf_queue *q = queue(kind);
	struct pvd_meta meta = { .gso = kind >> 1 & 1, .gso_size = 1400, .hash_type = kind & 4 ? 1 : PVD_NO_HASH };
	uint32_t bytes = 14 + fuzz_byte(&in) * (kind & 8 ? 250 : 4), at = 0, n = 0;
	struct pvd_piece piece[32];

	for (; at < bytes; n++) {
		uint32_t here = bytes - at < 4000 ? bytes - at : 4000;

		piece[n] = (struct pvd_piece){ data + at, here };
		at += here;
	}
	pvos_lock(q->tx.os);
	netf_tx_put(q, piece, n, bytes, &meta);
	if (kind & 16)
		netf_mcast(q, data, kind & 32);
	if (kind & 64)
		netf_tx_commit(q);
	pvos_unlock(q->tx.os);
}

static void answer_tx(uint32_t kind)
{
	struct netf_queue *q = queue(kind);
	struct netif_tx_sring *ring = q->tx.shared.addr;
	uint32_t n = kind >> 3, slot;

	for (; ring && n; n--) {
		struct netif_tx_response rsp = { .status = kind & 4 ? (int8_t)fuzz_byte(&in) : 0 };

		slot = ring->rsp_prod & 255;
		rsp.id = kind & 2 ? fuzz_byte(&in) * (kind & 4 ? 200 : 1) : ring->ring[slot].req.id;
		ring->ring[slot].rsp = rsp;
		ring->rsp_prod++;
	}
	fuzz_notify(&q->event);
}

static void answer_rx(uint32_t kind)
{
	struct netf_queue *q = queue(kind);
	struct netif_rx_sring *ring = q->rx.shared.addr;
	uint32_t n = 1 + (kind >> 3), i;

	for (i = 0; ring && i < n; i++) {
		struct netif_rx_response rsp = { .status = fuzz_byte(&in) * 20 };
		uint32_t what = fuzz_byte(&in);

		rsp.flags = (i + 1 < n ? NETRXF_more_data : 0) | (!i && kind & 2 ? NETRXF_extra_info : 0) | (what & 3);
		if (what > 240) {
			rsp.offset = fuzz_byte(&in) * 40;
			rsp.status = fuzz_word(&in);
			rsp.flags ^= fuzz_byte(&in);
		}
		ring->ring[ring->rsp_prod++ & 255].rsp = rsp;
		if (!i && kind & 2) {
			struct netif_extra_info extra = { .type = what >> 2 & 7, .flags = what > 250 };

			extra.u.gso.size = fuzz_byte(&in);
			extra.u.gso.type = fuzz_byte(&in) % 4;
			memcpy(&ring->ring[ring->rsp_prod++ & 255].rsp, &extra, sizeof(extra));
		}
	}
	fuzz_notify(&q->event);
}

static void answer_ctrl(uint32_t kind)
{
	struct xen_netif_ctrl_sring *ring = host->netf->ctrl.shared.addr;
	uint32_t n = kind & 7;

	for (; ring && n; n--) {
		union xen_netif_ctrl_sring_entry *entry = &ring->ring[ring->rsp_prod++ & 127];
		struct xen_netif_ctrl_response rsp = { .id = entry->req.id, .type = entry->req.type, .status = kind >> 3 & 3 };

		if (kind > 200)
			rsp.id = fuzz_word(&in);
		entry->rsp = rsp;
	}
	fuzz_notify(&host->netf->ctrl.event);
}

static void change_hash(uint32_t kind)
{
	struct netf_hash hash = { .types = kind & 31, .size = fuzz_byte(&in) };
	uint32_t i;

	for (i = 0; i < NETF_MAPPING; i++)
		hash.mapping[i] = kind >> (i & 7) & 1;
	netf_hash_set(host->netf, &hash);
}

static void act(void)
{
	uint32_t what = fuzz_byte(&in);

	switch (what % 12) {
	case 0:
		fuzz_node(&in, &host->back, fuzz_one_of(&in, names));
		break;
	case 1:
		host_set_state(&host->back, what / 12 % 9);
		break;
	case 2:
		offer(fuzz_byte(&in));
		break;
	case 3:
		send_packet(fuzz_byte(&in));
		break;
	case 4:
		answer_tx(fuzz_byte(&in));
		break;
	case 5:
	case 6:
		answer_rx(fuzz_byte(&in));
		break;
	case 7:
		fuzz_poke_granted(&in);
		break;
	case 8:
		if (what < 20)
			pvd_conn_resume(host->front.dev);
		else
			host->no_packets = what & 64;
		break;
	case 9:
		fuzz_steps(what / 12);
		break;
	case 10:
		answer_ctrl(fuzz_byte(&in));
		break;
	case 11:
		change_hash(fuzz_byte(&in));
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct netf_hash hash = { .types = 15, .size = 100 };

	in = (struct fuzz_input){ data, data + size };
	host_new(&(struct host_options){ .seed = 1 });
	host->delivered = delivered;
	host_set_state(&host->back, PVD_INITIALISING);
	host_netf_new(&(struct netf_limits){ .queues = 2, .mcast = true, .hash = &hash });
	offer(fuzz_byte(&in));
	while (in.at < in.end)
		act();
	host_run();
	host_netf_delete();
	host_end();
	return 0;
}
