// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Network front end: the control ring. All orders for a hash are given at once, since a peer follows them one after the other;
 * those for another one wait for the answers to these, because they use the same pages.
 */
#include "netf_ctrl.h"
#include "node.h"

#define HASH_TYPES	(XEN_NETIF_CTRL_HASH_TYPE_IPV4 | XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP | \
			 XEN_NETIF_CTRL_HASH_TYPE_IPV6 | XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

/* ---- orders ---- */

static void order(struct netf_ctrl *c, uint16_t type, uint32_t first, uint32_t second)
{
	uint32_t at = c->ring.req_prod++;
	struct xen_netif_ctrl_request *req = &c->sring->ring[at & (c->ring.size - 1)].req;

	*req = (struct xen_netif_ctrl_request){ .id = at, .type = type, .data = { first, second } };
}

static void fill_mapping(struct netf *f)
{
	uint32_t *queue = f->ctrl.mapping->addr, i;

	for (i = 0; i < f->hash.size; i++)
		queue[i] = f->hash.mapping[i] % f->nr_queues;
}

/* No order is under way. */
static void give_orders(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;
	const struct netf_hash *hash = &f->hash;

	c->due = c->spreads = false;
	if (!hash->types) {
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, XEN_NETIF_CTRL_HASH_ALGORITHM_NONE, 0);
	} else {
		memcpy(c->key->addr, hash->key, sizeof(hash->key));
		fill_mapping(f);
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ, 0);
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, c->key->gref, sizeof(hash->key));
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, hash->size, 0);
		if (hash->size)
			order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, c->mapping->gref, hash->size);
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, hash->types, 0);
	}
	/* Wanted with the last answer. */
	pvos_write_once(c->sring->rsp_event, c->ring.req_prod);
	if (pvd_front_push(&c->ring))
		pvos_notify(&c->event);
}

void netf_ctrl_again(struct netf *f)
{
	if (!f->ctrl.up)
		return;
	if (f->ctrl.ring.req_prod == f->ctrl.ring.rsp_cons)
		give_orders(f);
	else
		f->ctrl.due = true;
}

int netf_hash_set(struct netf *f, const struct netf_hash *hash)
{
	uint32_t i;

	if (hash->size > NETF_MAPPING || hash->types & ~HASH_TYPES)
		return -EINVAL;
	for (i = 0; i < hash->size; i++)
		if (hash->mapping[i] >= f->nr_made)
			return -EINVAL;
	f->hash = *hash;
	if (!f->ctrl.up)
		return f->dev.conn.phase == PVD_PH_UP ? -EOPNOTSUPP : 0;
	netf_ctrl_again(f);
	return 0;
}

/* ---- answers ---- */

static void stop(struct netf *f, const char *why)
{
	f->ctrl.up = false;
	f->dev.faults++;
	pvos_report(&f->dev, "control ring: %s; it is not used any more", why);
}

/* The answer in the entry that its order was in. Returns what is wrong with it, or NULL. */
static const char *take_answer(struct netf *f, bool *refused)
{
	struct netf_ctrl *c = &f->ctrl;
	uint32_t at = c->ring.rsp_cons++;
	struct xen_netif_ctrl_response *rsp = &c->sring->ring[at & (c->ring.size - 1)].rsp;
	uint16_t type = pvos_read_once(rsp->type);
	uint32_t status = pvos_read_once(rsp->status);

	if (pvos_read_once(rsp->id) != (uint16_t)at)
		return "an answer to no order";
	if (status != XEN_NETIF_CTRL_STATUS_SUCCESS) {
		pvos_report(&f->dev, "control ring: order %u is refused (%u)", type, status);
		*refused = true;
	}
	return NULL;
}

void netf_ctrl_run(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;
	const char *wrong = NULL;
	bool refused = false;
	int n;

	if (!c->up)
		return;
	n = pvd_front_responses(&c->ring);
	if (n < 0)
		wrong = "more answers than orders";
	while (!wrong && n-- > 0)
		wrong = take_answer(f, &refused);
	if (wrong) {
		stop(f, wrong);
		return;
	}
	c->spreads &= !refused;
	if (c->ring.req_prod != c->ring.rsp_cons)
		return;
	c->spreads = !refused && f->hash.types;
	if (c->due)
		give_orders(f);
}

/* ---- the ring ---- */

int netf_ctrl_offer(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;
	struct pvd_dev *dev = &f->dev;
	int error;

	if (!f->hash.types || f->nr_queues < 2 || !pvd_peer_has(dev, "feature-ctrl-ring"))
		return 0;
	error = pvos_share(dev, 1, &c->shared);
	if (error)
		return error;
	c->sring = c->shared.addr;
	pvd_front_init(&c->ring, c->shared.addr, pvd_ring_size(1, sizeof(union xen_netif_ctrl_sring_entry)));
	c->key = pvos_page_get(dev);
	c->mapping = pvos_page_get(dev);
	if (!c->key || !c->mapping)
		return -ENOMEM;
	return pvos_event_alloc(dev, &c->event);
}

int netf_ctrl_publish(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;
	int error;

	if (!c->shared.addr) {
		error = pvos_write(&f->dev, "ctrl-ring-ref", NULL);
		return error ? error : pvos_write(&f->dev, "event-channel-ctrl", NULL);
	}
	error = pvd_write_number(&f->dev, "ctrl-ring-ref", c->shared.gref[0]);
	return error ? error : pvd_write_number(&f->dev, "event-channel-ctrl", c->event.port);
}

void netf_ctrl_connect(struct netf *f)
{
	if (!f->ctrl.shared.addr)
		return;
	f->ctrl.up = true;
	give_orders(f);
}

void netf_ctrl_disconnect(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;

	c->up = c->spreads = false;
	if (c->event.port)
		pvos_event_free(&f->dev, &c->event);
	if (c->key)
		pvos_page_put(&f->dev, c->key);
	if (c->mapping)
		pvos_page_put(&f->dev, c->mapping);
	c->key = c->mapping = NULL;
	if (c->shared.addr)
		pvos_unshare(&f->dev, &c->shared);
}
