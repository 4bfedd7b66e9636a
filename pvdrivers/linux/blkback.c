// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* tenon-blkback: devices come and go. */
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/xen.h>
#include "blkback.h"

static char devices[128] = "*";
module_param_string(devices, devices, sizeof(devices), 0644);
MODULE_PARM_DESC(devices, "devices to serve: patterns of DOMAIN/NUMBER, separated by commas");

static unsigned int queues = 4;
module_param(queues, uint, 0644);
MODULE_PARM_DESC(queues, "queues of a device, at most");

static unsigned int max_order = 4;
module_param(max_order, uint, 0644);
MODULE_PARM_DESC(max_order, "pages of a ring, at most, as a logarithm");

static unsigned int keep_pages = 1056;
module_param(keep_pages, uint, 0644);
MODULE_PARM_DESC(keep_pages, "pages of a queue that stay mapped, at most; 0: none");

static unsigned int large_requests = 32;
module_param(large_requests, uint, 0644);
MODULE_PARM_DESC(large_requests, "requests of a queue with more than 11 pages under way, at most");

#define STAT(name, member)	PVL_STAT(name, struct blkb_queue, stats.member)

/* The first seven have the names that tools look for. */
static struct pvl_stat stats[] = {
	STAT(rd_req, reads),
	STAT(wr_req, writes),
	STAT(f_req, flushes),
	STAT(ds_req, discards),
	STAT(rd_sect, sectors_read),
	STAT(wr_sect, sectors_written),
	STAT(oo_req, stalls),
	STAT(errors, errors),
	STAT(found, found),
	STAT(mapped, mapped),
	STAT(batches, batches),
	STAT(notified, notified),
};

static void *queue_object(struct blkb *core, uint32_t i)
{
	struct pvl_blkb *b = container_of(core, struct pvl_blkb, core);
	struct pvl_blkb_queue *q = &b->queues[i];

	pvl_queue_init(&q->base, &b->base, &core->queues[i], pvl_worker_event, i);
	q->base.run = pvl_blkb_run;
	q->base.due = pvl_blkb_due;
	q->base.quiet = pvl_blkb_quiet;
	q->core = &core->queues[i];
	q->core->event.os = &q->base;
	return &q->base;
}

static int make_core(struct pvl_blkb *b)
{
	struct blkb_limits limits = {
		.queues = pvl_queues(queues),
		.max_order = min(max_order, 4U),
		.keep_limit = min(keep_pages, 32768U),
		.larges = clamp(large_requests, 1U, 512U),
		.os_bytes = sizeof(struct pvl_blkb_req),
		.large_os_bytes = sizeof(struct pvl_blkb_large),
	};

	b->queues = kvcalloc(limits.queues, sizeof(*b->queues), GFP_KERNEL);
	if (!b->queues)
		return -ENOMEM;
	return blkb_init(&b->core, &limits, queue_object);
}

static void disk_named(struct pvl_dev *pvl)
{
	pvl_due(pvl, PVL_CHANGED);
}

static void free_all(struct pvl_blkb *b)
{
	pvl_blkb_disk_close(b);
	blkb_free(&b->core);
	pvl_dev_free(&b->base);
	kvfree(b->queues);
	kfree(b);
}

static void remove(struct xenbus_device *xdev)
{
	struct pvl_blkb *b = container_of(dev_get_drvdata(&xdev->dev), struct pvl_blkb, base);

	WRITE_ONCE(b->gone, true);
	pvl_unwatch(&b->base);
	pvl_stats_remove(&b->base);
	pvl_dev_remove(&b->base);
	dev_set_drvdata(&xdev->dev, NULL);
	free_all(b);
}

static int probe(struct xenbus_device *xdev, const struct xenbus_device_id *id)
{
	struct pvl_blkb *b;
	int error;

	if (!pvl_chosen(devices, xdev))
		return -ENODEV;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	pvl_dev_init(&b->base, &b->core.dev, xdev);
	b->base.after = pvl_back_after;
	b->base.changed = pvl_blkb_disk_changed;
	pvl_blkb_disk_init(b);
	error = make_core(b);
	if (error) {
		kvfree(b->queues);
		kfree(b);
		return error;
	}
	error = pvl_stats_add(&b->base, stats, ARRAY_SIZE(stats), b->core.queues, sizeof(*b->core.queues), b->core.nr_made);
	/* Watches fire once at the start. */
	if (!error)
		error = pvl_watch_state(&b->base);
	if (!error)
		error = pvl_watch_node(&b->base, xdev->nodename, "physical-device", disk_named);
	if (error)
		remove(xdev);
	return error;
}

PVL_REMOVE(remove)

static const struct xenbus_device_id ids[] = {
	{ "vbd" },
	{ "" }
};

static struct xenbus_driver driver = {
	.name = "tenon-blkback",
	.ids = ids,
	.probe = probe,
	.remove = pvl_remove,
	.otherend_changed = pvl_otherend_changed,
	.allow_rebind = true,
};

static int __init blkback_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	return xenbus_register_backend(&driver);
}

static void __exit blkback_exit(void)
{
	xenbus_unregister_driver(&driver);
}

module_init(blkback_init);
module_exit(blkback_exit);
MODULE_DESCRIPTION("Tenon's split block driver: back end");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_ALIAS("xen-backend:vbd");
