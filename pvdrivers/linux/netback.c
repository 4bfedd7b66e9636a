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
#include "pvl_net.h"

static char devices[128] = "*";
module_param_string(devices, devices, sizeof(devices), 0644);
MODULE_PARM_DESC(devices, "devices to serve: patterns of DOMAIN/NUMBER, separated by commas");

static unsigned int queues = 8;
module_param(queues, uint, 0644);
MODULE_PARM_DESC(queues, "queues of a device, at most");

/* As long as packets are kept for a front end that gives no buffers for them: a guest that is paused, say. */
#define PATIENCE	(10 * HZ)

struct pvl_netb_queue {
	struct pvl_in tx;			/* of the front end: from it */
	struct pvl_queue rx;			/* to it */
	struct netb_queue *core;
	struct timer_list later;
	/* Under the receive lock: */
	struct sk_buff_head copying;		/* to be freed when they have been copied */
	unsigned long full_since;		/* jiffies */
	struct timer_list patience;
	bool stuck;				/* the front end gives no buffers: packets are lost rather than kept */
	int eoi_irq[2];
	struct pvd_piece pieces[PVL_PIECES];	/* start_xmit()'s: kernels clear what lies on the stack */
};

struct pvl_netb {
	struct pvl_net net;
	struct netb core;
	struct pvl_netb_queue *queues;
	bool gone;				/* under the lock of interfaces: no more is due */
};

/* What the front end sends is received here. */
#define RX(name, member)	PVL_STAT(name, struct netb_queue, tx.stats.member)
#define TX(name, member)	PVL_STAT(name, struct netb_queue, rx.stats.member)

static struct pvl_stat stats[] = {
	RX(rx_packets, packets),
	RX(rx_bytes, bytes),
	RX(rx_dropped, dropped),
	RX(rx_errors, wrong),
	RX(rx_copies, copies),
	RX(rx_placed, placed),
	RX(rx_notified, notified),
	RX(rx_stalls, stalls),
	RX(rx_held, held),
	TX(tx_packets, packets),
	TX(tx_bytes, bytes),
	TX(tx_errors, wrong),
	TX(tx_copies, copies),
	TX(tx_placed, placed),
	TX(tx_notified, notified),
	TX(tx_stalls, stalls),
};

static struct pvl_netb *netb_of(struct pvl_dev *pvl)
{
	return container_of(pvl, struct pvl_netb, net.base);
}

static struct pvl_netb *of_interface(const struct net_device *dev)
{
	return container_of(pvl_net_of(dev), struct pvl_netb, net);
}

/* ---- from the front end ---- */

static void later(struct timer_list *timer)
{
	struct pvl_netb_queue *q = container_of(timer, struct pvl_netb_queue, later);

	napi_schedule(&q->tx.napi);
}

void pvos_netb_later(void *queue, uint64_t ns)
{
	struct pvl_netb_queue *q = container_of(queue, struct pvl_netb_queue, tx.base);

	mod_timer(&q->later, jiffies + nsecs_to_jiffies(ns) + 1);
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
	struct pvl_netb_queue *q = container_of(napi, struct pvl_netb_queue, tx.napi);
	bool hold = pvl_in_holds(&q->tx);
	struct sk_buff *skb;
	int done;

	spin_lock(&q->tx.base.lock);
	done = netb_tx_run(q->core, budget, !hold);
	if (unlikely(hold && !done)) {
		pvl_in_let_go(&q->tx);
		hold = false;
		done = netb_tx_run(q->core, budget, true);
	}
	spin_unlock(&q->tx.base.lock);
	while ((skb = __skb_dequeue(&q->tx.arrived)))
		netif_receive_skb(skb);
	if (unlikely(READ_ONCE(q->core->rx.needed))) {
		unsigned long flags;

		/* Messages of the kernel may be sent out of interrupts: start_xmit() takes this lock there. */
		spin_lock_irqsave(&q->rx.lock, flags);
		netb_rx_event(q->core);
		spin_unlock_irqrestore(&q->rx.lock, flags);
	}
	if (done == budget || !napi_complete_done(napi, done))
		return done;
	if (hold)
		pvl_in_later(&q->tx);
	else
		end_events(q, 0);
	return done;
}

static irqreturn_t tx_event(int irq, void *queue)
{
	struct pvl_netb_queue *q = container_of(queue, struct pvl_netb_queue, tx.base);

	WRITE_ONCE(q->eoi_irq[0], irq);
	pvl_in_event(&q->tx);
	napi_schedule(&q->tx.napi);
	return IRQ_HANDLED;
}

static irqreturn_t rx_event(int irq, void *queue)
{
	struct pvl_netb_queue *q = container_of(queue, struct pvl_netb_queue, rx);

	WRITE_ONCE(q->eoi_irq[1], irq);
	napi_schedule(&q->tx.napi);
	return IRQ_HANDLED;
}

/* ---- to the front end ---- */

void pvos_netb_wake(void *queue)
{
	struct pvl_netb_queue *q = container_of(queue, struct pvl_netb_queue, rx);

	q->stuck = false;
	netif_tx_wake_queue(netdev_get_tx_queue(q->tx.net->dev, q->tx.index));
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

/* What came before it and waits for more to come is copied now. */
static netdev_tx_t lose(struct pvl_netb_queue *q, struct sk_buff *skb, struct net_device *dev)
{
	dev->stats.tx_dropped++;
	dev_kfree_skb_any(skb);
	if (!netdev_xmit_more()) {
		spin_lock(&q->rx.lock);
		flush(q);
		spin_unlock(&q->rx.lock);
	}
	return NETDEV_TX_OK;
}

/* With the receive lock held. */
static void wait_for_buffers(struct pvl_netb_queue *q, struct netdev_queue *queue)
{
	netif_tx_stop_queue(queue);
	q->full_since = jiffies;
	if (!timer_pending(&q->patience))
		mod_timer(&q->patience, q->full_since + PATIENCE);
}

/* No buffers for long: what waits, and what comes, is lost until there are some. */
static void patience_ends(struct timer_list *timer)
{
	struct pvl_netb_queue *q = container_of(timer, struct pvl_netb_queue, patience);
	unsigned long flags;

	spin_lock_irqsave(&q->rx.lock, flags);
	/* It has been given some, or there is no connection any more. */
	if (!q->core->rx.up || !q->core->rx.needed)
		goto unlock;
	if (time_before(jiffies, q->full_since + PATIENCE)) {
		mod_timer(timer, q->full_since + PATIENCE);
		goto unlock;
	}
	q->stuck = true;
	netif_tx_wake_queue(netdev_get_tx_queue(q->tx.net->dev, q->tx.index));
unlock:
	spin_unlock_irqrestore(&q->rx.lock, flags);
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct pvl_netb *n = of_interface(dev);
	struct pvl_netb_queue *q = &n->queues[skb_get_queue_mapping(skb)];
	struct pvd_piece *pieces = q->pieces;
	struct pvd_meta meta;
	u32 nr_pieces;
	int error;

	if (unlikely(!take_over(skb) || skb->len > PVD_NET_BYTES_MAX))
		return lose(q, skb, dev);
	if (is_multicast_ether_addr(skb->data) && !is_broadcast_ether_addr(skb->data) && !netb_takes_mcast(&n->core, skb->data))
		return lose(q, skb, dev);
	nr_pieces = pvl_packet_pieces(skb, true, pieces);
	if (unlikely(!nr_pieces))
		return lose(q, skb, dev);
	pvl_packet_meta(skb, &meta);
	spin_lock(&q->rx.lock);
	error = netb_rx_put(q->core, pieces, nr_pieces, skb->len, &meta);
	if (likely(!error))
		__skb_queue_tail(&q->copying, skb);
	else if (error == -EBUSY && !q->stuck)
		wait_for_buffers(q, netdev_get_tx_queue(dev, q->tx.index));
	if (!netdev_xmit_more() || unlikely(error))
		flush(q);
	spin_unlock(&q->rx.lock);
	if (likely(!error))
		return NETDEV_TX_OK;
	return error == -EBUSY && !q->stuck ? NETDEV_TX_BUSY : lose(q, skb, dev);
}

/* The queue that the front end wants, if it said so. */
static u16 select_queue(struct net_device *dev, struct sk_buff *skb, struct net_device *to)
{
	struct pvl_netb *n = of_interface(dev);
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

/* What comes from the front end is received here. */
static void get_stats(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct pvl_netb *n = of_interface(dev);
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

/* The front end's link is up while the interface is. */
static int open(struct net_device *dev)
{
	pvl_due(&of_interface(dev)->net.base, PVL_CHANGED);
	return pvl_net_open(dev);
}

static int stop(struct net_device *dev)
{
	struct pvl_netb *n = of_interface(dev);

	if (!n->gone)
		pvl_due(&n->net.base, PVL_CHANGED);
	return pvl_net_stop(dev);
}

static const struct net_device_ops net_ops = {
	.ndo_open = open,
	.ndo_stop = stop,
	.ndo_start_xmit = start_xmit,
	.ndo_select_queue = select_queue,
	.ndo_fix_features = pvl_net_fix_features,
	.ndo_change_mtu = pvl_net_change_mtu,
	.ndo_get_stats64 = get_stats,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static int make_interface(struct pvl_netb *n, u32 number)
{
	/* Bridges choose the smallest address: never one of ours. */
	static const u8 mac[ETH_ALEN] = { 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct net_device *dev = pvl_net_alloc(&n->net, n->core.nr_made, &net_ops, poll);
	int error;

	if (!dev)
		return -ENOMEM;
	snprintf(dev->name, sizeof(dev->name), "vif%d.%u", n->net.base.xdev->otherend_id, number);
	pvl_set_mac(dev, mac);
	error = register_netdev(dev);
	if (error)
		pvl_net_free(&n->net);
	return error;
}

int pvos_netb_start(struct netb *b)
{
	struct pvl_netb *n = container_of(b, struct pvl_netb, core);

	rtnl_lock();
	pvl_net_show(&n->net, b->nr_queues, true);
	rtnl_unlock();
	return 0;
}

void pvos_netb_stop(struct netb *b)
{
	struct pvl_netb *n = container_of(b, struct pvl_netb, core);
	u32 i;

	if (!n->net.dev)
		return;
	netif_carrier_off(n->net.dev);
	netif_tx_disable(n->net.dev);
	for (i = 0; i < b->nr_made; i++) {
		spin_lock_bh(&n->queues[i].rx.lock);
		flush(&n->queues[i]);
		spin_unlock_bh(&n->queues[i].rx.lock);
	}
}

/* ---- devices come and go ---- */

/* The control ring, or the interface's being up. */
static void changed(struct pvl_dev *pvl)
{
	struct pvl_netb *n = netb_of(pvl);

	netb_ctrl_run(&n->core);
	pvl_ctrl_done(&n->net);
	netb_set_carrier(&n->core, netif_running(n->net.dev));
}

static void *queue_object(struct netb *b, uint32_t i, enum netb_part part)
{
	struct pvl_netb *n = container_of(b, struct pvl_netb, core);
	struct pvl_netb_queue *q = &n->queues[i];

	if (part == NETB_CTRL)
		return pvl_ctrl_init(&n->net, &b->ctrl_event);
	q->core = &b->queues[i];
	if (part == NETB_TX) {
		pvl_in_init(&q->tx, &n->net, q->core, tx_event, i);
		timer_setup(&q->later, later, 0);
		timer_setup(&q->patience, patience_ends, 0);
		q->core->events[0].os = &q->tx.base;
		return &q->tx.base;
	}
	pvl_queue_init(&q->rx, &n->net.base, q->core, rx_event, i);
	__skb_queue_head_init(&q->copying);
	q->core->events[1].os = &q->rx;
	return &q->rx;
}

/* The interface is on its bridge, or no script puts it there. */
static void hotplug_seen(struct pvl_dev *pvl)
{
	char text[16];

	if (xenbus_exists(XBT_NIL, pvl->xdev->nodename, "script") &&
	    (pvos_read(pvl->dev, PVD_OWN, "hotplug-status", text, sizeof(text)) < 0 || strcmp(text, "connected")))
		return;
	pvl_due(pvl, PVL_READY);
}

static void free_all(struct pvl_netb *n)
{
	netb_free(&n->core);
	pvl_dev_free(&n->net.base);
	kvfree(n->queues);
	kfree(n);
}

static void remove(struct xenbus_device *xdev)
{
	struct pvl_netb *n = netb_of(dev_get_drvdata(&xdev->dev));
	u32 i;

	pvl_unwatch(&n->net.base);
	pvl_stats_remove(&n->net.base);
	rtnl_lock();
	n->gone = true;
	rtnl_unlock();
	pvl_dev_remove(&n->net.base);
	if (n->net.dev) {
		kobject_uevent(&xdev->dev.kobj, KOBJ_OFFLINE);
		unregister_netdev(n->net.dev);
	}
	for (i = 0; i < n->core.nr_made; i++) {
		pvl_timer_delete(&n->queues[i].later);
		pvl_timer_delete(&n->queues[i].patience);
	}
	pvl_net_free(&n->net);
	dev_set_drvdata(&xdev->dev, NULL);
	free_all(n);
}

static int start(struct pvl_netb *n)
{
	struct xenbus_device *xdev = n->net.base.xdev;
	struct netb_limits limits = { .queues = pvl_queues(queues) };
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
	if (!error)
		error = pvl_stats_add(&n->net.base, stats, ARRAY_SIZE(stats), n->core.queues, sizeof(*n->core.queues),
				n->core.nr_made);
	if (error)
		return error;
	kobject_uevent(&xdev->dev.kobj, KOBJ_ONLINE);
	error = pvl_watch_state(&n->net.base);
	if (!error)
		error = pvl_watch_node(&n->net.base, xdev->nodename, "hotplug-status", hotplug_seen);
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
	pvl_net_init(&n->net, &n->core.peer);
	pvl_dev_init(&n->net.base, &n->core.dev, xdev);
	n->net.base.after = pvl_back_after;
	n->net.base.changed = changed;
	error = start(n);
	if (error) {
		xenbus_dev_fatal(xdev, error, "starting");
		remove(xdev);
	}
	return error;
}

/* What hotplug scripts are told. */
static int uevent(PVL_UEVENT_CONST struct xenbus_device *xdev, struct kobj_uevent_env *env)
{
	struct pvl_dev *pvl = dev_get_drvdata(&xdev->dev);
	const struct net_device *dev = pvl ? netb_of(pvl)->net.dev : NULL;
	char *script = xenbus_read(XBT_NIL, xdev->nodename, "script", NULL);
	int error = 0;

	if (!IS_ERR(script)) {
		error = add_uevent_var(env, "script=%s", script);
		kfree(script);
	}
	return error || !dev ? error : add_uevent_var(env, "vif=%s", dev->name);
}

PVL_REMOVE(remove)

static const struct xenbus_device_id ids[] = {
	{ "vif" },
	{ "" }
};

static struct xenbus_driver driver = {
	.name = "tenon-netback",
	.ids = ids,
	.probe = probe,
	.remove = pvl_remove,
	.uevent = uevent,
	.otherend_changed = pvl_otherend_changed,
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
