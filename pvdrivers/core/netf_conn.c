// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Network front end: connecting and disconnecting. */
#include "netf.h"
#include "netf_ctrl.h"
#include "node.h"

static struct netf *netf_of(struct pvd_dev *dev)
{
	return (struct netf *)((char *)dev - offsetof(struct netf, dev));
}

/* ---- offer ---- */

static int make_tx(struct netf_queue *q)
{
	struct netf_tx *tx = &q->tx;
	int error = pvos_share(&q->f->dev, 1, &tx->shared);
	uint32_t i;

	if (error)
		return error;
	tx->sring = tx->shared.addr;
	pvd_front_init(&tx->ring, tx->shared.addr, NETF_RING);
	for (i = 0; i < NETF_RING; i++)
		tx->idle[i] = NETF_RING - 1 - i;
	tx->nr_idle = NETF_RING;
	tx->full = false;
	return 0;
}

static int make_rx(struct netf_queue *q)
{
	struct netf_rx *rx = &q->rx;
	int error = pvos_share(&q->f->dev, 1, &rx->shared);

	if (error)
		return error;
	rx->sring = rx->shared.addr;
	pvd_front_init(&rx->ring, rx->shared.addr, NETF_RING);
	return 0;
}

static int publish_queue(struct netf_queue *q, int dir)
{
	const struct { const char *name; uint32_t value; } nodes[] = {
		{ "tx-ring-ref", q->tx.shared.gref[0] },
		{ "rx-ring-ref", q->rx.shared.gref[0] },
		{ "event-channel", q->event.port },
	};
	char name[PVD_NODE_NAME];
	uint32_t i;

	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		int error;

		pvd_node_name(name, dir, nodes[i].name, -1);
		error = pvd_write_number(&q->f->dev, name, nodes[i].value);
		if (error)
			return error;
	}
	return 0;
}

static const char *const features[] = {
	"request-rx-copy", "feature-rx-notify", "feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload",
};

#define NR_FEATURES	(sizeof(features) / sizeof(features[0]))

/* What another driver of this end may have left that back ends would take for ours: they look for separate event channels first. */
static int remove_foreign(struct netf *f)
{
	static const char *const nodes[] = { "event-channel-tx", "event-channel-rx", "xdp-headroom", "feature-no-csum-offload" };
	int error = pvd_remove_nodes(&f->dev, nodes, sizeof(nodes) / sizeof(nodes[0]));

	return error ? error : pvd_remove_queues(&f->dev, f->nr_made);
}

static int publish(struct pvd_dev *dev)
{
	struct netf *f = netf_of(dev);
	bool many = f->nr_queues > 1;
	int error = remove_foreign(f);
	uint32_t i;

	if (!error)
		error = many ? pvd_write_number(dev, "multi-queue-num-queues", f->nr_queues) :
			pvos_write(dev, "multi-queue-num-queues", NULL);
	for (i = 0; !error && i < f->nr_queues; i++)
		error = publish_queue(&f->queues[i], many ? (int)i : -1);
	for (i = 0; !error && i < NR_FEATURES; i++)
		error = pvd_write_number(dev, features[i], 1);
	if (!error)
		error = pvd_write_number(dev, "request-multicast-control", f->mcast);
	return error ? error : netf_ctrl_publish(f);
}

static void negotiate(struct netf *f)
{
	struct pvd_dev *dev = &f->dev;

	f->nr_queues = pvd_read_default(dev, PVD_PEER, "multi-queue-max-queues", f->nr_made, 1);
	if (!f->nr_queues)
		f->nr_queues = 1;
	pvd_offload_read(dev, &f->peer);
	f->mcast = f->want_mcast && pvd_peer_has(dev, "feature-multicast-control");
}

static int offer(struct pvd_dev *dev)
{
	struct netf *f = netf_of(dev);
	uint32_t i;
	int error;

	if (!pvd_peer_has(dev, "feature-rx-copy")) {
		pvos_report(dev, "a back end that cannot copy what is received");
		return -EOPNOTSUPP;
	}
	negotiate(f);
	for (i = 0; i < f->nr_queues; i++) {
		struct netf_queue *q = &f->queues[i];

		error = make_tx(q);
		if (!error)
			error = make_rx(q);
		if (!error)
			error = pvos_event_alloc(dev, &q->event);
		if (error)
			return error;
	}
	error = netf_ctrl_offer(f);
	return error ? error : pvos_publish(dev, publish);
}

/* ---- connect ---- */

static void read_state(struct netf *f)
{
	f->carrier = pvd_read_default(&f->dev, PVD_PEER, "carrier", 1, 1);
	f->mtu = pvd_read_default(&f->dev, PVD_OWN, "mtu", PVD_NET_BYTES_MAX - PVD_NET_HEADER_MIN, 0);
}

static void start_queue(struct netf_queue *q)
{
	pvos_lock(q->rx.os);
	q->rx.up = true;
	netf_rx_post(q);
	pvos_unlock(q->rx.os);
	pvos_lock(q->tx.os);
	q->tx.up = true;
	pvos_unlock(q->tx.os);
}

static int connect(struct pvd_dev *dev)
{
	struct netf *f = netf_of(dev);
	uint32_t i;

	read_state(f);
	for (i = 0; i < f->nr_queues; i++)
		start_queue(&f->queues[i]);
	netf_ctrl_connect(f);
	return pvos_netf_start(f);
}

static int update(struct pvd_dev *dev)
{
	struct netf *f = netf_of(dev);

	read_state(f);
	pvd_offload_read(dev, &f->peer);
	netf_ctrl_again(f);
	return pvos_netf_start(f);
}

static bool keeps(struct pvd_dev *dev)
{
	const struct netf *f = netf_of(dev);

	return pvd_peer_has(dev, "feature-rx-copy") && (!f->mcast || pvd_peer_has(dev, "feature-multicast-control")) &&
		(!f->ctrl.shared.addr || pvd_peer_has(dev, "feature-ctrl-ring")) &&
		pvd_read_default(dev, PVD_PEER, "multi-queue-max-queues", UINT32_MAX, 1) >= f->nr_queues;
}

/* ---- disconnect ---- */

static void stop_tx(struct netf_tx *tx)
{
	uint32_t i;

	pvos_lock(tx->os);
	tx->up = tx->full = false;
	pvos_unlock(tx->os);
	for (i = 0; i < NETF_RING; i++) {
		if (tx->page[i])
			pvd_pool_give(&tx->pool, tx->page[i], tx->page[i], 1);
		tx->page[i] = NULL;
	}
}

static void stop_rx(struct netf_rx *rx)
{
	uint32_t i;

	pvos_lock(rx->os);
	rx->up = false;
	pvos_unlock(rx->os);
	for (i = 0; i < NETF_RING; i++) {
		if (rx->page[i])
			pvd_pool_give(&rx->pool, rx->page[i], rx->page[i], 1);
		rx->page[i] = NULL;
	}
}

/* Nothing is used any more; all pages are in the pools. */
static void stop(struct netf *f, bool forever)
{
	uint32_t i;

	pvos_netf_stop(f, forever);
	netf_ctrl_stop(f);
	for (i = 0; i < f->nr_made; i++) {
		struct netf_queue *q = &f->queues[i];

		stop_tx(&q->tx);
		stop_rx(&q->rx);
		if (q->event.port)
			pvos_event_free(&f->dev, &q->event);
	}
}

static void release(struct pvd_dev *dev)
{
	struct netf *f = netf_of(dev);
	uint32_t i;

	netf_ctrl_release(f);
	for (i = 0; i < f->nr_made; i++) {
		struct netf_queue *q = &f->queues[i];

		pvd_pool_shrink(&q->tx.pool, 0);
		pvd_pool_shrink(&q->rx.pool, 0);
		if (q->tx.shared.addr)
			pvos_unshare(dev, &q->tx.shared);
		if (q->rx.shared.addr)
			pvos_unshare(dev, &q->rx.shared);
	}
}

static void lose(struct pvd_dev *dev)
{
	stop(netf_of(dev), false);
	release(dev);
}

static void drop(struct pvd_dev *dev)
{
	stop(netf_of(dev), true);
}

static int withdraw(struct pvd_dev *dev)
{
	static const char *const nodes[] = {
		"multi-queue-num-queues", "tx-ring-ref", "rx-ring-ref", "event-channel", "request-multicast-control", "ctrl-ring-ref",
		"event-channel-ctrl",
	};
	int error = pvd_remove_nodes(dev, nodes, sizeof(nodes) / sizeof(nodes[0]));

	if (!error)
		error = pvd_remove_nodes(dev, features, NR_FEATURES);
	return error ? error : pvd_remove_queues(dev, netf_of(dev)->nr_made);
}

/* An interface is closed whoever uses it. */
static bool close(struct pvd_dev *dev)
{
	return true;
}

const struct pvd_class netf_class = {
	.name = "network",
	.offered = PVD_CONNECTED,
	.offer = offer,
	.connect = connect,
	.update = update,
	.keeps = keeps,
	.lose = lose,
	.close = close,
	.drop = drop,
	.release = release,
	.withdraw = withdraw,
};

/* "00:16:3e:01:02:03" */
static int read_mac(struct netf *f)
{
	char text[24];
	uint32_t i, digit;

	if (pvos_read(&f->dev, PVD_OWN, "mac", text, sizeof(text)) != 17)
		return -EINVAL;
	for (i = 0; i < 17; i++) {
		char c = text[i];

		if (i % 3 == 2) {
			if (c != ':')
				return -EINVAL;
			continue;
		}
		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			digit = (c | 32) - 'a' + 10;
		else
			return -EINVAL;
		f->mac[i / 3] = f->mac[i / 3] << 4 | digit;
	}
	return f->mac[0] & 1 ? -EINVAL : 0;
}

int netf_init(struct netf *f, const struct netf_limits *limits, void *(*os)(struct netf *f, uint32_t queue, enum netf_part part))
{
	uint32_t i;

	pvd_conn_init(&f->dev, &netf_class, PVD_FRONT);
	if (read_mac(f))
		return -EINVAL;
	f->queues = pvos_alloc(limits->queues * sizeof(*f->queues));
	if (!f->queues)
		return -ENOMEM;
	f->nr_made = limits->queues;
	f->want_mcast = limits->mcast;
	f->ctrl.os = os(f, 0, NETF_CTRL);
	if (limits->hash)
		f->hash = *limits->hash;
	for (i = 0; i < limits->queues; i++) {
		struct netf_queue *q = &f->queues[i];

		q->f = f;
		q->tx.os = os(f, i, NETF_TX);
		q->rx.os = os(f, i, NETF_RX);
		q->rx.target = NETF_RING;
		pvd_pool_init(&q->tx.pool, &f->dev, NETF_RING);
		pvd_pool_init(&q->rx.pool, &f->dev, NETF_RING);
	}
	return 0;
}

void netf_free(struct netf *f)
{
	pvos_free(f->queues);
	f->queues = NULL;
	f->nr_made = 0;
}
