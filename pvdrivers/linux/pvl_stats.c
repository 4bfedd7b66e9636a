// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* What queues count: sums in the device's directory of sysfs, each queue's in debugfs. */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "pvl.h"
#include "pvl_page.h"

static struct dentry *directory;

u64 pvl_stat_of(const struct pvl_stats *s, const struct pvl_stat *stat, unsigned int queue)
{
	return READ_ONCE(*(u64 *)(s->queues + queue * s->stride + stat->offset));
}
EXPORT_SYMBOL_GPL(pvl_stat_of);

u64 pvl_stat_sum(const struct pvl_stats *s, const struct pvl_stat *stat)
{
	u64 sum = 0;
	unsigned int i;

	for (i = 0; i < s->nr_queues; i++)
		sum += pvl_stat_of(s, stat, i);
	return sum;
}
EXPORT_SYMBOL_GPL(pvl_stat_sum);

ssize_t pvl_stat_show(struct device *device, struct device_attribute *attr, char *buf)
{
	struct pvl_dev *pvl = dev_get_drvdata(device);

	return sysfs_emit(buf, "%llu\n", pvl_stat_sum(&pvl->stats, container_of(attr, struct pvl_stat, attr)));
}
EXPORT_SYMBOL_GPL(pvl_stat_show);

static const char *phase_name(u8 phase)
{
	static const char *const names[PVD_PH_COUNT] = {
		[PVD_PH_INIT] = "init", [PVD_PH_RESET] = "reset", [PVD_PH_RESET2] = "reset", [PVD_PH_OFFERED] = "offered",
		[PVD_PH_UP] = "up", [PVD_PH_CLOSING] = "closing", [PVD_PH_CLOSED] = "closed", [PVD_PH_FAILED] = "failed",
		[PVD_PH_DEAD] = "dead",
	};

	return phase < PVD_PH_COUNT ? names[phase] : "?";
}

static int stats_show(struct seq_file *m, void *unused)
{
	struct pvl_dev *pvl = m->private;
	const struct pvl_stats *s = &pvl->stats;
	unsigned int i, k;

	seq_printf(m, "phase %s, peer: domain %d, state %u, wrong things %u\n", phase_name(READ_ONCE(pvl->dev->conn.phase)),
			pvl->xdev->otherend_id, READ_ONCE(pvl->dev->conn.peer), READ_ONCE(pvl->dev->faults));
	for (i = 0; i < s->nr; i++) {
		seq_printf(m, "%-20s", s->list[i].attr.attr.name);
		for (k = 0; k < s->nr_queues; k++)
			seq_printf(m, " %12llu", pvl_stat_of(s, &s->list[i], k));
		seq_putc(m, '\n');
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

int pvl_stats_add(struct pvl_dev *pvl, struct pvl_stat *list, unsigned int nr, const void *queues, size_t stride,
		unsigned int nr_queues)
{
	struct pvl_stats *s = &pvl->stats;
	unsigned int i;
	int error;

	*s = (struct pvl_stats){ .list = list, .nr = nr, .queues = queues, .stride = stride, .nr_queues = nr_queues };
	s->attrs = kcalloc(nr + 1, sizeof(*s->attrs), GFP_KERNEL);
	if (!s->attrs)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		s->attrs[i] = &list[i].attr.attr;
	s->group = (struct attribute_group){ .name = "statistics", .attrs = s->attrs };
	error = sysfs_create_group(&pvl->xdev->dev.kobj, &s->group);
	if (error) {
		kfree(s->attrs);
		s->attrs = NULL;
		return error;
	}
	s->file = debugfs_create_file(dev_name(&pvl->xdev->dev), 0400, directory, pvl, &stats_fops);
	return 0;
}
EXPORT_SYMBOL_GPL(pvl_stats_add);

void pvl_stats_remove(struct pvl_dev *pvl)
{
	struct pvl_stats *s = &pvl->stats;

	if (!s->attrs)
		return;
	debugfs_remove(s->file);
	sysfs_remove_group(&pvl->xdev->dev.kobj, &s->group);
	kfree(s->attrs);
	s->attrs = NULL;
}
EXPORT_SYMBOL_GPL(pvl_stats_remove);

void pvl_stats_init(void)
{
	directory = debugfs_create_dir("tenon", NULL);
}

void pvl_stats_exit(void)
{
	debugfs_remove(directory);
}
