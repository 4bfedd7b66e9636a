// SPDX-License-Identifier: GPL-2.0-or-later
#include "pace.h"

#include <time.h>

#include "account.h"
#include "domain.h"

#define TICK 0.01		/* seconds */
#define ENOUGH 0.001		/* seconds of processor time to go on with */
#define EVENT 20e-6		/* seconds: an interrupt, a wake-up, system calls to take and unmask it */

static struct ev_loop *pace_loop;
static ev_timer timer;		/* active while somebody waits */
static double began;

static bool limited(const struct conn *conn)
{
	return conn->domain && conn->actor.domid;
}

/* Of the daemon's, in seconds. */
static double processor_time(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void fill(struct pace *pace)
{
	double rate = quotas[QUOTA_TIME].limit / 1e3, now = ev_now(pace_loop);

	/* The clock may have been set back. */
	if (now > pace->filled)
		pace->left += (now - pace->filled) * rate;
	if (pace->left > 2 * rate)
		pace->left = 2 * rate;
	pace->filled = now;
}

static void look(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	bool any = false;

	for_each_conn(conn) {
		if (!conn->pace.waits)
			continue;
		fill(&conn->pace);
		conn->pace.waits = conn->pace.left < ENOUGH;
		any |= conn->pace.waits;
		if (conn->pace.waits)
			continue;
		domain_hear(conn->domain);
		conn_kick(conn);
	}
	if (!any)
		ev_timer_stop(loop, &timer);
}

void pace_start(struct ev_loop *loop)
{
	pace_loop = loop;
	ev_timer_init(&timer, look, TICK, TICK);
}

void pace_new(struct conn *conn)
{
	conn->pace.left = 2 * quotas[QUOTA_TIME].limit / 1e3;
	conn->pace.filled = ev_time();
}

bool pace_waits(struct conn *conn)
{
	if (!limited(conn) || conn->pace.waits)
		return conn->pace.waits;
	fill(&conn->pace);
	if (conn->pace.left > 0)
		return false;
	conn->pace.waits = true;
	if (!ev_is_active(&timer))
		ev_timer_again(pace_loop, &timer);
	return true;
}

void pace_event(struct conn *conn)
{
	if (limited(conn))
		conn->pace.left -= EVENT;
}

void pace_begin(const struct conn *conn)
{
	if (limited(conn))
		began = processor_time();
}

void pace_end(struct conn *conn)
{
	if (limited(conn))
		conn->pace.left -= processor_time() - began;
}
