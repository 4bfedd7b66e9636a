/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps a clock with the platform timer by small changes of its rate. The rate is measured
 * over a long time, so that the error of one sample counts little, and bent so that the error which has
 * added up vanishes in `slew` nanoseconds. A clock with a window is left alone while the better rate is not
 * different enough to be sure of.
 */
#include <asm/time.h>

#define RATE_ONE	(1UL << 32)
#define MIN_SPAN	50000000	/* ns: below that a sample's error counts too much */
#define MAX_BEND	1024		/* at most one part in this many */
#define QUIET_SHIFT	20		/* changes below 1 part in 2^20 are not worth it */

/* How much of rate to take off: err ahead is to be lost over slew. */
static int64_t bend(uint64_t rate, int64_t err, uint64_t slew)
{
	int64_t max = (int64_t)(slew / MAX_BEND);
	uint64_t size;

	if (err > max)
		err = max;
	if (err < -max)
		err = -max;
	size = muldiv64(rate, (uint64_t)(err < 0 ? -err : err), slew);
	return err < 0 ? -(int64_t)size : (int64_t)size;
}

/* The part of rate that the samples' inaccuracy leaves open. */
static uint64_t doubt(const struct steer *s, const struct clock_sample *x, uint64_t rate, uint64_t span)
{
	uint64_t ns = muldiv64(s->anchor.latency + x->latency, rate, RATE_ONE);

	return (rate >> QUIET_SHIFT) + muldiv64(rate, ns, span);
}

uint64_t steer_rate(struct steer *s, const struct clock_sample *x, int64_t err, uint64_t rate)
{
	uint64_t span = x->ns - s->anchor.ns, better, change;

	if (span < MIN_SPAN || x->tsc <= s->anchor.tsc)
		return rate;
	better = muldiv64(span, RATE_ONE, x->tsc - s->anchor.tsc);
	better -= (uint64_t)bend(better, err, s->slew);
	change = better > rate ? better - rate : rate - better;
	if (s->window && change < doubt(s, x, rate, span))
		better = rate;
	if (x->ns - s->next.ns >= s->window) {
		s->anchor = s->window ? s->next : *x;
		s->next = *x;
	}
	return better;
}
