/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The interface that either network driver makes. */
#ifndef PVL_NET_H
#define PVL_NET_H

#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include "net.h"
#include "pvl.h"

struct pvl_net {
	struct pvl_dev base;
	struct net_device *dev;
	const struct pvd_offload *peer;		/* what it takes, as the engine found out */
	struct list_head ins;			/* the queues' struct pvl_in */
	struct pvl_queue ctrl;			/* the control ring's */
	int ctrl_irq;				/* its event, whose end is to be told */
};

/* That half of a queue by which packets come in. */
struct pvl_in {
	struct pvl_queue base;
	struct list_head link;
	struct pvl_net *net;
	unsigned int index;
	struct napi_struct napi;
	struct sk_buff_head arrived;		/* poll()'s: what the engine delivered */
	/* Where events come quickly they are held back, and the queue is looked at again by a timer: */
	struct hrtimer again;
	u64 event_time;				/* of the last event, ns */
	u32 event_gap;				/* between events, an average, ns */
	struct page_pool *pool;			/* their pages come back to it, and need no clearing then; NULL: there is none */
};

static inline struct pvl_net *pvl_net_of(const struct net_device *dev)
{
	return *(struct pvl_net **)netdev_priv(dev);
}

/* Before queues are made. */
static inline void pvl_net_init(struct pvl_net *net, const struct pvd_offload *peer)
{
	net->peer = peer;
	INIT_LIST_HEAD(&net->ins);
}

/* The control ring's object for the engine. On an event PVL_CHANGED is due; when that is done, pvl_ctrl_done(). */
void *pvl_ctrl_init(struct pvl_net *net, struct pvd_event *event);
void pvl_ctrl_done(struct pvl_net *net);

extern const struct ethtool_ops pvl_tool_ops;

/*
 * Interrupt load. The handler of an event calls pvl_in_event(). poll() lets the engine ask for no event if pvl_in_holds(); if then
 * nothing came it has it ask after all, after pvl_in_let_go(), else it calls pvl_in_later() instead of telling the event's end.
 */
void pvl_in_event(struct pvl_in *in);
bool pvl_in_holds(const struct pvl_in *in);
void pvl_in_let_go(struct pvl_in *in);
void pvl_in_later(struct pvl_in *in);

void pvl_in_init(struct pvl_in *in, struct pvl_net *net, void *engine, irq_handler_t handler, unsigned int index);

/* An interface for what is made, with net->dev its own. NULL: no memory. */
struct net_device *pvl_net_alloc(struct pvl_net *net, unsigned int queues, const struct net_device_ops *ops,
		int (*poll)(struct napi_struct *napi, int budget));

/* If there is one, after it was unregistered. */
void pvl_net_free(struct pvl_net *net);

/* Of struct net_device_ops. */
int pvl_net_open(struct net_device *dev);
int pvl_net_stop(struct net_device *dev);
netdev_features_t pvl_net_fix_features(struct net_device *dev, netdev_features_t features);
int pvl_net_change_mtu(struct net_device *dev, int mtu);

/* With the lock of interfaces held, when there is a peer: that many queues, its features, the link as it is. */
void pvl_net_show(struct pvl_net *net, unsigned int queues, bool carrier);

#endif
