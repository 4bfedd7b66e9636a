// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include <stdlib.h>
#include "blk_model.h"

struct model model;

void model_new(uint32_t max_sectors)
{
	memset(&model, 0, sizeof(model));
	model.max_sectors = max_sectors;
	model.expect = malloc(HOST_DISK);
	memcpy(model.expect, host->disk, HOST_DISK);
	model.nr_ops = sizeof(model.ops) / sizeof(model.ops[0]);
}

void model_end(void)
{
	uint32_t i;

	for (i = 0; i < model.nr_ops; i++)
		host_check(!model.ops[i].used);
	host_check(!memcmp(model.expect, host->disk, HOST_DISK));
	free(model.expect);
}

static struct model_op *idle_op(void)
{
	uint32_t first = host_random(model.nr_ops), i;

	for (i = 0; i < model.nr_ops; i++) {
		struct model_op *op = &model.ops[(first + i) % model.nr_ops];
		uint32_t queue = (op - model.ops) / 64, id = (op - model.ops) % 64;

		if (op->used || queue >= host->blkf->nr_queues || id >= host->blkf->depth)
			continue;
		op->queue = &host->blkf->queues[queue];
		op->id = id;
		return op;
	}
	return NULL;
}

static bool claim(struct model_op *op, bool claimed)
{
	uint32_t i;

	for (i = 0; claimed && i < op->sectors; i++)
		if (model.claimed[op->sector + i])
			return false;
	memset(model.claimed + op->sector, claimed, op->sectors);
	return true;
}

static void fill(struct model_op *op)
{
	uint32_t i, word = host_random(UINT32_MAX);

	op->io.bytes = op->sectors * 512;
	op->io.data = malloc(op->io.bytes);
	for (i = 0; i < op->io.bytes; i += 4, word += 0x9e3779b9)
		memcpy(op->io.data + i, &word, 4);
}

static void give_up(struct model_op *op)
{
	claim(op, false);
	free(op->io.data);
	memset(op, 0, sizeof(*op));
}

static int submit(struct model_op *op)
{
	int error;

	op->io.busy = true;
	op->io.again = false;
	pvos_lock(op->queue->os);
	error = blkf_submit(op->queue, op->id, &op->io, op->op, op->sector, (uint64_t)op->sectors * 512);
	if (error)
		op->io.busy = false;
	if (!host_random(3))
		blkf_commit(op->queue);
	pvos_unlock(op->queue->os);
	return error;
}

void model_submit(void)
{
	struct model_op *op = idle_op();
	uint32_t unit = host->options.logical / 512;
	int error;

	if (!op || !host->started)
		return;
	op->op = (enum blkf_op[]){ BLKF_READ, BLKF_WRITE, BLKF_READ, BLKF_WRITE, BLKF_WRITE, BLKF_FLUSH, BLKF_DISCARD,
		BLKF_READ }[host_random(8)];
	if (op->op != BLKF_FLUSH) {
		op->sectors = (1 + host_random(host_random(2) ? model.max_sectors : 16) / unit) * unit;
		op->sector = host_random((HOST_DISK / 512 - op->sectors) / unit + 1) * unit;
	}
	if (!claim(op, true)) {
		memset(op, 0, sizeof(*op));
		return;
	}
	fill(op);
	error = submit(op);
	host_check(!error || error == -EBUSY || error == -EOPNOTSUPP || error == -EAGAIN);
	op->used = true;
	if (error) {
		model.busy++;
		give_up(op);
	}
}

static void ended(struct model_op *op)
{
	uint8_t *place = model.expect + op->sector * 512;

	model.done++;
	if (op->io.error) {
		/* What is there now is unknown. */
		model.failed++;
		memcpy(place, host->disk + op->sector * 512, op->io.bytes);
	} else if (op->op == BLKF_WRITE) {
		memcpy(place, op->io.data, op->io.bytes);
	} else if (op->op == BLKF_DISCARD) {
		memset(place, 0, op->io.bytes);
	} else if (op->op == BLKF_READ) {
		model.wrong += memcmp(place, op->io.data, op->io.bytes) != 0;
	}
	give_up(op);
}

void model_collect(void)
{
	uint32_t i;

	for (i = 0; i < model.nr_ops; i++) {
		struct model_op *op = &model.ops[i];

		if (!op->used || op->io.busy)
			continue;
		if (!op->io.again) {
			ended(op);
		} else if (host->stopped_forever) {
			op->io.error = -EIO;
			ended(op);
		} else if (host->started) {
			/* The queue that it was on may not be used any more. */
			if (op->queue >= host->blkf->queues + host->blkf->nr_queues) {
				op->io.error = -EIO;
				ended(op);
				continue;
			}
			model.again++;
			if (submit(op))
				op->io.again = true;
		}
	}
}

static void commit_all(void)
{
	uint32_t i;

	for (i = 0; host->blkf && i < host->blkf->nr_queues; i++) {
		struct blkf_queue *q = &host->blkf->queues[i];

		pvos_lock(q->os);
		blkf_commit(q);
		pvos_unlock(q->os);
	}
}

void model_run(uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint32_t steps = host_random(8);

		model_submit();
		if (!host_random(8))
			commit_all();
		while (steps-- && host_step())
			;
		model_collect();
	}
	for (i = 0; i < 64; i++) {
		commit_all();
		host_run();
		model_collect();
	}
}
