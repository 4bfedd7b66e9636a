/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System time: a straight line over the time stamp counter, replaced by one of another rate when the platform
 * timer shows that it is wrong. A new line starts a little in the future, where it meets the old one, so that
 * time is a function of the counter alone: it neither jumps nor differs between processors, however late
 * one of them sees the change. See doc/time.md.
 */
#include <asm/cpu.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/percpu.h>
#include "clock.h"

#define RATE_ONE	(1UL << 32)
#define LEAD_US		20		/* longer than it takes to tell all processors, and than their counters differ */
#define BASE_US		1000		/* a line's own zero lies so long before its start: guests subtract it */
#define GROSS_ERROR	MILLISECS(10)	/* a clock that is so wrong does not have a constant rate */

/* A shared clock is changed seldom and by little; one that proves unsteady is followed closely. */
#define QUIET_WINDOW	((uint64_t)SECONDS(512))
#define QUIET_SLEW	((uint64_t)SECONDS(512))
#define CLOSE_SLEW	((uint64_t)SECONDS(4))

s_time_t clock_line_at(const struct clock_line *l, uint64_t tsc)
{
	uint64_t d = tsc - l->tsc;

	if ((int64_t)d < 0)
		return l->stime - (s_time_t)((unsigned __int128)-d * l->rate >> 32);
	return l->stime + (s_time_t)((unsigned __int128)d * l->rate >> 32);
}

/* The counter is read before the line is looked up: an old line was then the right one at that moment. */
s_time_t now(void)
{
	uint64_t tsc = rdtsc();
	const struct clock_line *l = READ_ONCE(this_cpu()->arch.clock.line);

	if (unlikely((int64_t)(tsc - l->from) < 0))
		return clock_line_at(l->before, tsc);
	return l->stime + (s_time_t)((unsigned __int128)(tsc - l->tsc) * l->rate >> 32);
}

static uint32_t next_gen(void)
{
	static uint32_t last;
	uint32_t gen;

	do {
		gen = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
	} while (!gen);
	return gen;
}

static uint64_t us_to_ticks(unsigned int us)
{
	return (uint64_t)us * tsc_khz / 1000;
}

/* A line through (tsc, stime), in force from there on. */
static void line_init(struct clock_line *l, uint64_t tsc, s_time_t stime, uint64_t rate,
		      const struct clock_line *before)
{
	uint64_t base = us_to_ticks(BASE_US);

	l->scale = time_scale_from_rate(&rate);
	l->rate = rate;
	l->from = tsc;
	l->tsc = tsc - base;
	l->stime = stime - (s_time_t)((unsigned __int128)base * rate >> 32);
	l->before = before;
	l->gen = next_gen();
	l->stable = before->stable;
}

void clock_start(struct clock *c, uint64_t tsc, s_time_t stime, uint64_t rate, const struct clock_sample *x)
{
	struct clock_line *l = &c->line[c->cur];

	l->stable = false;
	line_init(l, tsc, stime, rate, l);
	c->steer = (struct steer){ .anchor = *x, .next = *x,
				   .window = c->own ? 0 : QUIET_WINDOW, .slew = c->own ? CLOSE_SLEW : QUIET_SLEW };
	c->ahead = clock_line_at(l, x->tsc) - (int64_t)x->ns;
}

static void tell(struct clock *c, const struct clock_line *l)
{
	unsigned int cpu;

	if (c->own) {
		__atomic_store_n(&this_cpu()->arch.clock.line, l, __ATOMIC_RELEASE);
		softirq_raise(SOFTIRQ_TIME_CALIBRATE);
		return;
	}
	for_each_online_cpu(cpu)
		__atomic_store_n(&percpu(cpu)->arch.clock.line, l, __ATOMIC_RELEASE);
	if (system_state < SYS_ACTIVE)
		return;
	/* Guests that run now learn it at once, the others when they get a processor. */
	for_each_online_cpu(cpu)
		softirq_raise_cpu(cpu, SOFTIRQ_TIME_CALIBRATE);
}

static void change_line(struct clock *c, uint64_t rate, bool stable)
{
	unsigned int next = (c->cur + 1) % CLOCK_LINES;
	const struct clock_line *old = &c->line[c->cur];
	struct clock_line *new = &c->line[next];
	/* An interruption could eat up the lead. */
	unsigned long flags = local_irq_save();
	uint64_t from = rdtsc() + us_to_ticks(LEAD_US);

	line_init(new, from, clock_line_at(old, from), rate, old);
	new->stable = stable;
	c->cur = next;
	tell(c, new);
	local_irq_restore(flags);
}

static int64_t error_at(const struct clock *c, const struct clock_sample *x)
{
	return clock_line_at(&c->line[c->cur], x->tsc) - (int64_t)x->ns - c->ahead;
}

void clock_settle(struct clock *c)
{
	struct steer close = c->steer;
	uint64_t rate = c->line[c->cur].rate;
	struct clock_sample x;

	close.window = 0;
	if (platform_sample(&x))
		change_line(c, steer_rate(&close, &x, error_at(c, &x), rate), false);
}

void clock_restart(struct clock *c, bool stable)
{
	struct clock_sample x;

	change_line(c, c->line[c->cur].rate, stable);
	if (!platform_sample(&x))
		return;
	c->ahead = clock_line_at(&c->line[c->cur], x.tsc) - (int64_t)x.ns;
	c->steer.anchor = c->steer.next = x;
}

static void compare(struct clock *c)
{
	const struct clock_line *l = &c->line[c->cur];
	bool stable = l->stable;
	struct clock_sample x;
	uint64_t rate;
	int64_t err;

	if (!platform_sample(&x))
		return;
	err = error_at(c, &x);
	if (stable && (err > GROSS_ERROR || err < -GROSS_ERROR)) {
		printk(LOG_WARN "Clock: %ld us off the platform timer: its rate is not constant\n", (long)err / 1000);
		c->steer = (struct steer){ .anchor = x, .next = x, .window = 0, .slew = CLOSE_SLEW };
		stable = false;
	}
	rate = steer_rate(&c->steer, &x, err, l->rate);
	if (rate != l->rate || stable != l->stable)
		change_line(c, rate, stable);
}

void clock_tick(void *clock)
{
	struct clock *c = clock;

	compare(c);
	timer_set(&c->timer, now() + CLOCK_PERIOD);
}
