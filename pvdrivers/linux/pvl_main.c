// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Devices, queues and messages. */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/mm.h>
#include <xen/events.h>
#include <xen/xen.h>
#include <xen/interface/sched.h>
#include <asm/xen/hypercall.h>
#include "compat.h"
#include "grants.h"
#include "net.h"
#include "node.h"
#include "pool.h"
#include "pvl.h"
#include "pvl_page.h"

#define GAP_MAX		NSEC_PER_MSEC
#define REPORTS		10
#define REPORT_TIME	(5 * HZ)
#define LET_GO_TIME	(5 * HZ)

static unsigned int poll_usecs = 100;
module_param(poll_usecs, uint, 0644);
MODULE_PARM_DESC(poll_usecs, "block back end: where requests follow each other within this time, they are polled for that long; 0: never");

static struct workqueue_struct *pvl_wq;

/* ---- devices ---- */

static void work(struct work_struct *work)
{
	struct pvl_dev *pvl = container_of(work, struct pvl_dev, work);
	struct pvd_dev *dev = pvl->dev;

	mutex_lock(&pvl->mutex);
	if (test_and_clear_bit(PVL_FAIL, &pvl->due))
		pvd_conn_fail(dev);
	if (test_and_clear_bit(PVL_CHANGED, &pvl->due))
		pvl->changed(pvl);
	if (test_and_clear_bit(PVL_IDLE, &pvl->due))
		pvd_conn_idle(dev);
	if (test_and_clear_bit(PVL_PEER, &pvl->due))
		pvd_conn_peer(dev, pvl_peer_state(pvl->xdev));
	if (test_and_clear_bit(PVL_READY, &pvl->due))
		pvd_conn_ready(dev);
	mutex_unlock(&pvl->mutex);
	if (pvl->after)
		pvl->after(pvl);
}

void pvl_dev_init(struct pvl_dev *pvl, struct pvd_dev *dev, struct xenbus_device *xdev)
{
	pvl->dev = dev;
	pvl->xdev = xdev;
	pvl->transaction = XBT_NIL;
	dev->os = pvl;
	mutex_init(&pvl->mutex);
	INIT_WORK(&pvl->work, work);
	ratelimit_state_init(&pvl->rate, REPORT_TIME, REPORTS);
	gnttab_page_cache_init(&pvl->cache);
	dev_set_drvdata(&xdev->dev, pvl);
}
EXPORT_SYMBOL_GPL(pvl_dev_init);

void pvl_dev_free(struct pvl_dev *pvl)
{
	gnttab_page_cache_shrink(&pvl->cache, 0);
}
EXPORT_SYMBOL_GPL(pvl_dev_free);

void pvl_due(struct pvl_dev *pvl, enum pvl_due what)
{
	set_bit(what, &pvl->due);
	queue_work(pvl_wq, &pvl->work);
}
EXPORT_SYMBOL_GPL(pvl_due);

static bool back_is_closed(struct pvl_dev *pvl)
{
	enum xenbus_state state = pvl_peer_state(pvl->xdev);

	return state == XenbusStateClosed || state == XenbusStateUnknown;
}

/*
 * A device that its driver is taken from while the back end is connected, or about to be: the kernel gets pages back slowly that it still has
 * mapped, and the next driver is to find a device that nobody uses.
 */
static void wait_for_back(struct pvl_dev *pvl)
{
	unsigned long end = jiffies + LET_GO_TIME;

	if (back_is_closed(pvl))
		return;
	pvos_set_state(pvl->dev, PVD_CLOSED);
	while (!back_is_closed(pvl)) {
		if (time_after(jiffies, end)) {
			pvos_report(pvl->dev, "the back end has not let go of its pages");
			return;
		}
		msleep(10);
	}
}

void pvl_dev_remove(struct pvl_dev *pvl)
{
	mutex_lock(&pvl->mutex);
	pvd_conn_remove(pvl->dev);
	mutex_unlock(&pvl->mutex);
	cancel_work_sync(&pvl->work);
	if (pvl->dev->conn.held)
		wait_for_back(pvl);
	pvd_conn_release(pvl->dev);
	pvd_conn_withdraw(pvl->dev);
}
EXPORT_SYMBOL_GPL(pvl_dev_remove);

void pvl_dev_resume(struct pvl_dev *pvl)
{
	mutex_lock(&pvl->mutex);
	pvd_conn_resume(pvl->dev);
	mutex_unlock(&pvl->mutex);
	pvl_due(pvl, PVL_PEER);
}
EXPORT_SYMBOL_GPL(pvl_dev_resume);

uint64_t pvos_now(void)
{
	return ktime_get_ns();
}
EXPORT_SYMBOL_GPL(pvos_now);

void pvos_report(struct pvd_dev *dev, const char *format, ...)
{
	struct pvl_dev *pvl = dev->os;
	struct va_format text;
	va_list args;

	if (!__ratelimit(&pvl->rate))
		return;
	va_start(args, format);
	text.fmt = format;
	text.va = &args;
	dev_warn(&pvl->xdev->dev, "domain %d: %pV\n", pvl->xdev->otherend_id, &text);
	va_end(args);
}
EXPORT_SYMBOL_GPL(pvos_report);

void pvos_fail(struct pvd_dev *dev)
{
	pvl_due(dev->os, PVL_FAIL);
}
EXPORT_SYMBOL_GPL(pvos_fail);

void *pvos_alloc(size_t bytes)
{
	return kvzalloc(bytes, GFP_KERNEL);
}
EXPORT_SYMBOL_GPL(pvos_alloc);

void pvos_free(void *memory)
{
	kvfree(memory);
}
EXPORT_SYMBOL_GPL(pvos_free);

/* ---- queues ---- */

void pvl_queue_init(struct pvl_queue *q, struct pvl_dev *pvl, void *engine, irq_handler_t handler, unsigned int index)
{
	spin_lock_init(&q->lock);
	init_waitqueue_head(&q->idle);
	q->pvl = pvl;
	q->engine = engine;
	q->handler = handler;
	snprintf(q->name, sizeof(q->name), "%s-%u", dev_name(&pvl->xdev->dev), index);
}
EXPORT_SYMBOL_GPL(pvl_queue_init);

void pvos_lock(void *queue) __acquires(&((struct pvl_queue *)queue)->lock)
{
	struct pvl_queue *q = queue;
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	q->flags = flags;
}
EXPORT_SYMBOL_GPL(pvos_lock);

void pvos_unlock(void *queue) __releases(&((struct pvl_queue *)queue)->lock)
{
	struct pvl_queue *q = queue;

	spin_unlock_irqrestore(&q->lock, q->flags);
}
EXPORT_SYMBOL_GPL(pvos_unlock);

/* ---- workers ---- */

/* Tells the event channel that its event has been seen to, so that there can be another. */
static void end_event(struct pvl_queue *q)
{
	int irq = xchg(&q->eoi_irq, 0);

	if (irq)
		xen_irq_lateeoi(irq, q->worked ? 0 : XEN_EOI_FLAG_SPURIOUS);
	q->worked = false;
}

static bool run_once(struct pvl_queue *q, bool arm)
{
	bool more = q->run(q->engine, arm);

	/* What it took and then did not start, or refused, has ended, too. */
	if (unlikely(READ_ONCE(q->waiting)))
		wake_up(&q->idle);
	return more;
}

static void run_all(struct pvl_queue *q, bool arm)
{
	while (run_once(q, arm) && !kthread_should_stop())
		cond_resched();
	q->empty = ktime_get_ns();
}

static u32 poll_ns(void)
{
	return min(READ_ONCE(poll_usecs), 1000U) * NSEC_PER_USEC;
}

static void note_gap(struct pvl_queue *q)
{
	q->gap = (q->gap * 7 + min_t(u64, ktime_get_ns() - q->empty, GAP_MAX)) / 8;
}

/* Waits a while for something to do, as long as nobody else here wants the processor; who waits for it in other domains has it. */
static bool comes_soon(struct pvl_queue *q)
{
	do {
		if (q->due(q->engine) || xchg(&q->kicked, false))
			return true;
		HYPERVISOR_sched_op(SCHEDOP_yield, NULL);
	} while (!need_resched() && !kthread_should_stop() && ktime_get_ns() - q->empty < poll_ns());
	return q->due(q->engine);
}

/* Where work follows quickly on work, no event is wanted: to be woken costs both ends more than to look again. */
static void work_off(struct pvl_queue *q)
{
	bool polls;

	do {
		note_gap(q);
		polls = q->gap < poll_ns();
		run_all(q, !polls);
		end_event(q);
	} while (polls && comes_soon(q));
	if (polls)
		run_all(q, true);
}

static int worker(void *queue)
{
	struct pvl_queue *q = queue;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		if (xchg(&q->kicked, false)) {
			__set_current_state(TASK_RUNNING);
			work_off(q);
		} else {
			schedule();
		}
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

int pvl_worker_start(struct pvl_queue *q)
{
	struct task_struct *task;

	q->kicked = false;
	q->eoi_irq = 0;
	q->gap = GAP_MAX;
	task = kthread_create(worker, q, "%s", q->name);
	if (IS_ERR(task))
		return PTR_ERR(task);
	q->worker = task;
	wake_up_process(task);
	return 0;
}

void pvos_kick(void *queue)
{
	struct pvl_queue *q = queue;

	WRITE_ONCE(q->kicked, true);
	wake_up_process(q->worker);
}
EXPORT_SYMBOL_GPL(pvos_kick);

irqreturn_t pvl_worker_event(int irq, void *queue)
{
	struct pvl_queue *q = queue;

	WRITE_ONCE(q->eoi_irq, irq);
	pvos_kick(q);
	return IRQ_HANDLED;
}
EXPORT_SYMBOL_GPL(pvl_worker_event);

static bool quiet(struct pvl_queue *q)
{
	bool is;

	pvos_lock(q);
	is = q->quiet(q->engine);
	pvos_unlock(q);
	return is;
}

void pvos_quiesce(void *queue)
{
	struct pvl_queue *q = queue;

	if (!q->worker)
		return;
	pvos_lock(q);
	q->waiting = true;
	pvos_unlock(q);
	/* The queue is down: the worker takes nothing more, and what it took is counted. Who ends something may need the worker. */
	wait_event(q->idle, quiet(q));
	kthread_stop(q->worker);
	q->worker = NULL;
	q->waiting = false;
}
EXPORT_SYMBOL_GPL(pvos_quiesce);

/* ---- the module ---- */

/* Of the core, which knows no such thing. */
EXPORT_SYMBOL_GPL(pvd_conn_init);
EXPORT_SYMBOL_GPL(pvd_extra_make);
EXPORT_SYMBOL_GPL(pvd_extra_read);
EXPORT_SYMBOL_GPL(pvd_grants_find);
EXPORT_SYMBOL_GPL(pvd_grants_free);
EXPORT_SYMBOL_GPL(pvd_grants_init);
EXPORT_SYMBOL_GPL(pvd_grants_keep);
EXPORT_SYMBOL_GPL(pvd_grants_new);
EXPORT_SYMBOL_GPL(pvd_grants_put);
EXPORT_SYMBOL_GPL(pvd_grants_trim);
EXPORT_SYMBOL_GPL(pvd_grants_unkeep);
EXPORT_SYMBOL_GPL(pvd_node_name);
EXPORT_SYMBOL_GPL(pvd_offload_read);
EXPORT_SYMBOL_GPL(pvd_parse_number);
EXPORT_SYMBOL_GPL(pvd_peer_has);
EXPORT_SYMBOL_GPL(pvd_pool_fill);
EXPORT_SYMBOL_GPL(pvd_pool_init);
EXPORT_SYMBOL_GPL(pvd_pool_shrink);
EXPORT_SYMBOL_GPL(pvd_pool_take);
EXPORT_SYMBOL_GPL(pvd_read_default);
EXPORT_SYMBOL_GPL(pvd_read_number);
EXPORT_SYMBOL_GPL(pvd_read_queues);
EXPORT_SYMBOL_GPL(pvd_remove_nodes);
EXPORT_SYMBOL_GPL(pvd_remove_queues);
EXPORT_SYMBOL_GPL(pvd_write_number);

static int __init pvl_init(void)
{
	if (!xen_domain())
		return -ENODEV;
	pvl_wq = alloc_workqueue("tenon-pv", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!pvl_wq)
		return -ENOMEM;
	if (pvl_pages_init()) {
		destroy_workqueue(pvl_wq);
		return -ENOMEM;
	}
	pvl_stats_init();
	return 0;
}

static void __exit pvl_exit(void)
{
	pvl_stats_exit();
	pvl_pages_exit();
	destroy_workqueue(pvl_wq);
}

module_init(pvl_init);
module_exit(pvl_exit);
MODULE_DESCRIPTION("What Tenon's split drivers share");
MODULE_LICENSE("Dual MIT/GPL");
