/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where kernels' block layers differ: see compat.h. */
#ifndef PVL_COMPAT_BLK_H
#define PVL_COMPAT_BLK_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/hdreg.h>
#include "compat.h"

/* ---- a disk of ours ---- */

#ifdef HAVE_OPEN_GENDISK
typedef blk_mode_t pvl_blk_mode_t;
#define PVL_BLK_OPEN(do_open, do_release)					\
static int pvl_open(struct gendisk *disk, blk_mode_t mode)			\
{										\
	return do_open(disk, mode & BLK_OPEN_WRITE);				\
}										\
										\
static void pvl_release(struct gendisk *disk)					\
{										\
	do_release(disk);							\
}
#else
typedef fmode_t pvl_blk_mode_t;
#define PVL_BLK_OPEN(do_open, do_release)					\
static int pvl_open(struct block_device *bdev, fmode_t mode)			\
{										\
	return do_open(bdev->bd_disk, mode & FMODE_WRITE);			\
}										\
										\
static void pvl_release(struct gendisk *disk, fmode_t mode)			\
{										\
	do_release(disk);							\
}
#endif

/* Defines pvl_getgeo(), which calls geometry(). */
#ifdef HAVE_GETGEO_DISK
#define PVL_BLK_GETGEO(geometry)						\
static int pvl_getgeo(struct gendisk *disk, struct hd_geometry *g)		\
{										\
	geometry(disk, g);							\
	return 0;								\
}
#else
#define PVL_BLK_GETGEO(geometry)						\
static int pvl_getgeo(struct block_device *bdev, struct hd_geometry *g)		\
{										\
	geometry(bdev->bd_disk, g);						\
	return 0;								\
}
#endif

#ifdef HAVE_SHOULD_MERGE
#define PVL_F_MERGE	BLK_MQ_F_SHOULD_MERGE
#else
#define PVL_F_MERGE	0
#endif
/* Requests are put in order where the disk is. */
#ifdef HAVE_NO_SCHED_BY_DEFAULT
#define PVL_F_NO_SCHED	BLK_MQ_F_NO_SCHED_BY_DEFAULT
#else
#define PVL_F_NO_SCHED	0
#endif
#define PVL_TAG_SET_FLAGS	(PVL_F_MERGE | PVL_F_NO_SCHED)

/* A plug's requests are handed over as a list. */
#if defined(HAVE_QUEUE_RQ_LIST)
typedef struct rq_list pvl_rq_list_t;
#elif defined(HAVE_QUEUE_RQS)
typedef struct request *pvl_rq_list_t;
#endif

struct pvl_limits {
	unsigned int logical, physical, max_sectors;
	bool flush, discard, secure_discard;
	unsigned int discard_granularity, discard_alignment;
};

#ifdef HAVE_QUEUE_LIMITS
static inline struct gendisk *pvl_disk_alloc(struct blk_mq_tag_set *set, const struct pvl_limits *limits, void *data)
{
	struct queue_limits lim = {
		.logical_block_size = limits->logical,
		.physical_block_size = limits->physical,
		.max_hw_sectors = limits->max_sectors,
		.max_segments = USHRT_MAX,
		.max_segment_size = UINT_MAX,
		.max_hw_discard_sectors = limits->discard ? UINT_MAX : 0,
		.max_secure_erase_sectors = limits->secure_discard ? UINT_MAX : 0,
		.discard_granularity = limits->discard_granularity,
		.discard_alignment = limits->discard_alignment,
	};
	struct gendisk *disk;

#ifdef HAVE_LIMITS_FEATURES
	lim.features = limits->flush ? BLK_FEAT_WRITE_CACHE : 0;
#endif
	disk = blk_mq_alloc_disk(set, &lim, data);
#ifndef HAVE_LIMITS_FEATURES
	if (!IS_ERR(disk)) {
		blk_queue_write_cache(disk->queue, limits->flush, false);
		blk_queue_flag_set(QUEUE_FLAG_NONROT, disk->queue);
	}
#endif
	return disk;
}
#else
static inline struct gendisk *pvl_disk_alloc(struct blk_mq_tag_set *set, const struct pvl_limits *limits, void *data)
{
	struct request_queue *q;
#ifdef HAVE_BLK_MQ_ALLOC_DISK
	struct gendisk *disk = blk_mq_alloc_disk(set, data);

	if (IS_ERR(disk))
		return disk;
	q = disk->queue;
#else
	struct gendisk *disk = alloc_disk(0);

	if (!disk)
		return ERR_PTR(-ENOMEM);
	q = blk_mq_init_queue(set);
	if (IS_ERR(q)) {
		put_disk(disk);
		return ERR_CAST(q);
	}
	disk->queue = q;
	q->queuedata = data;
	disk->flags |= GENHD_FL_EXT_DEVT;
#endif
	blk_queue_logical_block_size(q, limits->logical);
	blk_queue_physical_block_size(q, limits->physical);
	blk_queue_max_hw_sectors(q, limits->max_sectors);
	blk_queue_max_segments(q, USHRT_MAX);
	blk_queue_max_segment_size(q, UINT_MAX);
	blk_queue_write_cache(q, limits->flush, false);
	blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	if (limits->discard) {
		blk_queue_max_discard_sectors(q, UINT_MAX);
		q->limits.discard_granularity = limits->discard_granularity;
		q->limits.discard_alignment = limits->discard_alignment;
#ifndef HAVE_SECURE_ERASE_SECTORS
		blk_queue_flag_set(QUEUE_FLAG_DISCARD, q);
		if (limits->secure_discard)
			blk_queue_flag_set(QUEUE_FLAG_SECERASE, q);
#else
		if (limits->secure_discard)
			blk_queue_max_secure_erase_sectors(q, UINT_MAX);
#endif
	}
	return disk;
}
#endif

/* After del_gendisk(). */
static inline void pvl_disk_free(struct gendisk *disk)
{
#if defined(HAVE_BLK_CLEANUP_DISK)
	blk_cleanup_disk(disk);
#elif defined(HAVE_BLK_MQ_ALLOC_DISK) || defined(HAVE_QUEUE_LIMITS)
	put_disk(disk);
#else
	blk_cleanup_queue(disk->queue);
	disk->queue = NULL;
	put_disk(disk);
#endif
}

static inline int pvl_disk_add(struct device *parent, struct gendisk *disk, const struct attribute_group **groups)
{
#ifdef HAVE_ADD_DISK_ERROR
	return device_add_disk(parent, disk, groups);
#else
	device_add_disk(parent, disk, groups);
	return 0;
#endif
}

static inline void pvl_set_capacity(struct gendisk *disk, sector_t sectors)
{
#ifdef HAVE_SET_CAPACITY_AND_NOTIFY
	set_capacity_and_notify(disk, sectors);
#else
	set_capacity_revalidate_and_notify(disk, sectors, true);
#endif
}

/* Requests that ended well: their numbers are given back together. A zeroed one is empty. */
#ifdef HAVE_COMP_BATCH
typedef struct io_comp_batch pvl_ends_t;

static inline bool pvl_ends_add(pvl_ends_t *ends, struct request *rq)
{
	return blk_mq_add_to_batch(rq, ends, false, blk_mq_end_request_batch);
}

static inline void pvl_ends_flush(pvl_ends_t *ends)
{
	if (ends->complete)
		ends->complete(ends);
}
#else
typedef struct { } pvl_ends_t;

static inline bool pvl_ends_add(pvl_ends_t *ends, struct request *rq)
{
	return false;
}

static inline void pvl_ends_flush(pvl_ends_t *ends)
{
}
#endif

/* ---- a disk of the system's, for a back end ---- */

struct pvl_bdev {
	struct block_device *bdev;
#if defined(HAVE_BDEV_FILE_OPEN)
	struct file *handle;
#elif defined(HAVE_BDEV_OPEN)
	struct bdev_handle *handle;
#else
	void *holder;
#endif
	bool write;
};

/* Opens device `number`; for itself alone among those that ask so, if it is for writing. */
static inline int pvl_bdev_open(struct pvl_bdev *b, dev_t number, bool write, void *holder)
{
	b->write = write;
#if defined(HAVE_BDEV_FILE_OPEN)
	b->handle = bdev_file_open_by_dev(number, BLK_OPEN_READ | (write ? BLK_OPEN_WRITE : 0), NULL, NULL);
	if (IS_ERR(b->handle))
		return PTR_ERR(b->handle);
	b->bdev = file_bdev(b->handle);
#elif defined(HAVE_BDEV_OPEN)
	b->handle = bdev_open_by_dev(number, BLK_OPEN_READ | (write ? BLK_OPEN_WRITE : 0), NULL, NULL);
	if (IS_ERR(b->handle))
		return PTR_ERR(b->handle);
	b->bdev = b->handle->bdev;
#elif defined(HAVE_BLKDEV_GET_HOLDER_OPS)
	b->bdev = blkdev_get_by_dev(number, BLK_OPEN_READ | (write ? BLK_OPEN_WRITE : 0), NULL, NULL);
	if (IS_ERR(b->bdev))
		return PTR_ERR(b->bdev);
#else
	b->bdev = blkdev_get_by_dev(number, FMODE_READ | (write ? FMODE_WRITE : 0), NULL);
	if (IS_ERR(b->bdev))
		return PTR_ERR(b->bdev);
#endif
	return 0;
}

static inline void pvl_bdev_close(struct pvl_bdev *b)
{
#if defined(HAVE_BDEV_FILE_OPEN)
	fput(b->handle);
#elif defined(HAVE_BDEV_OPEN)
	bdev_release(b->handle);
#elif defined(HAVE_BLKDEV_GET_HOLDER_OPS)
	blkdev_put(b->bdev, NULL);
#else
	blkdev_put(b->bdev, FMODE_READ | (b->write ? FMODE_WRITE : 0));
#endif
	b->bdev = NULL;
}

static inline sector_t pvl_bdev_sectors(struct block_device *bdev)
{
#ifdef HAVE_BDEV_NR_SECTORS
	return bdev_nr_sectors(bdev);
#else
	return i_size_read(bdev->bd_inode) >> SECTOR_SHIFT;
#endif
}

static inline bool pvl_bdev_discard(struct block_device *bdev)
{
#ifdef HAVE_SECURE_ERASE_SECTORS
	return bdev_max_discard_sectors(bdev);
#else
	return blk_queue_discard(bdev_get_queue(bdev));
#endif
}

static inline bool pvl_bdev_secure_discard(struct block_device *bdev)
{
#ifdef HAVE_SECURE_ERASE_SECTORS
	return bdev_max_secure_erase_sectors(bdev);
#else
	return blk_queue_secure_erase(bdev_get_queue(bdev));
#endif
}

#ifdef HAVE_BLK_OPF_T
typedef blk_opf_t pvl_opf_t;
#else
typedef unsigned int pvl_opf_t;
#endif

static inline void pvl_bio_init(struct bio *bio, struct block_device *bdev, struct bio_vec *vecs, unsigned short n, pvl_opf_t op)
{
#ifdef HAVE_BIO_INIT_BDEV
	bio_init(bio, bdev, vecs, n, op);
#else
	bio_init(bio, vecs, n);
	bio_set_dev(bio, bdev);
	bio->bi_opf = op;
#endif
}

#endif
