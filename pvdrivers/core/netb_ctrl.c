// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Network back end: the control ring. What is changed for the data paths is changed with their locks held. */
#include "netb.h"
#include "netb_ctrl.h"
#include "node.h"
#include "toeplitz.h"

#define CTRL_BATCH	64	/* requests in one call */
#define HASH_TYPES	(XEN_NETIF_CTRL_HASH_TYPE_IPV4 | XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP | \
			 XEN_NETIF_CTRL_HASH_TYPE_IPV6 | XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)
#define LIST_MAX	(PVD_PAGE_SIZE / sizeof(struct xen_netif_gref))

/* Copies from or to the start of a page of the peer's. */
static bool copy_list(struct netb *b, uint32_t gref, void *memory, uint32_t bytes, bool to_peer)
{
	pvos_copy_t op;

	/* `memory` lies within a page. */
	if (to_peer)
		pvos_copy_to(&op, &b->dev, gref, 0, memory, bytes);
	else
		pvos_copy_from(&op, &b->dev, gref, 0, memory, bytes);
	pvos_copy(&b->dev, &op, 1);
	return !pvos_copy_failed(&op);
}

/* ---- hash ---- */

static uint32_t set_algorithm(struct netb *b, const uint32_t *data)
{
	if (data[0] > XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	b->hash.algorithm = data[0];
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t set_types(struct netb *b, const uint32_t *data)
{
	if (b->hash.algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE)
		return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
	if (data[0] & ~HASH_TYPES)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	b->hash.types = data[0];
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t set_key(struct netb *b, const uint32_t *data, void *page)
{
	if (data[1] > NETB_KEY)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	if (data[1] && !copy_list(b, data[0], page, data[1], false))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	memset(b->hash.key, 0, sizeof(b->hash.key));
	memcpy(b->hash.key, page, data[1]);
	b->hash.key_bytes = data[1];
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t set_mapping_size(struct netb *b, const uint32_t *data)
{
	if (data[0] > NETB_MAPPING)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	memset(b->hash.mapping, 0, sizeof(b->hash.mapping));
	b->hash.mapping_size = data[0];
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t set_mapping(struct netb *b, const uint32_t *data, void *page)
{
	const uint32_t *queues = page;
	uint32_t i;

	if (data[1] > NETB_MAPPING || data[2] > NETB_MAPPING || data[1] + data[2] > b->hash.mapping_size)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	if (data[1] && !copy_list(b, data[0], page, data[1] * sizeof(*queues), false))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	for (i = 0; i < data[1]; i++)
		if (queues[i] >= b->nr_queues)
			return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	memcpy(b->hash.mapping + data[2], queues, data[1] * sizeof(*queues));
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

bool netb_select(const struct netb *b, bool ip6, bool tcp, const uint8_t *tuple, uint32_t *queue, struct pvd_meta *meta)
{
	const struct netb_hash *hash = &b->hash;
	uint32_t types = pvos_read_once(hash->types), size = pvos_read_once(hash->mapping_size);
	uint32_t shift = ip6 ? _XEN_NETIF_CTRL_HASH_TYPE_IPV6 : _XEN_NETIF_CTRL_HASH_TYPE_IPV4;
	uint32_t addresses = ip6 ? 32 : 8, chosen;

	if (pvos_read_once(hash->algorithm) != XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ || !types)
		return false;
	if (tcp && types & 1U << (shift + 1)) {
		meta->hash_type = shift + 1;
		meta->hash = pvd_toeplitz(hash->key, NETB_KEY, tuple, addresses + 4);
	} else if (types & 1U << shift) {
		meta->hash_type = shift;
		meta->hash = pvd_toeplitz(hash->key, NETB_KEY, tuple, addresses);
	} else {
		return false;
	}
	chosen = size ? pvos_read_once(hash->mapping[meta->hash % size]) : meta->hash;
	*queue = chosen % b->nr_queues;
	return true;
}

/* ---- pages that stay mapped ---- */

static void lock_both(struct netb_queue *q)
{
	pvos_lock(q->tx.os);
	pvos_lock(q->rx.os);
}

static void unlock_both(struct netb_queue *q)
{
	pvos_unlock(q->rx.os);
	pvos_unlock(q->tx.os);
}

/* Takes them out of use, then unmaps them. */
static void forget_pages(struct netb_queue *q, struct pvd_map **maps, uint32_t n)
{
	uint32_t i;

	lock_both(q);
	for (i = 0; i < n; i++)
		if (maps[i]->kept)
			pvd_grants_unkeep(&q->grants, maps[i]);
	unlock_both(q);
	pvos_unmap(&q->b->dev, maps, n);
	for (i = 0; i < n; i++)
		pvd_grants_put(&q->grants, maps[i]);
}

static uint32_t leave_pages(struct netb *b, const uint32_t *data, const struct xen_netif_gref *list, struct pvd_map **maps)
{
	struct netb_queue *q = &b->queues[data[0]];
	uint32_t status = XEN_NETIF_CTRL_STATUS_SUCCESS, n, i, good = 0;

	for (n = 0; n < data[2]; n++) {
		maps[n] = pvd_grants_new(&q->grants, list[n].ref, list[n].flags & XEN_NETIF_CTRLF_GREF_readonly, false);
		if (!maps[n])
			break;
	}
	if (n < data[2])
		status = XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	else
		pvos_map(&b->dev, maps, n);
	for (i = 0; i < n; i++) {
		if (maps[i]->status || !maps[i]->addr) {
			pvd_grants_put(&q->grants, maps[i]);
			if (!status)
				status = XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
		} else {
			maps[good++] = maps[i];
		}
	}
	lock_both(q);
	for (i = 0; !status && i < good; i++)
		if (pvd_grants_find(&q->grants, maps[i]->gref) || !pvd_grants_keep(&q->grants, maps[i]))
			status = XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	unlock_both(q);
	if (status && good)
		forget_pages(q, maps, good);
	return status;
}

static uint32_t fetch_pages(struct netb *b, const uint32_t *data, struct xen_netif_gref *list, struct pvd_map **maps, uint32_t *count)
{
	struct netb_queue *q = &b->queues[data[0]];
	uint32_t i, n = 0;

	lock_both(q);
	for (i = 0; i < data[2]; i++) {
		struct pvd_map *map = pvd_grants_find(&q->grants, list[i].ref);

		list[i].status = map ? XEN_NETIF_CTRL_STATUS_SUCCESS : XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
		if (!map)
			continue;
		pvd_grants_unkeep(&q->grants, map);
		maps[n++] = map;
	}
	unlock_both(q);
	if (n)
		forget_pages(q, maps, n);
	*count = n;
	if (!copy_list(b, data[1], list, data[2] * sizeof(*list), true))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	return XEN_NETIF_CTRL_STATUS_SUCCESS;
}

static uint32_t change_pages(struct netb *b, bool add, const uint32_t *data, void *page, uint32_t *count)
{
	struct pvd_map **maps;
	uint32_t status;

	if (data[0] >= b->nr_queues || data[2] > LIST_MAX)
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	if (!data[2])
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	if (!copy_list(b, data[1], page, data[2] * sizeof(struct xen_netif_gref), false))
		return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
	maps = pvos_alloc(LIST_MAX * sizeof(*maps));
	if (!maps)
		return XEN_NETIF_CTRL_STATUS_BUFFER_OVERFLOW;
	status = add ? leave_pages(b, data, page, maps) : fetch_pages(b, data, page, maps, count);
	pvos_free(maps);
	return status;
}

/* ---- the ring ---- */

static uint32_t serve(struct netb *b, const struct xen_netif_ctrl_request *req, void *page, uint32_t *value)
{
	switch (req->type) {
	case XEN_NETIF_CTRL_TYPE_GET_HASH_FLAGS:
		if (b->hash.algorithm == XEN_NETIF_CTRL_HASH_ALGORITHM_NONE)
			return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
		*value = HASH_TYPES;
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS:
		return set_types(b, req->data);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_KEY:
		return set_key(b, req->data, page);
	case XEN_NETIF_CTRL_TYPE_GET_HASH_MAPPING_SIZE:
		*value = NETB_MAPPING;
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE:
		return set_mapping_size(b, req->data);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING:
		return set_mapping(b, req->data, page);
	case XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM:
		return set_algorithm(b, req->data);
	case XEN_NETIF_CTRL_TYPE_GET_GREF_MAPPING_SIZE:
		if (req->data[0] >= b->nr_queues)
			return XEN_NETIF_CTRL_STATUS_INVALID_PARAMETER;
		*value = NETB_STATIC;
		return XEN_NETIF_CTRL_STATUS_SUCCESS;
	case XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING:
	case XEN_NETIF_CTRL_TYPE_DEL_GREF_MAPPING:
		return change_pages(b, req->type == XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING, req->data, page, value);
	}
	return XEN_NETIF_CTRL_STATUS_NOT_SUPPORTED;
}

static void serve_next(struct netb *b, void *page)
{
	struct xen_netif_ctrl_sring *ring = b->ctrl_shared.addr;
	const uint32_t *shared = (const uint32_t *)&ring->ring[b->ctrl.req_cons++ & (b->ctrl.size - 1)];
	uint32_t words[sizeof(struct xen_netif_ctrl_request) / 4], i, value = 0, status;
	struct xen_netif_ctrl_request req;
	struct xen_netif_ctrl_response *rsp;

	for (i = 0; i < sizeof(words) / 4; i++)
		words[i] = pvos_read_once(shared[i]);
	memcpy(&req, words, sizeof(req));
	status = serve(b, &req, page, &value);
	rsp = &ring->ring[b->ctrl.rsp_prod++ & (b->ctrl.size - 1)].rsp;
	rsp->id = req.id;
	rsp->type = req.type;
	rsp->status = status;
	rsp->data = value;
}

void netb_ctrl_run(struct netb *b)
{
	uint32_t served = 0;
	void *page;
	int n;

	if (!b->ctrl_shared.addr)
		return;
	page = pvos_alloc(PVD_PAGE_SIZE);
	do {
		n = pvd_back_requests(&b->ctrl);
		if (n < 0) {
			b->dev.faults++;
			pvos_report(&b->dev, "more control requests than the ring holds; the device is ended");
			pvos_fail(&b->dev);
			break;
		}
		for (; page && n && served < CTRL_BATCH; n--, served++)
			serve_next(b, page);
		if (pvd_back_push(&b->ctrl))
			pvos_notify(&b->ctrl_event);
	} while (page && served < CTRL_BATCH && pvd_back_rearm(&b->ctrl));
	pvos_free(page);
}

int netb_ctrl_connect(struct netb *b)
{
	struct pvd_dev *dev = &b->dev;
	uint64_t gref, port;
	int error;

	if (pvd_read_number(dev, PVD_PEER, "ctrl-ring-ref", UINT32_MAX, &gref) == -ENOENT)
		return 0;
	error = pvd_read_number(dev, PVD_PEER, "ctrl-ring-ref", UINT32_MAX, &gref);
	if (!error)
		error = pvd_read_number(dev, PVD_PEER, "event-channel-ctrl", UINT32_MAX, &port);
	if (error) {
		pvos_report(dev, "a control ring that is missing or wrong (%d)", error);
		return error;
	}
	b->ctrl_shared.pages = 1;
	b->ctrl_shared.gref[0] = gref;
	error = pvos_attach(dev, &b->ctrl_shared);
	if (!error)
		error = pvd_back_init(&b->ctrl, b->ctrl_shared.addr, pvd_ring_size(1, sizeof(union xen_netif_ctrl_sring_entry)));
	if (!error)
		error = pvos_event_bind(dev, &b->ctrl_event, port);
	return error;
}

void netb_ctrl_disconnect(struct netb *b)
{
	if (b->ctrl_event.port)
		pvos_event_free(&b->dev, &b->ctrl_event);
	if (b->ctrl_shared.addr)
		pvos_detach(&b->dev, &b->ctrl_shared);
	memset(&b->hash, 0, sizeof(b->hash));
}
