/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the four Linux drivers share: module tenon-pv. Control context (os.h) is a work item of the device with its mutex held: a
 * disk that does not answer keeps no other device waiting, as it would in the bus's own thread.
 */
#ifndef PVL_H
#define PVL_H

#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <xen/grant_table.h>
#include <xen/xenbus.h>
#include "conn.h"

/* What is due in a device's work item. */
enum pvl_due { PVL_PEER, PVL_READY, PVL_IDLE, PVL_FAIL, PVL_CHANGED };

/* A number that queues count, a u64 at that offset in each. */
struct pvl_stat {
	struct device_attribute attr;
	u32 offset;
};

#define PVL_STAT(name, type, member)	{ __ATTR(name, 0444, pvl_stat_show, NULL), offsetof(type, member) }

struct pvl_stats {
	struct pvl_stat *list;
	unsigned int nr;
	const u8 *queues;			/* nr_queues, each `stride` bytes */
	size_t stride;
	unsigned int nr_queues;
	struct attribute **attrs;		/* NULL: they are not shown */
	struct attribute_group group;
	struct dentry *file;
};

struct pvl_dev {
	struct pvd_dev *dev;
	struct xenbus_device *xdev;
	struct mutex mutex;
	struct work_struct work;
	unsigned long due;				/* bits of enum pvl_due */
	void (*changed)(struct pvl_dev *pvl);		/* PVL_CHANGED; control */
	void (*after)(struct pvl_dev *pvl);		/* after each work, without the mutex */
	struct ratelimit_state rate;
	struct xenbus_transaction transaction;
	struct gnttab_page_cache cache;			/* back ends: where the peer's pages are mapped */
	struct pvl_stats stats;
	struct xenbus_watch node;			/* pvl_watch_node() */
	void (*seen)(struct pvl_dev *pvl);
	struct xenbus_watch state;			/* back ends: of their own state */
	bool unwanted;					/* back ends: to be unregistered, by the bus's thread */
};

/* The object of a queue that the engine knows. */
struct pvl_queue {
	spinlock_t lock;
	unsigned long flags;				/* while it is held by pvos_lock() */
	struct pvl_dev *pvl;
	irq_handler_t handler;				/* its argument is the queue */
	void *engine;
	char name[32];
	/* back ends: */
	bool (*run)(void *engine, bool arm);		/* true: more to do; `arm`: else there will be an event */
	bool (*due)(void *engine);			/* there is something for run() */
	bool (*quiet)(void *engine);			/* under the lock */
	struct task_struct *worker;
	bool kicked, waiting;
	int eoi_irq;					/* an event whose end is to be told when its work is done */
	bool worked;					/* since then */
	u64 empty;					/* the worker's: when there was nothing more to do */
	u32 gap;					/* nanoseconds from then to the next work, on the average */
	wait_queue_head_t idle;
};

/* The device's driver data is its struct pvl_dev, once this was called. */
void pvl_dev_init(struct pvl_dev *pvl, struct pvd_dev *dev, struct xenbus_device *xdev);
void pvl_dev_free(struct pvl_dev *pvl);

/* Any context. */
void pvl_due(struct pvl_dev *pvl, enum pvl_due what);

/*
 * The device goes away: no work is due or running after this, and pvd_conn_remove() was called. A front end waits until the back end has
 * let go of its pages, for five seconds at most.
 */
void pvl_dev_remove(struct pvl_dev *pvl);

/* May sleep: writes the state once more, so that watches of it fire, if the device still has one. */
void pvl_state_again(struct xenbus_device *xdev);

/* May sleep: a front end's resume, synchronously; what the peer is comes later. */
void pvl_dev_resume(struct pvl_dev *pvl);

void pvl_queue_init(struct pvl_queue *q, struct pvl_dev *pvl, void *engine, irq_handler_t handler, unsigned int index);

/* The handler of a queue that has a worker. */
irqreturn_t pvl_worker_event(int irq, void *queue);

/* Under the lock, after something has ended: pvos_quiesce() may go on. */
static inline void pvl_queue_ended(struct pvl_queue *q)
{
	if (unlikely(q->waiting) && q->quiet(q->engine))
		wake_up(&q->idle);
}

/* ---- pvl_bus.c ---- */

/* As many queues as a parameter wants, but one at least, and none without a processor. */
unsigned int pvl_queues(unsigned int wanted);

/* Of struct xenbus_driver. */
void pvl_otherend_changed(struct xenbus_device *xdev, enum xenbus_state state);

/* seen() is called by the bus's thread when node `name` of `dir` is written, and once at the start; instead of what was watched before. */
int pvl_watch_node(struct pvl_dev *pvl, const char *dir, const char *name, void (*seen)(struct pvl_dev *pvl));

/*
 * Back ends. A device that nobody wants any more goes away: pvl_back_after(), called without the mutex after each work, sees it, and
 * writes the state once more; the bus's thread, which alone adds and removes devices, then unregisters it. remove() follows.
 */
int pvl_watch_state(struct pvl_dev *pvl);
void pvl_back_after(struct pvl_dev *pvl);

/* Both watches. */
void pvl_unwatch(struct pvl_dev *pvl);

/* ---- pvl_stats.c ---- */

/*
 * Shows a list of numbers until pvl_stats_remove(): their sums in sysfs, in the directory "statistics" of the device, each queue's in
 * debugfs, in "tenon". The list is for this driver's devices alone, and stays.
 */
int pvl_stats_add(struct pvl_dev *pvl, struct pvl_stat *list, unsigned int nr, const void *queues, size_t stride,
		unsigned int nr_queues);
void pvl_stats_remove(struct pvl_dev *pvl);

u64 pvl_stat_of(const struct pvl_stats *s, const struct pvl_stat *stat, unsigned int queue);
u64 pvl_stat_sum(const struct pvl_stats *s, const struct pvl_stat *stat);
ssize_t pvl_stat_show(struct device *device, struct device_attribute *attr, char *buf);

/*
 * Is this device one that the module parameter `devices` names: patterns, separated by commas, of what follows the class in the
 * device's path ("51712"; in a back end "7/51712")?
 */
bool pvl_chosen(const char *devices, const struct xenbus_device *xdev);

#endif
