// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Block front and back end against each other. */
#include <stdlib.h>
#include "blk_model.h"
#include "tap.h"

#define OPERATIONS	4000

static const struct blkf_limits front_limits = { .queues = 4, .ids = 64, .depth = 64, .max_order = 2, .max_segs = 256, .pool_pages = 600 };
static const struct blkb_limits back_limits = { .queues = 4, .max_order = 4, .keep_limit = 1056, .larges = 8, .os_bytes = 8 };

static uint32_t seed = 1;

static void begin(struct host_options options)
{
	options.seed = seed++;
	host_new(&options);
	host_set_state(&host->front, PVD_INITIALISING);
	host_set_state(&host->back, PVD_INITIALISING);
	host_set(&host->front, "virtual-device", "51712");
}

static void start(const struct blkf_limits *front, const struct blkb_limits *back)
{
	host_blkf_new(front);
	host_blkb_new(back);
	host_run();
}

/* The front end's way out, as an unplug is. */
static void finish(void)
{
	host_set_state(&host->back, PVD_CLOSING);
	host_run();
	if (host->closing)
		pvd_conn_idle(&host->blkf->dev);
	host_run();
	host_blkf_delete();
	host_run();
	host_blkb_delete();
	host_end();
}

static bool connected(void)
{
	return host->started && host_get_state(&host->front) == PVD_CONNECTED && host_get_state(&host->back) == PVD_CONNECTED;
}

static void test_data(const char *name, struct host_options options, const struct blkf_limits *front,
		const struct blkb_limits *back, uint32_t max_sectors)
{
	bool up;
	uint32_t wrong, failed, done;

	begin(options);
	start(front, back);
	up = connected();
	model_new(max_sectors);
	model_run(OPERATIONS);
	wrong = model.wrong;
	failed = model.failed;
	done = model.done;
	host_check(options.disk_errors || !failed);
	model_end();
	ok(up && !wrong && done > OPERATIONS / 8 && (!options.disk_errors || failed) && !host->reports,
		"%s: %u operations ended, %u failed, %u were busy", name, done, failed, model.busy);
	finish();
}

static void test_connect(void)
{
	begin((struct host_options){ });
	start(&front_limits, &back_limits);
	ok(connected(), "both ends connect");
	ok(host->blkf->nr_queues == 4 && host->blkf->order == 1 && host->blkf->segs == 256, "with queues, a ring, segments");
	ok(host->blkf->disk.sectors == HOST_DISK / 512 && host->blkf->disk.flush && host->blkf->disk.discard,
		"the front end knows the disk");
	host_set_state(&host->back, PVD_CLOSING);
	host_run();
	ok(host->closing && host_get_state(&host->front) == PVD_CLOSING, "an unplug is asked for");
	pvd_conn_idle(&host->blkf->dev);
	host_run();
	ok(host_get_state(&host->front) == PVD_CLOSED && host_get_state(&host->back) == PVD_CLOSED, "and done when nobody uses it");
	ok(!host->torn && !host_frames_used(), "grants end when the back end has let go of them, and before the device goes");
	host_blkf_delete();
	host_blkf_new(&front_limits);
	host_run();
	ok(connected(), "another front end of the same device connects");
	finish();
}

/* Some back ends unmap when the front end says Closed, not before. */
static void test_late_unmap(void)
{
	uint32_t held;

	begin((struct host_options){ });
	start(&front_limits, &back_limits);
	model_new(64);
	model_run(500);
	model_end();
	host->back.deaf = true;
	host_set_state(&host->back, PVD_CLOSING);
	host_run();
	pvd_conn_idle(&host->blkf->dev);
	host_run();
	held = host_frames_used();
	ok(host_get_state(&host->front) == PVD_CLOSED && held > 257 && !host->torn, "pages stay while a back end has them mapped");
	host->back.deaf = false;
	host->back.peer_changed = true;
	host_run();
	ok(host_get_state(&host->back) == PVD_CLOSED && !host_frames_used() && !host->torn, "and go when it is closed");
	finish();
}

static void test_back_returns(void)
{
	uint32_t i;
	bool up = true;

	begin((struct host_options){ .delayed = 4 });
	start(&front_limits, &back_limits);
	model_new(600);
	for (i = 0; i < 24; i++) {
		uint32_t j;

		for (j = 0; j < 200; j++) {
			model_submit();
			if (host_random(2))
				host_step();
			model_collect();
		}
		host_blkb_delete();
		for (j = 0; j < host_random(20); j++)
			host_step();
		host_blkb_new(&back_limits);
		host_run();
		up &= connected();
		model_run(50);
	}
	ok(up && !model.failed && !model.wrong && model.again, "a back end that goes and comes back, %u operations done twice",
		model.again);
	model_end();
	finish();
}

/* Bound to another driver, it never said that it was gone; its disk is there only after the front end has seen that it begins. */
static void test_back_rebound(const struct blkb_limits *next, bool kept)
{
	uint32_t starts, i;

	begin((struct host_options){ .delayed = 4, .late_disk = true });
	start(&front_limits, &back_limits);
	pvd_conn_ready(&host->blkb->dev);
	host_run();
	model_new(600);
	model_run(300);
	starts = host->starts;
	for (i = 0; i < 40; i++)
		model_submit();
	host_blkb_delete();
	host_set_state(&host->back, PVD_CONNECTED);
	host_blkb_new(next);
	pvd_conn_peer(&host->blkb->dev, host_get_state(&host->front));
	pvd_conn_peer(&host->blkf->dev, host_get_state(&host->back));
	pvd_conn_ready(&host->blkb->dev);
	host_run();
	model_run(300);
	ok(connected() && !model.failed && !model.wrong && kept == !model.again && (!kept || (!host->reports && host->starts == starts)),
		"one that is bound again %s", kept ? "takes up the rings" : "and takes fewer pages gets other rings");
	model_end();
	finish();
}

static void test_back_stays_away(void)
{
	begin((struct host_options){ .delayed = 8 });
	start(&front_limits, &back_limits);
	model_new(64);
	while (model.ops[0].used == false || host->nr_pending < 3) {
		model_submit();
		host_step();
	}
	host_blkb_delete();
	host_run();
	model_collect();
	host_check(!host->started && host_get_state(&host->front) == PVD_INITIALISING);
	pvd_conn_fail(&host->blkf->dev);
	model_collect();
	ok(host->stopped_forever && model.failed, "one that does not: what waits fails with the device");
	model_end();
	host_blkf_delete();
	host_end();
}

static void test_smaller_back(void)
{
	struct blkb_limits poor = { .queues = 1, .max_order = 0, .keep_limit = 0, .larges = 1, .os_bytes = 8 };

	begin((struct host_options){ .delayed = 4 });
	host_blkf_new(&front_limits);
	host_blkb_new(&poor);
	host_run();
	ok(connected() && host->blkf->nr_queues == 1 && host->blkf->order == 0, "a back end with one queue and one page");
	model_new(2048 + 300);
	model_run(1000);
	ok(!model.wrong && !model.failed && model.done > 100, "operations of more than a request, one ring page: %u", model.done);
	model_end();
	finish();
}

static void test_front_vanishes(void)
{
	begin((struct host_options){ .delayed = 8 });
	start(&front_limits, &back_limits);
	model_new(600);
	while (host->nr_pending < 20) {
		model_submit();
		host_step();
	}
	host_blkf_delete();
	host_set_state(&host->front, PVD_UNKNOWN);
	host_run();
	ok(host->blkb->dev.conn.phase == PVD_PH_DEAD && !host->nr_pending, "a front end that vanishes with operations under way");
	host_blkb_delete();
	while (model.nr_ops--)
		free(model.ops[model.nr_ops].io.data);
	free(model.expect);
	host_end();
}

static void test_resize(void)
{
	uint32_t starts;

	begin((struct host_options){ });
	start(&front_limits, &back_limits);
	starts = host->starts;
	host->disk_sectors = HOST_DISK / 1024;
	blkb_disk_changed(host->blkb);
	host_run();
	ok(host->starts == starts + 1 && host->blkf->disk.sectors == HOST_DISK / 1024, "the disk's size changes");
	host_set_state(&host->back, PVD_CONNECTED);
	host_run();
	ok(host->starts == starts + 1, "the state said again without a change");
	finish();
}

static void test_resume(void)
{
	begin((struct host_options){ .delayed = 4 });
	start(&front_limits, &back_limits);
	model_new(300);
	model_run(100);
	while (host->nr_pending < 5) {
		model_submit();
		host_step();
	}
	/* Elsewhere: another back end, to which nothing is known. */
	host_blkb_delete();
	pvd_conn_resume(&host->blkf->dev);
	host_blkb_new(&back_limits);
	host->front.peer_changed = true;
	host_run();
	ok(connected(), "a front end that was moved connects");
	model_run(100);
	ok(!model.failed && !model.wrong && model.again, "nothing is lost: %u done again", model.again);
	model_end();
	finish();
}

static void test_memory_short(void)
{
	struct blkf_limits few = front_limits;
	uint32_t i;

	/* What is kept from the start is enough for one operation. */
	few.max_segs = 32;
	begin((struct host_options){ .delayed = 8 });
	start(&few, &back_limits);
	model_new(600);
	host->page_limit = 20;
	for (i = 0; i < 3000; i++) {
		model_submit();
		if (!host_random(4))
			host_step();
		model_collect();
	}
	ok(host->no_pages && model.busy && !model.wrong && !model.failed && model.done > 100,
		"no pages (%u times): operations wait, %u ended", host->no_pages, model.done);
	host->page_limit = 0;
	model_run(200);
	model_end();
	finish();
}

static void test_barriers(void)
{
	begin((struct host_options){ .delayed = 4 });
	start(&front_limits, &back_limits);
	/* As a back end would be that has no flush. */
	host->blkf->disk.flush = false;
	model_new(300);
	model_run(2000);
	ok(!model.wrong && !model.failed && host->blkb->queues[0].stats.flushes && host->blkb->queues[0].stats.stalls,
		"barriers wait for all before them: %u operations ended", model.done);
	model_end();
	finish();
}

static void test_stale_connection(void)
{
	begin((struct host_options){ });
	start(&front_limits, &back_limits);
	/* The front end's system crashed, and starts again while the back end still serves the old one. */
	host_blkf_delete();
	host->back.peer_changed = false;
	host_blkf_new(&front_limits);
	host->back.peer_changed = false;
	host_run();
	ok(connected(), "a front end that finds the back end serving its predecessor");
	finish();
}

static void test_ends_change(const char *name, const struct blkf_limits *front)
{
	begin((struct host_options){ });
	host_set(&host->back, "online", "1");
	start(front, &back_limits);
	host_blkf_leave();
	host_run();
	/* Its number and its state. */
	ok(host->front.nr_nodes == 2 && !host->torn, "a front end that goes leaves nothing of its own: %s", name);
	ok(host_get_state(&host->front) == PVD_INITIALISING && host_get_state(&host->back) == PVD_INITWAIT, "but a device like a new one");
	host_blkf_new(front);
	host_run();
	ok(connected(), "another one connects");
	host_blkf_leave();
	host_run();
	host_blkb_leave();
	ok(host->back.nr_nodes == 2, "nor does a back end");
	host_end();
}

static void test_many_grants(void)
{
	struct blkb_limits few = back_limits;
	uint32_t maps, found;

	few.keep_limit = 64;
	begin((struct host_options){ .delayed = 2 });
	start(&front_limits, &few);
	model_new(600);
	model_run(3000);
	maps = host->maps;
	found = host->blkb->queues[0].stats.found;
	ok(!model.wrong && !model.failed && maps && found, "more pages than may stay mapped: %u mapped, %u found", maps, found);
	model_end();
	finish();
}

int main(int argc, char **argv)
{
	struct blkf_limits narrow = front_limits;
	struct blkb_limits plain = back_limits, fewer = back_limits;

	if (argc > 1)
		seed = atoi(argv[1]);
	host_verbose = argc > 2;
	narrow.max_order = 0;
	plain.keep_limit = 0;
	fewer.max_order = 0;
	test_connect();
	test_data("operations end at once", (struct host_options){ }, &front_limits, &back_limits, 512);
	test_data("in any order, later", (struct host_options){ .delayed = 6 }, &front_limits, &back_limits, 512);
	test_data("with errors", (struct host_options){ .delayed = 8, .disk_errors = 10 }, &front_limits, &back_limits, 512);
	test_data("one page of ring", (struct host_options){ .delayed = 6 }, &narrow, &back_limits, 100);
	test_data("nothing stays mapped", (struct host_options){ .delayed = 6 }, &front_limits, &plain, 512);
	test_data("blocks of 4096 bytes", (struct host_options){ .delayed = 6, .logical = 4096 }, &front_limits, &back_limits, 512);
	test_data("small operations", (struct host_options){ .delayed = 3 }, &front_limits, &back_limits, 8);
	test_back_returns();
	test_late_unmap();
	test_back_rebound(&back_limits, true);
	test_back_rebound(&fewer, false);
	test_back_stays_away();
	test_smaller_back();
	test_front_vanishes();
	test_resize();
	test_resume();
	test_memory_short();
	test_barriers();
	test_stale_connection();
	test_many_grants();
	test_ends_change("queues", &front_limits);
	test_ends_change("a ring of several pages", &(struct blkf_limits){ .queues = 1, .ids = 256, .depth = 256, .max_order = 4, .max_segs = 256,
		.pool_pages = 600 });
	test_ends_change("one of a page", &(struct blkf_limits){ .queues = 1, .ids = 32, .depth = 32, .max_segs = 11, .pool_pages = 600 });
	return tap_end();
}
