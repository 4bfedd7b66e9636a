// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Block back end: from a ring's entry to a checked request. */
#include "blkb_parse.h"
#include "blkb_abi.h"

#define SECTORS_PAGE	(PVD_PAGE_SIZE / 512)
#define HEADER_BYTES	24U		/* of a direct request, in the longer layout */

const struct blkb_abi blkb_abi_64 = {
	.entry = 112, .id = 8, .sector = 16, .segs = 24, .grefs = 28, .discard_sectors = 24,
};

const struct blkb_abi blkb_abi_32 = {
	.entry = 108, .id = 4, .sector = 12, .segs = 20, .grefs = 24, .discard_sectors = 20,
};

/* The private copy of an entry, as far as it was needed. */
union entry {
	uint32_t words[BLKB_ENTRY_MAX / 4];
	uint8_t bytes[BLKB_ENTRY_MAX];
};

static void copy_in(uint32_t *to, const uint32_t *from, uint32_t bytes)
{
	uint32_t i;

	for (i = 0; i < bytes / 4; i++)
		to[i] = pvos_read_once(from[i]);
}

static uint64_t get64(const union entry *e, uint32_t offset)
{
	uint64_t value;

	memcpy(&value, e->bytes + offset, sizeof(value));
	return value;
}

static void refuse(struct blkb_queue *q, struct blkb_req *req, int error, const char *why)
{
	req->error = error;
	q->stats.errors++;
	pvos_report(&q->b->dev, "request refused (operation %u, sector %llu): %s", req->wire,
			(unsigned long long)req->sector, why);
}

/* ---- pages ---- */

void blkb_map_wanted(struct blkb_queue *q)
{
	if (!q->nr_want)
		return;
	q->stats.mapped += q->nr_want;
	pvos_map(&q->b->dev, q->want, q->nr_want);
	q->nr_want = 0;
}

static struct pvd_map *page_of(struct blkb_queue *q, struct blkb_req *req, uint32_t gref, bool readonly)
{
	struct pvd_map *map = q->b->persistent ? pvd_grants_find(&q->grants, gref) : NULL;

	if (pvos_likely(map != NULL)) {
		q->stats.found++;
		return map;
	}
	map = pvd_grants_new(&q->grants, gref, readonly, q->b->persistent);
	if (!map->kept)
		req->temps[req->nr_temps++] = map;
	if (q->nr_want == BLKB_WANT)
		blkb_map_wanted(q);
	q->want[q->nr_want++] = map;
	return map;
}

static uint16_t index_of(const struct blkb_queue *q, const struct pvd_map *map)
{
	return map - q->grants.maps;
}

void blkb_check_maps(struct blkb_queue *q, struct blkb_req *req)
{
	uint32_t i, good = 0;

	for (i = 0; i < req->nr_segs && !req->error; i++)
		if (pvos_unlikely(pvd_grants_map(&q->grants, req->segs[i].map)->status))
			refuse(q, req, -EIO, "a page cannot be mapped");
	if (!req->error)
		return;
	for (i = 0; i < req->nr_temps; i++) {
		if (req->temps[i]->status)
			pvd_grants_put(&q->grants, req->temps[i]);
		else
			req->temps[good++] = req->temps[i];
	}
	req->nr_temps = good;
}

void blkb_forget_maps(struct blkb_queue *q, struct blkb_req *req)
{
	uint32_t i;

	for (i = 0; i < req->nr_segs; i++) {
		struct pvd_map *map = pvd_grants_map(&q->grants, req->segs[i].map);

		if (map->kept && map->status)
			pvd_grants_put(&q->grants, map);
	}
}

/* ---- checks ---- */

/* Copies segments as a peer wrote them, and checks each. Returns what is wrong, or NULL. */
static const char *check_segments(struct blkb_queue *q, struct blkb_req *req, const uint32_t *from, uint32_t *grefs)
{
	uint32_t unit = q->b->disk.logical / 512 - 1, i;

	for (i = 0; i < req->nr_segs; i++) {
		uint32_t words[2];
		const uint8_t *sectors = (const uint8_t *)&words[1];
		struct blkb_seg *seg = &req->segs[i];

		copy_in(words, from + 2 * i, sizeof(words));
		grefs[i] = words[0];
		seg->first = sectors[0];
		seg->last = sectors[1];
		if (seg->first > seg->last || seg->last >= SECTORS_PAGE)
			return "a segment beyond its page";
		if ((seg->first | (seg->last + 1)) & unit)
			return "a segment of partial blocks";
		req->sectors += seg->last - seg->first + 1;
	}
	return NULL;
}

static const char *check_place(struct blkb_queue *q, const struct blkb_req *req)
{
	const struct blkb_disk *disk = &q->b->disk;

	if (req->op != BLKB_READ && req->sectors && disk->readonly)
		return "the disk is read-only";
	if (req->sectors > disk->sectors || req->sector > disk->sectors - req->sectors)
		return "beyond the disk's end";
	if (req->sectors && (req->sector | req->sectors) & (disk->logical / 512 - 1))
		return "partial blocks";
	return NULL;
}

/* ---- the kinds of requests ---- */

static void want_segments(struct blkb_queue *q, struct blkb_req *req, const uint32_t *grefs)
{
	uint32_t i;

	for (i = 0; i < req->nr_segs; i++)
		req->segs[i].map = index_of(q, page_of(q, req, grefs[i], req->op != BLKB_READ));
}

static void parse_segments(struct blkb_queue *q, struct blkb_req *req, const uint32_t *from, uint32_t nr_segs)
{
	uint32_t *grefs = q->grefs;
	const char *wrong;

	req->nr_segs = nr_segs;
	wrong = check_segments(q, req, from, grefs);
	if (!wrong)
		wrong = check_place(q, req);
	if (wrong) {
		req->nr_segs = 0;
		refuse(q, req, -EIO, wrong);
		return;
	}
	want_segments(q, req, grefs);
}

static void parse_direct(struct blkb_queue *q, struct blkb_req *req, const union entry *e, const uint32_t *shared)
{
	uint32_t nr_segs = e->bytes[1];

	if (nr_segs > BLKIF_MAX_SEGMENTS_PER_REQUEST) {
		refuse(q, req, -EIO, "too many segments");
		return;
	}
	if (!nr_segs && (req->op == BLKB_READ || req->op == BLKB_WRITE)) {
		refuse(q, req, -EIO, "no segments");
		return;
	}
	if (!nr_segs)
		req->sector = 0;
	parse_segments(q, req, shared + q->abi->segs / 4, nr_segs);
}

static void parse_indirect(struct blkb_queue *q, struct blkb_req *req, union entry *e, const uint32_t *shared)
{
	uint16_t nr_segs;
	struct pvd_map *map;

	memcpy(&nr_segs, e->bytes + 2, sizeof(nr_segs));
	if (!nr_segs || nr_segs > BLKB_SEGS_MAX) {
		refuse(q, req, -EIO, nr_segs ? "too many segments" : "no segments");
		return;
	}
	req->large = q->idle_large;
	q->idle_large = req->large->next;
	req->segs = req->large->segs;
	req->temps = req->large->temps;
	copy_in(e->words, shared + q->abi->grefs / 4, sizeof(uint32_t));
	map = page_of(q, req, e->words[0], true);
	blkb_map_wanted(q);
	if (map->status) {
		req->segs[0].map = index_of(q, map);
		req->nr_segs = 1;
		refuse(q, req, -EIO, "the segments' page cannot be mapped");
		return;
	}
	parse_segments(q, req, map->addr, nr_segs);
}

static void parse_discard(struct blkb_queue *q, struct blkb_req *req, union entry *e, const uint32_t *shared)
{
	const char *wrong;

	if (!q->b->disk.discard) {
		refuse(q, req, -EOPNOTSUPP, "no discards here");
		return;
	}
	if (e->bytes[1] & BLKIF_DISCARD_SECURE && q->b->disk.secure_discard)
		req->op = BLKB_SECURE_DISCARD;
	copy_in(e->words, shared + q->abi->discard_sectors / 4, sizeof(uint64_t));
	req->sectors = get64(e, 0);
	wrong = req->sectors ? check_place(q, req) : "no sectors";
	if (wrong)
		refuse(q, req, -EIO, wrong);
}

/* The operation, or a negative number. */
static int operation_of(uint8_t wire)
{
	switch (wire) {
	case BLKIF_OP_READ:
		return BLKB_READ;
	case BLKIF_OP_WRITE:
		return BLKB_WRITE;
	case BLKIF_OP_WRITE_BARRIER:
		return BLKB_BARRIER;
	case BLKIF_OP_FLUSH_DISKCACHE:
		return BLKB_FLUSH;
	case BLKIF_OP_DISCARD:
		return BLKB_DISCARD;
	}
	return -1;
}

void blkb_parse(struct blkb_queue *q, const void *entry, struct blkb_req *req)
{
	union entry e;
	bool indirect;
	int op;

	copy_in(e.words, entry, HEADER_BYTES);
	indirect = e.bytes[0] == BLKIF_OP_INDIRECT;
	req->wire = indirect ? e.bytes[1] : e.bytes[0];
	req->id = get64(&e, q->abi->id);
	req->sector = get64(&e, q->abi->sector);
	req->sectors = 0;
	req->nr_segs = req->nr_temps = 0;
	req->segs = req->small_segs;
	req->temps = req->small_temps;
	req->error = 0;
	op = operation_of(req->wire);
	if (op < 0 || (indirect && op != BLKB_READ && op != BLKB_WRITE)) {
		refuse(q, req, -EOPNOTSUPP, "not an operation");
		return;
	}
	req->op = op;
	if (indirect)
		parse_indirect(q, req, &e, entry);
	else if (op == BLKB_DISCARD)
		parse_discard(q, req, &e, entry);
	else
		parse_direct(q, req, &e, entry);
}
