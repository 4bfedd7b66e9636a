// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The connection's table: any signs in any order. What an engine relies on holds, and a step is short. */
#include <stdlib.h>
#include "fuzz.h"

static struct fuzz_input in;
static uint32_t acts;
static bool offered, connected, held, removed;

static int fails(void)
{
	host_check(++acts <= 8);
	return fuzz_byte(&in) < 32 ? -EIO : 0;
}

static int f_offer(struct pvd_dev *dev)
{
	int error = fails();

	host_check(!offered && !connected && !held);
	offered = true;
	return error;
}

static int f_connect(struct pvd_dev *dev)
{
	host_check(offered && !connected);
	connected = true;
	return fails();
}

static int f_update(struct pvd_dev *dev)
{
	host_check(offered && connected);
	return fails();
}

static void f_lose(struct pvd_dev *dev)
{
	offered = connected = false;
	fails();
}

static void f_drop(struct pvd_dev *dev)
{
	held |= offered && dev->conn.role == PVD_FRONT;
	f_lose(dev);
}

static void f_release(struct pvd_dev *dev)
{
	host_check(!offered && !connected && dev->conn.role == PVD_FRONT);
	held = false;
}

static bool f_close(struct pvd_dev *dev)
{
	host_check(connected && dev->conn.role == PVD_FRONT);
	return fuzz_byte(&in) & 1;
}

static int f_withdraw(struct pvd_dev *dev)
{
	host_check(!offered && !connected && !held);
	return fails();
}

static const struct pvd_class class[4] = {
	{ .name = "f", .offered = PVD_INITIALISED, .offer = f_offer, .connect = f_connect, .update = f_update, .lose = f_lose,
		.close = f_close, .drop = f_drop, .withdraw = f_withdraw },
	{ .name = "f", .offered = PVD_CONNECTED, .offer = f_offer, .connect = f_connect, .update = f_update, .lose = f_lose,
		.close = f_close, .drop = f_drop, .withdraw = f_withdraw },
	{ .name = "f", .offered = PVD_INITIALISED, .offer = f_offer, .connect = f_connect, .update = f_update, .lose = f_lose,
		.close = f_close, .drop = f_drop, .release = f_release, .withdraw = f_withdraw },
	{ .name = "f", .offered = PVD_CONNECTED, .offer = f_offer, .connect = f_connect, .update = f_update, .lose = f_lose,
		.close = f_close, .drop = f_drop, .release = f_release, .withdraw = f_withdraw },
};

static void act(struct pvd_dev *dev)
{
	uint32_t what = fuzz_byte(&in);

	acts = 0;
	if (what < 200) {
		pvd_conn_peer(dev, what % 10);
	} else if (what < 210) {
		pvd_conn_fail(dev);
		host_check(dev->conn.phase >= PVD_PH_CLOSING && !offered && !connected);
	} else if (what < 225) {
		if (dev->conn.role == PVD_BACK)
			pvd_conn_ready(dev);
		else
			pvd_conn_idle(dev);
	} else if (what < 240) {
		if (dev->conn.role == PVD_FRONT)
			pvd_conn_resume(dev);
	} else if (what == 255) {
		pvd_conn_remove(dev);
		removed = true;
		host_check(!offered && !connected);
	}
	/* In these phases there is a connection, in the others there is none. */
	host_check(connected == (dev->conn.phase == PVD_PH_UP || dev->conn.phase == PVD_PH_CLOSING) ||
		(dev->conn.role == PVD_BACK && !connected && dev->conn.phase == PVD_PH_CLOSING));
	/* What is kept is kept for a peer that may use it. */
	host_check(!held || dev->conn.held);
	host_check(!dev->conn.held || removed || !pvd_conn_lets_go(dev->conn.peer));
	host_check(pvd_conn_state(dev) >= PVD_INITIALISING && pvd_conn_state(dev) <= PVD_CLOSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pvd_dev dev = { };
	uint32_t kind;

	in = (struct fuzz_input){ data, data + size };
	offered = connected = held = removed = false;
	host = calloc(1, sizeof(*host));
	kind = fuzz_byte(&in);
	if (kind & 1)
		host->front.dev = &dev;
	else
		host->back.dev = &dev;
	pvd_conn_init(&dev, &class[(kind >> 1 & 1) | (kind & 1) << 1], kind & 1 ? PVD_FRONT : PVD_BACK);
	while (in.at < in.end)
		act(&dev);
	acts = 0;
	pvd_conn_remove(&dev);
	pvd_conn_release(&dev);
	host_check(!held);
	pvd_conn_withdraw(&dev);
	free(host);
	return 0;
}
