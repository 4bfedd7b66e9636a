// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The process as operating system: block devices. */
#include <stdlib.h>
#include "host_blk.h"

static uint8_t disk[HOST_DISK];

void host_blk_new(void)
{
	if (!host->options.logical)
		host->options.logical = 512;
	host->disk = disk;
	host->disk_sectors = HOST_DISK / 512;
}

void host_blk_end(void)
{
	host_check(!host->nr_pending);
}

/* ---- both ends' queues ---- */

static void *blkf_os(struct blkf *f, uint32_t i)
{
	host->queues[0][i] = (struct host_queue){ .end = &host->front, .blkf = &f->queues[i] };
	return &host->queues[0][i];
}

static void *blkb_os(struct blkb *b, uint32_t i)
{
	host->queues[1][i] = (struct host_queue){ .end = &host->back, .blkb = &b->queues[i] };
	return &host->queues[1][i];
}

void host_blkf_new(const struct blkf_limits *limits)
{
	host->blkf = calloc(1, sizeof(*host->blkf));
	host_check(limits->queues <= HOST_QUEUES && !blkf_init(host->blkf, limits, blkf_os));
	host->front.dev = &host->blkf->dev;
	host->started = host->closing = host->stopped_forever = false;
	host_set_state(&host->front, PVD_INITIALISING);
	host->front.peer_changed = true;
}

static void free_blkf(void)
{
	blkf_free(host->blkf);
	free(host->blkf);
	host->blkf = NULL;
	host->front.dev = NULL;
}

void host_blkf_delete(void)
{
	pvd_conn_remove(&host->blkf->dev);
	pvd_conn_release(&host->blkf->dev);
	free_blkf();
	host_set_state(&host->front, PVD_CLOSED);
}

void host_blkf_leave(void)
{
	host_leave(&host->front);
	free_blkf();
}

void host_blkb_new(const struct blkb_limits *limits)
{
	host->blkb = calloc(1, sizeof(*host->blkb));
	host_check(limits->queues <= HOST_QUEUES && !blkb_init(host->blkb, limits, blkb_os));
	host->back.dev = &host->blkb->dev;
	host_set_state(&host->back, PVD_INITIALISING);
	host->back.peer_changed = true;
	if (!host->options.late_disk)
		pvd_conn_ready(&host->blkb->dev);
}

static void free_blkb(void)
{
	blkb_free(host->blkb);
	free(host->blkb);
	host->blkb = NULL;
	host->back.dev = NULL;
}

void host_blkb_delete(void)
{
	pvd_conn_remove(&host->blkb->dev);
	free_blkb();
	host_set_state(&host->back, PVD_CLOSED);
}

void host_blkb_leave(void)
{
	host_leave(&host->back);
	free_blkb();
}

void host_blk_event(struct pvd_event *event)
{
	uint32_t i;

	for (i = 0; i < HOST_QUEUES; i++) {
		struct host_queue *front = &host->queues[0][i], *back = &host->queues[1][i];

		if (host->blkf && i < host->blkf->nr_made && event == &front->blkf->event) {
			pvos_lock(front);
			blkf_poll(front->blkf);
			pvos_unlock(front);
			return;
		}
		if (host->blkb && i < host->blkb->nr_made && event == &back->blkb->event) {
			back->kicked = true;
			return;
		}
	}
}

/* ---- front end ---- */

void pvos_io_copy(void *arg, uint32_t offset, uint32_t bytes, struct pvd_page *pages, bool to_pages)
{
	struct host_io *io = arg;

	host_check(io->busy && bytes && offset + bytes <= io->bytes);
	while (bytes) {
		uint32_t n = bytes < PVD_PAGE_SIZE ? bytes : PVD_PAGE_SIZE;

		if (to_pages)
			memcpy(pages->addr, io->data + offset, n);
		else
			memcpy(io->data + offset, pages->addr, n);
		pages = pages->next;
		offset += n;
		bytes -= n;
	}
}

void pvos_io_done(void *arg, int error)
{
	struct host_io *io = arg;

	host_check(io->busy);
	io->busy = false;
	io->error = error;
}

void pvos_io_again(void *arg)
{
	struct host_io *io = arg;

	host_check(io->busy);
	io->busy = false;
	io->again = true;
}

int pvos_blk_start(struct blkf *f)
{
	host_check(f == host->blkf && !host->stopped_forever);
	host->started = true;
	host->starts++;
	return 0;
}

void pvos_blk_closing(struct blkf *f)
{
	host_check(f == host->blkf);
	host->closing = true;
}

void pvos_blk_stop(struct blkf *f, bool forever)
{
	host_check(f == host->blkf);
	host->started = false;
	host->stopped_forever |= forever;
}

/* ---- back end ---- */

void pvos_disk_info(struct pvd_dev *dev, struct blkb_disk *disk)
{
	host_check(dev == host->back.dev);
	*disk = (struct blkb_disk){
		.sectors = host->disk_sectors,
		.logical = host->options.logical,
		.physical = 4096,
		.readonly = host->options.read_only_disk,
		.flush = !host->options.no_flush,
		.discard = !host->options.no_discard,
		.discard_granularity = 512,
	};
}

static void move_data(struct blkb_req *req)
{
	uint8_t *disk = host->disk + req->sector * 512;
	uint32_t i;

	for (i = 0; i < req->nr_segs; i++) {
		const struct blkb_seg *seg = &req->segs[i];
		struct pvd_map *map = pvd_grants_map(&req->queue->grants, seg->map);
		uint8_t *data = (uint8_t *)map->addr + seg->first * 512;
		uint32_t n = (seg->last - seg->first + 1) * 512;

		host_check(map->addr && !map->status && seg->last < 8 && seg->first <= seg->last);
		if (req->op == BLKB_READ)
			memcpy(data, disk, n);
		else
			memcpy(disk, data, n);
		disk += n;
	}
	host_check(disk == host->disk + (req->sector + req->sectors) * 512);
}

static void end_request(struct blkb_req *req, int error, bool batched)
{
	struct blkb_queue *q = req->queue;
	bool data = req->op <= BLKB_BARRIER;

	host_check(req->sectors <= HOST_DISK / 512 && req->sector <= HOST_DISK / 512 - req->sectors);
	host_check(!host->options.read_only_disk || req->op == BLKB_READ || !req->sectors);
	if (!error && data)
		move_data(req);
	else if (!error)
		memset(host->disk + req->sector * 512, 0, req->sectors * 512);
	pvos_lock(q->os);
	blkb_done(req, error, batched);
	pvos_unlock(q->os);
}

void pvos_disk_submit(struct blkb_req *req, bool more)
{
	(void)more;
	host_check(((struct host_queue *)req->queue->os)->running && *(uint64_t *)req->os == 0);
	if (host_random(8) < host->options.delayed && host->nr_pending < HOST_IOS) {
		*(uint64_t *)req->os = 1;
		host->pending[host->nr_pending++] = req;
		return;
	}
	end_request(req, 0, true);
}

void host_disk_end(uint32_t index, int error)
{
	struct blkb_req *req = host->pending[index];

	host->pending[index] = host->pending[--host->nr_pending];
	*(uint64_t *)req->os = 0;
	/* Sometimes as in an interrupt that comes when the worker's thread is on its way to sleep. */
	end_request(req, error, host_random(2));
}

bool host_blk_disk(void)
{
	uint32_t errors = host->options.disk_errors;

	if (!host->nr_pending)
		return false;
	host_disk_end(host_random(host->nr_pending), errors && !host_random(errors) ? -EIO : 0);
	return true;
}

void pvos_unmap_req(struct blkb_req *req)
{
	pvos_unmap(host->back.dev, req->temps, req->nr_temps);
	blkb_unmapped(req);
}

void pvos_kick(void *queue)
{
	struct host_queue *q = queue;

	q->kicked = true;
}

static void work(struct host_queue *q)
{
	bool arm = host_random(2);

	q->kicked = false;
	q->running = true;
	if (blkb_run(q->blkb, arm) || !arm)
		q->kicked = true;
	q->running = false;
}

bool host_blk_work(void)
{
	uint32_t first = host_random(HOST_QUEUES), i;

	for (i = 0; i < HOST_QUEUES; i++) {
		struct host_queue *q = &host->queues[1][(first + i) % HOST_QUEUES];

		if (host->blkb && q->kicked) {
			work(q);
			return true;
		}
	}
	return false;
}

void pvos_quiesce(void *queue)
{
	struct host_queue *q = queue;
	uint32_t i = 0;

	host_check(!q->running && !q->locked);
	while (i < host->nr_pending) {
		if (host->pending[i]->queue == q->blkb)
			host_disk_end(i, 0);
		else
			i++;
	}
	host_check(blkb_quiet(q->blkb));
	while (q->kicked)
		work(q);
}
