// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The block back end with a hostile front end: its store nodes, its ring, its pages, its grants. */
#include <stdlib.h>
#include "fuzz.h"

static struct fuzz_front front;
static struct fuzz_input in;

static const char *const names[] = {
	"ring-ref", "ring-ref0", "ring-ref1", "ring-ref2", "ring-ref3", "event-channel", "protocol", "ring-page-order", "num-ring-pages",
	"multi-queue-num-queues", "feature-persistent", "queue-0/ring-ref", "queue-0/event-channel", "queue-1/ring-ref",
	"queue-1/event-channel", "queue-0/ring-ref0", "queue-0/ring-ref1", "queue-1/ring-ref0", "queue-1/ring-ref1",
};

/* What a well-behaved front end would publish: from there the input goes on. */
static void publish(uint32_t kind)
{
	char text[12];
	uint32_t i, queues = kind & 1 ? 2 : 1, pages = kind & 2 ? 2 : 1;

	host_set(&host->front, "feature-persistent", kind & 4 ? "1" : NULL);
	host_set(&host->front, "protocol", kind & 8 ? "x86_32-abi" : "x86_64-abi");
	host_set(&host->front, "ring-page-order", pages > 1 ? "1" : NULL);
	host_set(&host->front, "multi-queue-num-queues", queues > 1 ? "2" : NULL);
	for (i = 0; i < queues * pages; i++) {
		char name[64];

		snprintf(name, sizeof(name), queues > 1 ? "queue-%u/ring-ref" : "ring-ref", i / pages);
		if (pages > 1)
			snprintf(name + strlen(name), 8, "%u", i % pages);
		snprintf(text, sizeof(text), "%u", front.grefs[i]);
		host_set(&host->front, name, text);
	}
	for (i = 0; i < queues; i++) {
		char name[64];

		snprintf(name, sizeof(name), queues > 1 ? "queue-%u/event-channel" : "event-channel", i);
		snprintf(text, sizeof(text), "%u", front.ports[i]);
		host_set(&host->front, name, text);
	}
	host_set_state(&host->front, PVD_INITIALISED);
}

/* A request that is right but for what the input says. */
static void put_request(uint32_t kind)
{
	uint8_t *ring = host_frame(front.frames[fuzz_byte(&in) % 4]);
	struct blkif_request req = { .operation = kind % 8, .nr_segments = fuzz_byte(&in) % 16, .id = fuzz_byte(&in) };
	uint32_t slot = fuzz_byte(&in) % 32, i;

	req.sector_number = fuzz_byte(&in) % 16 ? fuzz_byte(&in) : (uint64_t)fuzz_word(&in) << (fuzz_byte(&in) % 40);
	if (req.operation == BLKIF_OP_INDIRECT) {
		struct blkif_request_indirect *indirect = (void *)&req;

		indirect->indirect_op = fuzz_byte(&in) % 3;
		indirect->nr_segments = fuzz_byte(&in) + fuzz_byte(&in);
		indirect->indirect_grefs[0] = front.grefs[fuzz_byte(&in) % FUZZ_FRAMES];
	} else {
		for (i = 0; i < 11; i++) {
			req.seg[i].gref = fuzz_byte(&in) % 64 ? front.grefs[fuzz_byte(&in) % FUZZ_FRAMES] : fuzz_word(&in);
			req.seg[i].first_sect = fuzz_byte(&in) % 32 ? 0 : fuzz_byte(&in);
			req.seg[i].last_sect = fuzz_byte(&in) % 32 ? 7 : fuzz_byte(&in);
		}
	}
	memcpy(ring + PVD_RING_HEADER + slot * 112, &req, slot < 31 ? 112 : 96);
	((struct pvd_ring_header *)ring)->req_prod += 1 + (kind >> 3) % 2;
}

/* Segments in a page, as an indirect request has them. */
static void put_segments(void)
{
	struct blkif_request_segment *seg = host_frame(front.frames[fuzz_byte(&in) % FUZZ_FRAMES]);
	uint32_t n = fuzz_byte(&in), i;

	for (i = 0; i < n; i++)
		seg[i] = (struct blkif_request_segment){ .gref = front.grefs[(n + i) % FUZZ_FRAMES], .last_sect = 7 };
}

static void act(void)
{
	uint32_t what = fuzz_byte(&in);

	switch (what % 12) {
	case 0:
		fuzz_node(&in, &host->front, fuzz_one_of(&in, names));
		break;
	case 1:
		host_set_state(&host->front, what / 12 % 9);
		break;
	case 2:
		publish(fuzz_byte(&in));
		break;
	case 3:
	case 4:
	case 5:
		put_request(fuzz_byte(&in));
		break;
	case 6:
		fuzz_poke(&in, &front);
		break;
	case 7:
		host_send(front.ports[what / 12 % 4], 1);
		break;
	case 8:
		fuzz_revoke(&in, &front, what / 12 + 4);
		break;
	case 9:
		put_segments();
		break;
	case 10:
		if (host->nr_pending)
			host_disk_end(fuzz_byte(&in) % host->nr_pending, what < 40 ? -EIO : 0);
		break;
	case 11:
		fuzz_steps(what / 12);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct blkb_limits limits = { .queues = 2, .max_order = 2, .larges = 2, .os_bytes = 8 };
	struct host_options options = { .seed = 1 };
	uint32_t i;

	in = (struct fuzz_input){ data, data + size };
	i = fuzz_byte(&in);
	options.delayed = i & 7;
	options.read_only_disk = i & 16;
	options.no_flush = (i & 96) == 96;
	options.logical = i & 128 ? 4096 : 512;
	limits.keep_limit = i & 8 ? 8 : 0;
	host_new(&options);
	fuzz_front_new(&front);
	host_set_state(&host->front, PVD_INITIALISING);
	host_blkb_new(&limits);
	while (in.at < in.end)
		act();
	host_run();
	host_blkb_delete();
	fuzz_front_end(&front);
	host_end();
	return 0;
}
