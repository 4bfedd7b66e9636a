/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The shared ring of a split device: requests from the front end and responses from the back end in one array.
 *
 * Indices run freely; the array's size is a power of two, the largest that fits behind the 64 bytes of the header.
 * A response takes the place of a request that was consumed. Who produces writes the entry, then the index (a write
 * barrier between); then, behind a full barrier, looks at the other side's event index: a notification is wanted when the
 * new indices include it. Who consumes and finds nothing sets its event index (the next entry: + 1), and behind a full
 * barrier looks once more.
 *
 * Everything here can change at any time: the other side is another domain.
 */
#ifndef XEN_IO_RING_H
#define XEN_IO_RING_H

#include <stdint.h>

typedef uint32_t RING_IDX;

#define DEFINE_RING_TYPES(name, request, response)		\
union name##_sring_entry {					\
	request req;						\
	response rsp;						\
};								\
								\
struct name##_sring {						\
	RING_IDX req_prod, req_event;				\
	RING_IDX rsp_prod, rsp_event;				\
	uint8_t pad[48];					\
	union name##_sring_entry ring[1];			\
}

#endif
