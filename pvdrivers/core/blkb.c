// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Block back end: the path of a request. */
#include "blkb.h"
#include "blkb_abi.h"
#include "blkb_parse.h"

#define BATCHES_RUN	4		/* in one blkb_run() */

/* ---- the end of a request: data context ---- */

static int16_t status_of(int error)
{
	if (pvos_likely(!error))
		return BLKIF_RSP_OKAY;
	return error == -EOPNOTSUPP ? BLKIF_RSP_EOPNOTSUPP : BLKIF_RSP_ERROR;
}

static void push(struct blkb_queue *q)
{
	if (q->up && pvd_back_push(&q->ring)) {
		q->stats.notified++;
		pvos_notify(&q->event);
	}
}

/* Answers. Responses have the same layout at either width but for their padding. */
static void answer(struct blkb_queue *q, struct blkb_req *req)
{
	uint8_t *entry = q->entries + (q->ring.rsp_prod & (q->ring.size - 1)) * q->abi->entry;
	int16_t status = status_of(req->error);

	memcpy(entry, &req->id, sizeof(req->id));
	entry[8] = req->wire;
	memcpy(entry + 10, &status, sizeof(status));
	q->ring.rsp_prod++;
	q->inflight--;
	req->next = q->done;
	q->done = req;
}

static void wake(struct blkb_queue *q)
{
	if (pvos_likely(!q->stalled))
		return;
	q->stalled = false;
	pvos_kick(q->os);
}

void blkb_unmapped(struct blkb_req *req)
{
	struct blkb_queue *q = req->queue;

	answer(q, req);
	push(q);
	wake(q);
}

void blkb_done(struct blkb_req *req, int error, bool batched)
{
	struct blkb_queue *q = req->queue;

	req->error = error;
	if (pvos_unlikely(req->nr_temps)) {
		pvos_unmap_req(req);
		return;
	}
	answer(q, req);
	if (!batched || !q->running)
		push(q);
	wake(q);
}

/* ---- the worker ---- */

/* Requests that were answered can be used again. Under the lock. */
static void take_back(struct blkb_queue *q)
{
	while (q->done) {
		struct blkb_req *req = q->done;
		uint32_t i;

		q->done = req->next;
		for (i = 0; i < req->nr_temps; i++)
			pvd_grants_put(&q->grants, req->temps[i]);
		if (req->large) {
			req->large->next = q->idle_large;
			q->idle_large = req->large;
			req->large = NULL;
		}
		req->next = q->idle;
		q->idle = req;
	}
}

static bool room(const struct blkb_queue *q)
{
	return q->idle_large && q->grants.nr_idle > BLKB_SEGS_MAX;
}

/* More pages than the table takes have come since they were last made room for. */
static bool crowded(const struct blkb_queue *q, uint32_t times)
{
	return q->grants.refused > times * (q->grants.keep_limit / 4 + 1);
}

/* While draining: returns true when the worker must wait. Under the lock. */
static bool drained_wait(struct blkb_queue *q)
{
	if (!q->draining && crowded(q, 32))
		q->draining = true;
	if (!q->draining)
		return false;
	if (q->inflight)
		return true;
	if (!q->barrier)
		q->draining = false;
	return false;
}

/* Requests to take, 0 or -EPROTO; with `arm` there will be an event for the next. Under the lock. */
static int waiting(struct blkb_queue *q, bool arm)
{
	int n = pvd_back_requests(&q->ring);

	if (!n && arm && pvd_back_rearm(&q->ring))
		n = pvd_back_requests(&q->ring);
	return n > (int)BLKB_BATCH ? (int)BLKB_BATCH : n;
}

/*
 * Between two batches: publishes what was answered, takes back what it used, and counts what is to come as under way. Returns how
 * many requests to take; with a barrier due, 1.
 */
static int begin(struct blkb_queue *q, bool arm, bool *trim)
{
	int n = 0;

	pvos_lock(q->os);
	q->running = false;
	push(q);
	take_back(q);
	if (!q->up)
		goto out;
	if (drained_wait(q) || !room(q)) {
		q->stalled = q->inflight;
		q->stats.stalls++;
		goto out;
	}
	n = q->barrier ? 1 : waiting(q, arm);
	*trim = !q->inflight && !q->barrier && crowded(q, 1);
	if (n > 0) {
		q->inflight += n;
		q->running = true;
	}
out:
	pvos_unlock(q->os);
	return n;
}

static void uncount(struct blkb_queue *q, uint32_t n)
{
	if (!n)
		return;
	pvos_lock(q->os);
	q->inflight -= n;
	pvos_unlock(q->os);
}

static void fail_request(struct blkb_queue *q, struct blkb_req *req)
{
	pvos_lock(q->os);
	blkb_done(req, req->error, true);
	pvos_unlock(q->os);
}

static void count(struct blkb_queue *q, const struct blkb_req *req)
{
	struct blkb_stats *stats = &q->stats;

	switch (req->op) {
	case BLKB_READ:
		stats->reads++;
		stats->sectors_read += req->sectors;
		break;
	case BLKB_WRITE:
		stats->writes++;
		stats->sectors_written += req->sectors;
		break;
	case BLKB_FLUSH:
	case BLKB_BARRIER:
		stats->flushes++;
		break;
	default:
		stats->discards++;
	}
}

/* Takes up to n requests from the ring. A barrier is kept aside, and ends it. Returns how many are in the batch. */
static uint32_t take(struct blkb_queue *q, uint32_t n, struct blkb_req **batch)
{
	uint32_t taken = 0;

	while (taken < n && room(q)) {
		const uint8_t *entry = q->entries + (q->ring.req_cons & (q->ring.size - 1)) * q->abi->entry;
		struct blkb_req *req = q->idle;

		q->idle = req->next;
		q->ring.req_cons++;
		blkb_parse(q, entry, req);
		if (req->op == BLKB_BARRIER && !req->error) {
			q->barrier = req;
			q->draining = true;
			break;
		}
		batch[taken++] = req;
	}
	return taken;
}

static void start(struct blkb_queue *q, struct blkb_req **batch, uint32_t n)
{
	bool failed = false;
	uint32_t i;

	for (i = 0; i < n; i++) {
		blkb_check_maps(q, batch[i]);
		failed |= batch[i]->error;
	}
	for (i = 0; failed && i < n; i++)
		if (batch[i]->error)
			blkb_forget_maps(q, batch[i]);
	for (i = 0; i < n; i++) {
		if (pvos_unlikely(batch[i]->error)) {
			fail_request(q, batch[i]);
		} else {
			count(q, batch[i]);
			pvos_disk_submit(batch[i], i + 1 < n);
		}
	}
}

static void run_barrier(struct blkb_queue *q)
{
	struct blkb_req *req = q->barrier;

	q->barrier = NULL;
	start(q, &req, 1);
}

static void run_batch(struct blkb_queue *q, uint32_t n)
{
	struct blkb_req *batch[BLKB_BATCH];
	uint32_t taken = take(q, n, batch);

	q->stats.batches++;
	blkb_map_wanted(q);
	if (pvos_unlikely(q->barrier != NULL)) {
		blkb_check_maps(q, q->barrier);
		if (q->barrier->error) {
			batch[taken++] = q->barrier;
			q->barrier = NULL;
		}
	}
	uncount(q, n - taken);
	start(q, batch, taken);
}

bool blkb_run(struct blkb_queue *q, bool arm)
{
	uint32_t i;

	for (i = 0; i < BATCHES_RUN; i++) {
		bool trim = false;
		int n = begin(q, arm, &trim);

		if (pvos_unlikely(n < 0)) {
			q->b->dev.faults++;
			pvos_report(&q->b->dev, "more requests than the ring holds; the device is ended");
			pvos_fail(&q->b->dev);
			pvos_lock(q->os);
			q->up = false;
			pvos_unlock(q->os);
			return false;
		}
		if (trim)
			pvd_grants_trim(&q->grants);
		if (!n)
			return false;
		if (pvos_unlikely(q->barrier != NULL))
			run_barrier(q);
		else
			run_batch(q, n);
	}
	return true;
}
