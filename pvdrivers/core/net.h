/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What both network engines share: doc/drivers.md, "Network". */
#ifndef PVD_NET_H
#define PVD_NET_H

#include "os.h"
#include <xen/io/netif.h>

#define PVD_NET_BYTES_MAX	65535U		/* of a packet */
#define PVD_NET_PAGES_MAX	18U		/* of a packet's data, in either direction: XEN_NETIF_NR_SLOTS_MIN */
#define PVD_NET_HEADER_MIN	14U

/* What goes with a packet. */
struct pvd_meta {
	bool blank;			/* the transport's checksum is for who hands it on to fill in */
	bool valid;			/* the data is known to be as it was sent */
	uint8_t gso;			/* XEN_NETIF_GSO_TYPE_*: to be cut into segments */
	uint16_t gso_size;		/* of that many bytes of payload */
	uint8_t hash_type;		/* of the hash, as a bit's number; PVD_NO_HASH: none */
	uint32_t hash;
};

#define PVD_NO_HASH	255

/* What the peer takes of its own accord (control). */
struct pvd_offload {
	bool sg;			/* packets of several pieces */
	bool csum, csum6;		/* with a checksum that is still to be filled in */
	bool gso4, gso6;		/* that are to be cut into segments */
};

void pvd_offload_read(struct pvd_dev *dev, struct pvd_offload *peer);

/* Has the peer a node of this name that says 1, or more? Control. */
bool pvd_peer_has(struct pvd_dev *dev, const char *name);

/* A part of a packet, within one page. */
struct pvd_piece {
	void *addr;
	uint32_t bytes;
};

/* What the extra entries of a packet said. */
struct pvd_extras {
	struct pvd_meta meta;
	struct netif_extra_info mcast;	/* a change to the multicast list; type 0: none */
};

/* Takes in an entry, which is a private copy. Returns what is wrong with it, or NULL. */
const char *pvd_extra_read(struct pvd_extras *extras, const struct netif_extra_info *extra);

/* The extra entries of a packet, at most two: returns how many. */
uint32_t pvd_extra_make(const struct pvd_meta *meta, struct netif_extra_info extra[2]);

#endif
