// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <linux/etherdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include "compat_net.h"
#include "netpacket.h"

#define LINEAR_MAX	2000U		/* a first piece up to this lies in the buffer itself */
#define HEADER		128U		/* of a larger one, this much is pulled in */

/* ---- packets that come in ---- */

/* A packet's control block, until it is handed on: whose it is. */
static struct pvl_in **owner(struct sk_buff *skb)
{
	return (struct pvl_in **)skb->cb;
}

struct sk_buff *pvl_packet_new(struct pvl_in *in, u32 first_bytes)
{
	struct sk_buff *skb = napi_alloc_skb(&in->napi, first_bytes <= LINEAR_MAX ? first_bytes : HEADER);

	if (skb)
		*owner(skb) = in;
	return skb;
}
EXPORT_SYMBOL_GPL(pvl_packet_new);

/* Behind the last piece in its page, if there is room. */
static void *room_in_last(struct sk_buff *skb, u32 bytes)
{
	skb_frag_t *frag;
	u32 used;

	if (!skb_shinfo(skb)->nr_frags)
		return NULL;
	frag = &skb_shinfo(skb)->frags[skb_shinfo(skb)->nr_frags - 1];
	used = skb_frag_size(frag);
	if (used + bytes > PAGE_SIZE)
		return NULL;
	skb_frag_size_add(frag, bytes);
	skb->len += bytes;
	skb->data_len += bytes;
	return skb_frag_address(frag) + used;
}

void *pvos_packet_room(void *packet, uint32_t bytes)
{
	struct sk_buff *skb = packet;
	struct page *page;
	void *room;

	if (!skb->len && bytes <= LINEAR_MAX)
		return skb_put(skb, bytes);
	room = room_in_last(skb, bytes);
	if (room)
		return room;
	if (skb_shinfo(skb)->nr_frags == MAX_SKB_FRAGS)
		return NULL;
	page = pvl_pool_page((*owner(skb))->pool, skb);
	if (!page)
		return NULL;
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 0, bytes, PAGE_SIZE);
	return page_address(page);
}
EXPORT_SYMBOL_GPL(pvos_packet_room);

void pvos_packet_drop(void *queue, void *packet)
{
	dev_kfree_skb_any(packet);
}
EXPORT_SYMBOL_GPL(pvos_packet_drop);

static bool set_segments(struct sk_buff *skb, const struct pvd_meta *meta)
{
	if (meta->gso == XEN_NETIF_GSO_TYPE_NONE)
		return true;
	if (meta->gso_size >= skb->len)
		return false;
	skb_shinfo(skb)->gso_size = meta->gso_size;
	skb_shinfo(skb)->gso_type = SKB_GSO_DODGY | (meta->gso == XEN_NETIF_GSO_TYPE_TCPV4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6);
	skb_shinfo(skb)->gso_segs = 0;
	return true;
}

/* Segments have a checksum that is to be filled in; some front ends do not say so. */
static bool set_checksum(struct sk_buff *skb, const struct pvd_meta *meta)
{
	bool anew = meta->gso != XEN_NETIF_GSO_TYPE_NONE && !meta->blank;

	if (!meta->blank && !anew) {
		skb->ip_summed = meta->valid ? CHECKSUM_UNNECESSARY : CHECKSUM_NONE;
		return true;
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	return !skb_checksum_setup(skb, anew);
}

bool pvl_packet_finish(struct sk_buff *skb, struct net_device *dev, const struct pvd_meta *meta)
{
	if (skb_headlen(skb) < HEADER && skb->data_len &&
	    !__pskb_pull_tail(skb, min(skb->len, HEADER) - skb_headlen(skb)))
		goto bad;
	*owner(skb) = NULL;
	skb->protocol = eth_type_trans(skb, dev);
	skb_reset_network_header(skb);
	if (!set_segments(skb, meta) || !set_checksum(skb, meta))
		goto bad;
	if (meta->hash_type != PVD_NO_HASH)
		skb_set_hash(skb, meta->hash, meta->hash_type == _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP ||
				meta->hash_type == _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP ? PKT_HASH_TYPE_L4 : PKT_HASH_TYPE_L3);
	skb_probe_transport_header(skb);
	return true;
bad:
	kfree_skb(skb);
	return false;
}
EXPORT_SYMBOL_GPL(pvl_packet_finish);

/* ---- packets that go out ---- */

void pvl_packet_meta(const struct sk_buff *skb, struct pvd_meta *meta)
{
	*meta = (struct pvd_meta){
		.blank = skb->ip_summed == CHECKSUM_PARTIAL,
		.valid = skb->ip_summed == CHECKSUM_UNNECESSARY,
		.hash_type = PVD_NO_HASH,
	};
	if (!skb_is_gso(skb))
		return;
	meta->gso = skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4;
	meta->gso_size = skb_shinfo(skb)->gso_size;
}
EXPORT_SYMBOL_GPL(pvl_packet_meta);

static u32 add_pieces(char *data, u32 bytes, bool pages, struct pvd_piece *pieces, u32 n)
{
	while (bytes) {
		u32 here = pages ? min_t(u32, bytes, PAGE_SIZE - offset_in_page(data)) : bytes;

		if (n == PVL_PIECES)
			return n + 1;
		pieces[n++] = (struct pvd_piece){ data, here };
		data += here;
		bytes -= here;
	}
	return n;
}

u32 pvl_packet_pieces(const struct sk_buff *skb, bool pages, struct pvd_piece *pieces)
{
	u32 n = add_pieces(skb->data, skb_headlen(skb), pages, pieces, 0), i;

	for (i = 0; i < skb_shinfo(skb)->nr_frags && n <= PVL_PIECES; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		n = add_pieces(skb_frag_address(frag), skb_frag_size(frag), pages, pieces, n);
	}
	return n <= PVL_PIECES ? n : 0;
}
EXPORT_SYMBOL_GPL(pvl_packet_pieces);
