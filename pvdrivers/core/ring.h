/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Indices of a shared ring (xen/io/ring.h), for both ends; the entries are the engine's. The peer's index is read once, and
 * never believed beyond what the ring can hold. Callers hold the queue's lock.
 */
#ifndef PVD_RING_H
#define PVD_RING_H

#include "os.h"

#define PVD_RING_HEADER	64

struct pvd_ring_header {
	uint32_t req_prod, req_event;
	uint32_t rsp_prod, rsp_event;
};

/* Entries of a ring: the largest power of two that fits. */
static inline uint32_t pvd_ring_size(uint32_t pages, uint32_t entry_bytes)
{
	uint32_t n = (pages * PVD_PAGE_SIZE - PVD_RING_HEADER) / entry_bytes;

	while (n & (n - 1))
		n &= n - 1;
	return n;
}

/* Is a notification due: does (old, new] hold the event index? */
static inline bool pvd_ring_wanted(uint32_t event, uint32_t old, uint32_t new)
{
	return new - event < new - old;
}

/* ---- front end ---- */

struct pvd_front_ring {
	struct pvd_ring_header *shared;
	uint32_t size;
	uint32_t req_prod;		/* filled in */
	uint32_t req_pushed;		/* shown to the peer */
	uint32_t rsp_cons;
};

static inline void pvd_front_init(struct pvd_front_ring *r, void *shared, uint32_t size)
{
	r->shared = shared;
	r->size = size;
	r->req_prod = r->req_pushed = r->rsp_cons = 0;
	r->shared->req_event = r->shared->rsp_event = 1;
}

static inline uint32_t pvd_front_room(const struct pvd_front_ring *r)
{
	return r->size - (r->req_prod - r->rsp_cons);
}

/* Shows the peer what was filled in. Returns whether it asks to be notified. */
static inline bool pvd_front_push(struct pvd_front_ring *r)
{
	uint32_t old = r->req_pushed;

	if (old == r->req_prod)
		return false;
	pvos_wmb();
	pvos_write_once(r->shared->req_prod, r->req_prod);
	r->req_pushed = r->req_prod;
	pvos_mb();
	return pvd_ring_wanted(pvos_read_once(r->shared->req_event), old, r->req_pushed);
}

/* Responses that are there, or -EPROTO when the peer claims more than it was asked. */
static inline int pvd_front_responses(const struct pvd_front_ring *r)
{
	uint32_t n = pvos_read_once(r->shared->rsp_prod) - r->rsp_cons;

	if (n > r->req_pushed - r->rsp_cons)
		return -EPROTO;
	pvos_rmb();
	return n;
}

/* Asks to be notified of the next response. Returns true when one came in the meantime. */
static inline bool pvd_front_rearm(struct pvd_front_ring *r)
{
	pvos_write_once(r->shared->rsp_event, r->rsp_cons + 1);
	pvos_mb();
	return pvos_read_once(r->shared->rsp_prod) != r->rsp_cons;
}

/* ---- back end ---- */

struct pvd_back_ring {
	struct pvd_ring_header *shared;
	uint32_t size;
	uint32_t req_cons;
	uint32_t rsp_prod;		/* filled in */
	uint32_t rsp_pushed;		/* shown to the peer */
};

/* Takes up the ring where its responses end. -EPROTO: more requests than the ring holds. */
static inline int pvd_back_init(struct pvd_back_ring *r, void *shared, uint32_t size)
{
	r->shared = shared;
	r->size = size;
	r->req_cons = r->rsp_prod = r->rsp_pushed = pvos_read_once(r->shared->rsp_prod);
	return pvos_read_once(r->shared->req_prod) - r->req_cons > size ? -EPROTO : 0;
}

/* Requests that wait, or -EPROTO when they and those under way are more than the ring holds. */
static inline int pvd_back_requests(const struct pvd_back_ring *r)
{
	uint32_t prod = pvos_read_once(r->shared->req_prod);

	if (prod - r->rsp_prod > r->size || prod - r->rsp_prod < r->req_cons - r->rsp_prod)
		return -EPROTO;
	pvos_rmb();
	return prod - r->req_cons;
}

/* Asks to be notified of the next request. Returns true when one came in the meantime. */
static inline bool pvd_back_rearm(struct pvd_back_ring *r)
{
	pvos_write_once(r->shared->req_event, r->req_cons + 1);
	pvos_mb();
	return pvos_read_once(r->shared->req_prod) != r->req_cons;
}

/* Shows the peer the responses that were filled in. Returns whether it asks to be notified. */
static inline bool pvd_back_push(struct pvd_back_ring *r)
{
	uint32_t old = r->rsp_pushed;

	if (old == r->rsp_prod)
		return false;
	pvos_wmb();
	pvos_write_once(r->shared->rsp_prod, r->rsp_prod);
	r->rsp_pushed = r->rsp_prod;
	pvos_mb();
	return pvd_ring_wanted(pvos_read_once(r->shared->rsp_event), old, r->rsp_pushed);
}

#endif
