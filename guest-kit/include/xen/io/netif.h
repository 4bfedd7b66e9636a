/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Network devices: messages of the transmit, receive and control rings. The store's nodes are described in
 * doc/drivers.md. Transmit and receive are the front end's.
 *
 * A packet takes one or more entries: the first, then its extra entries, then those of its further fragments. The first
 * transmit request has the whole packet's size, the others their fragment's; receive responses have fragments' sizes
 * alone. A response stands in the entry that its request was in, since extra entries have no id.
 */
#ifndef XEN_IO_NETIF_H
#define XEN_IO_NETIF_H

#include <xen/grant_table.h>
#include <xen/io/ring.h>

#define XEN_NETIF_NR_SLOTS_MIN	18	/* entries of a packet (but for the extra ones) that every back end takes */
#define XEN_NETIF_MAX_TX_SIZE	0xFFFF

/* ---- transmit ---- */

#define _NETTXF_csum_blank	0
#define _NETTXF_data_validated	1
#define _NETTXF_more_data	2
#define _NETTXF_extra_info	3
#define NETTXF_csum_blank	(1U << _NETTXF_csum_blank)	/* the checksum is for the receiver to fill in */
#define NETTXF_data_validated	(1U << _NETTXF_data_validated)	/* the data is as it was sent */
#define NETTXF_more_data	(1U << _NETTXF_more_data)	/* another fragment follows */
#define NETTXF_extra_info	(1U << _NETTXF_extra_info)	/* an extra entry follows */

struct netif_tx_request {
	grant_ref_t gref;
	uint16_t offset;		/* within the page */
	uint16_t flags;
	uint16_t id;
	uint16_t size;
};

struct netif_tx_response {
	uint16_t id;
	int16_t status;
};

/* ---- extra entries, of both rings ---- */

#define XEN_NETIF_EXTRA_TYPE_NONE	0
#define XEN_NETIF_EXTRA_TYPE_GSO	1
#define XEN_NETIF_EXTRA_TYPE_MCAST_ADD	2
#define XEN_NETIF_EXTRA_TYPE_MCAST_DEL	3
#define XEN_NETIF_EXTRA_TYPE_HASH	4
#define XEN_NETIF_EXTRA_TYPE_MAX	5

#define _XEN_NETIF_EXTRA_FLAG_MORE	0
#define XEN_NETIF_EXTRA_FLAG_MORE	(1U << _XEN_NETIF_EXTRA_FLAG_MORE)

#define XEN_NETIF_GSO_TYPE_NONE		0
#define XEN_NETIF_GSO_TYPE_TCPV4	1
#define XEN_NETIF_GSO_TYPE_TCPV6	2

struct netif_extra_info {
	uint8_t type;
	uint8_t flags;
	union {
		struct {
			uint16_t size;		/* payload of each segment */
			uint8_t type;
			uint8_t pad;
			uint16_t features;
		} gso;
		struct {
			uint8_t addr[6];
		} mcast;
		struct {
			uint8_t type;		/* a bit's number: _XEN_NETIF_CTRL_HASH_TYPE_* */
			uint8_t algorithm;
			uint8_t value[4];	/* least significant byte first */
		} hash;
		uint16_t pad[3];
	} u;
};

/* ---- receive ---- */

#define _NETRXF_data_validated	0
#define _NETRXF_csum_blank	1
#define _NETRXF_more_data	2
#define _NETRXF_extra_info	3
#define _NETRXF_gso_prefix	4
#define NETRXF_data_validated	(1U << _NETRXF_data_validated)
#define NETRXF_csum_blank	(1U << _NETRXF_csum_blank)
#define NETRXF_more_data	(1U << _NETRXF_more_data)
#define NETRXF_extra_info	(1U << _NETRXF_extra_info)
#define NETRXF_gso_prefix	(1U << _NETRXF_gso_prefix)

struct netif_rx_request {
	uint16_t id;
	uint16_t pad;
	grant_ref_t gref;
};

struct netif_rx_response {
	uint16_t id;
	uint16_t offset;		/* within the page */
	uint16_t flags;
	int16_t status;			/* bytes, or NETIF_RSP_* */
};

#define NETIF_RSP_DROPPED	-2
#define NETIF_RSP_ERROR		-1
#define NETIF_RSP_OKAY		0
#define NETIF_RSP_NULL		1	/* in an extra entry's place */

typedef struct netif_tx_request netif_tx_request_t;
typedef struct netif_tx_response netif_tx_response_t;
typedef struct netif_extra_info netif_extra_info_t;
typedef struct netif_rx_request netif_rx_request_t;
typedef struct netif_rx_response netif_rx_response_t;

DEFINE_RING_TYPES(netif_tx, struct netif_tx_request, struct netif_tx_response);
DEFINE_RING_TYPES(netif_rx, struct netif_rx_request, struct netif_rx_response);

/* ---- control: what the back end's receive hash is, and pages that stay granted ---- */

#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4		0
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP	1
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6		2
#define _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP	3
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4		(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4)	/* both addresses */
#define XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP	(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP)	/* and ports */
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6		(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6)
#define XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP	(1 << _XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

#define XEN_NETIF_CTRL_HASH_ALGORITHM_NONE	0
#define XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ	1

/* The words of data are after each type; what is not named is 0. */
#define XEN_NETIF_CTRL_TYPE_INVALID			0
#define XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS		1	/* response: types the back end can do */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS		2	/* types */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_KEY		3	/* grant, bytes */
#define XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE	4	/* response: entries at most */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE	5	/* entries */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING		6	/* grant of uint32_t queue[], entries, first of them */
#define XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM		7	/* algorithm */
#define XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE	8	/* queue; response: entries at most */
#define XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING		9	/* queue, grant of struct xen_netif_gref[], entries */
#define XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING		10	/* likewise */

struct xen_netif_ctrl_request {
	uint16_t id;
	uint16_t type;
	uint32_t data[3];
};

#define XEN_NETIF_CTRL_STATUS_SUCCESS		0
#define XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED	1
#define XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER	2
#define XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW	3

struct xen_netif_ctrl_response {
	uint16_t id;
	uint16_t type;
	uint32_t status;
	uint32_t data;
};

#define _XEN_NETIF_CTRLF_GREF_readonly	0
#define XEN_NETIF_CTRLF_GREF_readonly	(1U << _XEN_NETIF_CTRLF_GREF_readonly)

struct xen_netif_gref {
	grant_ref_t ref;
	uint16_t flags;
	uint16_t status;		/* out: XEN_NETIF_CTRL_STATUS_* */
};

DEFINE_RING_TYPES(xen_netif_ctrl, struct xen_netif_ctrl_request, struct xen_netif_ctrl_response);

#endif
