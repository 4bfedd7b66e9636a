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

static void *queue_object(struct blkb *core, uint32_t i)
{
	struct pvl_blkb *b = container_of(core, struct pvl_blkb, core);
	struct pvl_blkb_queue *q = &b->queues[i];

	pvl_queue_init(&q->base, &b->base, &core->queues[i], pvl_worker_event, i);
	q->base.run = pvl_blkb_run;
	q->base.quiet = pvl_blkb_quiet;
	q->core = &core->queues[i];
	q->core->event.os = &q->base;
	return &q->base;
}

static int make_core(struct pvl_blkb *b)
{
	struct blkb_limits limits = {
		.queues = clamp(queues, 1U, min(num_online_cpus(), 64U)),
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

/*
 * Without the mutex, after each work in control context: a device that nobody wants any more is to go away. The bus's thread,
 * which alone adds and removes devices, does it when it sees our state.
 */
static void after(struct pvl_dev *pvl)
{
	struct pvl_blkb *b = container_of(pvl, struct pvl_blkb, base);
	uint8_t phase = READ_ONCE(b->core.dev.conn.phase);

	if (b->unwanted || (phase != PVD_PH_DEAD && (phase != PVD_PH_CLOSED || xenbus_dev_is_online(pvl->xdev))))
		return;
	WRITE_ONCE(b->unwanted, true);
	pvl_state_again(pvl->xdev);
}

static void state_seen(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct pvl_blkb *b = container_of(watch, struct pvl_blkb, own);

	/* Frees b. */
	if (READ_ONCE(b->unwanted))
		device_unregister(&b->base.xdev->dev);
}

static void disk_named(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct pvl_blkb *b = container_of(watch, struct pvl_blkb, watch);

	pvl_due(&b->base, PVL_CHANGED);
}

static void free_all(struct pvl_blkb *b)
{
	pvl_blkb_disk_close(b);
	blkb_free(&b->core);
	pvl_dev_free(&b->base);
	kvfree(b->queues);
	kfree(b);
}

static void unwatch(struct xenbus_watch *watch)
{
	if (!watch->node)
		return;
	unregister_xenbus_watch(watch);
	kfree(watch->node);
	watch->node = NULL;
}

static PVL_REMOVE_TYPE remove(struct xenbus_device *xdev)
{
	struct pvl_blkb *b = dev_get_drvdata(&xdev->dev);

	WRITE_ONCE(b->gone, true);
	unwatch(&b->watch);
	unwatch(&b->own);
	pvl_dev_remove(&b->base);
	dev_set_drvdata(&xdev->dev, NULL);
	free_all(b);
	PVL_REMOVE_RETURN;
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
	b->base.after = after;
	b->base.changed = pvl_blkb_disk_changed;
	pvl_blkb_disk_init(b);
	error = make_core(b);
	if (error) {
		kvfree(b->queues);
		kfree(b);
		return error;
	}
	dev_set_drvdata(&xdev->dev, b);
	/* Watches fire once at the start. */
	error = xenbus_watch_pathfmt(xdev, &b->own, NULL, state_seen, "%s/state", xdev->nodename);
	if (!error)
		error = xenbus_watch_pathfmt(xdev, &b->watch, NULL, disk_named, "%s/physical-device", xdev->nodename);
	if (error)
		remove(xdev);
	return error;
}

static void otherend_changed(struct xenbus_device *xdev, enum xenbus_state state)
{
	struct pvl_blkb *b = dev_get_drvdata(&xdev->dev);

	pvl_due(&b->base, PVL_PEER);
}

static const struct xenbus_device_id ids[] = {
	{ "vbd" },
	{ "" }
};

static struct xenbus_driver driver = {
	.name = "tenon-blkback",
	.ids = ids,
	.probe = probe,
	.remove = remove,
	.otherend_changed = otherend_changed,
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
