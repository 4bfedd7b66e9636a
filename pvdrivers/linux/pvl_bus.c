// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What all devices of the bus have: which are ours, nodes that are watched. */
#include <linux/cpumask.h>
#include <linux/glob.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "pvl.h"

bool pvl_chosen(const char *devices, const struct xenbus_device *xdev)
{
	const char *place = strstr(xdev->nodename, xdev->devicetype);
	char pattern[32];

	if (!place)
		return false;
	place += strlen(xdev->devicetype);
	place += *place == '/';
	while (*devices) {
		size_t length = strcspn(devices, ",");

		if (length < sizeof(pattern)) {
			memcpy(pattern, devices, length);
			pattern[length] = 0;
			if (glob_match(pattern, place))
				return true;
		}
		devices += length;
		devices += *devices == ',';
	}
	return false;
}
EXPORT_SYMBOL_GPL(pvl_chosen);

unsigned int pvl_queues(unsigned int wanted)
{
	return clamp(wanted, 1U, min(num_online_cpus(), 64U));
}
EXPORT_SYMBOL_GPL(pvl_queues);

void pvl_otherend_changed(struct xenbus_device *xdev, enum xenbus_state state)
{
	struct pvl_dev *pvl = dev_get_drvdata(&xdev->dev);

	if (pvl)
		pvl_due(pvl, PVL_PEER);
}
EXPORT_SYMBOL_GPL(pvl_otherend_changed);

/* ---- watches ---- */

static void node_seen(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct pvl_dev *pvl = container_of(watch, struct pvl_dev, node);

	pvl->seen(pvl);
}

static void unwatch(struct xenbus_watch *watch)
{
	if (!watch->node)
		return;
	unregister_xenbus_watch(watch);
	kfree(watch->node);
	watch->node = NULL;
}

int pvl_watch_node(struct pvl_dev *pvl, const char *dir, const char *name, void (*seen)(struct pvl_dev *pvl))
{
	unwatch(&pvl->node);
	pvl->seen = seen;
	return xenbus_watch_pathfmt(pvl->xdev, &pvl->node, NULL, node_seen, "%s/%s", dir, name);
}
EXPORT_SYMBOL_GPL(pvl_watch_node);

static void state_seen(struct xenbus_watch *watch, const char *path, const char *token)
{
	struct pvl_dev *pvl = container_of(watch, struct pvl_dev, state);

	/* Frees what pvl is in. */
	if (READ_ONCE(pvl->unwanted))
		device_unregister(&pvl->xdev->dev);
}

int pvl_watch_state(struct pvl_dev *pvl)
{
	return xenbus_watch_pathfmt(pvl->xdev, &pvl->state, NULL, state_seen, "%s/state", pvl->xdev->nodename);
}
EXPORT_SYMBOL_GPL(pvl_watch_state);

void pvl_unwatch(struct pvl_dev *pvl)
{
	unwatch(&pvl->node);
	unwatch(&pvl->state);
}
EXPORT_SYMBOL_GPL(pvl_unwatch);
