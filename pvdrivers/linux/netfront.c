// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* tenon-netfront */
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/platform_pci.h>
#include <xen/xen.h>
#include "compat_net.h"
#include "netf.h"
#include "netpacket.h"
#include "pvl_net.h"

static char devices[128] = "*";
module_param_string(devices, devices, sizeof(devices), 0644);
MODULE_PARM_DESC(devices, "devices to serve: patterns of their numbers, separated by commas");

static unsigned int queues = 8;
module_param(queues, uint, 0644);
MODULE_PARM_DESC(queues, "queues of a device, at most");

static bool filter_multicast;
module_param(filter_multicast, bool, 0444);
MODULE_PARM_DESC(filter_multicast, "the back end passes on those multicast packets alone that are listened to; not for guests with bridges");

struct pvl_netf_queue {
	struct pvl_in rx;
	struct pvl_queue tx;
	struct netf_queue *core;
	int eoi_irq;
	struct pvd_piece pieces[PVL_PIECES];	/* start_xmit()'s: kernels clear what lies on the stack */
};

struct pvl_netf {
	struct pvl_net net;
	struct netf core;
	struct pvl_netf_queue *queues;
	bool registered;
	u32 told_mtu;				/* by tools */
	/* under the lock of interfaces: */
	struct netf_hash hash;			/* as it is wanted */
	bool new_hash, gone;
};

#define RX(name, member)	PVL_STAT(name, struct netf_queue, rx.stats.member)
#define TX(name, member)	PVL_STAT(name, struct netf_queue, tx.stats.member)

static struct pvl_stat stats[] = {
	RX(rx_packets, packets),
	RX(rx_bytes, bytes),
	RX(rx_dropped, dropped),
	RX(rx_notified, notified),
	RX(rx_held, held),
	TX(tx_packets, packets),
	TX(tx_bytes, bytes),
	TX(tx_dropped, dropped),
	TX(tx_notified, notified),
	TX(tx_busy, busy),
};

static struct pvl_netf *netf_of(struct pvl_dev *pvl)
{
	return container_of(pvl, struct pvl_netf, net.base);
}

static struct pvl_netf *of_interface(const struct net_device *dev)
{
	return container_of(pvl_net_of(dev), struct pvl_netf, net);
}

/* ---- packets that come in ---- */

static int poll(struct napi_struct *napi, int budget)
{
	struct pvl_netf_queue *q = container_of(napi, struct pvl_netf_queue, rx.napi);
	struct sk_buff *skb;
	bool hold = pvl_in_holds(&q->rx);
	int done, irq;

	spin_lock(&q->rx.base.lock);
	done = netf_rx_run(q->core, budget, !hold);
	if (unlikely(hold && !done)) {
		pvl_in_let_go(&q->rx);
		hold = false;
		done = netf_rx_run(q->core, budget, true);
	}
	spin_unlock(&q->rx.base.lock);
	/* Only poll() takes from the list, and puts onto it. */
	while ((skb = __skb_dequeue(&q->rx.arrived)))
		napi_gro_receive(napi, skb);
	if (unlikely(READ_ONCE(q->core->tx.full))) {
		unsigned long flags;

		/* Messages of the kernel may be sent out of interrupts: start_xmit() takes this lock there. */
		spin_lock_irqsave(&q->tx.lock, flags);
		netf_tx_reap(q->core);
		spin_unlock_irqrestore(&q->tx.lock, flags);
	}
	if (done == budget || !napi_complete_done(napi, done))
		return done;
	if (hold) {
		pvl_in_later(&q->rx);
		return done;
	}
	irq = xchg(&q->eoi_irq, 0);
	if (irq)
		xen_irq_lateeoi(irq, 0);
	return done;
}

static irqreturn_t event(int irq, void *queue)
{
	struct pvl_netf_queue *q = container_of(queue, struct pvl_netf_queue, tx);

	WRITE_ONCE(q->eoi_irq, irq);
	pvl_in_event(&q->rx);
	napi_schedule(&q->rx.napi);
	return IRQ_HANDLED;
}

/* ---- packets that go out ---- */

void pvos_netf_wake(void *queue)
{
	struct pvl_netf_queue *q = container_of(queue, struct pvl_netf_queue, tx);

	netif_tx_wake_queue(netdev_get_tx_queue(q->rx.net->dev, q->rx.index));
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct pvl_netf *n = of_interface(dev);
	struct pvl_netf_queue *q = &n->queues[skb_get_queue_mapping(skb)];
	struct pvd_piece *pieces = q->pieces;
	u32 nr_pieces = pvl_packet_pieces(skb, false, pieces);
	struct pvd_meta meta;
	int error;

	if (unlikely(!nr_pieces || skb->len > PVD_NET_BYTES_MAX)) {
		dev->stats.tx_dropped++;
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	pvl_packet_meta(skb, &meta);
	spin_lock(&q->tx.lock);
	error = netf_tx_put(q->core, pieces, nr_pieces, skb->len, &meta);
	if (unlikely(error == -EBUSY))
		netif_tx_stop_queue(netdev_get_tx_queue(dev, q->rx.index));
	if (!netdev_xmit_more() || unlikely(error))
		netf_tx_commit(q->core);
	spin_unlock(&q->tx.lock);
	if (unlikely(error == -EBUSY))
		return NETDEV_TX_BUSY;
	if (unlikely(error))
		dev->stats.tx_dropped++;
	dev_consume_skb_any(skb);
	return NETDEV_TX_OK;
}

/* ---- the interface ---- */

static void get_stats(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct pvl_netf *n = of_interface(dev);
	u32 i;

	for (i = 0; i < n->core.nr_made; i++) {
		const struct netf_queue *q = &n->core.queues[i];

		stats->rx_packets += q->rx.stats.packets;
		stats->rx_bytes += q->rx.stats.bytes;
		stats->rx_dropped += q->rx.stats.dropped;
		stats->tx_packets += q->tx.stats.packets;
		stats->tx_bytes += q->tx.stats.bytes;
		stats->tx_dropped += q->tx.stats.dropped;
	}
	stats->tx_dropped += dev->stats.tx_dropped;
}

static int change_mcast(struct net_device *dev, const unsigned char *mac, bool add)
{
	struct pvl_netf_queue *q = of_interface(dev)->queues;
	unsigned long flags;
	int error;

	spin_lock_irqsave(&q->tx.lock, flags);
	error = netf_mcast(q->core, mac, add);
	spin_unlock_irqrestore(&q->tx.lock, flags);
	return error;
}

static int add_mcast(struct net_device *dev, const unsigned char *mac)
{
	return change_mcast(dev, mac, true);
}

static int remove_mcast(struct net_device *dev, const unsigned char *mac)
{
	return change_mcast(dev, mac, false);
}

static void set_rx_mode(struct net_device *dev)
{
	if (of_interface(dev)->core.mcast)
		__dev_mc_sync(dev, add_mcast, remove_mcast);
}

static const struct net_device_ops net_ops = {
	.ndo_open = pvl_net_open,
	.ndo_stop = pvl_net_stop,
	.ndo_start_xmit = start_xmit,
	.ndo_fix_features = pvl_net_fix_features,
	.ndo_change_mtu = pvl_net_change_mtu,
	.ndo_set_rx_mode = set_rx_mode,
	.ndo_get_stats64 = get_stats,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

/* ---- the hash that received packets are spread by ---- */

static u32 hash_key_size(struct net_device *dev)
{
	return NETF_KEY;
}

static u32 hash_table_size(struct net_device *dev)
{
	return of_interface(dev)->hash.size;
}

static int get_hash(struct net_device *dev, u32 *table, u8 *key)
{
	const struct netf_hash *hash = &of_interface(dev)->hash;

	if (table)
		memcpy(table, hash->mapping, hash->size * sizeof(*table));
	if (key)
		memcpy(key, hash->key, NETF_KEY);
	return 0;
}

static int set_hash(struct net_device *dev, const u32 *table, const u8 *key)
{
	struct pvl_netf *n = of_interface(dev);

	if (table)
		memcpy(n->hash.mapping, table, n->hash.size * sizeof(*table));
	if (key)
		memcpy(n->hash.key, key, NETF_KEY);
	n->new_hash = true;
	if (!n->gone)
		pvl_due(&n->net.base, PVL_CHANGED);
	return 0;
}

PVL_TOOL_HASH(get_hash, set_hash)

static int get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info, u32 *rules)
{
	if (info->cmd != ETHTOOL_GRXRINGS)
		return -EOPNOTSUPP;
	info->data = dev->real_num_rx_queues;
	return 0;
}

static struct ethtool_ops tool_ops;		/* pvl_tool_ops and these */

static void make_tool_ops(void)
{
	tool_ops = pvl_tool_ops;
	tool_ops.get_rxfh_key_size = hash_key_size;
	tool_ops.get_rxfh_indir_size = hash_table_size;
	tool_ops.get_rxfh = pvl_get_rxfh;
	tool_ops.set_rxfh = pvl_set_rxfh;
	tool_ops.get_rxnfc = get_rxnfc;
}

static void init_hash(struct pvl_netf *n, u32 nr_queues)
{
	u32 i;

	n->hash.types = XEN_NETIF_CTRL_HASH_TYPE_IPV4 | XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP | XEN_NETIF_CTRL_HASH_TYPE_IPV6 |
		XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP;
	netdev_rss_key_fill(n->hash.key, NETF_KEY);
	n->hash.size = NETF_MAPPING;
	for (i = 0; i < NETF_MAPPING; i++)
		n->hash.mapping[i] = i % nr_queues;
}

/* ---- there is a peer, or none ---- */

/* A new peer has an empty list, one that has only changed gets it once more. */
static void send_mcast(struct net_device *dev)
{
	netif_addr_lock_bh(dev);
	__dev_mc_unsync(dev, NULL);
	__dev_mc_sync(dev, add_mcast, remove_mcast);
	netif_addr_unlock_bh(dev);
}

/* With the lock of interfaces held. */
static int show(struct pvl_netf *n, const struct netf *f)
{
	struct net_device *dev = n->net.dev;
	int error = 0;

	if (!n->registered) {
		if (f->mtu)
			dev->mtu = f->mtu;
		error = register_netdevice(dev);
		n->registered = !error;
	} else if (f->mtu && f->mtu != n->told_mtu) {
		error = dev_set_mtu(dev, f->mtu);
	}
	if (error)
		return error;
	n->told_mtu = f->mtu;
	pvl_net_show(&n->net, f->nr_queues, f->carrier);
	if (f->mcast)
		send_mcast(dev);
	return 0;
}

int pvos_netf_start(struct netf *f)
{
	struct pvl_netf *n = container_of(f, struct pvl_netf, core);
	int error;

	rtnl_lock();
	error = show(n, f);
	rtnl_unlock();
	return error;
}

void pvos_netf_stop(struct netf *f, bool forever)
{
	struct pvl_netf *n = container_of(f, struct pvl_netf, core);

	if (n->registered) {
		netif_carrier_off(n->net.dev);
		netif_tx_disable(n->net.dev);
	}
}

/* ---- devices come and go ---- */

/* The control ring, or the hash that is wanted. */
static void changed(struct pvl_dev *pvl)
{
	struct pvl_netf *n = netf_of(pvl);

	netf_ctrl_run(&n->core);
	pvl_ctrl_done(&n->net);
	rtnl_lock();
	if (n->new_hash)
		netf_hash_set(&n->core, &n->hash);
	n->new_hash = false;
	rtnl_unlock();
}

static void carrier_seen(struct pvl_dev *pvl)
{
	pvl_due(pvl, PVL_PEER);
}

/* The peer's path is known, and may be another one after a resume. */
static int watch_carrier(struct pvl_netf *n)
{
	struct pvl_dev *pvl = &n->net.base;

	return pvl_watch_node(pvl, pvl->xdev->otherend, "carrier", carrier_seen);
}

static void *queue_object(struct netf *f, uint32_t i, enum netf_part part)
{
	struct pvl_netf *n = container_of(f, struct pvl_netf, core);
	struct pvl_netf_queue *q = &n->queues[i];

	if (part == NETF_CTRL)
		return pvl_ctrl_init(&n->net, &f->ctrl.event);
	if (part == NETF_RX) {
		pvl_in_init(&q->rx, &n->net, &f->queues[i], NULL, i);
		return &q->rx.base;
	}
	pvl_queue_init(&q->tx, &n->net.base, &f->queues[i], event, i);
	q->core = &f->queues[i];
	q->core->event.os = &q->tx;
	return &q->tx;
}

static void free_all(struct pvl_netf *n)
{
	pvl_unwatch(&n->net.base);
	pvl_stats_remove(&n->net.base);
	pvl_net_free(&n->net);
	netf_free(&n->core);
	kvfree(n->queues);
	kfree(n);
}

static int start(struct pvl_netf *n)
{
	struct netf_limits limits = { .queues = pvl_queues(queues), .mcast = filter_multicast, .hash = &n->hash };
	int error;

	init_hash(n, limits.queues);

	n->queues = kvcalloc(limits.queues, sizeof(*n->queues), GFP_KERNEL);
	if (!n->queues)
		return -ENOMEM;
	error = netf_init(&n->core, &limits, queue_object);
	if (error)
		return error;
	if (!pvl_net_alloc(&n->net, n->core.nr_made, &net_ops, poll))
		return -ENOMEM;
	n->net.dev->ethtool_ops = &tool_ops;
	pvl_set_mac(n->net.dev, n->core.mac);
	error = pvl_stats_add(&n->net.base, stats, ARRAY_SIZE(stats), n->core.queues, sizeof(*n->core.queues), n->core.nr_made);
	return error ? error : watch_carrier(n);
}

static int probe(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	struct pvl_netf *n;
	int error;

	if (!pvl_chosen(devices, xdev))
		return -ENODEV;
	n = kzalloc(sizeof(*n), GFP_KERNEL);
	if (!n)
		return -ENOMEM;
	pvl_net_init(&n->net, &n->core.peer);
	pvl_dev_init(&n->net.base, &n->core.dev, xdev);
	n->net.base.changed = changed;
	error = start(n);
	if (error) {
		xenbus_dev_fatal(xdev, error, "starting");
		free_all(n);
	}
	return error;
}

static void remove(struct xenbus_device *xdev)
{
	struct pvl_netf *n = netf_of(dev_get_drvdata(&xdev->dev));

	pvl_unwatch(&n->net.base);
	rtnl_lock();
	n->gone = true;
	rtnl_unlock();
	pvl_dev_remove(&n->net.base);
	if (n->registered)
		unregister_netdev(n->net.dev);
	free_all(n);
}

static int resume(struct xenbus_device *xdev)
{
	struct pvl_netf *n = netf_of(dev_get_drvdata(&xdev->dev));

	pvl_dev_resume(&n->net.base);
	return watch_carrier(n);
}

PVL_REMOVE(remove)

static const struct xenbus_device_id ids[] = {
	{ "vif" },
	{ "" }
};

static struct xenbus_driver driver = {
	.name = "tenon-netfront",
	.ids = ids,
	.probe = probe,
	.remove = pvl_remove,
	.resume = resume,
	.otherend_changed = pvl_otherend_changed,
	.allow_rebind = true,
};

static int __init netfront_init(void)
{
	if (!xen_domain() || !xen_has_pv_nic_devices())
		return -ENODEV;
	make_tool_ops();
	return xenbus_register_frontend(&driver);
}

static void __exit netfront_exit(void)
{
	xenbus_unregister_driver(&driver);
}

module_init(netfront_init);
module_exit(netfront_exit);
MODULE_DESCRIPTION("Tenon's split network driver: front end");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_ALIAS("xen:vif");
