/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The store's protocol: messages over a socket or over a page that a domain shares with the store daemon. */
#ifndef XEN_IO_XS_WIRE_H
#define XEN_IO_XS_WIRE_H

#include <stdint.h>

/* Types of messages; a reply has the type of its request, or XS_ERROR with the error's name. */
enum xsd_sockmsg_type {
	XS_CONTROL,
	XS_DIRECTORY,
	XS_READ,
	XS_GET_PERMS,
	XS_WATCH,
	XS_UNWATCH,
	XS_TRANSACTION_START,
	XS_TRANSACTION_END,
	XS_INTRODUCE,
	XS_RELEASE,
	XS_GET_DOMAIN_PATH,
	XS_WRITE,
	XS_MKDIR,
	XS_RM,
	XS_SET_PERMS,
	XS_WATCH_EVENT,			/* sent unasked: path, token */
	XS_ERROR,
	XS_IS_DOMAIN_INTRODUCED,
	XS_RESUME,
	XS_SET_TARGET,
	XS_RESET_WATCHES = 21,		/* 20 is no longer used */
	XS_DIRECTORY_PART,

	XS_TYPE_COUNT,

	XS_INVALID = 0xffff
};

/* Heads every message, in the machine's byte order. */
struct xsd_sockmsg {
	uint32_t type;
	uint32_t req_id;		/* chosen by the client, comes back in the reply */
	uint32_t tx_id;			/* transaction, 0 for none */
	uint32_t len;			/* bytes that follow, at most XENSTORE_PAYLOAD_MAX */
};

/* The strings of a watch event */
enum xs_watch_type {
	XS_WATCH_PATH,
	XS_WATCH_TOKEN
};

#define XENSTORE_PAYLOAD_MAX	4096	/* a peer that exceeds it is cut off */
#define XENSTORE_ABS_PATH_MAX	3072
#define XENSTORE_REL_PATH_MAX	2048

/* The shared page. Indices run freely. */
#define XENSTORE_RING_SIZE		1024
#define MASK_XENSTORE_IDX(index)	((index) & (XENSTORE_RING_SIZE - 1))

typedef uint32_t XENSTORE_RING_IDX;

struct xenstore_domain_interface {
	char req[XENSTORE_RING_SIZE];
	char rsp[XENSTORE_RING_SIZE];
	XENSTORE_RING_IDX req_cons, req_prod;
	XENSTORE_RING_IDX rsp_cons, rsp_prod;
	uint32_t server_features;	/* XENSTORE_SERVER_FEATURE_* */
	uint32_t connection;		/* XENSTORE_CONNECTED, XENSTORE_RECONNECT */
	uint32_t error;			/* XENSTORE_ERROR_* */
};

#define XENSTORE_SERVER_FEATURE_RECONNECTION	1
#define XENSTORE_SERVER_FEATURE_ERROR		2

#define XENSTORE_CONNECTED	0
#define XENSTORE_RECONNECT	1	/* set by the domain, cleared by the daemon when it is done */

#define XENSTORE_ERROR_NONE	0
#define XENSTORE_ERROR_COMM	1
#define XENSTORE_ERROR_RINGIDX	2
#define XENSTORE_ERROR_PROTO	3

#endif
