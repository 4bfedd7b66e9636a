// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include "net.h"
#include "node.h"

bool pvd_peer_has(struct pvd_dev *dev, const char *name)
{
	return pvd_read_default(dev, PVD_PEER, name, 1, 0);
}

void pvd_offload_read(struct pvd_dev *dev, struct pvd_offload *peer)
{
	peer->sg = pvd_peer_has(dev, "feature-sg");
	peer->csum = !pvd_peer_has(dev, "feature-no-csum-offload");
	peer->csum6 = pvd_peer_has(dev, "feature-ipv6-csum-offload");
	peer->gso4 = peer->sg && pvd_peer_has(dev, "feature-gso-tcpv4");
	peer->gso6 = peer->sg && peer->csum6 && pvd_peer_has(dev, "feature-gso-tcpv6");
}

const char *pvd_extra_read(struct pvd_extras *extras, const struct netif_extra_info *extra)
{
	struct pvd_meta *meta = &extras->meta;

	switch (extra->type) {
	case XEN_NETIF_EXTRA_TYPE_GSO:
		if (!extra->u.gso.size || (extra->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 &&
					   extra->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6))
			return "segments of no size or kind";
		meta->gso = extra->u.gso.type;
		meta->gso_size = extra->u.gso.size;
		return NULL;
	case XEN_NETIF_EXTRA_TYPE_HASH:
		meta->hash_type = extra->u.hash.type;
		meta->hash = extra->u.hash.value[0] | extra->u.hash.value[1] << 8 | extra->u.hash.value[2] << 16 |
			(uint32_t)extra->u.hash.value[3] << 24;
		return NULL;
	case XEN_NETIF_EXTRA_TYPE_MCAST_ADD:
	case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
		extras->mcast = *extra;
		return NULL;
	}
	return "an extra entry of no kind";
}

uint32_t pvd_extra_make(const struct pvd_meta *meta, struct netif_extra_info extra[2])
{
	uint32_t n = 0, i;

	if (meta->gso != XEN_NETIF_GSO_TYPE_NONE) {
		memset(&extra[n], 0, sizeof(*extra));
		extra[n].type = XEN_NETIF_EXTRA_TYPE_GSO;
		extra[n].u.gso.size = meta->gso_size;
		extra[n++].u.gso.type = meta->gso;
	}
	if (meta->hash_type != PVD_NO_HASH) {
		memset(&extra[n], 0, sizeof(*extra));
		extra[n].type = XEN_NETIF_EXTRA_TYPE_HASH;
		extra[n].u.hash.type = meta->hash_type;
		extra[n].u.hash.algorithm = XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ;
		for (i = 0; i < 4; i++)
			extra[n].u.hash.value[i] = meta->hash >> 8 * i;
		n++;
	}
	for (i = 1; i < n; i++)
		extra[i - 1].flags = XEN_NETIF_EXTRA_FLAG_MORE;
	return n;
}
