/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside arch/x86/time: the clocks. */
#ifndef TIME_CLOCK_H
#define TIME_CLOCK_H

#include <asm/time.h>
#include <tenon/timer.h>

#define CLOCK_LINES	8
#define CLOCK_PERIOD	SECONDS(1)

/*
 * A source of system time: the line in force and the control of its rate. All processors share the first one if
 * their time stamp counters agree; else each has its own. Only the processor that runs its timer changes it.
 */
struct clock {
	/* Used in turn, one a second at most: nobody still looks at the one that is written. */
	struct clock_line line[CLOCK_LINES];
	unsigned int cur;		/* index of the one in force */
	struct steer steer;
	int64_t ahead;			/* of the platform timer's time when both were started, ns */
	bool own;			/* of one processor */
	struct timer timer;
};

/* A clock's line as it is at first; x is a sample of about the same time. tsc_khz is known. */
void clock_start(struct clock *c, uint64_t tsc, s_time_t stime, uint64_t rate, const struct clock_sample *x);
/* The system time of a line at a counter value. */
s_time_t clock_line_at(const struct clock_line *l, uint64_t tsc);
/* Before guests run: takes the best rate known so far. */
void clock_settle(struct clock *c);
/*
 * Goes on from here as if the clock were right, its rate measured anew. stable: it will hardly change
 * any more, and all processors agree.
 */
void clock_restart(struct clock *c, bool stable);
/* Compares with the platform timer, changes the rate if that is needed, and does so again every second. */
void clock_tick(void *clock);

#endif
