/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where kernels' network layers differ: see compat.h. */
#ifndef PVL_COMPAT_NET_H
#define PVL_COMPAT_NET_H

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
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

static inline void pvl_set_mac(struct net_device *dev, const u8 *mac)
{
#ifdef HAVE_ETH_HW_ADDR_SET
	eth_hw_addr_set(dev, mac);
#else
	ether_addr_copy(dev->dev_addr, mac);
#endif
}

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
