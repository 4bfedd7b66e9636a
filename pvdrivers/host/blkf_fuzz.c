// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The block front end with a hostile back end: its store nodes, its responses, what it writes into pages it may write to. */
#include <stdlib.h>
#include "fuzz.h"

#define IOS	64

static struct host_io ios[2][IOS];
static struct fuzz_input in;

static const char *const names[] = {
	"sectors", "sector-size", "physical-sector-size", "info", "max-ring-page-order", "max-ring-pages", "multi-queue-max-queues",
	"feature-persistent", "feature-max-indirect-segments", "feature-flush-cache", "feature-barrier", "feature-discard",
	"discard-granularity", "discard-alignment", "discard-secure",
};

static void offer(uint32_t kind)
{
	host_set(&host->back, "sectors", "4096");
	host_set(&host->back, "max-ring-page-order", kind & 1 ? "1" : NULL);
	host_set(&host->back, "multi-queue-max-queues", kind & 2 ? "2" : NULL);
	host_set(&host->back, "feature-max-indirect-segments", kind & 4 ? "32" : kind & 8 ? "256" : NULL);
	host_set(&host->back, "feature-flush-cache", kind & 16 ? "1" : "0");
	host_set(&host->back, "feature-discard", kind & 32 ? "1" : "0");
	host_set_state(&host->back, kind & 64 ? PVD_CONNECTED : PVD_INITWAIT);
}

static struct blkf_queue *queue(uint32_t i)
{
	return &host->blkf->queues[i % 2];
}

static void submit(uint32_t kind)
{
	uint32_t id = fuzz_byte(&in) % IOS;
	struct host_io *io = &ios[kind & 1][id];
	struct blkf_queue *q = queue(kind);
	uint32_t sectors = 1 + fuzz_byte(&in) * (kind & 128 ? 16 : 1);

	if (io->busy)
		return;
	free(io->data);
	io->bytes = sectors * 512;
	io->data = calloc(1, io->bytes);
	io->busy = true;
	pvos_lock(q->os);
	if (blkf_submit(q, id, io, (kind >> 1) % 5, fuzz_byte(&in), io->bytes))
		io->busy = false;
	if (kind & 64)
		blkf_commit(q);
	pvos_unlock(q->os);
}

static void respond(uint32_t kind)
{
	struct blkf_queue *q = queue(kind);
	struct blkif_sring *ring = q->sring;
	struct blkif_response rsp = { .id = fuzz_byte(&in) % IOS, .operation = (kind >> 1) % 8 };
	uint32_t good = fuzz_byte(&in), slot;

	if (!ring)
		return;
	slot = ring->rsp_prod & (q->ring.size - 1);
	/* Mostly the answer to what was asked there. */
	if (good < 200) {
		rsp.id = ring->ring[slot].req.id;
		rsp.operation = ring->ring[slot].req.operation;
		if (rsp.operation == BLKIF_OP_INDIRECT && good & 1)
			rsp.operation = ((struct blkif_request_indirect *)&ring->ring[slot].req)->indirect_op;
	} else if (good < 205) {
		rsp.id = (uint64_t)fuzz_word(&in) << (good & 3) * 10;
	}
	rsp.status = good % 16 ? 0 : (int8_t)fuzz_byte(&in);
	ring->ring[slot].rsp = rsp;
	ring->rsp_prod += 1 + !(good % 64);
	fuzz_notify(&q->event);
}

static void act(void)
{
	uint32_t what = fuzz_byte(&in);

	switch (what % 10) {
	case 0:
		fuzz_node(&in, &host->back, fuzz_one_of(&in, names));
		break;
	case 1:
		host_set_state(&host->back, what / 10 % 9);
		break;
	case 2:
		offer(fuzz_byte(&in));
		break;
	case 3:
	case 4:
		submit(fuzz_byte(&in));
		break;
	case 5:
	case 6:
		respond(fuzz_byte(&in));
		break;
	case 7:
		fuzz_poke_granted(&in);
		break;
	case 8:
		if (what < 20)
			pvd_conn_resume(host->front.dev);
		else if (what < 40)
			pvd_conn_idle(host->front.dev);
		else
			host->page_limit = what / 16;
		break;
	case 9:
		fuzz_steps(what / 10);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct blkf_limits limits = { .queues = 2, .ids = IOS, .depth = IOS, .max_order = 1, .max_segs = 32, .pool_pages = 80 };
	uint32_t i;

	in = (struct fuzz_input){ data, data + size };
	memset(ios, 0, sizeof(ios));
	host_new(&(struct host_options){ .seed = 1 });
	host_set_state(&host->back, PVD_INITIALISING);
	host_blkf_new(&limits);
	offer(fuzz_byte(&in));
	while (in.at < in.end)
		act();
	host_run();
	host_blkf_delete();
	for (i = 0; i < 2 * IOS; i++) {
		host_check(!ios[i / IOS][i % IOS].busy);
		free(ios[i / IOS][i % IOS].data);
	}
	host_end();
	return 0;
}
