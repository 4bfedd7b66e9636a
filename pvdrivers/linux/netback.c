// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* tenon-netback: an interface vifDOMAIN.NUMBER for each front end. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/xen.h>
#include "compat_net.h"
#include "netb.h"
#include "netpacket.h"
#include "node.h"
#include "pvl.h"

static char devices[128] = "*";
module_param_string(devices, devices, sizeof(devices), 0644);
MODULE_PARM_DESC(devices, "devices to serve: patterns of DOMAIN/NUMBER, separated by commas");

static unsigned int queues = 8;
module_param(queues, uint, 0644);
MODULE_PARM_DESC(queues, "queues of a device, at most");

struct pvl_netb_queue {
	struct pvl_queue tx, rx;		/* of the front end: from it, to it */
	struct netb_queue *core;
	struct pvl_netb *n;
	unsigned int index;
	struct napi_struct napi;
	struct sk_buff_head arrived;		/* poll()'s */
	struct sk_buff_head copying;		/* under the receive lock: to be freed when they have been copied */
	bool stuck;				/* the front end gives no buffers: packets are lost rather than kept */
	int eoi_irq[2];
};

struct pvl_netb {
	struct pvl_dev base;
	struct netb core;
	struct net_device *dev;
	struct pvl_netb_queue *queues;
	struct pvl_queue ctrl;
	int ctrl_irq;
	struct xenbus_watch hotplug, own;
	bool napi_on, unwanted, gone;
};

static struct pvl_netb *pvl_of(struct net_device *dev)
{
	return *(struct pvl_netb **)netdev_priv(dev);
}

/* ---- from the front end ---- */

void *pvos_packet_new(void *queue, uint32_t first_bytes)
{
	struct pvl_netb_queue *q = container_of(queue, struct pvl_netb_queue, tx);

	return pvl_packet_new(&q->napi, first_bytes);
}

void pvos_packet_deliver(void *queue, void *packet, const struct pvd_meta *meta)
{
	struct pvl_netb_queue *q = container_of(queue, struct pvl_netb_queue, tx);
	struct sk_buff *skb = packet;

	if (!pvl_packet_finish(skb, q->n->dev, meta))
		return;
	skb_record_rx_queue(skb, q->index);
	__skb_queue_tail(&q->arrived, skb);
}

static void end_events(struct pvl_netb_queue *q, u32 flags)
{
	int i;

	for (i = 0; i < 2; i++) {
		int irq = xchg(&q->eoi_irq[i], 0);

		if (irq)
			xen_irq_lateeoi(irq, flags);
	}
}

static int poll(struct napi_struct *napi, int budget)
{
	struct pvl_netb_queue *q = container_of(napi, struct pvl_netb_queue, napi);
	struct sk_buff *skb;
	int done;

	spin_lock(&q->tx.lock);
	done = netb_tx_run(q->core, budget);
	spin_unlock(&q->tx.lock);
	while ((skb = __skb_dequeue(&q->arrived)))
		netif_receive_skb(skb);
	if (unlikely(READ_ONCE(q->core->rx.needed))) {
		spin_lock(&q->rx.lock);
		netb_rx_event(q->core);
		spin_unlock(&q->rx.lock);
	}
	if (done < budget && napi_complete_done(napi, done))
		end_events(q, 0);
	return done;
}

static irqreturn_t tx_event(int irq, void *queue)
{
	struct pvl_netb_queue *q = container_of(queue, struct pvl_netb_queue, tx);

	WRITE_ONCE(q->eoi_irq[0], irq);
	napi_schedule(&q->napi);
	return IRQ_HANDLED;
}

static irqreturn_t rx_event(int irq, void *queue)
{
	struct pvl_netb_queue *q = container_of(queue, struct pvl_netb_queue, rx);

	WRITE_ONCE(q->eoi_irq[1], irq);
	napi_schedule(&q->napi);
	return IRQ_HANDLED;
}

/* ---- to the front end ---- */

void pvos_netb_wake(void *queue)
{
	struct pvl_netb_queue *q = container_of(queue, struct pvl_netb_queue, rx);

	q->stuck = false;
	netif_tx_wake_queue(netdev_get_tx_queue(q->n->dev, q->index));
}

static void flush(struct pvl_netb_queue *q)
{
	struct sk_buff *skb;

	netb_rx_flush(q->core);
	while ((skb = __skb_dequeue(&q->copying)))
		dev_consume_skb_any(skb);
}

/* Another domain's pages that a packet may hold are copied first: they are not ours to have copied from. */
static bool take_over(struct sk_buff *skb)
{
	return !skb_orphan_frags(skb, GFP_ATOMIC);
}

static netdev_tx_t lose(struct sk_buff *skb, struct net_device *dev)
{
	dev->stats.tx_dropped++;
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct pvl_netb *n = pvl_of(dev);
	struct pvl_netb_queue *q = &n->queues[skb_get_queue_mapping(skb)];
	struct pvd_piece pieces[PVL_PIECES];
	struct pvd_meta meta;
	u32 nr_pieces;
	int error;

	if (unlikely(!take_over(skb) || skb->len > PVD_NET_BYTES_MAX))
		return lose(skb, dev);
	if (is_multicast_ether_addr(skb->data) && !is_broadcast_ether_addr(skb->data) && !netb_takes_mcast(&n->core, skb->data))
		return lose(skb, dev);
	nr_pieces = pvl_packet_pieces(skb, true, pieces);
	if (unlikely(!nr_pieces))
		return lose(skb, dev);
	pvl_packet_meta(skb, &meta);
	spin_lock(&q->rx.lock);
	error = netb_rx_put(q->core, pieces, nr_pieces, skb->len, &meta);
	if (likely(!error))
		__skb_queue_tail(&q->copying, skb);
	else if (error == -EBUSY && !q->stuck)
		netif_tx_stop_queue(netdev_get_tx_queue(dev, q->index));
	if (!netdev_xmit_more() || unlikely(error))
		flush(q);
	spin_unlock(&q->rx.lock);
	if (likely(!error))
		return NETDEV_TX_OK;
	return error == -EBUSY && !q->stuck ? NETDEV_TX_BUSY : lose(skb, dev);
}

/* No buffers for long: what waits, and what comes, is lost until there are some. */
static void timed_out(struct net_device *dev, unsigned int queue)
{
	struct pvl_netb_queue *q = &pvl_of(dev)->queues[queue];

	spin_lock(&q->rx.lock);
	q->stuck = true;
	spin_unlock(&q->rx.lock);
	netif_tx_wake_queue(netdev_get_tx_queue(dev, queue));
}

/* The queue that the front end wants, if it said so. */
static u16 select_queue(struct net_device *dev, struct sk_buff *skb, struct net_device *to)
{
	struct pvl_netb *n = pvl_of(dev);
	struct flow_keys keys;
	struct pvd_meta meta;
	bool tcp, ip6;
	u8 tuple[36];
	u32 queue, n_address;

	if (!n->core.hash.types || !skb_flow_dissect_flow_keys(skb, &keys, 0))
		return netdev_pick_tx(dev, skb, to) % dev->real_num_tx_queues;
	ip6 = keys.control.addr_type == FLOW_DISSECTOR_KEY_IPV6_ADDRS;
	n_address = ip6 ? 16 : 4;
	tcp = keys.basic.ip_proto == IPPROTO_TCP;
	memcpy(tuple, ip6 ? (void *)&keys.addrs.v6addrs.src : (void *)&keys.addrs.v4addrs.src, n_address);
	memcpy(tuple + n_address, ip6 ? (void *)&keys.addrs.v6addrs.dst : (void *)&keys.addrs.v4addrs.dst, n_address);
	memcpy(tuple + 2 * n_address, &keys.ports.src, 2);
	memcpy(tuple + 2 * n_address + 2, &keys.ports.dst, 2);
	if (!netb_select(&n->core, ip6, tcp, tuple, &queue, &meta))
		queue = skb_get_hash(skb);
	return queue % dev->real_num_tx_queues;
}

/* ---- the interface ---- */

/* With the lock of interfaces held, or before there is anyone else. */
static void switch_napi(struct pvl_netb *n, bool on)
{
	u32 i;

	if (n->napi_on == on)
		return;
	n->napi_on = on;
	for (i = 0; i < n->core.nr_made; i++) {
		struct pvl_netb_queue *q = &n->queues[i];

		if (!on) {
			napi_disable(&q->napi);
			continue;
		}
		napi_enable(&q->napi);
		local_bh_disable();
		napi_schedule(&q->napi);
		local_bh_enable();
	}
}

static int net_open(struct net_device *dev)
{
	switch_napi(pvl_of(dev), true);
	netif_tx_start_all_queues(dev);
	return 0;
}

static int net_stop(struct net_device *dev)
{
	netif_tx_stop_all_queues(dev);
	switch_napi(pvl_of(dev), false);
	return 0;
}

static netdev_features_t fix_features(struct net_device *dev, netdev_features_t features)
{
	const struct netb *b = &pvl_of(dev)->core;

	if (!b->sg)
		features &= ~NETIF_F_SG;
	if (!b->csum)
		features &= ~NETIF_F_IP_CSUM;
	if (!b->csum6)
		features &= ~NETIF_F_IPV6_CSUM;
	if (!b->gso4)
		features &= ~NETIF_F_TSO;
	if (!b->gso6)
		features &= ~NETIF_F_TSO6;
	return features;
}

static int change_mtu(struct net_device *dev, int mtu)
{
	if (mtu > (pvl_of(dev)->core.sg ? PVD_NET_BYTES_MAX - ETH_HLEN : ETH_DATA_LEN))
		return -EINVAL;
	dev->mtu = mtu;
	return 0;
}

/* What comes from the front end is received here. */
static void get_stats(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct pvl_netb *n = pvl_of(dev);
	u32 i;

	for (i = 0; i < n->core.nr_made; i++) {
		const struct netb_queue *q = &n->core.queues[i];

		stats->rx_packets += q->tx.stats.packets;
		stats->rx_bytes += q->tx.stats.bytes;
		stats->rx_dropped += q->tx.stats.dropped;
		stats->rx_errors += q->tx.stats.wrong;
		stats->tx_packets += q->rx.stats.packets;
		stats->tx_bytes += q->rx.stats.bytes;
		stats->tx_errors += q->rx.stats.wrong;
	}
	stats->tx_dropped += dev->stats.tx_dropped;
}

static const struct net_device_ops net_ops = {
	.ndo_open = net_open,
	.ndo_stop = net_stop,
	.ndo_start_xmit = start_xmit,
	.ndo_select_queue = select_queue,
	.ndo_tx_timeout = timed_out,
	.ndo_fix_features = fix_features,
	.ndo_change_mtu = change_mtu,
	.ndo_get_stats64 = get_stats,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static const struct ethtool_ops tool_ops = {
	.get_link = ethtool_op_get_link,
};

static int make_interface(struct pvl_netb *n, u32 number)
{
	/* Bridges choose the smallest address: never one of ours. */
	static const u8 mac[ETH_ALEN] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct net_device *dev = alloc_etherdev_mq(sizeof(n), n->core.nr_made);
	int error;
	u32 i;

	if (!dev)
		return -ENOMEM;
	*(struct pvl_netb **)netdev_priv(dev) = n;
	snprintf(dev->name, sizeof(dev->name), "vif%d.%u", n->base.xdev->otherend_id, number);
	SET_NETDEV_DEV(dev, &n->base.xdev->dev);
	dev->netdev_ops = &net_ops;
	dev->ethtool_ops = &tool_ops;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = PVD_NET_BYTES_MAX - ETH_HLEN;
	dev->watchdog_timeo = 10 * HZ;
	dev->hw_features = NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6;
	dev->features = dev->hw_features | NETIF_F_RXCSUM;
	dev->needed_headroom = 0;
	pvl_set_mac(dev, mac);
	for (i = 0; i < n->core.nr_made; i++)
		pvl_napi_add(dev, &n->queues[i].napi, poll);
	netif_carrier_off(dev);
	n->dev = dev;
	error = register_netdev(dev);
	if (error) {
		free_netdev(dev);
		n->dev = NULL;
	}
	return error;
}

int pvos_netb_start(struct netb *b)
{
	struct pvl_netb *n = container_of(b, struct pvl_netb, core);
	struct net_device *dev = n->dev;

	rtnl_lock();
	netif_set_real_num_tx_queues(dev, b->nr_queues);
	netif_set_real_num_rx_queues(dev, b->nr_queues);
	netdev_update_features(dev);
	netif_carrier_on(dev);
	if (netif_running(dev))
		netif_tx_wake_all_queues(dev);
	rtnl_unlock();
	return 0;
}

void pvos_netb_stop(struct netb *b)
{
	struct pvl_netb *n = container_of(b, struct pvl_netb, core);
	u32 i;

	if (!n->dev)
		return;
	netif_carrier_off(n->dev);
	netif_tx_disable(n->dev);
	for (i = 0; i < b->nr_made; i++) {
		spin_lock_bh(&n->queues[i].rx.lock);
		flush(&n->queues[i]);
		spin_unlock_bh(&n->queues[i].rx.lock);
	}
}

/* ---- devices come and go ---- */

static irqreturn_t ctrl_event(int irq, void *queue)
{
	struct pvl_netb *n = container_of(queue, struct pvl_netb, ctrl);

	WRITE_ONCE(n->ctrl_irq, irq);
	pvl_due(&n->base, PVL_CHANGED);
	return IRQ_HANDLED;
}

static void run_ctrl(struct pvl_dev *pvl)
{
	struct pvl_netb *n = container_of(pvl, struct pvl_netb, base);
	int irq = xchg(&n->ctrl_irq, 0);

	netb_ctrl_run(&n->core);
	if (irq)
		xen_irq_lateeoi(irq, 0);
}

static void *queue_object(struct netb *b, uint32_t i, enum netb_part part)
{
	struct pvl_netb *n = container_of(b, struct pvl_netb, core);
	struct pvl_netb_queue *q = &n->queues[i];

	if (part == NETB_CTRL) {
		pvl_queue_init(&n->ctrl, &n->base, b, ctrl_event, 0);
		b->ctrl_event.os = &n->ctrl;
		return &n->ctrl;
	}
	q->core = &b->queues[i];
	q->n = n;
	q->index = i;
	if (part == NETB_TX) {
		pvl_queue_init(&q->tx, &n->base, q->core, tx_event, i);
		__skb_queue_head_init(&q->arrived);
		q->core->events[0].os = &q->tx;
		return &q->tx;
	}
	pvl_queue_init(&q->rx, &n->base, q->core, rx_event, i);
	__skb_queue_head_init(&q->copying);
	q->core->events[1].os = &q->rx;
	return &q->rx;
}

/* As tenon-blkback's. */
static void after(struct pvl_dev *pvl)
{
	struct pvl_netb *n = container_of(pvl, struct pvl_netb, base);
	u8 phase = READ_ONCE(n->core.dev.conn.phase);

	if (n->unwanted || (phase != PVD_PH_DEAD && (phase != PVD_PH_CLOSED || xenbus_dev_is_online(pvl->xdev))))
		return;
	WRITE_ONCE(n->unwanted, true);
	pvl_state_again(pvl->xdev);
}

static void state_seen(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct pvl_netb *n = container_of(watch, struct pvl_netb, own);

	/* Frees n. */
	if (READ_ONCE(n->unwanted))
		device_unregister(&n->base.xdev->dev);
}

/* The interface is on its bridge, or no script puts it there. */
static void hotplug_seen(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct pvl_netb *n = container_of(watch, struct pvl_netb, hotplug);
	char text[16];

	if (xenbus_exists(XBT_NIL, n->base.xdev->nodename, "script") &&
	    (pvos_read(&n->core.dev, PVD_OWN, "hotplug-status", text, sizeof(text)) < 0 || strcmp(text, "connected")))
		return;
	pvl_due(&n->base, PVL_READY);
}

static void unwatch(struct xenbus_watch *watch)
{
	if (!watch->node)
		return;
	unregister_xenbus_watch(watch);
	kfree(watch->node);
	watch->node = NULL;
}

static void free_all(struct pvl_netb *n)
{
	netb_free(&n->core);
	pvl_dev_free(&n->base);
	kvfree(n->queues);
	kfree(n);
}

static PVL_REMOVE_TYPE remove(struct xenbus_device *xdev)
{
	struct pvl_netb *n = dev_get_drvdata(&xdev->dev);

	WRITE_ONCE(n->gone, true);
	unwatch(&n->hotplug);
	unwatch(&n->own);
	pvl_dev_remove(&n->base);
	if (n->dev) {
		kobject_uevent(&xdev->dev.kobj, KOBJ_OFFLINE);
		unregister_netdev(n->dev);
		free_netdev(n->dev);
	}
	dev_set_drvdata(&xdev->dev, NULL);
	free_all(n);
	PVL_REMOVE_RETURN;
}

static int start(struct pvl_netb *n)
{
	struct xenbus_device *xdev = n->base.xdev;
	struct netb_limits limits = { .queues = clamp(queues, 1U, min(num_online_cpus(), 64U)) };
	uint64_t number;
	int error;

	n->queues = kvcalloc(limits.queues, sizeof(*n->queues), GFP_KERNEL);
	if (!n->queues)
		return -ENOMEM;
	error = netb_init(&n->core, &limits, queue_object);
	if (!error)
		error = pvd_read_number(&n->core.dev, PVD_OWN, "handle", U32_MAX, &number);
	if (!error)
		error = make_interface(n, number);
	if (error)
		return error;
	kobject_uevent(&xdev->dev.kobj, KOBJ_ONLINE);
	error = xenbus_watch_pathfmt(xdev, &n->own, NULL, state_seen, "%s/state", xdev->nodename);
	if (!error)
		error = xenbus_watch_pathfmt(xdev, &n->hotplug, NULL, hotplug_seen, "%s/hotplug-status", xdev->nodename);
	return error;
}

static int probe(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	struct pvl_netb *n;
	int error;

	if (!pvl_chosen(devices, xdev))
		return -ENODEV;
	n = kzalloc(sizeof(*n), GFP_KERNEL);
	if (!n)
		return -ENOMEM;
	pvl_dev_init(&n->base, &n->core.dev, xdev);
	n->base.after = after;
	n->base.changed = run_ctrl;
	dev_set_drvdata(&xdev->dev, n);
	error = start(n);
	if (error) {
		xenbus_dev_fatal(xdev, error, "starting");
		remove(xdev);
	}
	return error;
}

static void otherend_changed(struct xenbus_device *xdev, enum xenbus_state state)
{
	struct pvl_netb *n = dev_get_drvdata(&xdev->dev);

	pvl_due(&n->base, PVL_PEER);
}

/* What hotplug scripts are told. */
static int uevent(PVL_UEVENT_CONST struct xenbus_device *xdev, struct kobj_uevent_env *env)
{
	struct pvl_netb *n = dev_get_drvdata(&xdev->dev);
	char *script = xenbus_read(XBT_NIL, xdev->nodename, "script", NULL);
	int error = 0;

	if (!IS_ERR(script)) {
		error = add_uevent_var(env, "script=%s", script);
		kfree(script);
	}
	return error || !n || !n->dev ? error : add_uevent_var(env, "vif=%s", n->dev->name);
}

static const struct xenbus_device_id ids[] = {
	{ "vif" },
	{ "" }
};

static struct xenbus_driver driver = {
	.name = "tenon-netback",
	.ids = ids,
	.probe = probe,
	.remove = remove,
	.uevent = uevent,
	.otherend_changed = otherend_changed,
	.allow_rebind = true,
};

static int __init netback_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	return xenbus_register_backend(&driver);
}

static void __exit netback_exit(void)
{
	xenbus_unregister_driver(&driver);
}

module_init(netback_init);
module_exit(netback_exit);
MODULE_DESCRIPTION("Tenon's split network driver: back end");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_ALIAS("xen-backend:vif");
