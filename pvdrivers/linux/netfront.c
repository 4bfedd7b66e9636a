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
#include "pvl.h"

static char devices[128] = "*";
module_param_string(devices, devices, sizeof(devices), 0644);
MODULE_PARM_DESC(devices, "devices to serve: patterns of their numbers, separated by commas");

static unsigned int queues = 8;
module_param(queues, uint, 0644);
MODULE_PARM_DESC(queues, "queues of a device, at most");

struct pvl_netf_queue {
	struct pvl_queue tx, rx;
	struct netf_queue *core;
	struct pvl_netf *n;
	unsigned int index;
	struct napi_struct napi;
	struct sk_buff_head arrived;		/* under the receive lock */
	int eoi_irq;
};

struct pvl_netf {
	struct pvl_dev base;
	struct netf core;
	struct net_device *dev;
	struct pvl_netf_queue *queues;
	struct xenbus_watch carrier;
	bool registered, gone;
};

/* ---- packets that come in ---- */

void *pvos_packet_new(void *queue, uint32_t first_bytes)
{
	struct pvl_netf_queue *q = container_of(queue, struct pvl_netf_queue, rx);

	return pvl_packet_new(&q->napi, first_bytes);
}

void pvos_packet_deliver(void *queue, void *packet, const struct pvd_meta *meta)
{
	struct pvl_netf_queue *q = container_of(queue, struct pvl_netf_queue, rx);
	struct sk_buff *skb = packet;

	if (!pvl_packet_finish(skb, q->n->dev, meta))
		return;
	skb_record_rx_queue(skb, q->index);
	__skb_queue_tail(&q->arrived, skb);
}

static int poll(struct napi_struct *napi, int budget)
{
	struct pvl_netf_queue *q = container_of(napi, struct pvl_netf_queue, napi);
	struct sk_buff *skb;
	int done, irq;

	spin_lock(&q->rx.lock);
	done = netf_rx_run(q->core, budget);
	spin_unlock(&q->rx.lock);
	/* Only poll() takes from the list, and puts onto it. */
	while ((skb = __skb_dequeue(&q->arrived)))
		napi_gro_receive(napi, skb);
	if (unlikely(READ_ONCE(q->core->tx.full))) {
		spin_lock(&q->tx.lock);
		netf_tx_reap(q->core);
		spin_unlock(&q->tx.lock);
	}
	if (done == budget || !napi_complete_done(napi, done))
		return done;
	irq = xchg(&q->eoi_irq, 0);
	if (irq)
		xen_irq_lateeoi(irq, 0);
	return done;
}

static irqreturn_t event(int irq, void *queue)
{
	struct pvl_netf_queue *q = container_of(queue, struct pvl_netf_queue, tx);

	WRITE_ONCE(q->eoi_irq, irq);
	napi_schedule(&q->napi);
	return IRQ_HANDLED;
}

/* ---- packets that go out ---- */

void pvos_netf_wake(void *queue)
{
	struct pvl_netf_queue *q = container_of(queue, struct pvl_netf_queue, tx);

	netif_tx_wake_queue(netdev_get_tx_queue(q->n->dev, q->index));
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct pvl_netf *n = *(struct pvl_netf **)netdev_priv(dev);
	struct pvl_netf_queue *q = &n->queues[skb_get_queue_mapping(skb)];
	struct pvd_piece pieces[PVL_PIECES];
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
		netif_tx_stop_queue(netdev_get_tx_queue(dev, q->index));
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

static int net_open(struct net_device *dev)
{
	struct pvl_netf *n = *(struct pvl_netf **)netdev_priv(dev);
	u32 i;

	for (i = 0; i < n->core.nr_made; i++) {
		napi_enable(&n->queues[i].napi);
		/* What came before is looked at. */
		local_bh_disable();
		napi_schedule(&n->queues[i].napi);
		local_bh_enable();
	}
	netif_tx_start_all_queues(dev);
	return 0;
}

static int net_stop(struct net_device *dev)
{
	struct pvl_netf *n = *(struct pvl_netf **)netdev_priv(dev);
	u32 i;

	netif_tx_stop_all_queues(dev);
	for (i = 0; i < n->core.nr_made; i++)
		napi_disable(&n->queues[i].napi);
	return 0;
}

static netdev_features_t fix_features(struct net_device *dev, netdev_features_t features)
{
	const struct netf *f = &(*(struct pvl_netf **)netdev_priv(dev))->core;

	if (!f->sg)
		features &= ~NETIF_F_SG;
	if (!f->csum)
		features &= ~NETIF_F_IP_CSUM;
	if (!f->csum6)
		features &= ~NETIF_F_IPV6_CSUM;
	if (!f->gso4)
		features &= ~NETIF_F_TSO;
	if (!f->gso6)
		features &= ~NETIF_F_TSO6;
	return features;
}

static int change_mtu(struct net_device *dev, int mtu)
{
	const struct netf *f = &(*(struct pvl_netf **)netdev_priv(dev))->core;

	if (mtu > (f->sg ? PVD_NET_BYTES_MAX - ETH_HLEN : ETH_DATA_LEN))
		return -EINVAL;
	dev->mtu = mtu;
	return 0;
}

static void get_stats(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct pvl_netf *n = *(struct pvl_netf **)netdev_priv(dev);
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

static const struct net_device_ops net_ops = {
	.ndo_open = net_open,
	.ndo_stop = net_stop,
	.ndo_start_xmit = start_xmit,
	.ndo_fix_features = fix_features,
	.ndo_change_mtu = change_mtu,
	.ndo_get_stats64 = get_stats,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static const struct ethtool_ops tool_ops = {
	.get_link = ethtool_op_get_link,
};

static struct net_device *make_interface(struct pvl_netf *n)
{
	struct net_device *dev = alloc_etherdev_mq(sizeof(n), n->core.nr_made);
	u32 i;

	if (!dev)
		return NULL;
	*(struct pvl_netf **)netdev_priv(dev) = n;
	SET_NETDEV_DEV(dev, &n->base.xdev->dev);
	dev->netdev_ops = &net_ops;
	dev->ethtool_ops = &tool_ops;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = PVD_NET_BYTES_MAX - ETH_HLEN;
	dev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6;
	dev->features = dev->hw_features | NETIF_F_RXCSUM;
	pvl_set_mac(dev, n->core.mac);
	for (i = 0; i < n->core.nr_made; i++)
		pvl_napi_add(dev, &n->queues[i].napi, poll);
	netif_carrier_off(dev);
	return dev;
}

/* Control, with the lock of interfaces held. */
static void show_state(struct pvl_netf *n)
{
	struct net_device *dev = n->dev;

	netif_set_real_num_tx_queues(dev, n->core.nr_queues);
	netif_set_real_num_rx_queues(dev, n->core.nr_queues);
	netdev_update_features(dev);
	if (n->core.carrier)
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
	if (netif_running(dev))
		netif_tx_wake_all_queues(dev);
}

int pvos_netf_start(struct netf *f)
{
	struct pvl_netf *n = container_of(f, struct pvl_netf, core);
	int error = 0;

	rtnl_lock();
	if (!n->registered) {
		if (f->mtu)
			n->dev->mtu = f->mtu;
		error = register_netdevice(n->dev);
		n->registered = !error;
	}
	if (!error)
		show_state(n);
	rtnl_unlock();
	return error;
}

void pvos_netf_stop(struct netf *f, bool forever)
{
	struct pvl_netf *n = container_of(f, struct pvl_netf, core);

	if (n->registered) {
		netif_carrier_off(n->dev);
		netif_tx_disable(n->dev);
	}
	if (forever)
		WRITE_ONCE(n->gone, true);
}

/* ---- devices come and go ---- */

static void carrier_seen(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct pvl_netf *n = container_of(watch, struct pvl_netf, carrier);

	pvl_due(&n->base, PVL_PEER);
}

static void unwatch(struct pvl_netf *n)
{
	if (!n->carrier.node)
		return;
	unregister_xenbus_watch(&n->carrier);
	kfree(n->carrier.node);
	n->carrier.node = NULL;
}

/* The peer's path is known, and may be another one after a resume. */
static int watch_carrier(struct pvl_netf *n)
{
	unwatch(n);
	return xenbus_watch_pathfmt(n->base.xdev, &n->carrier, NULL, carrier_seen, "%s/carrier", n->base.xdev->otherend);
}

static void *queue_object(struct netf *f, uint32_t i, bool tx)
{
	struct pvl_netf *n = container_of(f, struct pvl_netf, core);
	struct pvl_netf_queue *q = &n->queues[i];

	if (!tx) {
		pvl_queue_init(&q->rx, &n->base, &f->queues[i], NULL, i);
		return &q->rx;
	}
	pvl_queue_init(&q->tx, &n->base, &f->queues[i], event, i);
	__skb_queue_head_init(&q->arrived);
	q->core = &f->queues[i];
	q->core->event.os = &q->tx;
	q->n = n;
	q->index = i;
	return &q->tx;
}

static void free_all(struct pvl_netf *n)
{
	if (n->dev)
		free_netdev(n->dev);
	netf_free(&n->core);
	kvfree(n->queues);
	kfree(n);
}

static int probe(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	struct netf_limits limits = { .queues = clamp(queues, 1U, min(num_online_cpus(), 64U)) };
	struct pvl_netf *n;
	int error = -ENOMEM;

	if (!pvl_chosen(devices, xdev))
		return -ENODEV;
	n = kzalloc(sizeof(*n), GFP_KERNEL);
	if (!n)
		return -ENOMEM;
	pvl_dev_init(&n->base, &n->core.dev, xdev);
	n->queues = kvcalloc(limits.queues, sizeof(*n->queues), GFP_KERNEL);
	if (n->queues)
		error = netf_init(&n->core, &limits, queue_object);
	if (error) {
		xenbus_dev_fatal(xdev, error, "starting");
		free_all(n);
		return error;
	}
	n->dev = make_interface(n);
	if (!n->dev) {
		free_all(n);
		return -ENOMEM;
	}
	dev_set_drvdata(&xdev->dev, n);
	error = watch_carrier(n);
	if (error)
		free_all(n);
	return error;
}

static PVL_REMOVE_TYPE remove(struct xenbus_device *xdev)
{
	struct pvl_netf *n = dev_get_drvdata(&xdev->dev);

	unwatch(n);
	pvl_dev_remove(&n->base);
	if (n->registered)
		unregister_netdev(n->dev);
	free_all(n);
	PVL_REMOVE_RETURN;
}

static void otherend_changed(struct xenbus_device *xdev, enum xenbus_state state)
{
	struct pvl_netf *n = dev_get_drvdata(&xdev->dev);

	pvl_due(&n->base, PVL_PEER);
}

static int resume(struct xenbus_device *xdev)
{
	struct pvl_netf *n = dev_get_drvdata(&xdev->dev);

	pvl_dev_resume(&n->base);
	return watch_carrier(n);
}

static const struct xenbus_device_id ids[] = {
	{ "vif" },
	{ "" }
};

static struct xenbus_driver driver = {
	.name = "tenon-netfront",
	.ids = ids,
	.probe = probe,
	.remove = remove,
	.resume = resume,
	.otherend_changed = otherend_changed,
};

static int __init netfront_init(void)
{
	if (!xen_domain() || !xen_has_pv_nic_devices())
		return -ENODEV;
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
