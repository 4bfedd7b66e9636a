// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * Network front end: the control ring. All orders are given at once, since a peer follows them one after the other; those for
 * another hash wait for the answers to these, because they use the same pages.
 */
#include "netf_ctrl.h"
#include "node.h"

#define HASH_TYPES	(XEN_NETIF_CTRL_HASH_TYPE_IPV4 | XEN_NETIF_CTRL_HASH_TYPE_IPV4_TCP | \
			 XEN_NETIF_CTRL_HASH_TYPE_IPV6 | XEN_NETIF_CTRL_HASH_TYPE_IPV6_TCP)

/* ---- orders ---- */

static void order(struct netf_ctrl *c, uint16_t type, uint32_t first, uint32_t second, uint32_t third)
{
	uint32_t at = c->ring.req_prod++;
	struct xen_netif_ctrl_request *req = &c->sring->ring[at & (c->ring.size - 1)].req;

	*req = (struct xen_netif_ctrl_request){ .id = at, .type = type, .data = { first, second, third } };
}

static void fill_mapping(struct netf *f)
{
	uint32_t *queue = f->ctrl.mapping->addr, i;

	for (i = 0; i < f->hash.size; i++)
		queue[i] = f->hash.mapping[i] % f->nr_queues;
}

static void order_hash(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;
	const struct netf_hash *hash = &f->hash;

	if (!hash->types) {
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, XEN_NETIF_CTRL_HASH_ALGORITHM_NONE, 0, 0);
	} else {
		memcpy(c->key->addr, hash->key, sizeof(hash->key));
		fill_mapping(f);
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_ALGORITHM, XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ, 0, 0);
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_KEY, c->key->gref, sizeof(hash->key), 0);
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING_SIZE, hash->size, 0, 0);
		if (hash->size)
			order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_MAPPING, c->mapping->gref, hash->size, 0);
		order(c, XEN_NETIF_CTRL_TYPE_SET_HASH_FLAGS, hash->types, 0, 0);
	}
}

/* The peer keeps a queue's pages mapped, and copies without the hypervisor. It may refuse: then it copies as ever. */
static void order_left(struct netf *f)
{
	uint32_t i;

	for (i = 0; i < f->nr_queues && pvd_front_room(&f->ctrl.ring); i++) {
		const struct netf_queue *q = &f->queues[i];

		if (q->nr_left)
			order(&f->ctrl, XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING, i, q->left->gref, q->nr_left);
	}
}

/* No order is under way. */
static void give_orders(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;

	c->due = c->spreads = false;
	if (f->nr_queues > 1)
		order_hash(f);
	if (c->leaves)
		order_left(f);
	c->leaves = false;
	/* Wanted with the last answer. */
	pvos_write_once(c->sring->rsp_event, c->ring.req_prod);
	if (pvd_front_push(&c->ring))
		pvos_notify(&c->event);
}

/* What is wanted has changed. */
static void change(struct netf *f)
{
	if (!f->ctrl.up)
		return;
	if (f->ctrl.ring.req_prod == f->ctrl.ring.rsp_cons)
		give_orders(f);
	else
		f->ctrl.due = true;
}

void netf_ctrl_again(struct netf *f)
{
	f->ctrl.leaves = true;
	change(f);
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
	if (!f->ctrl.up || f->nr_queues < 2)
		return f->dev.conn.phase == PVD_PH_UP ? -EOPNOTSUPP : 0;
	change(f);
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
	if (status != XEN_NETIF_CTRL_STATUS_SUCCESS && type != XEN_NETIF_CTRL_TYPE_ADD_GREF_MAPPING) {
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
	c->spreads = !refused && f->hash.types && f->nr_queues > 1;
	if (c->due)
		give_orders(f);
}

/* ---- the ring ---- */

static uint32_t list_pool(struct pvd_pool *pool, uint16_t flags, struct xen_netif_gref *list)
{
	const struct pvd_page *page;
	uint32_t n = 0;

	pvd_pool_fill(pool, NETF_RING);
	for (page = pool->stack; page; page = page->next)
		list[n++] = (struct xen_netif_gref){ .ref = page->gref, .flags = flags };
	return n;
}

/* The queue is down: all its pages are in its pools, and a list of both fits into a page. Without memory it leaves none. */
static void list_left(struct netf_queue *q)
{
	struct xen_netif_gref *list;

	q->left = pvos_page_get(&q->f->dev);
	if (!q->left)
		return;
	list = q->left->addr;
	q->nr_left = list_pool(&q->rx.pool, 0, list);
	q->nr_left += list_pool(&q->tx.pool, XEN_NETIF_CTRLF_GREF_readonly, list + q->nr_left);
}

int netf_ctrl_offer(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;
	struct pvd_dev *dev = &f->dev;
	uint32_t i;
	int error;

	if (!pvd_peer_has(dev, "feature-ctrl-ring"))
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
	for (i = 0; i < f->nr_queues; i++)
		list_left(&f->queues[i]);
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
	f->ctrl.up = f->ctrl.leaves = true;
	give_orders(f);
}

void netf_ctrl_stop(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;

	c->up = c->spreads = false;
	if (c->event.port)
		pvos_event_free(&f->dev, &c->event);
}

void netf_ctrl_release(struct netf *f)
{
	struct netf_ctrl *c = &f->ctrl;
	uint32_t i;

	if (c->key)
		pvos_page_put(&f->dev, c->key);
	if (c->mapping)
		pvos_page_put(&f->dev, c->mapping);
	c->key = c->mapping = NULL;
	for (i = 0; i < f->nr_made; i++) {
		struct netf_queue *q = &f->queues[i];

		if (q->left)
			pvos_page_put(&f->dev, q->left);
		q->left = NULL;
		q->nr_left = 0;
	}
	if (c->shared.addr)
		pvos_unshare(&f->dev, &c->shared);
}
