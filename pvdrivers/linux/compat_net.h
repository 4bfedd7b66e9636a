/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where kernels' network layers differ: see compat.h. */
#ifndef PVL_COMPAT_NET_H
#define PVL_COMPAT_NET_H

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include "compat.h"
#if defined(HAVE_PAGE_POOL_HELPERS)
#include <net/page_pool/helpers.h>
#elif defined(HAVE_PAGE_POOL)
#include <net/page_pool.h>
#else
struct page_pool;
#endif

static inline void pvl_napi_add(struct net_device *dev, struct napi_struct *napi, int (*poll)(struct napi_struct *napi, int budget))
{
#ifdef HAVE_NAPI_ADD_WEIGHT
	netif_napi_add(dev, napi, poll, NAPI_POLL_WEIGHT);
#else
	netif_napi_add(dev, napi, poll);
#endif
}

static inline void pvl_hrtimer_init(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *timer))
{
#ifdef HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED);
	timer->function = function;
#endif
}

static inline void pvl_timer_delete(struct timer_list *timer)
{
#ifdef HAVE_TIMER_DELETE
	timer_delete_sync(timer);
#else
	del_timer_sync(timer);
#endif
}

static inline void pvl_set_mac(struct net_device *dev, const u8 *mac)
{
#ifdef HAVE_ETH_HW_ADDR_SET
	eth_hw_addr_set(dev, mac);
#else
	ether_addr_copy(dev->dev_addr, mac);
#endif
}

/* The functions for a receive hash, from two that get and set its table and key, of which each may be NULL. */
#ifdef HAVE_RXFH_PARAM
#define PVL_TOOL_HASH(get, set)								\
static int pvl_get_rxfh(struct net_device *dev, struct ethtool_rxfh_param *p)		\
{											\
	p->hfunc = ETH_RSS_HASH_TOP;							\
	return get(dev, p->indir, p->key);						\
}											\
											\
static int pvl_set_rxfh(struct net_device *dev, struct ethtool_rxfh_param *p, struct netlink_ext_ack *extack) \
{											\
	if (p->hfunc != ETH_RSS_HASH_NO_CHANGE && p->hfunc != ETH_RSS_HASH_TOP)		\
		return -EOPNOTSUPP;							\
	return set(dev, p->indir, p->key);						\
}
#else
#define PVL_TOOL_HASH(get, set)								\
static int pvl_get_rxfh(struct net_device *dev, u32 *table, u8 *key, u8 *function)	\
{											\
	if (function)									\
		*function = ETH_RSS_HASH_TOP;						\
	return get(dev, table, key);							\
}											\
											\
static int pvl_set_rxfh(struct net_device *dev, const u32 *table, const u8 *key, const u8 function) \
{											\
	if (function != ETH_RSS_HASH_NO_CHANGE && function != ETH_RSS_HASH_TOP)		\
		return -EOPNOTSUPP;							\
	return set(dev, table, key);							\
}
#endif

/* Pages for packets that come in. NULL: each page is a new one. */
static inline struct page_pool *pvl_pool_new(void)
{
#if defined(HAVE_PAGE_POOL) || defined(HAVE_PAGE_POOL_HELPERS)
	struct page_pool_params params = { .pool_size = 512, .nid = NUMA_NO_NODE };
	struct page_pool *pool = page_pool_create(&params);

	return IS_ERR(pool) ? NULL : pool;
#else
	return NULL;
#endif
}

static inline void pvl_pool_free(struct page_pool *pool)
{
#if defined(HAVE_PAGE_POOL) || defined(HAVE_PAGE_POOL_HELPERS)
	if (pool)
		page_pool_destroy(pool);
#endif
}

/* NAPI context: one for this packet, which it goes back from. */
static inline struct page *pvl_pool_page(struct page_pool *pool, struct sk_buff *skb)
{
#if defined(HAVE_PAGE_POOL) || defined(HAVE_PAGE_POOL_HELPERS)
	if (pool) {
		skb_mark_for_recycle(skb);
		return page_pool_dev_alloc_pages(pool);
	}
#endif
	return dev_alloc_page();
}

#endif
