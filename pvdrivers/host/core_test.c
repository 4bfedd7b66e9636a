// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The small parts of the core: numbers, ring indices, the table of kept grants, the connection's table. */
#include <stdlib.h>
#include "host.h"
#include "node.h"
#include "tap.h"

/* ---- numbers ---- */

static bool parses(const char *text, uint64_t max, int error, uint64_t value)
{
	uint64_t got = 0;

	return pvd_parse_number(text, max, &got) == error && got == value;
}

static void test_numbers(void)
{
	char name[PVD_NODE_NAME];

	ok(parses("0", 0, 0, 0) && parses("18446744073709551615", UINT64_MAX, 0, UINT64_MAX) && parses("7 \n", 9, 0, 7),
		"numbers");
	ok(parses("18446744073709551616", UINT64_MAX, -ERANGE, 0) && parses("99999999999999999999999", UINT64_MAX, -ERANGE, 0) &&
		parses("10", 9, -ERANGE, 0), "too large");
	ok(parses("", 9, -EINVAL, 0) && parses("-1", 9, -EINVAL, 0) && parses("1x", 9, -EINVAL, 0) && parses(" 1", 9, -EINVAL, 0),
		"none");
	pvd_node_name(name, 3, "ring-ref", 2);
	ok(!strcmp(name, "queue-3/ring-ref2"), "a node's name");
	pvd_node_name(name, -1, "event-channel", -1);
	ok(!strcmp(name, "event-channel"), "without a directory");
}

/* ---- ring ---- */

static void test_ring(void)
{
	struct pvd_ring_header *shared = calloc(1, PVD_PAGE_SIZE);
	struct pvd_front_ring f;
	struct pvd_back_ring b;
	uint32_t i;

	ok(pvd_ring_size(1, 112) == 32 && pvd_ring_size(1, 108) == 32 && pvd_ring_size(16, 112) == 512 && pvd_ring_size(1, 12) == 256 &&
		pvd_ring_size(1, 8) == 256, "entries of a ring");
	shared->req_prod = shared->rsp_prod = 0;
	pvd_front_init(&f, shared, 8);
	ok(!pvd_back_init(&b, shared, 8) && pvd_front_room(&f) == 8 && !pvd_front_push(&f), "an empty ring");
	f.req_prod += 3;
	ok(pvd_front_push(&f) && pvd_back_requests(&b) == 3, "the first push notifies");
	f.req_prod++;
	ok(!pvd_front_push(&f) && pvd_back_requests(&b) == 4, "not the second one");
	b.req_cons += 4;
	ok(!pvd_back_rearm(&b), "nothing more");
	f.req_prod++;
	ok(pvd_front_push(&f) && pvd_front_room(&f) == 3, "asked for, it does");
	b.rsp_prod += 2;
	ok(pvd_back_push(&b) && pvd_front_responses(&f) == 2, "responses");
	f.rsp_cons += 2;
	ok(!pvd_front_rearm(&f) && pvd_front_room(&f) == 5, "make room");
	shared->rsp_prod = f.rsp_cons + 4;
	ok(pvd_front_responses(&f) == -EPROTO, "more responses than requests");
	shared->rsp_prod = f.rsp_cons - 1;
	ok(pvd_front_responses(&f) == -EPROTO, "responses taken back");
	shared->req_prod = b.rsp_prod + 9;
	ok(pvd_back_requests(&b) == -EPROTO, "more requests than there is room");
	shared->req_prod = b.req_cons - 1;
	ok(pvd_back_requests(&b) == -EPROTO, "requests taken back");
	shared->rsp_prod = 5;
	shared->req_prod = 14;
	ok(pvd_back_init(&b, shared, 8) == -EPROTO, "a ring overfull from the start");
	shared->req_prod = 13;
	ok(!pvd_back_init(&b, shared, 8) && pvd_back_requests(&b) == 8, "and one that is taken up where its responses end");

	/* Indices that wrap. */
	f.req_prod = f.req_pushed = f.rsp_cons = b.req_cons = b.rsp_prod = b.rsp_pushed = UINT32_MAX - 2;
	shared->req_prod = shared->rsp_prod = f.req_prod;
	shared->req_event = shared->rsp_event = f.req_prod + 1;
	for (i = 0; i < 100; i++) {
		f.req_prod++;
		if (!pvd_front_push(&f) || pvd_back_requests(&b) != 1)
			break;
		b.req_cons++;
		b.rsp_prod++;
		if (pvd_back_rearm(&b) || !pvd_back_push(&b) || pvd_front_responses(&f) != 1)
			break;
		f.rsp_cons++;
		if (pvd_front_rearm(&f))
			break;
	}
	ok(i == 100, "indices wrap");
	free(shared);
}

/* ---- kept grants ---- */

static void test_grants(void)
{
	static struct pvd_dev dev;
	struct pvd_grants g;
	struct pvd_map *map[300];
	uint32_t grefs[300], i, kept = 0, found = 0;

	host_new(&(struct host_options){ .seed = 1 });
	host->back.dev = &dev;
	for (i = 0; i < 300; i++)
		grefs[i] = host_grant(host_frame_alloc());
	host_check(!pvd_grants_init(&g, &dev, 200, 100));
	for (i = 0; i < 300; i++) {
		map[i] = pvd_grants_new(&g, grefs[i], false, true);
		kept += map[i]->kept;
		pvos_map(&dev, &map[i], 1);
	}
	ok(kept == 200 && g.refused == 100 && !pvd_grants_new(&g, 1, false, true), "as many as there is room for are kept");
	for (i = 0; i < 300; i++)
		found += pvd_grants_find(&g, grefs[i]) == (map[i]->kept ? map[i] : NULL);
	ok(found == 300 && !pvd_grants_find(&g, 0) && !pvd_grants_find(&g, UINT32_MAX), "they are found, no others");
	for (i = 0; i < 300; i++) {
		if (map[i]->kept)
			continue;
		pvos_unmap(&dev, &map[i], 1);
		pvd_grants_put(&g, map[i]);
	}
	pvd_grants_trim(&g);
	ok(g.kept == 200, "what was found lately stays");
	for (i = 0; i < 100; i++)
		pvd_grants_find(&g, grefs[i]);
	pvd_grants_trim(&g);
	for (found = i = 0; i < 100; i++)
		found += pvd_grants_find(&g, grefs[i]) != NULL;
	ok(g.kept == 149 && g.nr_idle == 151 && found == 100, "what was not makes room, a quarter at a time");
	pvd_grants_free(&g);
	ok(host->maps == host->unmaps, "all are unmapped in the end");

	/* Numbers that all fall into one set: multiples of the inverse of the hash's multiplier. */
	host_check(!pvd_grants_init(&g, &dev, 200, 100));
	for (kept = i = 0; i < 20; i++) {
		map[i] = pvd_grants_new(&g, i * 0xe8b2f51U, false, true);
		kept += map[i]->kept;
	}
	ok(kept == PVD_GRANTS_WAYS && g.refused == 12, "a full set refuses");
	for (i = 0; i < 20; i++)
		pvd_grants_put(&g, map[i]);
	ok(!g.kept && g.nr_idle == 300, "what was not mapped is put back");
	pvd_grants_free(&g);
	host->back.dev = NULL;
	for (i = 0; i < 300; i++)
		host_revoke(grefs[i]);
	host_end();
}

/* ---- the connection ---- */

static char trace[256];

static void note(const char *what)
{
	strncat(trace, what, sizeof(trace) - strlen(trace) - 1);
}

static int fails;
static bool unready, granting;

static int t_offer(struct pvd_dev *dev)
{
	note("offer ");
	return fails;
}

static int t_connect(struct pvd_dev *dev)
{
	note("connect ");
	return fails;
}

static int t_update(struct pvd_dev *dev)
{
	note("update ");
	return 0;
}

static void t_lose(struct pvd_dev *dev)
{
	note("lose ");
}

static void t_drop(struct pvd_dev *dev)
{
	note("drop ");
}

static void t_release(struct pvd_dev *dev)
{
	note("release ");
}

static bool at_once;

static bool t_close(struct pvd_dev *dev)
{
	note("close ");
	return at_once;
}

static const struct pvd_class test_class = {
	.name = "test", .offered = PVD_INITIALISED, .offer = t_offer, .connect = t_connect, .update = t_update, .lose = t_lose,
	.close = t_close, .drop = t_drop,
};

/* A front end whose pages the peer maps. */
static const struct pvd_class granting_class = {
	.name = "test", .offered = PVD_INITIALISED, .offer = t_offer, .connect = t_connect, .update = t_update, .lose = t_lose,
	.close = t_close, .drop = t_drop, .release = t_release,
};

static uint32_t published(const struct pvd_dev *dev)
{
	return dev->conn.reconfigured ? PVD_RECONFIGURED : pvd_conn_state(dev);
}

/* The peer's states, one after the other, from a fresh device on: what is done, and the state that is reached. */
static bool sequence(enum pvd_role role, const uint8_t *states, uint32_t n, const char *expect, uint32_t state)
{
	struct pvd_dev dev = { };
	bool good;
	uint32_t i;

	host_new(&(struct host_options){ .seed = 1 });
	*trace = 0;
	if (role == PVD_FRONT)
		host->front.dev = &dev;
	else
		host->back.dev = &dev;
	pvd_conn_init(&dev, granting ? &granting_class : &test_class, role);
	if (role == PVD_BACK && !unready)
		pvd_conn_ready(&dev);
	for (i = 0; i < n; i++)
		pvd_conn_peer(&dev, states[i]);
	good = !strcmp(trace, expect) && published(&dev) == state;
	if (!good)
		printf("# did: %s, is %u\n", trace, published(&dev));
	host->front.dev = host->back.dev = NULL;
	host_end();
	return good;
}

#define SEQUENCE(role, expect, state, what, ...) \
	ok(sequence(role, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }), expect, state), what)

static void test_conn(void)
{
	SEQUENCE(PVD_FRONT, "offer connect ", PVD_CONNECTED, "front: the common way", PVD_INITIALISING, PVD_INITWAIT, PVD_CONNECTED);
	SEQUENCE(PVD_FRONT, "offer connect ", PVD_CONNECTED, "front: states left out", PVD_INITIALISED, PVD_CONNECTED);
	SEQUENCE(PVD_FRONT, "offer connect update ", PVD_CONNECTED, "front: a change", PVD_INITWAIT, PVD_CONNECTED, PVD_CONNECTED);
	SEQUENCE(PVD_FRONT, "offer connect close ", PVD_CLOSING, "front: asked to close", PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSING);
	SEQUENCE(PVD_FRONT, "offer connect close drop ", PVD_CLOSED, "front: made to", PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSING,
		PVD_CLOSED);
	SEQUENCE(PVD_FRONT, "offer connect lose ", PVD_INITIALISING, "front: the back end is gone", PVD_INITWAIT, PVD_CONNECTED,
		PVD_CLOSED);
	SEQUENCE(PVD_FRONT, "offer connect lose offer connect ", PVD_CONNECTED, "front: and returns", PVD_INITWAIT, PVD_CONNECTED,
		PVD_UNKNOWN, PVD_INITIALISING, PVD_INITWAIT, PVD_CONNECTED);
	SEQUENCE(PVD_FRONT, "", PVD_CLOSING, "front: a back end that serves another", PVD_CONNECTED);
	SEQUENCE(PVD_FRONT, "offer ", PVD_INITIALISED, "front: led through closing", PVD_CONNECTED, PVD_CLOSING, PVD_CLOSED,
		PVD_INITWAIT);
	SEQUENCE(PVD_FRONT, "offer connect ", PVD_CONNECTED, "front: states that are none of ours", PVD_INITWAIT, 7, PVD_CONNECTED, 200);
	SEQUENCE(PVD_FRONT, "offer connect lose offer connect lose offer connect lose offer connect lose offer connect lose "
		"offer connect lose offer connect lose offer connect lose offer connect lose drop ", PVD_CLOSED, "front: lost too often",
		PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSED, PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSED, PVD_INITWAIT, PVD_CONNECTED,
		PVD_CLOSED, PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSED, PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSED, PVD_INITWAIT,
		PVD_CONNECTED, PVD_CLOSED, PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSED, PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSED,
		PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSED, PVD_INITWAIT, PVD_CONNECTED);
	SEQUENCE(PVD_BACK, "offer connect update ", PVD_CONNECTED, "back: the common way", PVD_INITIALISING, PVD_INITIALISED,
		PVD_CONNECTED);
	SEQUENCE(PVD_BACK, "offer connect update ", PVD_RECONFIGURED, "back: the front end wants something else", PVD_INITIALISED,
		PVD_RECONFIGURING);
	SEQUENCE(PVD_BACK, "offer connect update update ", PVD_CONNECTED, "back: and is connected again", PVD_INITIALISED,
		PVD_RECONFIGURING, PVD_CONNECTED);
	SEQUENCE(PVD_BACK, "offer connect update drop ", PVD_CLOSING, "back: or closes then", PVD_INITIALISED, PVD_RECONFIGURING,
		PVD_CLOSING);
	SEQUENCE(PVD_BACK, "offer connect drop ", PVD_CLOSING, "back: the front end closes", PVD_INITIALISING, PVD_INITIALISED,
		PVD_CLOSING);
	SEQUENCE(PVD_BACK, "offer connect drop drop offer ", PVD_INITWAIT, "back: and starts again", PVD_INITIALISING, PVD_INITIALISED,
		PVD_CLOSING, PVD_CLOSED, PVD_INITIALISING);
	SEQUENCE(PVD_BACK, "offer connect lose offer ", PVD_INITWAIT, "back: the front end starts again by itself", PVD_INITIALISING,
		PVD_INITIALISED, PVD_INITIALISING);
	SEQUENCE(PVD_BACK, "offer connect drop ", PVD_CLOSED, "back: the front end is gone", PVD_INITIALISING, PVD_INITIALISED,
		PVD_UNKNOWN);
	SEQUENCE(PVD_BACK, "offer connect ", PVD_CONNECTED, "back: finds a front end that is connected", PVD_CONNECTED);
	at_once = true;
	SEQUENCE(PVD_FRONT, "offer connect close drop ", PVD_CLOSED, "front: closes at once", PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSING);
	granting = true;
	SEQUENCE(PVD_FRONT, "offer connect close drop ", PVD_CLOSED, "front: its pages stay while the back end has them",
		PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSING, PVD_CLOSING);
	SEQUENCE(PVD_FRONT, "offer connect close drop release ", PVD_CLOSED, "front: and go, once, with its Closed",
		PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSING, PVD_CLOSED, PVD_CLOSED);
	SEQUENCE(PVD_FRONT, "offer connect close drop release ", PVD_CLOSED, "front: or with the back end",
		PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSING, PVD_UNKNOWN);
	SEQUENCE(PVD_FRONT, "offer connect lose ", PVD_INITIALISING, "front: one that is lost has nothing mapped",
		PVD_INITWAIT, PVD_CONNECTED, PVD_CLOSED);
	granting = false;
	at_once = false;
	unready = true;
	SEQUENCE(PVD_BACK, "offer ", PVD_INITWAIT, "back: without its disk it offers, and waits", PVD_INITIALISING, PVD_INITIALISED);
	unready = false;
	fails = -EINVAL;
	SEQUENCE(PVD_FRONT, "offer drop ", PVD_CLOSED, "front: fails", PVD_INITWAIT, PVD_INITWAIT, PVD_CLOSED, PVD_INITWAIT);
	SEQUENCE(PVD_BACK, "offer drop offer drop ", PVD_CLOSING, "back: fails, tries again when asked", PVD_INITIALISING,
		PVD_INITIALISED, PVD_INITIALISING);
	fails = 0;
}

/* Another driver of this end was there before: its Closed is what the back end knows. */
static void test_begin(void)
{
	struct pvd_dev dev = { };

	host_new(&(struct host_options){ .seed = 1 });
	*trace = 0;
	host->front.dev = &dev;
	host_set_state(&host->front, PVD_CLOSED);
	pvd_conn_init(&dev, &test_class, PVD_FRONT);
	pvd_conn_peer(&dev, PVD_CLOSED);
	ok(!strcmp(host_get(&host->front, "state"), "1") && !*trace, "front: a back end that has closed is asked to begin anew");
	pvd_conn_peer(&dev, PVD_INITWAIT);
	ok(!strcmp(trace, "offer "), "front: and does");
	host->front.dev = NULL;
	host_end();
}

/* The state that a front end that has just begun says when its back end is closing, and then when it is closed. */
static bool says(const char *online, const char *closing, const char *closed)
{
	struct pvd_dev dev = { };
	bool good;

	host_new(&(struct host_options){ .seed = 1 });
	*trace = 0;
	host->front.dev = &dev;
	host_set(&host->back, "online", online);
	pvd_conn_init(&dev, &test_class, PVD_FRONT);
	pvd_conn_peer(&dev, PVD_CLOSING);
	good = !strcmp(host_get(&host->front, "state"), closing);
	pvd_conn_peer(&dev, PVD_CLOSED);
	good &= !strcmp(host_get(&host->front, "state"), closed) && !*trace;
	host->front.dev = NULL;
	host_end();
	return good;
}

static void test_closing(void)
{
	ok(says("0", "6", "6") && says(NULL, "6", "6"), "front: a device that goes away before it was used");
	ok(says("1", "6", "1"), "front: one that stays is still closing for another driver");
}

int main(void)
{
	test_numbers();
	test_ring();
	test_grants();
	test_conn();
	test_begin();
	test_closing();
	return tap_end();
}
