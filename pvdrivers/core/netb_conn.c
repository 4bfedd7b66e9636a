// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Network back end: connecting and disconnecting. */
#include "netb.h"
#include "netb_ctrl.h"
#include "node.h"

#define RATE_BYTES_MAX	(1ULL << 40)
#define RATE_USEC_MAX	(60 * 1000000ULL)

static struct netb *netb_of(struct pvd_dev *dev)
{
	return (struct netb *)((char *)dev - offsetof(struct netb, dev));
}

/* ---- offer ---- */

static const char *const features[] = {
	"feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload", "feature-rx-copy",
	"feature-split-event-channels", "feature-multicast-control", "feature-ctrl-ring", "feature-xdp-headroom",
};

#define NR_FEATURES	(sizeof(features) / sizeof(features[0]))

static int write_offer(struct pvd_dev *dev)
{
	struct netb *b = netb_of(dev);
	int error = pvd_write_number(dev, "multi-queue-max-queues", b->nr_made);
	uint32_t i;

	for (i = 0; !error && i < NR_FEATURES; i++)
		error = pvd_write_number(dev, features[i], 1);
	if (!error)
		error = pvd_write_number(dev, "feature-rx-flip", 0);
	/* Another driver of this end may have offered that a front end changes its mind while it is connected. */
	return error ? error : pvos_write(dev, "feature-dynamic-multicast-control", NULL);
}

static int offer(struct pvd_dev *dev)
{
	return pvos_publish(dev, write_offer);
}

/* ---- connect ---- */

struct queue_nodes {
	uint32_t tx_gref, rx_gref;
	uint32_t ports[2];		/* the second is 0 where one is for both */
};

static int read_u32(struct netb *b, int dir, const char *base, uint32_t *value)
{
	char name[PVD_NODE_NAME];
	uint64_t number;
	int error;

	pvd_node_name(name, dir, base, -1);
	error = pvd_read_number(&b->dev, PVD_PEER, name, UINT32_MAX, &number);
	if (!error)
		*value = number;
	return error;
}

static int read_queue(struct netb *b, int dir, struct queue_nodes *nodes)
{
	int error = read_u32(b, dir, "tx-ring-ref", &nodes->tx_gref);

	if (!error)
		error = read_u32(b, dir, "rx-ring-ref", &nodes->rx_gref);
	nodes->ports[1] = 0;
	if (!error && read_u32(b, dir, "event-channel-tx", &nodes->ports[0]) == 0)
		error = read_u32(b, dir, "event-channel-rx", &nodes->ports[1]);
	else if (!error)
		error = read_u32(b, dir, "event-channel", &nodes->ports[0]);
	if (error)
		pvos_report(&b->dev, "nodes of a queue are missing or wrong (%d)", error);
	return error;
}

static int connect_half(struct netb *b, struct netb_half *h, uint32_t gref)
{
	int error;

	h->shared.pages = 1;
	h->shared.gref[0] = gref;
	error = pvos_attach(&b->dev, &h->shared);
	if (error) {
		pvos_report(&b->dev, "a ring cannot be mapped (%d)", error);
		return error;
	}
	h->shared_ring = h->shared.addr;
	h->nr_ops = h->nr_slots = h->needed = 0;
	error = pvd_back_init(&h->ring, h->shared.addr, NETB_RING);
	if (error)
		pvos_report(&b->dev, "a ring with more requests than it holds");
	return error;
}

static void set_up(struct netb_half *h, bool up)
{
	pvos_lock(h->os);
	h->up = up;
	pvos_unlock(h->os);
}

static int connect_queue(struct netb_queue *q, const struct queue_nodes *nodes)
{
	struct netb *b = q->b;
	bool split = nodes->ports[1];
	int error = connect_half(b, &q->tx, nodes->tx_gref);

	if (!error)
		error = connect_half(b, &q->rx, nodes->rx_gref);
	if (!error)
		error = pvd_grants_init(&q->grants, &b->dev, NETB_STATIC, NETB_STATIC);
	if (error)
		return error;
	q->nr_packets = 0;
	q->credit = b->rate.bytes;
	q->credit_from = pvos_now();
	q->tx.event = &q->events[0];
	q->rx.event = &q->events[split];
	q->peer_ports[0] = nodes->ports[0];
	q->peer_ports[1] = nodes->ports[1];
	set_up(&q->tx, true);
	set_up(&q->rx, true);
	error = pvos_event_bind(&b->dev, &q->events[0], nodes->ports[0]);
	if (!error && split)
		error = pvos_event_bind(&b->dev, &q->events[1], nodes->ports[1]);
	if (error)
		pvos_report(&b->dev, "an event channel cannot be bound (%d)", error);
	return error;
}

/* "BYTES,MICROSECONDS", of all queues together, each of which has its share. What is not that, or 0, is no limit. */
static void read_rate(struct netb *b)
{
	char text[48], *comma;
	uint64_t bytes, microseconds;

	b->rate.bytes = 0;
	if (pvos_read(&b->dev, PVD_OWN, "rate", text, sizeof(text)) < 0)
		return;
	comma = strchr(text, ',');
	if (!comma)
		return;
	*comma = 0;
	if (pvd_parse_number(text, RATE_BYTES_MAX, &bytes) || pvd_parse_number(comma + 1, RATE_USEC_MAX, &microseconds))
		return;
	if (!bytes || !microseconds)
		return;
	b->rate.bytes = bytes / b->nr_queues ? bytes / b->nr_queues : 1;
	b->rate.ns = microseconds * 1000;
}

/* What a front end may change while it is connected. */
static void read_headroom(struct netb *b)
{
	uint64_t bytes;
	int error = pvd_read_number(&b->dev, PVD_PEER, "xdp-headroom", NETB_HEADROOM, &bytes);

	if (error && error != -ENOENT)
		pvos_report(&b->dev, "no such head room can be had (%d)", error);
	pvos_write_once(b->headroom, error ? 0 : (uint32_t)bytes);
}

static void read_features(struct netb *b)
{
	read_headroom(b);
	pvd_offload_read(&b->dev, &b->peer);
	b->filter_mcast = pvd_peer_has(&b->dev, "request-multicast-control");
	b->nr_mcast = 0;
}

static int connect(struct pvd_dev *dev)
{
	struct netb *b = netb_of(dev);
	uint32_t i;
	int error;

	if (!pvd_peer_has(dev, "request-rx-copy")) {
		pvos_report(dev, "a front end that wants pages, not copies");
		return -EOPNOTSUPP;
	}
	read_features(b);
	b->nr_queues = pvd_read_queues(dev, b->nr_made);
	if (!b->nr_queues)
		return -EINVAL;
	read_rate(b);
	for (i = 0; i < b->nr_queues; i++) {
		struct queue_nodes nodes;

		error = read_queue(b, b->nr_queues > 1 ? (int)i : -1, &nodes);
		if (!error)
			error = connect_queue(&b->queues[i], &nodes);
		if (error)
			return error;
	}
	error = netb_ctrl_connect(b);
	return error ? error : pvos_netb_start(b);
}

/* ---- disconnect ---- */

static void disconnect_half(struct netb *b, struct netb_half *h)
{
	if (h->shared.addr)
		pvos_detach(&b->dev, &h->shared);
}

static void disconnect_queue(struct netb_queue *q)
{
	struct netb *b = q->b;
	uint32_t i;

	set_up(&q->tx, false);
	set_up(&q->rx, false);
	for (i = 0; i < 2; i++)
		if (q->events[i].port)
			pvos_event_free(&b->dev, &q->events[i]);
	pvd_grants_free(&q->grants);
	disconnect_half(b, &q->tx);
	disconnect_half(b, &q->rx);
}

static void disconnect(struct pvd_dev *dev)
{
	struct netb *b = netb_of(dev);
	uint32_t i;

	pvos_netb_stop(b);
	netb_ctrl_disconnect(b);
	for (i = 0; i < b->nr_made; i++)
		disconnect_queue(&b->queues[i]);
	b->nr_queues = 0;
}

static int withdraw(struct pvd_dev *dev)
{
	static const char *const nodes[] = { "multi-queue-max-queues", "feature-rx-flip", "carrier" };
	int error = pvd_remove_nodes(dev, nodes, sizeof(nodes) / sizeof(nodes[0]));

	return error ? error : pvd_remove_nodes(dev, features, NR_FEATURES);
}

/* The front end said its state again: with other rings it starts anew. */
static int update(struct pvd_dev *dev)
{
	struct netb *b = netb_of(dev);
	bool same = pvd_read_queues(dev, b->nr_made) == b->nr_queues;
	uint32_t i;

	for (i = 0; same && i < b->nr_queues; i++) {
		const struct netb_queue *q = &b->queues[i];
		struct queue_nodes nodes;

		same = !read_queue(b, b->nr_queues > 1 ? (int)i : -1, &nodes) && nodes.tx_gref == q->tx.shared.gref[0] &&
			nodes.rx_gref == q->rx.shared.gref[0] && nodes.ports[0] == q->peer_ports[0] &&
			nodes.ports[1] == q->peer_ports[1];
	}
	if (same) {
		read_headroom(b);
		return 0;
	}
	disconnect(dev);
	return connect(dev);
}

const struct pvd_class netb_class = {
	.name = "network",
	.offered = PVD_CONNECTED,
	.offer = offer,
	.connect = connect,
	.update = update,
	.lose = disconnect,
	.drop = disconnect,
	.withdraw = withdraw,
};

static int write_carrier(struct pvd_dev *dev)
{
	return pvd_write_number(dev, "carrier", netb_of(dev)->carrier);
}

void netb_set_carrier(struct netb *b, bool up)
{
	if (b->carrier == up)
		return;
	b->carrier = up;
	pvos_publish(&b->dev, write_carrier);
}

int netb_init(struct netb *b, const struct netb_limits *limits, void *(*os)(struct netb *b, uint32_t queue, enum netb_part part))
{
	uint32_t i;

	pvd_conn_init(&b->dev, &netb_class, PVD_BACK);
	b->queues = pvos_alloc(limits->queues * sizeof(*b->queues));
	if (!b->queues)
		return -ENOMEM;
	b->nr_made = limits->queues;
	b->carrier = true;
	b->ctrl_os = os(b, 0, NETB_CTRL);
	for (i = 0; i < limits->queues; i++) {
		struct netb_queue *q = &b->queues[i];

		q->b = b;
		q->tx.os = os(b, i, NETB_TX);
		q->rx.os = os(b, i, NETB_RX);
	}
	return 0;
}

void netb_free(struct netb *b)
{
	pvos_free(b->queues);
	b->queues = NULL;
	b->nr_made = 0;
}
