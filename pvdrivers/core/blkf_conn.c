// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Block front end: connecting and disconnecting. */
#include "blkf.h"
#include "node.h"
#include <xen/io/protocols.h>

#define ORDER_MAX		4
#define INDIRECT_SEGS_MAX	(PVD_PAGE_SIZE / sizeof(struct blkif_request_segment))

static struct blkf *blkf_of(struct pvd_dev *dev)
{
	return (struct blkf *)((char *)dev - offsetof(struct blkf, dev));
}

/* ---- offer ---- */

static uint32_t peer_order(struct pvd_dev *dev)
{
	uint64_t pages, order = pvd_read_default(dev, PVD_PEER, "max-ring-page-order", ORDER_MAX, 0);

	if (order)
		return order;
	for (pages = pvd_read_default(dev, PVD_PEER, "max-ring-pages", 1 << ORDER_MAX, 1); pages > 1; pages /= 2)
		order++;
	return order;
}

static uint32_t peer_segs(struct pvd_dev *dev)
{
	uint64_t segs = pvd_read_default(dev, PVD_PEER, "feature-max-indirect-segments", INDIRECT_SEGS_MAX, 0);

	return segs > BLKIF_MAX_SEGMENTS_PER_REQUEST ? segs : BLKIF_MAX_SEGMENTS_PER_REQUEST;
}

static uint32_t peer_queues(struct pvd_dev *dev)
{
	return pvd_read_default(dev, PVD_PEER, "multi-queue-max-queues", UINT32_MAX, 1);
}

static void negotiate(struct blkf *f)
{
	struct pvd_dev *dev = &f->dev;
	uint32_t most = peer_order(dev);
	uint64_t handle;

	if (most > f->max_order)
		most = f->max_order;
	f->order = 0;
	while (f->order < most && pvd_ring_size(1 << f->order, sizeof(union blkif_sring_entry)) < f->depth)
		f->order++;
	f->nr_queues = peer_queues(dev);
	if (f->nr_queues > f->nr_made)
		f->nr_queues = f->nr_made;
	if (!f->nr_queues)
		f->nr_queues = 1;
	f->handle = pvd_read_number(dev, PVD_OWN, "virtual-device", UINT32_MAX, &handle) ? 0 : handle;
}

static int make_ring(struct blkf_queue *q)
{
	struct pvd_dev *dev = &q->f->dev;
	uint32_t pages = 1 << q->f->order;
	int error = pvos_share(dev, pages, &q->shared);

	if (error)
		return error;
	q->sring = q->shared.addr;
	pvd_front_init(&q->ring, q->shared.addr, pvd_ring_size(pages, sizeof(union blkif_sring_entry)));
	return pvos_event_alloc(dev, &q->event);
}

static int publish_queue(struct blkf_queue *q, int dir)
{
	struct pvd_dev *dev = &q->f->dev;
	char name[PVD_NODE_NAME];
	bool many = q->shared.pages > 1;
	uint32_t i;
	int error = 0;

	for (i = 0; !error && i < q->shared.pages; i++) {
		pvd_node_name(name, dir, "ring-ref", many ? (int)i : -1);
		error = pvd_write_number(dev, name, q->shared.gref[i]);
	}
	if (error)
		return error;
	pvd_node_name(name, dir, "event-channel", -1);
	return pvd_write_number(dev, name, q->event.port);
}

static int publish(struct pvd_dev *dev)
{
	struct blkf *f = blkf_of(dev);
	bool many = f->nr_queues > 1;
	uint32_t i;
	int error;

	error = f->order ? pvd_write_number(dev, "ring-page-order", f->order) : pvos_write(dev, "ring-page-order", NULL);
	if (!error)
		error = f->order ? pvd_write_number(dev, "num-ring-pages", 1 << f->order) :
			pvos_write(dev, "num-ring-pages", NULL);
	if (!error)
		error = many ? pvd_write_number(dev, "multi-queue-num-queues", f->nr_queues) :
			pvos_write(dev, "multi-queue-num-queues", NULL);
	for (i = 0; !error && i < f->nr_queues; i++)
		error = publish_queue(&f->queues[i], many ? (int)i : -1);
	if (!error)
		error = pvos_write(dev, "protocol", XEN_IO_PROTO_ABI_NATIVE);
	if (!error)
		error = pvd_write_number(dev, "feature-persistent", 1);
	return error;
}

static int offer(struct pvd_dev *dev)
{
	struct blkf *f = blkf_of(dev);
	uint32_t i;

	negotiate(f);
	for (i = 0; i < f->nr_queues; i++) {
		int error = make_ring(&f->queues[i]);

		if (error)
			return error;
	}
	return pvos_publish(dev, publish);
}

/* ---- connect ---- */

static bool power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

static int read_disk(struct blkf *f, struct blkf_disk *disk)
{
	struct pvd_dev *dev = &f->dev;
	uint64_t info, size;
	int error = pvd_read_number(dev, PVD_PEER, "sectors", UINT64_MAX / 1024, &disk->sectors);

	if (error) {
		pvos_report(dev, "the back end does not say how large the disk is (%d)", error);
		return error;
	}
	size = pvd_read_default(dev, PVD_PEER, "sector-size", PVD_PAGE_SIZE, 512);
	if (!power_of_two(size) || size < 512) {
		pvos_report(dev, "sectors of %u bytes", (uint32_t)size);
		return -EINVAL;
	}
	disk->logical = size;
	size = pvd_read_default(dev, PVD_PEER, "physical-sector-size", 1 << 20, size);
	disk->physical = power_of_two(size) && size >= disk->logical ? size : disk->logical;
	info = pvd_read_default(dev, PVD_PEER, "info", UINT32_MAX, 0);
	disk->cdrom = info & VDISK_CDROM;
	disk->removable = info & VDISK_REMOVABLE;
	disk->readonly = info & VDISK_READONLY;
	return 0;
}

static void read_features(struct blkf *f, struct blkf_disk *disk)
{
	struct pvd_dev *dev = &f->dev;
	uint32_t segs = peer_segs(dev);

	f->segs = segs < f->max_segs ? segs : f->max_segs;
	disk->flush = pvd_read_default(dev, PVD_PEER, "feature-flush-cache", 1, 0);
	disk->barrier = pvd_read_default(dev, PVD_PEER, "feature-barrier", 1, 0);
	disk->discard = pvd_read_default(dev, PVD_PEER, "feature-discard", 1, 0);
	if (!disk->discard)
		return;
	disk->secure_discard = pvd_read_default(dev, PVD_PEER, "discard-secure", 1, 0);
	disk->discard_granularity = pvd_read_default(dev, PVD_PEER, "discard-granularity", 1U << 31, disk->logical);
	disk->discard_alignment = pvd_read_default(dev, PVD_PEER, "discard-alignment", 1U << 31, 0);
}

static int start_queue(struct blkf_queue *q)
{
	int error;

	pvos_lock(q->os);
	error = pvd_pool_fill(&q->pool, q->f->segs + 1);
	q->up = !error;
	pvos_unlock(q->os);
	return error;
}

static int connect(struct pvd_dev *dev)
{
	struct blkf *f = blkf_of(dev);
	struct blkf_disk disk = { };
	uint32_t i;
	int error = read_disk(f, &disk);

	if (error)
		return error;
	read_features(f, &disk);
	f->disk = disk;
	for (i = 0; i < f->nr_queues; i++) {
		error = start_queue(&f->queues[i]);
		if (error)
			return error;
	}
	return pvos_blk_start(f);
}

/* Size, and being read-only, may change while connected. */
static int update(struct pvd_dev *dev)
{
	struct blkf *f = blkf_of(dev);
	struct blkf_disk disk = { };

	if (read_disk(f, &disk) || (disk.sectors == f->disk.sectors && disk.readonly == f->disk.readonly))
		return 0;
	f->disk.sectors = disk.sectors;
	f->disk.readonly = disk.readonly;
	return pvos_blk_start(f);
}

static bool keeps(struct pvd_dev *dev)
{
	const struct blkf *f = blkf_of(dev);

	return peer_order(dev) >= f->order && peer_queues(dev) >= f->nr_queues && peer_segs(dev) >= f->segs;
}

/* ---- disconnect ---- */

static void stop_queue(struct blkf_queue *q, bool forever)
{
	struct pvd_dev *dev = &q->f->dev;
	uint32_t i;

	pvos_lock(q->os);
	q->up = false;
	for (i = 0; i < q->f->ids; i++) {
		struct blkf_slot *slot = &q->slots[i];
		void *io = slot->io;

		if (!io)
			continue;
		slot->io = NULL;
		if (slot->pages)
			pvd_pool_give(&q->pool, slot->pages, slot->last, slot->nr_pages);
		if (forever)
			pvos_io_done(io, -EIO);
		else
			pvos_io_again(io);
	}
	pvos_unlock(q->os);
	if (q->event.port)
		pvos_event_free(dev, &q->event);
}

/* Nothing is used any more; all pages are in the pools. */
static void stop(struct blkf *f, bool forever)
{
	uint32_t i;

	pvos_blk_stop(f, forever);
	for (i = 0; i < f->nr_made; i++)
		stop_queue(&f->queues[i], forever);
}

static void release(struct pvd_dev *dev)
{
	struct blkf *f = blkf_of(dev);
	uint32_t i;

	for (i = 0; i < f->nr_made; i++) {
		struct blkf_queue *q = &f->queues[i];

		pvd_pool_shrink(&q->pool, 0);
		if (q->shared.addr)
			pvos_unshare(dev, &q->shared);
		q->sring = NULL;
	}
}

static void lose(struct pvd_dev *dev)
{
	stop(blkf_of(dev), false);
	release(dev);
}

static void drop(struct pvd_dev *dev)
{
	stop(blkf_of(dev), true);
}

static int withdraw(struct pvd_dev *dev)
{
	static const char *const nodes[] = {
		"ring-page-order", "num-ring-pages", "multi-queue-num-queues", "ring-ref", "event-channel", "protocol", "feature-persistent",
	};
	struct blkf *f = blkf_of(dev);
	int error = pvd_remove_nodes(dev, nodes, sizeof(nodes) / sizeof(nodes[0]));
	uint32_t i;

	for (i = 0; !error && i < 1U << f->max_order; i++) {
		char name[PVD_NODE_NAME];

		pvd_node_name(name, -1, "ring-ref", i);
		error = pvos_write(dev, name, NULL);
	}
	return error ? error : pvd_remove_queues(dev, f->nr_made);
}

static bool close(struct pvd_dev *dev)
{
	pvos_blk_closing(blkf_of(dev));
	return false;
}

const struct pvd_class blkf_class = {
	.name = "block",
	.offered = PVD_INITIALISED,
	.offer = offer,
	.connect = connect,
	.update = update,
	.keeps = keeps,
	.lose = lose,
	.close = close,
	.drop = drop,
	.release = release,
	.withdraw = withdraw,
};

int blkf_init(struct blkf *f, const struct blkf_limits *limits, void *(*os)(struct blkf *f, uint32_t queue))
{
	uint32_t i;

	pvd_conn_init(&f->dev, &blkf_class, PVD_FRONT);
	f->ids = limits->ids;
	f->depth = limits->depth;
	f->max_order = limits->max_order;
	f->max_segs = limits->max_segs;
	f->segs = BLKIF_MAX_SEGMENTS_PER_REQUEST;
	f->queues = pvos_alloc(limits->queues * sizeof(*f->queues));
	if (!f->queues)
		return -ENOMEM;
	for (i = 0; i < limits->queues; i++) {
		struct blkf_queue *q = &f->queues[i];

		q->f = f;
		q->os = os(f, i);
		q->slots = pvos_alloc(limits->ids * sizeof(*q->slots));
		if (!q->slots) {
			blkf_free(f);
			return -ENOMEM;
		}
		pvd_pool_init(&q->pool, &f->dev, limits->pool_pages);
		f->nr_made++;
	}
	return 0;
}

void blkf_free(struct blkf *f)
{
	uint32_t i;

	for (i = 0; i < f->nr_made; i++)
		pvos_free(f->queues[i].slots);
	pvos_free(f->queues);
	f->queues = NULL;
	f->nr_made = 0;
}
