// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Pages that both ends see, and event channels. */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <xen/events.h>
#include <xen/page.h>
#include "compat.h"
#include "pvl_page.h"

#define BATCH	32U

static struct kmem_cache *page_cache;

int pvl_pages_init(void)
{
	page_cache = kmem_cache_create("tenon-pv-page", sizeof(struct pvd_page), 0, 0, NULL);
	return page_cache ? 0 : -ENOMEM;
}

void pvl_pages_exit(void)
{
	kmem_cache_destroy(page_cache);
}

/* ---- a front end's pages ---- */

struct pvd_page *pvos_page_get(struct pvd_dev *dev)
{
	struct pvl_dev *pvl = dev->os;
	struct pvd_page *page = kmem_cache_alloc(page_cache, GFP_ATOMIC | __GFP_NOWARN);
	struct page *memory = page ? alloc_page(GFP_ATOMIC | __GFP_NOWARN | __GFP_ZERO) : NULL;
	int gref = memory ? gnttab_grant_foreign_access(pvl->xdev->otherend_id, xen_page_to_gfn(memory), 0) : -ENOMEM;

	if (gref < 0) {
		if (memory)
			__free_page(memory);
		if (page)
			kmem_cache_free(page_cache, page);
		return NULL;
	}
	page->gref = gref;
	page->addr = page_address(memory);
	page->os = memory;
	return page;
}
EXPORT_SYMBOL_GPL(pvos_page_get);

void pvos_page_put(struct pvd_dev *dev, struct pvd_page *page)
{
	pvl_end_access(page->gref, page->os);
	kmem_cache_free(page_cache, page);
}
EXPORT_SYMBOL_GPL(pvos_page_put);

int pvos_share(struct pvd_dev *dev, uint32_t pages, struct pvd_shared *shared)
{
	struct pvl_dev *pvl = dev->os;
	uint8_t *addr = alloc_pages_exact(pages * PVD_PAGE_SIZE, GFP_KERNEL | __GFP_ZERO);
	uint32_t i;

	if (!addr)
		return -ENOMEM;
	for (i = 0; i < pages; i++) {
		struct page *page = virt_to_page(addr + i * PVD_PAGE_SIZE);
		int gref = gnttab_grant_foreign_access(pvl->xdev->otherend_id, xen_page_to_gfn(page), 0);

		if (gref < 0)
			goto no_grant;
		shared->gref[i] = gref;
	}
	shared->addr = addr;
	shared->pages = pages;
	return 0;

no_grant:
	free_pages_exact(addr + i * PVD_PAGE_SIZE, (pages - i) * PVD_PAGE_SIZE);
	while (i--)
		pvl_end_access(shared->gref[i], virt_to_page(addr + i * PVD_PAGE_SIZE));
	return -ENOSPC;
}
EXPORT_SYMBOL_GPL(pvos_share);

void pvos_unshare(struct pvd_dev *dev, struct pvd_shared *shared)
{
	uint8_t *addr = shared->addr;
	uint32_t i;

	for (i = 0; i < shared->pages; i++)
		pvl_end_access(shared->gref[i], virt_to_page(addr + i * PVD_PAGE_SIZE));
	shared->addr = NULL;
}
EXPORT_SYMBOL_GPL(pvos_unshare);

/* ---- the peer's pages ---- */

int pvos_attach(struct pvd_dev *dev, struct pvd_shared *shared)
{
	struct pvl_dev *pvl = dev->os;

	return xenbus_map_ring_valloc(pvl->xdev, shared->gref, shared->pages, &shared->addr);
}
EXPORT_SYMBOL_GPL(pvos_attach);

void pvos_detach(struct pvd_dev *dev, struct pvd_shared *shared)
{
	struct pvl_dev *pvl = dev->os;

	xenbus_unmap_ring_vfree(pvl->xdev, shared->addr);
	shared->addr = NULL;
}
EXPORT_SYMBOL_GPL(pvos_detach);

static void map_batch(struct pvl_dev *pvl, struct pvd_map **maps, uint32_t n)
{
	struct gnttab_map_grant_ref ops[BATCH];
	struct page *pages[BATCH];
	uint32_t i, got;

	for (got = 0; got < n && !gnttab_page_cache_get(&pvl->cache, &pages[got]); got++)
		gnttab_set_map_op(&ops[got], (unsigned long)page_address(pages[got]),
				GNTMAP_host_map | (maps[got]->readonly ? GNTMAP_readonly : 0), maps[got]->gref,
				pvl->xdev->otherend_id);
	if (got && gnttab_map_refs(ops, NULL, pages, got))
		WARN_ONCE(1, "mapping grants\n");
	for (i = 0; i < n; i++) {
		maps[i]->status = i < got && ops[i].status == GNTST_okay ? 0 : -EIO;
		if (!maps[i]->status) {
			maps[i]->handle = ops[i].handle;
			maps[i]->os = pages[i];
			maps[i]->addr = page_address(pages[i]);
		} else if (i < got) {
			gnttab_page_cache_put(&pvl->cache, &pages[i], 1);
		}
	}
}

void pvos_map(struct pvd_dev *dev, struct pvd_map **maps, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i += BATCH)
		map_batch(dev->os, maps + i, min(n - i, BATCH));
}
EXPORT_SYMBOL_GPL(pvos_map);

static void unmap_batch(struct pvl_dev *pvl, struct pvd_map **maps, uint32_t n)
{
	struct gnttab_unmap_grant_ref ops[BATCH];
	struct page *pages[BATCH];
	struct gntab_unmap_queue_data data = { .unmap_ops = ops, .pages = pages, .count = n };
	uint32_t i;

	for (i = 0; i < n; i++) {
		pages[i] = maps[i]->os;
		gnttab_set_unmap_op(&ops[i], (unsigned long)maps[i]->addr, GNTMAP_host_map, maps[i]->handle);
		maps[i]->addr = NULL;
	}
	if (WARN_ON_ONCE(gnttab_unmap_refs_sync(&data)))
		return;
	gnttab_page_cache_put(&pvl->cache, pages, n);
}

void pvos_unmap(struct pvd_dev *dev, struct pvd_map **maps, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i += BATCH)
		unmap_batch(dev->os, maps + i, min(n - i, BATCH));
}
EXPORT_SYMBOL_GPL(pvos_unmap);

void pvos_copy_from(pvos_copy_t *op, struct pvd_dev *dev, uint32_t gref, uint32_t offset, void *addr, uint32_t bytes)
{
	struct pvl_dev *pvl = dev->os;

	op->source.u.ref = gref;
	op->source.domid = pvl->xdev->otherend_id;
	op->source.offset = offset;
	op->dest.u.gmfn = virt_to_gfn(addr);
	op->dest.domid = DOMID_SELF;
	op->dest.offset = xen_offset_in_page(addr);
	op->len = bytes;
	op->flags = GNTCOPY_source_gref;
}
EXPORT_SYMBOL_GPL(pvos_copy_from);

void pvos_copy_to(pvos_copy_t *op, struct pvd_dev *dev, uint32_t gref, uint32_t offset, void *addr, uint32_t bytes)
{
	struct pvl_dev *pvl = dev->os;

	op->source.u.gmfn = virt_to_gfn(addr);
	op->source.domid = DOMID_SELF;
	op->source.offset = xen_offset_in_page(addr);
	op->dest.u.ref = gref;
	op->dest.domid = pvl->xdev->otherend_id;
	op->dest.offset = offset;
	op->len = bytes;
	op->flags = GNTCOPY_dest_gref;
}
EXPORT_SYMBOL_GPL(pvos_copy_to);

void pvos_copy(struct pvd_dev *dev, pvos_copy_t *ops, uint32_t n)
{
	uint32_t i;

	if (likely(!HYPERVISOR_grant_table_op(GNTTABOP_copy, ops, n)))
		return;
	for (i = 0; i < n; i++)
		ops[i].status = GNTST_general_error;
}
EXPORT_SYMBOL_GPL(pvos_copy);

/* ---- events ---- */

int pvos_event_alloc(struct pvd_dev *dev, struct pvd_event *event)
{
	struct pvl_dev *pvl = dev->os;
	struct pvl_queue *q = event->os;
	evtchn_port_t port;
	int irq = xenbus_alloc_evtchn(pvl->xdev, &port);

	if (irq)
		return irq;
	irq = bind_evtchn_to_irqhandler_lateeoi(port, q->handler, 0, q->name, q);
	if (irq < 0) {
		xenbus_free_evtchn(pvl->xdev, port);
		return irq;
	}
	event->irq = irq;
	event->port = port;
	return 0;
}
EXPORT_SYMBOL_GPL(pvos_event_alloc);

int pvos_event_bind(struct pvd_dev *dev, struct pvd_event *event, uint32_t peer_port)
{
	struct pvl_dev *pvl = dev->os;
	struct pvl_queue *q = event->os;
	int irq = q->run ? pvl_worker_start(q) : 0;

	if (irq)
		return irq;
	irq = pvl_bind_interdomain(pvl->xdev, peer_port, q->handler, q->name, q);
	if (irq < 0)
		return irq;
	event->irq = irq;
	event->port = peer_port;
	if (q->run)
		pvos_kick(q);
	return 0;
}
EXPORT_SYMBOL_GPL(pvos_event_bind);

void pvos_event_free(struct pvd_dev *dev, struct pvd_event *event)
{
	struct pvl_queue *q = event->os;

	if (xchg(&q->eoi_irq, 0))
		xen_irq_lateeoi(event->irq, XEN_EOI_FLAG_SPURIOUS);
	unbind_from_irqhandler(event->irq, q);
	q->eoi_irq = 0;
	event->irq = event->port = 0;
}
EXPORT_SYMBOL_GPL(pvos_event_free);

void pvos_notify(struct pvd_event *event)
{
	notify_remote_via_irq(event->irq);
}
EXPORT_SYMBOL_GPL(pvos_notify);
