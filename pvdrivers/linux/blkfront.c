// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* tenon-blkfront: devices come and go. */
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/platform_pci.h>
#include <xen/xen.h>
#include "compat.h"
#include "blkfront.h"
#include "node.h"

static char devices[128] = "*";
module_param_string(devices, devices, sizeof(devices), 0644);
MODULE_PARM_DESC(devices, "devices to serve: patterns of their numbers, separated by commas");

static unsigned int queues = 4;
module_param(queues, uint, 0644);
MODULE_PARM_DESC(queues, "queues of a device, at most");

static unsigned int depth = 64;
module_param(depth, uint, 0644);
MODULE_PARM_DESC(depth, "requests of a queue under way, at most");

static unsigned int pool_pages = 1056;
module_param(pool_pages, uint, 0644);
MODULE_PARM_DESC(pool_pages, "pages that a queue keeps granted, at most");

#define STAT(name, member)	PVL_STAT(name, struct blkf_queue, member)

static struct pvl_stat stats[] = {
	STAT(requests, requests),
	STAT(notified, notified),
	STAT(events, events),
	STAT(busy, busy),
};

static struct pvl_blkf *blkf_of(struct xenbus_device *xdev)
{
	return container_of(dev_get_drvdata(&xdev->dev), struct pvl_blkf, base);
}

static void *queue_object(struct blkf *f, uint32_t i)
{
	struct pvl_blkf *b = container_of(f, struct pvl_blkf, core);
	struct pvl_blkf_queue *q = &b->queues[i];

	pvl_queue_init(&q->base, &b->base, &f->queues[i], pvl_blkf_event, i);
	q->core = &f->queues[i];
	q->core->event.os = &q->base;
	return &q->base;
}

static int make_core(struct pvl_blkf *b)
{
	struct blkf_limits limits = {
		.queues = pvl_queues(queues),
		.depth = clamp(depth, 8U, 256U),
		.max_order = 4,
		.max_segs = BLKF_SEGS_MAX,
		.pool_pages = max(pool_pages, BLKF_SEGS_MAX + 1),
	};

	limits.ids = limits.depth * limits.queues;
	b->queues = kvcalloc(limits.queues, sizeof(*b->queues), GFP_KERNEL);
	if (!b->queues)
		return -ENOMEM;
	return blkf_init(&b->core, &limits, queue_object);
}

/* Without the mutex, after each work in control context. */
static void after(struct pvl_dev *pvl)
{
	struct pvl_blkf *b = container_of(pvl, struct pvl_blkf, base);

	pvl_blkf_end(b);
	if (READ_ONCE(b->dead))
		pvl_blkf_disk_remove(b);
}

static void release(struct kref *ref)
{
	struct pvl_blkf *b = container_of(ref, struct pvl_blkf, ref);

	kvfree(b->queues);
	kfree(b);
}

void pvl_blkf_put(struct pvl_blkf *b)
{
	kref_put(&b->ref, release);
}

static void remove(struct xenbus_device *xdev)
{
	struct pvl_blkf *b = blkf_of(xdev);

	pvl_stats_remove(&b->base);
	pvl_dev_remove(&b->base);
	pvl_blkf_end(b);
	pvl_blkf_disk_remove(b);
	blkf_free(&b->core);
	pvl_blkf_put(b);
}

static int probe(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	struct pvl_blkf *b;
	uint64_t device;
	int error;

	if (!pvl_chosen(devices, xdev))
		return -ENODEV;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	kref_init(&b->ref);
	pvl_dev_init(&b->base, &b->core.dev, xdev);
	b->base.after = after;
	pvl_blkf_disk_init(b);
	error = pvd_read_number(&b->core.dev, PVD_OWN, "virtual-device", U32_MAX, &device);
	if (!error)
		error = pvl_blkf_name(device, b->name);
	if (error)
		xenbus_dev_fatal(xdev, error, "virtual-device");
	else
		error = make_core(b);
	if (error) {
		pvl_blkf_put(b);
		return error;
	}
	error = pvl_stats_add(&b->base, stats, ARRAY_SIZE(stats), b->core.queues, sizeof(*b->core.queues), b->core.nr_made);
	if (error)
		remove(xdev);
	return error;
}

static int resume(struct xenbus_device *xdev)
{
	struct pvl_blkf *b = blkf_of(xdev);

	pvl_dev_resume(&b->base);
	return 0;
}

static int is_ready(struct xenbus_device *xdev)
{
	struct pvl_blkf *b = blkf_of(xdev);

	return READ_ONCE(b->added);
}

PVL_REMOVE(remove)

static const struct xenbus_device_id ids[] = {
	{ "vbd" },
	{ "" }
};

static struct xenbus_driver driver = {
	.name = "tenon-blkfront",
	.ids = ids,
	.probe = probe,
	.remove = pvl_remove,
	.resume = resume,
	.otherend_changed = pvl_otherend_changed,
	.allow_rebind = true,
	.is_ready = is_ready,
};

static int __init blkfront_init(void)
{
	if (!xen_domain() || !xen_has_pv_disk_devices())
		return -ENODEV;
	return xenbus_register_frontend(&driver);
}

static void __exit blkfront_exit(void)
{
	xenbus_unregister_driver(&driver);
}

module_init(blkfront_init);
module_exit(blkfront_exit);
MODULE_DESCRIPTION("Tenon's split block driver: front end");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_ALIAS("xen:vbd");
