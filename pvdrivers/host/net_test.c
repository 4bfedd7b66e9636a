// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Network front and back end against each other. */
#include <stdlib.h>
#include "host.h"
#include "node.h"
#include "tap.h"
#include "toeplitz.h"

#define PACKETS		3000
#define WAITING		600

/* Packets under way, by side that sends and queue: they come out in order, though some may be lost where memory is short. */
struct sent {
	uint32_t bytes, seed;
	struct pvd_meta meta;
};

static struct sent sent[2][HOST_QUEUES][WAITING];
static uint32_t head[2][HOST_QUEUES], tail[2][HOST_QUEUES];
static uint32_t arrived[2], wrong, skipped, busy, lost;
static const struct netf_limits front_limits = { .queues = 2 };
static const struct netb_limits back_limits = { .queues = 2 };

static uint8_t byte_of(uint32_t seed, uint32_t i)
{
	return (seed + i * 2654435761U) >> 13;
}

static bool same(const struct sent *s, const uint8_t *data, uint32_t bytes, const struct pvd_meta *meta)
{
	uint32_t i;

	if (s->bytes != bytes || s->meta.gso != meta->gso || s->meta.gso_size != meta->gso_size || s->meta.blank != meta->blank ||
	    s->meta.hash_type != meta->hash_type || s->meta.hash != meta->hash)
		return false;
	for (i = 0; i < bytes; i++)
		if (data[i] != byte_of(s->seed, i))
			return false;
	return true;
}

static void delivered(int side, uint32_t queue, const uint8_t *data, uint32_t bytes, const struct pvd_meta *meta)
{
	uint32_t *h = &head[!side][queue];

	for (; *h != tail[!side][queue]; skipped++) {
		struct sent *s = &sent[!side][queue][(*h)++ % WAITING];

		if (same(s, data, bytes, meta)) {
			arrived[side]++;
			return;
		}
	}
	wrong++;
}

static uint32_t sizes(void)
{
	switch (host_random(4)) {
	case 0:
		return 14 + host_random(100);
	case 1:
		return 14 + host_random(1500);
	case 2:
		return 14 + host_random(9000);
	}
	return 14 + host_random(65535 - 14);
}

/* Cuts the data into pieces. */
static uint32_t cut(uint8_t *data, uint32_t bytes, struct pvd_piece *piece)
{
	uint32_t n = 0;

	while (bytes) {
		uint32_t here = 1 + host_random(4096);

		if (here > bytes)
			here = bytes;
		if (n > 40)
			here = bytes < 4096 ? bytes : 4096;
		piece[n++] = (struct pvd_piece){ data, here };
		data += here;
		bytes -= here;
	}
	return n;
}

static void send_one(int side, uint32_t max_bytes)
{
	uint32_t queue = host_random(side ? host->netb->nr_queues : host->netf->nr_queues), i, n;
	struct host_queue *os = &host->halves[side][queue][side];
	struct pvd_piece piece[64];
	struct sent s = { .bytes = sizes(), .seed = host_random(UINT32_MAX), .meta.hash_type = PVD_NO_HASH };
	uint8_t *data;
	int error;

	if (tail[side][queue] - head[side][queue] >= WAITING)
		return;
	if (s.bytes > max_bytes)
		s.bytes = max_bytes;
	if (!host_random(3)) {
		s.meta.gso = 1 + host_random(2);
		s.meta.gso_size = 1448;
		s.meta.blank = true;
	} else {
		s.meta.blank = host_random(2);
	}
	if (!host_random(4)) {
		s.meta.hash_type = host_random(4);
		s.meta.hash = host_random(UINT32_MAX);
	}
	data = malloc(s.bytes);
	for (i = 0; i < s.bytes; i++)
		data[i] = byte_of(s.seed, i);
	n = cut(data, s.bytes, piece);
	pvos_lock(os);
	error = side ? netb_rx_put(&host->netb->queues[queue], piece, n, s.bytes, &s.meta) :
		netf_tx_put(&host->netf->queues[queue], piece, n, s.bytes, &s.meta);
	if (!error)
		sent[side][queue][tail[side][queue]++ % WAITING] = s;
	else if (error == -EBUSY)
		busy++;
	else
		lost++;
	if (side)
		netb_rx_flush(&host->netb->queues[queue]);
	else if (!host_random(3))
		netf_tx_commit(&host->netf->queues[queue]);
	pvos_unlock(os);
	free(data);
}

static void settle(void)
{
	uint32_t i;

	for (i = 0; host->netf && i < host->netf->nr_queues; i++) {
		pvos_lock(host->netf->queues[i].tx.os);
		netf_tx_commit(&host->netf->queues[i]);
		pvos_unlock(host->netf->queues[i].tx.os);
	}
	host_run();
}

static void exchange(uint32_t count, uint32_t max_bytes)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint32_t steps = host_random(6);

		if (host->net_up[0] && host->net_up[1])
			send_one(host_random(2), max_bytes);
		while (steps-- && host_step())
			;
	}
	settle();
}

static uint32_t seed = 1;

static void begin(void)
{
	host_new(&(struct host_options){ .seed = seed++ });
	host->delivered = delivered;
	memset(head, 0, sizeof(head));
	memset(tail, 0, sizeof(tail));
	arrived[0] = arrived[1] = wrong = skipped = busy = lost = 0;
	host_set_state(&host->front, PVD_INITIALISING);
	host_set_state(&host->back, PVD_INITIALISING);
}

static void finish(void)
{
	host_set_state(&host->back, PVD_CLOSING);
	host_run();
	host_netf_delete();
	host_run();
	host_netb_delete();
	host_end();
}

static bool connected(void)
{
	return host->net_up[0] && host->net_up[1] && host_get_state(&host->front) == PVD_CONNECTED &&
		host_get_state(&host->back) == PVD_CONNECTED;
}

static void start(const struct netf_limits *front, const struct netb_limits *back)
{
	host_netf_new(front);
	host_netb_new(back);
	host_run();
}

static void test_connect(void)
{
	begin();
	start(&front_limits, &back_limits);
	ok(connected() && host->netf->nr_queues == 2 && host->netb->nr_queues == 2, "both ends connect");
	ok(host->netf->peer.gso4 && host->netf->peer.gso6 && host->netb->peer.gso4 && host->netb->peer.csum6, "with all that they can do");
	ok(!memcmp(host->netf->mac, "\0\x16\x3e\x01\xab\x03", 6), "the address");
	host_set(&host->back, "carrier", "0");
	host_set_state(&host->back, PVD_CONNECTED);
	host_run();
	ok(!host->netf->carrier, "the link goes down");
	host_set_state(&host->back, PVD_CLOSING);
	host_run();
	ok(host->net_gone && host_get_state(&host->front) == PVD_CLOSED && host_get_state(&host->back) == PVD_CLOSED, "an unplug");
	ok(!host->torn && host_frames_used() == 0, "grants end when the back end has let go of them, and before the device goes");
	host_netf_delete();
	host_netf_new(&front_limits);
	host_run();
	ok(connected(), "another front end of the same device connects");
	finish();
}

/* A back end that never says that it has let go: closing does not wait for it, the pages do, until the device goes. */
static void test_never_lets_go(void)
{
	uint32_t held;

	begin();
	start(&front_limits, &back_limits);
	host->back.deaf = true;
	host_set_state(&host->back, PVD_CLOSING);
	host_run();
	held = host_frames_used();
	ok(host_get_state(&host->front) == PVD_CLOSED && host->net_gone && held && !host->torn, "a back end that never lets go");
	host_set_state(&host->back, PVD_CONNECTED);
	host_run();
	ok(host_frames_used() == held && host_get_state(&host->front) == PVD_CLOSED, "nor says anything else of use");
	host_netf_delete();
	host_netb_delete();
	host_end();

	begin();
	start(&front_limits, &back_limits);
	host->back.deaf = true;
	pvos_fail(&host->netf->dev);
	host_run();
	held = host_frames_used();
	host->back.deaf = false;
	host->back.peer_changed = true;
	host_run();
	ok(held && !host->torn, "a device that fails keeps its pages until the back end has let go of them");
	finish();
}

static void test_packets(const char *name, const struct netf_limits *front, const struct netb_limits *back, uint32_t max_bytes,
		bool short_of_memory)
{
	begin();
	start(front, back);
	host->no_packets = short_of_memory;
	exchange(PACKETS, max_bytes);
	ok(connected() && !wrong && arrived[0] > 500 && arrived[1] > 500 && (short_of_memory ? skipped : !skipped) && !lost,
		"%s: %u and %u packets arrived, %u skipped, %u times busy", name, arrived[0], arrived[1], skipped, busy);
	finish();
}

static void test_full(void)
{
	uint32_t i, woken = 0;

	begin();
	start(&(struct netf_limits){ .queues = 1 }, &back_limits);
	/* Nothing is taken meanwhile. */
	for (i = 0; i < 400; i++)
		send_one(i & 1, 4000);
	ok(busy > 20 && !wrong, "both rings fill (%u times)", busy);
	settle();
	woken = host->halves[0][0][0].woken + host->halves[1][0][1].woken;
	ok(woken == 2 && !wrong && !skipped, "and are wanted again when there is room");
	exchange(500, 65535);
	ok(!wrong && !skipped && arrived[0] > 100 && arrived[1] > 100, "afterwards all goes on");
	finish();
}

static void test_back_returns(void)
{
	uint32_t i;
	bool up = true;

	begin();
	start(&front_limits, &back_limits);
	for (i = 0; i < 6; i++) {
		exchange(200, 9000);
		send_one(0, 9000);
		host_netb_delete();
		host_run();
		host_netb_new(&back_limits);
		host_run();
		up &= connected();
	}
	ok(up && !wrong && arrived[0] > 100, "a back end that goes and comes back");
	finish();
}

/* What comes in a time is what the rate allows; what came is whole and in order. */
static void test_rate(void)
{
	uint64_t begun, bytes, limit;
	uint32_t i;

	begin();
	host_set(&host->back, "rate", "50000,1000");
	start(&(struct netf_limits){ .queues = 1 }, &(struct netb_limits){ .queues = 1 });
	begun = host->now;
	for (i = 0; i < 100; i++) {
		send_one(0, 9000);
		send_one(1, 9000);
		host_run();
	}
	settle();
	bytes = host->netb->queues[0].tx.stats.bytes;
	/* What the first and the last interval have begun with, and what is owed for the last packet. */
	limit = ((host->now - begun) / 1000000 + 2) * 50000 + 9000;
	ok(!wrong && arrived[1] == 100 && arrived[0] == 100 && host->netb->queues[0].tx.stats.stalls && bytes <= limit && bytes * 2 > limit,
		"a rate: %llu bytes in %llu ns", (unsigned long long)bytes, (unsigned long long)(host->now - begun));
	finish();
	begin();
	host_set(&host->back, "rate", "0,1000");
	start(&front_limits, &back_limits);
	ok(connected() && !host->netb->rate.bytes, "a rate of nothing is none");
	finish();
}

static void test_mcast(void)
{
	static const uint8_t mac[6] = { 1, 0, 0x5e, 1, 2, 3 };
	bool before, during, after;

	begin();
	host_netb_new(&back_limits);
	host_run();
	host_netf_new(&(struct netf_limits){ .queues = 2, .mcast = true });
	host_run();
	before = netb_takes_mcast(host->netb, mac);
	pvos_lock(host->netf->queues[0].tx.os);
	netf_mcast(&host->netf->queues[0], mac, true);
	pvos_unlock(host->netf->queues[0].tx.os);
	host_run();
	during = netb_takes_mcast(host->netb, mac);
	pvos_lock(host->netf->queues[0].tx.os);
	netf_mcast(&host->netf->queues[0], mac, false);
	pvos_unlock(host->netf->queues[0].tx.os);
	host_run();
	after = netb_takes_mcast(host->netb, mac);
	ok(connected() && !before && during && !after, "the list of multicast addresses");
	finish();
}

/* The front end says by the control ring how packets are to be spread, and the back end does so. */
static void test_hash(void)
{
	static const struct netf_limits one = { .queues = 1 };
	struct netf_hash hash = { .types = XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP, .size = 16, .key = { 1, 2, 3 } };
	struct netf_limits limits = { .queues = 2, .hash = &hash };
	struct pvd_meta meta = { };
	uint8_t tuple[12] = { 10, 0, 0, 1, 10, 0, 0, 2, 3, 4, 5, 6 };
	uint32_t i, queue = 0, right = 0;

	for (i = 0; i < hash.size; i++)
		hash.mapping[i] = i * 7 / 3 & 1;
	begin();
	host_netb_new(&back_limits);
	host_run();
	host_netf_new(&limits);
	host_run();
	ok(connected() && host->netf->ctrl.spreads && host->netb->hash.types == hash.types && !host->reports, "a hash, by the control ring");
	for (i = 0; i < 64; i++) {
		tuple[3] = i;
		right += netb_select(host->netb, false, true, tuple, &queue, &meta) && queue == hash.mapping[meta.hash % 16] &&
			meta.hash == pvd_toeplitz(hash.key, sizeof(hash.key), tuple, 12);
	}
	ok(right == 64 && !netb_select(host->netb, false, false, tuple, &queue, &meta), "what it covers is spread by it, nothing else");

	hash.types = XEN_NETIF_CTRL_HASH_TYPE_IPV4 | XEN_NETIF_CTRL_HASH_TYPE_IPV6;
	hash.size = 0;
	host_check(!netf_hash_set(host->netf, &hash));
	hash.key[0] = 9;
	host_check(!netf_hash_set(host->netf, &hash));
	host_run();
	ok(host->netf->ctrl.spreads && host->netb->hash.key[0] == 9 && !host->netb->hash.mapping_size &&
		netb_select(host->netb, false, false, tuple, &queue, &meta), "another, and one more while it is on its way");
	hash.types = 0;
	host_check(!netf_hash_set(host->netf, &hash));
	host_run();
	ok(!host->netf->ctrl.spreads && !netb_select(host->netb, false, false, tuple, &queue, &meta) && !host->reports, "and none");
	hash.types = 1 << 4;
	ok(netf_hash_set(host->netf, &hash) == -EINVAL, "one of no kind is refused");
	finish();

	begin();
	host_netb_new(&(struct netb_limits){ .queues = 1 });
	host_run();
	hash.types = 1;
	host_netf_new(&limits);
	host_run();
	ok(connected() && !host->netf->ctrl.spreads && netf_hash_set(host->netf, &hash) == -EOPNOTSUPP, "no hash for one queue");
	finish();
	begin();
	start(&one, &back_limits);
	ok(connected() && !host->netf->ctrl.spreads && !host->reports, "nor for who does not want any");
	finish();
}

/* The back end keeps the front end's pages mapped, and copies without the hypervisor; one without a control ring copies as ever. */
static void test_left(void)
{
	const struct netb_half *h;
	uint32_t i;
	bool placed = true;

	begin();
	host_netb_new(&back_limits);
	host_run();
	host_netf_new(&front_limits);
	host_run();
	exchange(1000, 65535);
	for (i = 0; i < 2; i++) {
		h = &host->netb->queues[i].tx;
		placed &= !h->stats.copies && h->stats.placed;
		h = &host->netb->queues[i].rx;
		placed &= !h->stats.copies && h->stats.placed;
	}
	ok(connected() && placed && !wrong && !skipped && !host->reports, "pages that stay mapped: no copies by the hypervisor");
	host_netb_delete();
	host_run();
	host_netb_new(&back_limits);
	host_run();
	exchange(500, 65535);
	h = &host->netb->queues[0].tx;
	ok(connected() && h->stats.placed && !h->stats.copies && !wrong && !host->reports, "nor by a back end that takes up the rings");
	finish();

	begin();
	host_netb_new(&back_limits);
	host_run();
	host_set(&host->back, "feature-ctrl-ring", NULL);
	host_netf_new(&front_limits);
	host_run();
	exchange(500, 65535);
	h = &host->netb->queues[0].tx;
	ok(connected() && !host_get(&host->front, "ctrl-ring-ref") && h->stats.copies && !h->stats.placed && !wrong && !skipped,
		"without a control ring they are copied");
	finish();
}

/* A front end that wants room in front of its packets, while it is connected. */
static void test_headroom(void)
{
	bool good;

	begin();
	start(&front_limits, &back_limits);
	exchange(100, 65535);
	host_set(&host->front, "xdp-headroom", "256");
	host_set_state(&host->front, PVD_RECONFIGURING);
	host_run();
	good = host_get_state(&host->back) == PVD_RECONFIGURED && host->netb->headroom == 256;
	host_set_state(&host->front, PVD_CONNECTED);
	host_run();
	ok(good && connected() && host->netb->headroom == 256, "room in front of packets is asked for");
	exchange(1000, 65535);
	ok(!wrong && !skipped && !lost && arrived[0] > 200, "packets of all sizes arrive behind it");
	host_set(&host->front, "xdp-headroom", "449");
	host_set_state(&host->front, PVD_RECONFIGURING);
	host_set_state(&host->front, PVD_CONNECTED);
	host_run();
	ok(!host->netb->headroom && host->reports == 1 && connected(), "too much is refused");
	finish();
}

/* So many nodes, those that are not ours, are there. */
static bool only_others(const struct host_end *end, uint32_t nr_nodes)
{
	uint32_t i;

	for (i = 0; end->nr_nodes != nr_nodes && i < end->nr_nodes; i++)
		printf("# left: %s\n", end->nodes[i].name);
	return end->nr_nodes == nr_nodes;
}

/* What another driver of the front end's side has published, its Closed last; the numbers are nobody's any more. */
static void other_front(bool many)
{
	static const char *const nodes[] = { "tx-ring-ref", "rx-ring-ref", "event-channel-tx", "event-channel-rx" };
	char name[PVD_NODE_NAME];
	uint32_t i;

	host_set(&host->front, "multi-queue-num-queues", many ? "2" : "1");
	for (i = 0; i < 8; i++) {
		pvd_node_name(name, many ? i / 4 : -1, nodes[i % 4], -1);
		host_set(&host->front, name, "60");
	}
	host_set(&host->front, "xdp-headroom", "256");
	host_set(&host->front, "feature-no-csum-offload", "1");
	host_set_state(&host->front, PVD_CLOSED);
}

/* An interface comes from another driver of the front end, and goes to one, which finds nothing of ours; `left` nodes are the first one's. */
static void test_front_changes(const char *name, const struct netf_limits *front, bool many, uint32_t left)
{
	begin();
	host_set(&host->back, "online", "1");
	host_netb_new(&back_limits);
	host_run();
	other_front(many);
	host_run();
	host_netf_new(front);
	host_run();
	exchange(500, 65535);
	ok(connected() && !host->reports && !host->netb->headroom && host->netb->peer.csum && !wrong && arrived[0] && arrived[1],
		"another driver's front end becomes ours: %s", name);
	host_netf_leave();
	host_run();
	/* Its address and its state. */
	ok(only_others(&host->front, 2 + left) && !host->torn, "and leaves nothing of its own");
	ok(host_get_state(&host->front) == PVD_INITIALISING && host_get_state(&host->back) == PVD_INITWAIT, "but a device like a new one");
	host_netb_delete();
	host_end();
}

static void test_back_changes(void)
{
	begin();
	host_set(&host->back, "online", "1");
	host_set(&host->back, "feature-dynamic-multicast-control", "1");
	host_set_state(&host->back, PVD_CLOSED);
	start(&front_limits, &back_limits);
	netb_set_carrier(host->netb, false);
	host_run();
	ok(connected() && !host_get(&host->back, "feature-dynamic-multicast-control") && host_get(&host->back, "carrier"),
		"another driver's back end becomes ours");
	host_netf_leave();
	host_run();
	host_netb_leave();
	ok(only_others(&host->back, 2), "and leaves nothing of its own");
	host_end();

	/* A device that goes away: its directory does, too. */
	begin();
	host_set(&host->back, "online", "0");
	start(&front_limits, &back_limits);
	host_netf_leave();
	host_run();
	ok(host_get_state(&host->front) == PVD_CLOSED && host_get_state(&host->back) == PVD_CLOSED && !host->torn,
		"an interface that goes away stays closed");
	host_netb_delete();
	host_end();
}

/* The verification suite of the hash, as network cards' makers publish it: IPv4 and IPv6, with and without ports. */
static void test_toeplitz(void)
{
	static const uint8_t key[40] = {
		0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
		0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
	};
	/* 66.9.149.187:2794 -> 161.142.100.80:1766 */
	static const uint8_t v4[12] = { 66, 9, 149, 187, 161, 142, 100, 80, 2794 >> 8, 2794 & 255, 1766 >> 8, 1766 & 255 };
	/* 3ffe:2501:200:1fff::7 port 2794 -> 3ffe:2501:200:3::1 port 1766 */
	static const uint8_t v6[36] = {
		0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x1f, 0xff, 0, 0, 0, 0, 0, 0, 0, 7,
		0x3f, 0xfe, 0x25, 0x01, 0x02, 0x00, 0x00, 0x03, 0, 0, 0, 0, 0, 0, 0, 1, 2794 >> 8, 2794 & 255, 1766 >> 8, 1766 & 255,
	};

	ok(pvd_toeplitz(key, 40, v4, 8) == 0x323e8fc2 && pvd_toeplitz(key, 40, v4, 12) == 0x51ccc178 &&
		pvd_toeplitz(key, 40, v6, 32) == 0x2cc18cd5 && pvd_toeplitz(key, 40, v6, 36) == 0x40207d3d && !pvd_toeplitz(key, 0, v4, 8),
		"the hash is that of the published examples");
}

int main(int argc, char **argv)
{
	if (argc > 1)
		seed = atoi(argv[1]);
	host_verbose = argc > 2;
	test_toeplitz();
	test_connect();
	test_packets("packets of all sizes", &front_limits, &back_limits, 65535, false);
	test_packets("small packets", &front_limits, &back_limits, 1514, false);
	test_packets("one queue", &front_limits, &(struct netb_limits){ .queues = 1 }, 65535, false);
	test_packets("memory is short", &front_limits, &back_limits, 65535, true);
	test_full();
	test_back_returns();
	test_rate();
	test_mcast();
	test_hash();
	test_left();
	test_never_lets_go();
	test_headroom();
	test_front_changes("queues both", &front_limits, true, 0);
	test_front_changes("queues before", &(struct netf_limits){ .queues = 1 }, true, 4);
	test_front_changes("queues after", &front_limits, false, 0);
	test_back_changes();
	return tap_end();
}
