/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Packets of either network driver: what the engines ask for, as socket buffers. */
#ifndef PVL_NETPACKET_H
#define PVL_NETPACKET_H

#include <linux/skbuff.h>
#include "net.h"
#include "pvl_net.h"

#define PVL_PIECES	64U

/* Room for a packet: NAPI context. */
struct sk_buff *pvl_packet_new(struct pvl_in *in, u32 first_bytes);

/* Takes over what goes with a packet whose data is there. False: the packet is none, and freed. */
bool pvl_packet_finish(struct sk_buff *skb, struct net_device *dev, const struct pvd_meta *meta);

/* What goes with a packet that is to be sent. */
void pvl_packet_meta(const struct sk_buff *skb, struct pvd_meta *meta);

/* Its data, each piece within a page if `pages`; 0: too many. */
u32 pvl_packet_pieces(const struct sk_buff *skb, bool pages, struct pvd_piece *pieces);

#endif
