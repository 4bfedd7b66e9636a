// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* tenon-blkfront: the disk. */
#include <linux/blkdev.h>
#include <linux/cdrom.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include "compat_blk.h"
#include "blkfront.h"

static unsigned int recover_secs = 300;
module_param(recover_secs, uint, 0644);
MODULE_PARM_DESC(recover_secs, "how long requests wait for a back end that went away before they fail; 0: for ever");

static struct pvl_blkf *pvl_of(struct blkf *f)
{
	return container_of(f, struct pvl_blkf, core);
}

/* ---- use ---- */

static int disk_open(struct gendisk *disk, bool write)
{
	struct pvl_blkf *b = disk->private_data;

	if (READ_ONCE(b->dead))
		return -ENXIO;
	if (write && b->core.disk.readonly)
		return -EROFS;
	kref_get(&b->ref);
	atomic_inc(&b->openers);
	return 0;
}

static void disk_release(struct gendisk *disk)
{
	struct pvl_blkf *b = disk->private_data;

	if (atomic_dec_and_test(&b->openers) && READ_ONCE(b->closing))
		pvl_due(&b->base, PVL_IDLE);
	pvl_blkf_put(b);
}

static int disk_ioctl(struct block_device *bdev, pvl_blk_mode_t mode, unsigned int command, unsigned long argument)
{
	struct pvl_blkf *b = bdev->bd_disk->private_data;

	if (!b->core.disk.cdrom)
		return -ENOTTY;
	switch (command) {
	case CDROMMULTISESSION:
		return clear_user((void __user *)argument, sizeof(struct cdrom_multisession)) ? -EFAULT : 0;
	case CDROM_GET_CAPABILITY:
		return 0;
	default:
		return -ENOTTY;
	}
}

static void disk_geometry(struct gendisk *disk, struct hd_geometry *geometry)
{
	sector_t cylinders = get_capacity(disk);

	sector_div(cylinders, 255 * 63);
	geometry->heads = 255;
	geometry->sectors = 63;
	geometry->cylinders = min_t(sector_t, cylinders, 0xffff);
}

PVL_BLK_OPEN(disk_open, disk_release)
PVL_BLK_GETGEO(disk_geometry)

static const struct block_device_operations disk_ops = {
	.owner = THIS_MODULE,
	.open = pvl_open,
	.release = pvl_release,
	.ioctl = disk_ioctl,
	.getgeo = pvl_getgeo,
};

/* ---- making it ---- */

static void describe(struct pvl_blkf *b, struct pvl_limits *limits)
{
	const struct blkf_disk *disk = &b->core.disk;

	*limits = (struct pvl_limits){
		.logical = disk->logical,
		.physical = disk->physical,
		.max_sectors = blkf_request_bytes(&b->core) / 512,
		.flush = disk->flush || disk->barrier,
		.discard = disk->discard,
		.secure_discard = disk->secure_discard,
		.discard_granularity = disk->discard_granularity,
		.discard_alignment = disk->discard_alignment,
	};
}

static int make_disk(struct pvl_blkf *b)
{
	struct pvl_limits limits;
	struct gendisk *disk;
	int error;

	b->set.ops = &pvl_blkf_mq_ops;
	b->set.nr_hw_queues = b->core.nr_queues;
	b->set.queue_depth = b->core.depth;
	b->set.numa_node = NUMA_NO_NODE;
	b->set.cmd_size = sizeof(struct pvl_io);
	b->set.flags = PVL_TAG_SET_FLAGS;
	b->set.driver_data = b;
	error = blk_mq_alloc_tag_set(&b->set);
	if (error)
		return error;
	describe(b, &limits);
	disk = pvl_disk_alloc(&b->set, &limits, b);
	if (IS_ERR(disk)) {
		blk_mq_free_tag_set(&b->set);
		return PTR_ERR(disk);
	}
	memcpy(disk->disk_name, b->name, sizeof(disk->disk_name));
	disk->fops = &disk_ops;
	disk->private_data = b;
	if (b->core.disk.removable || b->core.disk.cdrom)
		disk->flags |= GENHD_FL_REMOVABLE;
	set_capacity(disk, b->core.disk.sectors);
	set_disk_ro(disk, b->core.disk.readonly);
	b->disk = disk;
	return 0;
}

static void add(struct work_struct *work)
{
	struct pvl_blkf *b = container_of(work, struct pvl_blkf, add);

	if (pvl_disk_add(&b->base.xdev->dev, b->disk, NULL))
		pvos_report(&b->core.dev, "the disk %s cannot be added", b->name);
	else
		b->added = true;
}

static void out_of_patience(struct work_struct *work)
{
	struct pvl_blkf *b = container_of(work, struct pvl_blkf, patience.work);

	pvos_report(&b->core.dev, "no back end for %u s; the disk %s is given up", recover_secs, b->name);
	pvos_fail(&b->core.dev);
}

void pvl_blkf_disk_init(struct pvl_blkf *b)
{
	INIT_WORK(&b->add, add);
	INIT_DELAYED_WORK(&b->patience, out_of_patience);
}

static void let_run(struct pvl_blkf *b)
{
	if (!b->stopped)
		return;
	b->stopped = false;
	blk_mq_unquiesce_queue(b->disk->queue);
	blk_mq_kick_requeue_list(b->disk->queue);
}

int pvos_blk_start(struct blkf *f)
{
	struct pvl_blkf *b = pvl_of(f);

	cancel_delayed_work(&b->patience);
	if (!b->disk) {
		int error = make_disk(b);

		if (!error)
			queue_work(system_long_wq, &b->add);
		return error;
	}
	let_run(b);
	set_disk_ro(b->disk, f->disk.readonly);
	if (get_capacity(b->disk) != f->disk.sectors)
		pvl_set_capacity(b->disk, f->disk.sectors);
	return 0;
}

void pvos_blk_closing(struct blkf *f)
{
	struct pvl_blkf *b = pvl_of(f);

	WRITE_ONCE(b->closing, true);
	smp_mb(); /* against the last one that releases it */
	if (!atomic_read(&b->openers))
		pvl_due(&b->base, PVL_IDLE);
}

void pvos_blk_stop(struct blkf *f, bool forever)
{
	struct pvl_blkf *b = pvl_of(f);

	if (forever) {
		WRITE_ONCE(b->dead, true);
		cancel_delayed_work(&b->patience);
		let_run(b);
	} else if (b->disk && !b->stopped) {
		blk_mq_quiesce_queue(b->disk->queue);
		b->stopped = true;
		if (recover_secs)
			queue_delayed_work(system_long_wq, &b->patience, recover_secs * HZ);
	}
}

void pvl_blkf_disk_remove(struct pvl_blkf *b)
{
	cancel_delayed_work_sync(&b->patience);
	if (!b->disk)
		return;
	cancel_work_sync(&b->add);
	if (b->added)
		del_gendisk(b->disk);
	pvl_disk_free(b->disk);
	blk_mq_free_tag_set(&b->set);
	b->disk = NULL;
}
