// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The connection's table: doc/drivers.md, "Connection". */
#include "conn.h"
#include "node.h"

#define LOSSES_MAX	8
#define UNSEEN		7	/* the peer's state, before it is known */

enum action { NONE, BEGIN, OFFER, CONNECT, UPDATE, LOSE, CLOSE, DROP };

#define PH(p)	(1U << PVD_PH_##p)
#define ST(s)	(1U << PVD_##s)

struct row {
	uint16_t phases;
	uint16_t peers;
	bool fresh;		/* for a sign of the peer alone, not after another row */
	uint8_t action;
	uint8_t next;
};

static const struct row front_rows[] = {
	{ PH(INIT), ST(INITWAIT) | ST(INITIALISED), false, OFFER, PVD_PH_OFFERED },
	{ PH(INIT), ST(CONNECTED), false, NONE, PVD_PH_RESET },
	/* A device that goes away before it was used; with one that stays it is another driver of this end that has closed. */
	{ PH(INIT), ST(CLOSING), false, NONE, PVD_PH_CLOSED },
	{ PH(INIT), ST(CLOSING), false, NONE, PVD_PH_RESET2 },
	/* Likewise, and that one's Closed is still to be read. */
	{ PH(INIT), ST(CLOSED), true, BEGIN, PVD_PH_INIT },
	{ PH(RESET), ST(CLOSING), false, NONE, PVD_PH_RESET2 },
	{ PH(RESET) | PH(RESET2), ST(UNKNOWN) | ST(INITIALISING) | ST(INITWAIT) | ST(INITIALISED) | ST(CLOSED), false,
		NONE, PVD_PH_INIT },
	{ PH(OFFERED), ST(CONNECTED), false, CONNECT, PVD_PH_UP },
	{ PH(OFFERED), ST(UNKNOWN) | ST(INITIALISING), false, LOSE, PVD_PH_INIT },
	{ PH(OFFERED), ST(CLOSING) | ST(CLOSED), false, DROP, PVD_PH_CLOSED },
	{ PH(UP), ST(CONNECTED), true, UPDATE, PVD_PH_UP },
	{ PH(UP), ST(UNKNOWN) | ST(INITIALISING) | ST(INITWAIT) | ST(CLOSED), false, LOSE, PVD_PH_INIT },
	{ PH(UP), ST(CLOSING), false, CLOSE, PVD_PH_CLOSING },
	{ PH(CLOSING), ST(UNKNOWN) | ST(INITIALISING) | ST(INITWAIT) | ST(CLOSED), false, DROP, PVD_PH_CLOSED },
	{ PH(FAILED), ST(UNKNOWN) | ST(CLOSING) | ST(CLOSED), false, NONE, PVD_PH_DEAD },
	{ }
};

static const struct row back_rows[] = {
	{ PH(INIT) | PH(OFFERED) | PH(UP) | PH(CLOSING) | PH(CLOSED) | PH(FAILED), ST(UNKNOWN), false, DROP, PVD_PH_DEAD },
	{ PH(INIT) | PH(OFFERED) | PH(UP) | PH(CLOSING) | PH(FAILED), ST(CLOSED), false, DROP, PVD_PH_CLOSED },
	{ PH(INIT) | PH(OFFERED) | PH(UP) | PH(FAILED), ST(CLOSING), false, DROP, PVD_PH_CLOSING },
	{ PH(INIT), ST(INITIALISING) | ST(INITWAIT) | ST(INITIALISED) | ST(CONNECTED), false, OFFER, PVD_PH_OFFERED },
	{ PH(OFFERED), ST(INITIALISED) | ST(CONNECTED), false, CONNECT, PVD_PH_UP },
	{ PH(UP), ST(INITIALISED) | ST(CONNECTED), true, UPDATE, PVD_PH_UP },
	{ PH(UP), ST(INITIALISING) | ST(INITWAIT), false, LOSE, PVD_PH_INIT },
	{ PH(CLOSING) | PH(CLOSED), ST(INITIALISING), false, NONE, PVD_PH_INIT },
	{ PH(CLOSED), ST(INITIALISED) | ST(CONNECTED), true, NONE, PVD_PH_INIT },
	{ PH(FAILED), ST(INITIALISING), true, NONE, PVD_PH_INIT },
	{ }
};

void pvd_conn_init(struct pvd_dev *dev, const struct pvd_class *class, enum pvd_role role)
{
	dev->class = class;
	dev->conn.role = role;
	dev->conn.phase = PVD_PH_INIT;
	dev->conn.peer = UNSEEN;
}

uint32_t pvd_conn_state(const struct pvd_dev *dev)
{
	static const uint8_t states[PVD_PH_COUNT] = {
		[PVD_PH_INIT] = PVD_INITIALISING, [PVD_PH_RESET] = PVD_CLOSING, [PVD_PH_RESET2] = PVD_CLOSED,
		[PVD_PH_UP] = PVD_CONNECTED, [PVD_PH_CLOSING] = PVD_CLOSING, [PVD_PH_CLOSED] = PVD_CLOSED,
		[PVD_PH_FAILED] = PVD_CLOSING, [PVD_PH_DEAD] = PVD_CLOSED,
	};

	if (dev->conn.phase != PVD_PH_OFFERED)
		return states[dev->conn.phase];
	return dev->conn.role == PVD_FRONT ? dev->class->offered : PVD_INITWAIT;
}

static void enter(struct pvd_dev *dev, enum pvd_phase next)
{
	uint32_t before = dev->conn.reconfigured ? (uint32_t)PVD_RECONFIGURED : pvd_conn_state(dev);

	dev->conn.phase = next;
	dev->conn.reconfigured = false;
	if (pvd_conn_state(dev) != before)
		pvos_set_state(dev, pvd_conn_state(dev));
}

static int lose(struct pvd_dev *dev)
{
	dev->class->lose(dev);
	return dev->conn.role == PVD_FRONT && ++dev->conn.losses > LOSSES_MAX ? -EPIPE : 0;
}

static void drop(struct pvd_dev *dev)
{
	dev->class->drop(dev);
	dev->conn.held = dev->class->release != NULL;
}

void pvd_conn_release(struct pvd_dev *dev)
{
	if (dev->conn.held)
		dev->class->release(dev);
	dev->conn.held = false;
}

bool pvd_conn_lets_go(uint32_t state)
{
	return state <= PVD_INITWAIT || state == PVD_CLOSED || state == UNSEEN;
}

static int act(struct pvd_dev *dev, enum action action)
{
	const struct pvd_class *class = dev->class;

	switch (action) {
	case BEGIN:
		pvos_set_state(dev, PVD_INITIALISING);
		return 0;
	case OFFER:
		return class->offer(dev);
	case CONNECT:
		return class->connect(dev);
	case UPDATE:
		return class->update(dev);
	case LOSE:
		return lose(dev);
	case CLOSE:
		return class->close(dev);
	case DROP:
		drop(dev);
		return 0;
	case NONE:
		return 0;
	}
	return -EINVAL;
}

/* A front end that says "connected" when its rings are published has not published them when it says "initialised". */
static uint32_t peer_state(const struct pvd_dev *dev)
{
	uint32_t state = dev->conn.peer;

	if (dev->conn.role == PVD_BACK && state == PVD_INITIALISED && dev->class->offered == PVD_CONNECTED)
		return PVD_INITWAIT;
	return state;
}

/*
 * A back end that begins, and finds us connected, takes up the rings that it finds, perhaps at once: they stay if they can. Their pages
 * could be in use for something else by the time that it looks.
 */
static bool kept(struct pvd_dev *dev, const struct row *row)
{
	return row->action == LOSE && dev->conn.phase == PVD_PH_UP && dev->conn.role == PVD_FRONT &&
		dev->conn.peer == PVD_INITWAIT && dev->class->keeps && dev->class->keeps(dev);
}

/* Tools say in the back end's directory whether a device is to stay. */
static bool stays(struct pvd_dev *dev)
{
	enum pvd_side side = dev->conn.role == PVD_FRONT ? PVD_PEER : PVD_OWN;

	return pvd_read_default(dev, side, "online", 1, 0);
}

static bool begins_anew(struct pvd_dev *dev, const struct row *row)
{
	return dev->conn.role == PVD_FRONT && dev->conn.phase == PVD_PH_INIT && row->next == PVD_PH_CLOSED && stays(dev);
}

static const struct row *find_row(struct pvd_dev *dev, bool fresh)
{
	const struct row *row = dev->conn.role == PVD_FRONT ? front_rows : back_rows;

	for (; row->phases; row++) {
		if (!(row->phases & 1U << dev->conn.phase) || !(row->peers & 1U << peer_state(dev)))
			continue;
		if (row->fresh && !fresh)
			continue;
		if (row->action == CONNECT && dev->conn.role == PVD_BACK && !dev->conn.ready)
			continue;
		if (kept(dev, row) || begins_anew(dev, row))
			continue;
		return row;
	}
	return NULL;
}

static void shut(struct pvd_dev *dev)
{
	drop(dev);
	enter(dev, PVD_PH_CLOSED);
}

static void step(struct pvd_dev *dev, bool fresh)
{
	const struct row *row;

	while ((row = find_row(dev, fresh))) {
		int result = act(dev, row->action);

		if (result < 0) {
			pvd_conn_fail(dev);
			return;
		}
		enter(dev, row->next);
		if (row->action == CLOSE && result)
			shut(dev);
		fresh = false;
	}
	/* What the peer still has mapped would be lost to the system until it lets go, if the grants ended before. */
	if (pvd_conn_lets_go(dev->conn.peer))
		pvd_conn_release(dev);
}

void pvd_conn_peer(struct pvd_dev *dev, uint32_t state)
{
	bool reconfiguring = state == PVD_RECONFIGURING && dev->conn.role == PVD_BACK;

	/* A front end that is connected, and has changed what it wants; it waits for an answer. */
	if (reconfiguring)
		state = PVD_CONNECTED;
	if (state > PVD_CLOSED)
		return;
	dev->conn.peer = state;
	step(dev, true);
	if (!reconfiguring || dev->conn.phase != PVD_PH_UP)
		return;
	dev->conn.reconfigured = true;
	pvos_set_state(dev, PVD_RECONFIGURED);
}

void pvd_conn_ready(struct pvd_dev *dev)
{
	dev->conn.ready = true;
	step(dev, false);
}

void pvd_conn_idle(struct pvd_dev *dev)
{
	if (dev->conn.phase != PVD_PH_CLOSING)
		return;
	shut(dev);
	step(dev, false);
}

void pvd_conn_resume(struct pvd_dev *dev)
{
	pvd_conn_release(dev);
	if (dev->conn.phase >= PVD_PH_CLOSED)
		return;
	dev->class->lose(dev);
	dev->conn.phase = PVD_PH_INIT;
	pvos_set_state(dev, PVD_INITIALISING);
}

void pvd_conn_fail(struct pvd_dev *dev)
{
	if (dev->conn.phase == PVD_PH_FAILED || dev->conn.phase == PVD_PH_DEAD)
		return;
	drop(dev);
	enter(dev, PVD_PH_FAILED);
	step(dev, false);
}

void pvd_conn_remove(struct pvd_dev *dev)
{
	drop(dev);
	dev->conn.phase = PVD_PH_DEAD;
}

void pvd_conn_withdraw(struct pvd_dev *dev)
{
	bool stay = stays(dev);

	/* Tools may take the directory away meanwhile: then there is nothing more to remove. */
	if (stay)
		dev->class->withdraw(dev);
	if (dev->conn.role == PVD_BACK)
		return;
	/* Some front ends wait for a back end that begins, and do not ask one that has closed. */
	stay = stay && pvd_read_default(dev, PVD_PEER, "state", PVD_CLOSED, 0) == PVD_CLOSED;
	pvos_set_state(dev, stay ? PVD_INITIALISING : PVD_CLOSED);
}
