/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where kernels' network layers differ: see compat.h. */
#ifndef PVL_COMPAT_NET_H
#define PVL_COMPAT_NET_H

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include "compat.h"

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

#endif
