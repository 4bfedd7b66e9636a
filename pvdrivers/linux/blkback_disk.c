// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* tenon-blkback: the disk behind a device. */
#include <linux/cdrom.h>
#include <linux/kdev_t.h>
#include "blkback.h"
#include "node.h"

#define SIZE_CHECK	(10 * HZ)

void pvos_disk_info(struct pvd_dev *dev, struct blkb_disk *disk)
{
	struct pvl_blkb *b = container_of(dev, struct pvl_blkb, core.dev);
	struct block_device *bdev = b->disk.bdev;
	struct request_queue *q = bdev_get_queue(bdev);

	*disk = (struct blkb_disk){
		.sectors = pvl_bdev_sectors(bdev),
		.logical = bdev_logical_block_size(bdev),
		.physical = bdev_physical_block_size(bdev),
		.readonly = !b->disk.write || bdev_read_only(bdev),
		.cdrom = b->cdrom,
		.removable = bdev->bd_disk->flags & GENHD_FL_REMOVABLE,
		.flush = true,		/* where there is no cache it ends at once */
		.discard = b->disk.write && pvl_bdev_discard(bdev) &&
			pvd_read_default(dev, PVD_OWN, "discard-enable", 1, 1),
	};
	if (!disk->discard)
		return;
	disk->discard_granularity = q->limits.discard_granularity;
	disk->discard_alignment = q->limits.discard_alignment;
	disk->secure_discard = pvl_bdev_secure_discard(bdev);
}

/* "8:11", in hexadecimal, as hotplug scripts write it. */
static int read_number(struct pvl_blkb *b, dev_t *number)
{
	unsigned int major, minor;
	char text[24];
	int length = pvos_read(&b->core.dev, PVD_OWN, "physical-device", text, sizeof(text));

	if (length < 0)
		return length;
	if (sscanf(text, "%x:%x", &major, &minor) != 2 || (!major && !minor) || major >= 1 << 12 || minor >= 1 << 20)
		return -EINVAL;
	*number = MKDEV(major, minor);
	return 0;
}

static bool is(struct pvl_blkb *b, enum pvd_side side, const char *name, const char *value)
{
	char text[16];

	return pvos_read(&b->core.dev, side, name, text, sizeof(text)) > 0 && !strcmp(text, value);
}

static void look_again(struct pvl_blkb *b)
{
	if (!READ_ONCE(b->gone))
		queue_delayed_work(system_wq, &b->size, SIZE_CHECK);
}

static void open_disk(struct pvl_blkb *b)
{
	char mode[8];
	dev_t number;
	int error = read_number(b, &number);

	if (error == -ENOENT)
		return;
	if (!error && pvos_read(&b->core.dev, PVD_OWN, "mode", mode, sizeof(mode)) < 0)
		return;
	if (!error)
		error = pvl_bdev_open(&b->disk, number, mode[0] == 'w', b);
	if (error) {
		b->disk.bdev = NULL;
		xenbus_dev_fatal(b->base.xdev, error, "opening the disk");
		return;
	}
	b->cdrom = is(b, PVD_PEER, "device-type", "cdrom");
	pvl_due(&b->base, PVL_READY);
	look_again(b);
}

void pvl_blkb_disk_changed(struct pvl_dev *pvl)
{
	struct pvl_blkb *b = container_of(pvl, struct pvl_blkb, base);

	if (READ_ONCE(b->gone))
		return;
	if (b->disk.bdev)
		blkb_disk_changed(&b->core);
	else
		open_disk(b);
}

static void look_at_size(struct work_struct *work)
{
	struct pvl_blkb *b = container_of(work, struct pvl_blkb, size.work);

	if (pvl_bdev_sectors(b->disk.bdev) != READ_ONCE(b->core.disk.sectors))
		pvl_due(&b->base, PVL_CHANGED);
	look_again(b);
}

void pvl_blkb_disk_init(struct pvl_blkb *b)
{
	INIT_DELAYED_WORK(&b->size, look_at_size);
}

void pvl_blkb_disk_close(struct pvl_blkb *b)
{
	cancel_delayed_work_sync(&b->size);
	if (b->disk.bdev)
		pvl_bdev_close(&b->disk);
}
