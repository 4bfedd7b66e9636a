// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <linux/module.h>
#include <linux/netdevice.h>
#include <xen/events.h>
#include "compat_net.h"
#include "netpacket.h"
#include "pvl_net.h"

#define OFFLOADS	(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO | NETIF_F_TSO6)

static unsigned int hold_usecs = 40;
module_param(hold_usecs, uint, 0644);
MODULE_PARM_DESC(hold_usecs, "network: where events follow each other within this time, packets are polled for at such a distance; 0: never");

/* ---- interrupt load ---- */

#define GAP_MAX		NSEC_PER_MSEC

static u32 hold_ns(void)
{
	return min(READ_ONCE(hold_usecs), 1000U) * NSEC_PER_USEC;
}

static enum hrtimer_restart again(struct hrtimer *timer)
{
	struct pvl_in *in = container_of(timer, struct pvl_in, again);

	napi_schedule(&in->napi);
	return HRTIMER_NORESTART;
}

void pvl_in_event(struct pvl_in *in)
{
	u64 now = ktime_get_ns();

	in->event_gap = (in->event_gap * 7 + min_t(u64, now - in->event_time, GAP_MAX)) / 8;
	in->event_time = now;
}
EXPORT_SYMBOL_GPL(pvl_in_event);

bool pvl_in_holds(const struct pvl_in *in)
{
	return READ_ONCE(in->event_gap) < hold_ns();
}
EXPORT_SYMBOL_GPL(pvl_in_holds);

void pvl_in_let_go(struct pvl_in *in)
{
	WRITE_ONCE(in->event_gap, GAP_MAX);
}
EXPORT_SYMBOL_GPL(pvl_in_let_go);

void pvl_in_later(struct pvl_in *in)
{
	hrtimer_start(&in->again, ns_to_ktime(hold_ns()), HRTIMER_MODE_REL_PINNED);
}
EXPORT_SYMBOL_GPL(pvl_in_later);

/* ---- packets that come in ---- */

void pvl_in_init(struct pvl_in *in, struct pvl_net *net, void *engine, irq_handler_t handler, unsigned int index)
{
	pvl_queue_init(&in->base, &net->base, engine, handler, index);
	in->net = net;
	in->index = index;
	in->event_gap = GAP_MAX;
	pvl_hrtimer_init(&in->again, again);
	__skb_queue_head_init(&in->arrived);
	list_add_tail(&in->link, &net->ins);
}
EXPORT_SYMBOL_GPL(pvl_in_init);

void *pvos_packet_new(void *queue, uint32_t first_bytes)
{
	struct pvl_in *in = container_of(queue, struct pvl_in, base);

	return pvl_packet_new(in, first_bytes);
}
EXPORT_SYMBOL_GPL(pvos_packet_new);

void pvos_packet_deliver(void *queue, void *packet, const struct pvd_meta *meta)
{
	struct pvl_in *in = container_of(queue, struct pvl_in, base);
	struct sk_buff *skb = packet;

	if (!pvl_packet_finish(skb, in->net->dev, meta))
		return;
	skb_record_rx_queue(skb, in->index);
	__skb_queue_tail(&in->arrived, skb);
}
EXPORT_SYMBOL_GPL(pvos_packet_deliver);

/* ---- the control ring ---- */

static irqreturn_t ctrl_event(int irq, void *queue)
{
	struct pvl_net *net = container_of(queue, struct pvl_net, ctrl);

	WRITE_ONCE(net->ctrl_irq, irq);
	pvl_due(&net->base, PVL_CHANGED);
	return IRQ_HANDLED;
}

void *pvl_ctrl_init(struct pvl_net *net, struct pvd_event *event)
{
	pvl_queue_init(&net->ctrl, &net->base, NULL, ctrl_event, 0);
	event->os = &net->ctrl;
	return &net->ctrl;
}
EXPORT_SYMBOL_GPL(pvl_ctrl_init);

void pvl_ctrl_done(struct pvl_net *net)
{
	int irq = xchg(&net->ctrl_irq, 0);

	if (irq)
		xen_irq_lateeoi(irq, 0);
}
EXPORT_SYMBOL_GPL(pvl_ctrl_done);

/* ---- the interface ---- */

int pvl_net_open(struct net_device *dev)
{
	struct pvl_in *in;

	list_for_each_entry(in, &pvl_net_of(dev)->ins, link) {
		napi_enable(&in->napi);
		/* What came before is looked at. */
		local_bh_disable();
		napi_schedule(&in->napi);
		local_bh_enable();
	}
	netif_tx_start_all_queues(dev);
	return 0;
}
EXPORT_SYMBOL_GPL(pvl_net_open);

int pvl_net_stop(struct net_device *dev)
{
	struct pvl_in *in;

	netif_tx_stop_all_queues(dev);
	list_for_each_entry(in, &pvl_net_of(dev)->ins, link) {
		napi_disable(&in->napi);
		hrtimer_cancel(&in->again);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(pvl_net_stop);

netdev_features_t pvl_net_fix_features(struct net_device *dev, netdev_features_t features)
{
	const struct pvd_offload *peer = pvl_net_of(dev)->peer;

	if (!peer->sg)
		features &= ~NETIF_F_SG;
	if (!peer->csum)
		features &= ~NETIF_F_IP_CSUM;
	if (!peer->csum6)
		features &= ~NETIF_F_IPV6_CSUM;
	if (!peer->gso4)
		features &= ~NETIF_F_TSO;
	if (!peer->gso6)
		features &= ~NETIF_F_TSO6;
	return features;
}
EXPORT_SYMBOL_GPL(pvl_net_fix_features);

int pvl_net_change_mtu(struct net_device *dev, int mtu)
{
	if (mtu > (pvl_net_of(dev)->peer->sg ? PVD_NET_BYTES_MAX - ETH_HLEN : ETH_DATA_LEN))
		return -EINVAL;
	dev->mtu = mtu;
	return 0;
}
EXPORT_SYMBOL_GPL(pvl_net_change_mtu);

/* ---- ethtool ---- */

static int get_sset_count(struct net_device *dev, int set)
{
	const struct pvl_stats *s = &pvl_net_of(dev)->base.stats;

	return set == ETH_SS_STATS ? s->nr * s->nr_queues : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *data)
{
	const struct pvl_stats *s = &pvl_net_of(dev)->base.stats;
	unsigned int i, k;

	for (k = 0; set == ETH_SS_STATS && k < s->nr_queues; k++) {
		for (i = 0; i < s->nr; i++, data += ETH_GSTRING_LEN)
			snprintf(data, ETH_GSTRING_LEN, "queue%u_%s", k, s->list[i].attr.attr.name);
	}
}

static void get_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *data)
{
	const struct pvl_stats *s = &pvl_net_of(dev)->base.stats;
	unsigned int i, k;

	for (k = 0; k < s->nr_queues; k++)
		for (i = 0; i < s->nr; i++)
			*data++ = pvl_stat_of(s, &s->list[i], k);
}

const struct ethtool_ops pvl_tool_ops = {
	.get_link = ethtool_op_get_link,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_stats,
};
EXPORT_SYMBOL_GPL(pvl_tool_ops);

/* ---- making it ---- */

struct net_device *pvl_net_alloc(struct pvl_net *net, unsigned int queues, const struct net_device_ops *ops,
		int (*poll)(struct napi_struct *napi, int budget))
{
	struct net_device *dev = alloc_etherdev_mq(sizeof(net), queues);
	struct pvl_in *in;

	if (!dev)
		return NULL;
	*(struct pvl_net **)netdev_priv(dev) = net;
	net->dev = dev;
	SET_NETDEV_DEV(dev, &net->base.xdev->dev);
	dev->netdev_ops = ops;
	dev->ethtool_ops = &pvl_tool_ops;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = PVD_NET_BYTES_MAX - ETH_HLEN;
	dev->hw_features = OFFLOADS;
	dev->features = OFFLOADS | NETIF_F_RXCSUM;
	list_for_each_entry(in, &net->ins, link) {
		pvl_napi_add(dev, &in->napi, poll);
		in->pool = pvl_pool_new();
	}
	netif_carrier_off(dev);
	return dev;
}
EXPORT_SYMBOL_GPL(pvl_net_alloc);

void pvl_net_free(struct pvl_net *net)
{
	struct pvl_in *in;

	if (!net->dev)
		return;
	list_for_each_entry(in, &net->ins, link) {
		/* A poll that ended while the interface was stopped may have started it after all. */
		hrtimer_cancel(&in->again);
		pvl_pool_free(in->pool);
	}
	free_netdev(net->dev);
	net->dev = NULL;
}
EXPORT_SYMBOL_GPL(pvl_net_free);

void pvl_net_show(struct pvl_net *net, unsigned int queues, bool carrier)
{
	struct net_device *dev = net->dev;

	netif_set_real_num_tx_queues(dev, queues);
	netif_set_real_num_rx_queues(dev, queues);
	netdev_update_features(dev);
	if (carrier)
		netif_carrier_on(dev);
	else
		netif_carrier_off(dev);
	if (netif_running(dev))
		netif_tx_wake_all_queues(dev);
}
EXPORT_SYMBOL_GPL(pvl_net_show);
