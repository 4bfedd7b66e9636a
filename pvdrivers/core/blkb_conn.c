// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Block back end: connecting and disconnecting. */
#include "blkb.h"
#include "blkb_abi.h"
#include "node.h"
#include <xen/io/protocols.h>

#define ORDER_MAX	4
#define TEMPORARY	(2 * BLKB_SEGS_MAX + 2)		/* mappings besides those that are kept; more than a request takes */

static struct blkb *blkb_of(struct pvd_dev *dev)
{
	return (struct blkb *)((char *)dev - offsetof(struct blkb, dev));
}

/* ---- offer ---- */

/* Nodes with numbers, the last one without a name. */
struct number_node {
	const char *name;
	uint64_t value;
};

static int write_nodes(struct pvd_dev *dev, const struct number_node *node)
{
	int error = 0;

	for (; !error && node->name; node++)
		error = pvd_write_number(dev, node->name, node->value);
	return error;
}

static int write_offer(struct pvd_dev *dev)
{
	struct blkb *b = blkb_of(dev);

	return write_nodes(dev, (const struct number_node[]){
		{ "max-ring-page-order", b->max_order },
		{ "max-ring-pages", 1 << b->max_order },
		{ "multi-queue-max-queues", b->nr_made },
		{ "feature-persistent", b->keep_limit != 0 },
		{ "feature-max-indirect-segments", BLKB_SEGS_MAX },
		{ }
	});
}

static int offer(struct pvd_dev *dev)
{
	return pvos_publish(dev, write_offer);
}

/* ---- connect: what the front end says ---- */

struct ring_nodes {
	uint32_t pages;
	uint32_t gref[PVD_RING_PAGES_MAX];
	uint32_t port;
};

static const struct blkb_abi *read_abi(struct blkb *b)
{
	static const struct { const char *name; const struct blkb_abi *abi; } known[] = {
		{ XEN_IO_PROTO_ABI_X86_64, &blkb_abi_64 },
		{ XEN_IO_PROTO_ABI_X86_32, &blkb_abi_32 },
		{ XEN_IO_PROTO_ABI_ARM, &blkb_abi_64 },
	};
	char text[32];
	int length = pvos_read(&b->dev, PVD_PEER, "protocol", text, sizeof(text));
	const char *name = length == -ENOENT ? XEN_IO_PROTO_ABI_NATIVE : length < 0 ? "" : text;
	uint32_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(name, known[i].name))
			return known[i].abi;
	pvos_report(&b->dev, "an unknown protocol");
	return NULL;
}

/* Pages of a ring; *many: the grants' nodes are numbered. 0: not acceptable. */
static uint32_t read_pages(struct blkb *b, bool *many)
{
	uint64_t order, pages = 1;
	int error = pvd_read_number(&b->dev, PVD_PEER, "ring-page-order", b->max_order, &order);

	*many = error != -ENOENT;
	if (!error)
		return 1U << order;
	if (error == -ENOENT)
		error = pvd_read_number(&b->dev, PVD_PEER, "num-ring-pages", 1 << b->max_order, &pages);
	if (error == -ENOENT)
		return 1;
	*many = pages > 1;
	if (error || !pages || pages & (pages - 1)) {
		pvos_report(&b->dev, "a ring of an impossible size");
		return 0;
	}
	return pages;
}

static int read_ring(struct blkb *b, int dir, bool many, struct ring_nodes *nodes)
{
	char name[PVD_NODE_NAME];
	uint64_t value;
	uint32_t i;
	int error;

	for (i = 0; i < nodes->pages; i++) {
		pvd_node_name(name, dir, "ring-ref", many ? (int)i : -1);
		error = pvd_read_number(&b->dev, PVD_PEER, name, UINT32_MAX, &value);
		if (error)
			goto bad;
		nodes->gref[i] = value;
	}
	pvd_node_name(name, dir, "event-channel", -1);
	error = pvd_read_number(&b->dev, PVD_PEER, name, UINT32_MAX, &value);
	if (error)
		goto bad;
	nodes->port = value;
	return 0;
bad:
	pvos_report(&b->dev, "node %s is missing or wrong (%d)", name, error);
	return error;
}

/* ---- connect: a queue ---- */

static int make_requests(struct blkb_queue *q)
{
	struct blkb *b = q->b;
	uint32_t i;

	q->reqs = pvos_alloc(q->ring.size * sizeof(*q->reqs));
	q->larges = pvos_alloc(b->larges * sizeof(*q->larges));
	q->os_area = pvos_alloc(q->ring.size * b->os_bytes);
	q->large_os_area = pvos_alloc(b->larges * b->large_os_bytes);
	if (!q->reqs || !q->larges || !q->os_area || !q->large_os_area)
		return -ENOMEM;
	for (i = 0; i < q->ring.size; i++) {
		struct blkb_req *req = &q->reqs[i];

		req->queue = q;
		req->os = q->os_area + i * b->os_bytes;
		req->next = q->idle;
		q->idle = req;
	}
	for (i = 0; i < b->larges; i++) {
		q->larges[i].os = q->large_os_area + i * b->large_os_bytes;
		q->larges[i].next = q->idle_large;
		q->idle_large = &q->larges[i];
	}
	return 0;
}

static int connect_queue(struct blkb_queue *q, const struct ring_nodes *nodes)
{
	struct blkb *b = q->b;
	struct pvd_dev *dev = &b->dev;
	int error;

	q->shared.pages = nodes->pages;
	memcpy(q->shared.gref, nodes->gref, sizeof(q->shared.gref));
	error = pvos_attach(dev, &q->shared);
	if (error) {
		pvos_report(dev, "the ring cannot be mapped (%d)", error);
		return error;
	}
	q->abi = b->abi;
	q->entries = (uint8_t *)q->shared.addr + PVD_RING_HEADER;
	error = pvd_back_init(&q->ring, q->shared.addr, pvd_ring_size(nodes->pages, b->abi->entry));
	if (error) {
		pvos_report(dev, "a ring with more requests than it holds");
		return error;
	}
	error = make_requests(q);
	if (!error)
		error = pvd_grants_init(&q->grants, dev, b->persistent ? b->keep_limit : 0, TEMPORARY);
	if (error)
		return error;
	pvos_lock(q->os);
	q->up = true;
	pvos_unlock(q->os);
	q->peer_port = nodes->port;
	error = pvos_event_bind(dev, &q->event, nodes->port);
	if (error)
		pvos_report(dev, "event channel %u cannot be bound (%d)", nodes->port, error);
	else if (q->ring.rsp_prod)
		/* A predecessor's last answers may not have been told. */
		pvos_notify(&q->event);
	return error;
}

static void disconnect_queue(struct blkb_queue *q)
{
	struct pvd_dev *dev = &q->b->dev;

	pvos_lock(q->os);
	q->up = false;
	pvos_unlock(q->os);
	if (q->event.port)
		pvos_event_free(dev, &q->event);
	pvos_quiesce(q->os);
	pvd_grants_free(&q->grants);
	if (q->shared.addr) {
		/* Who takes up this ring begins where its responses end, and takes what lies there for requests. */
		pvd_back_push(&q->ring);
		pvos_detach(dev, &q->shared);
	}
	pvos_free(q->reqs);
	pvos_free(q->larges);
	pvos_free(q->os_area);
	pvos_free(q->large_os_area);
	q->reqs = q->idle = q->done = q->barrier = NULL;
	q->larges = q->idle_large = NULL;
	q->os_area = q->large_os_area = NULL;
	q->nr_want = 0;
	q->draining = q->stalled = q->running = false;
}

/* ---- connect ---- */

static int write_properties(struct pvd_dev *dev)
{
	const struct blkb_disk *disk = &blkb_of(dev)->disk;
	int error = write_nodes(dev, (const struct number_node[]){
		{ "sectors", disk->sectors },
		{ "info", (disk->cdrom ? VDISK_CDROM : 0) | (disk->removable ? VDISK_REMOVABLE : 0) |
			(disk->readonly ? VDISK_READONLY : 0) },
		{ "sector-size", disk->logical },
		{ "physical-sector-size", disk->physical },
		{ "feature-flush-cache", disk->flush },
		{ "feature-barrier", disk->flush },
		{ "feature-discard", disk->discard },
		{ }
	});

	if (error || !disk->discard)
		return error;
	return write_nodes(dev, (const struct number_node[]){
		{ "discard-granularity", disk->discard_granularity },
		{ "discard-alignment", disk->discard_alignment },
		{ "discard-secure", disk->secure_discard },
		{ }
	});
}

static int connect(struct pvd_dev *dev)
{
	struct blkb *b = blkb_of(dev);
	struct ring_nodes nodes = { };
	bool many;
	uint32_t i;

	b->abi = read_abi(b);
	b->nr_queues = b->abi ? pvd_read_queues(dev, b->nr_made) : 0;
	nodes.pages = b->nr_queues ? read_pages(b, &many) : 0;
	if (!nodes.pages)
		return -EINVAL;
	b->persistent = b->keep_limit && pvd_read_default(dev, PVD_PEER, "feature-persistent", 1, 0);
	pvos_disk_info(dev, &b->disk);
	for (i = 0; i < b->nr_queues; i++) {
		int error = read_ring(b, b->nr_queues > 1 ? (int)i : -1, many, &nodes);

		if (!error)
			error = connect_queue(&b->queues[i], &nodes);
		if (error)
			return error;
	}
	return pvos_publish(dev, write_properties);
}

static void disconnect(struct pvd_dev *dev)
{
	struct blkb *b = blkb_of(dev);
	uint32_t i;

	for (i = 0; i < b->nr_made; i++)
		disconnect_queue(&b->queues[i]);
	b->nr_queues = 0;
}

static int withdraw(struct pvd_dev *dev)
{
	static const char *const nodes[] = {
		"max-ring-page-order", "max-ring-pages", "multi-queue-max-queues", "feature-persistent", "feature-max-indirect-segments",
		"sectors", "info", "sector-size", "physical-sector-size", "feature-flush-cache", "feature-barrier", "feature-discard",
		"discard-granularity", "discard-alignment", "discard-secure",
	};

	return pvd_remove_nodes(dev, nodes, sizeof(nodes) / sizeof(nodes[0]));
}

/* The front end said its state again: with other rings it starts anew. */
static int update(struct pvd_dev *dev)
{
	struct blkb *b = blkb_of(dev);
	struct ring_nodes nodes = { };
	bool many, same;
	uint32_t i;

	same = pvd_read_queues(dev, b->nr_made) == b->nr_queues;
	nodes.pages = same ? read_pages(b, &many) : 0;
	for (i = 0; same && i < b->nr_queues; i++) {
		const struct blkb_queue *q = &b->queues[i];

		same = nodes.pages == q->shared.pages && !read_ring(b, b->nr_queues > 1 ? (int)i : -1, many, &nodes) &&
			nodes.port == q->peer_port &&
			!memcmp(nodes.gref, q->shared.gref, nodes.pages * sizeof(nodes.gref[0]));
	}
	if (same)
		return 0;
	disconnect(dev);
	return connect(dev);
}

const struct pvd_class blkb_class = {
	.name = "block",
	.offered = PVD_INITIALISED,
	.offer = offer,
	.connect = connect,
	.update = update,
	.lose = disconnect,
	.drop = disconnect,
	.withdraw = withdraw,
};

void blkb_disk_changed(struct blkb *b)
{
	struct blkb_disk disk = b->disk;

	pvos_disk_info(&b->dev, &disk);
	if (disk.sectors == b->disk.sectors && disk.readonly == b->disk.readonly)
		return;
	b->disk = disk;
	if (b->dev.conn.phase != PVD_PH_UP)
		return;
	if (pvos_publish(&b->dev, write_properties))
		pvos_report(&b->dev, "the disk's new size cannot be published");
	else
		pvos_set_state(&b->dev, PVD_CONNECTED);
}

int blkb_init(struct blkb *b, const struct blkb_limits *limits, void *(*os)(struct blkb *b, uint32_t queue))
{
	uint32_t i;

	pvd_conn_init(&b->dev, &blkb_class, PVD_BACK);
	b->max_order = limits->max_order;
	b->keep_limit = limits->keep_limit;
	b->larges = limits->larges;
	b->os_bytes = limits->os_bytes;
	b->large_os_bytes = limits->large_os_bytes;
	b->queues = pvos_alloc(limits->queues * sizeof(*b->queues));
	if (!b->queues)
		return -ENOMEM;
	b->nr_made = limits->queues;
	for (i = 0; i < limits->queues; i++) {
		b->queues[i].b = b;
		b->queues[i].os = os(b, i);
	}
	return 0;
}

void blkb_free(struct blkb *b)
{
	pvos_free(b->queues);
	b->queues = NULL;
	b->nr_made = 0;
}
