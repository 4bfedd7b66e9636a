/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks of the machine and the conversions between them. doc/time.md is the overview. */
#ifndef ASM_TIME_H
#define ASM_TIME_H

#include <tenon/types.h>

/*
 * Order at boot: after acpi tables are read, irq_init(), then time_init() with interrupts still
 * off; now() works from then on. time_init_late() once timers work. time_init_cpu() on every other
 * processor before it is online; time_check_processors() on the first when all are.
 */
void time_init(void);
void time_init_late(void);
void time_init_cpu(void);
void time_check_processors(void);

/* Busy waits; before time_init() too long rather than too short. */
void udelay(unsigned int us);
void mdelay(unsigned int ms);

extern uint32_t tsc_khz;		/* of the boot processor as first measured */
/* Does the counter tick at one rate, whatever the processor does? */
bool tsc_is_constant(void);

/* ns = ((ticks << shift) * mul) >> 32, shift negative: to the right. The guest interface's form. */
struct time_scale {
	uint32_t mul;
	int8_t shift;
};

/* The scale which makes ticks last ns nanoseconds; both > 0. */
struct time_scale time_scale_from_pair(uint64_t ticks, uint64_t ns);
/* The scale of a rate of ns a tick, 32 bits of fraction; *rate > 0 loses the bits that the scale cannot hold. */
struct time_scale time_scale_from_rate(uint64_t *rate);
/* a * b / c, a result that does not fit saturates. */
uint64_t muldiv64(uint64_t a, uint64_t b, uint64_t c);

static inline uint64_t time_scale_apply(struct time_scale s, uint64_t ticks)
{
	unsigned __int128 p;

	ticks = s.shift < 0 ? ticks >> -s.shift : ticks << s.shift;
	p = (unsigned __int128)ticks * s.mul;
	return (uint64_t)(p >> 32);
}

/* A clock's line: from counter value `from` on, time is stime + (counter - tsc) * rate. Not changed once in force. */
struct clock_line {
	uint64_t from;
	uint64_t tsc;
	s_time_t stime;
	uint64_t rate;			/* ns a tick, 32 bits of fraction */
	const struct clock_line *before;
	struct time_scale scale;	/* rate as guests are told */
	uint32_t gen;			/* differs from line to line, never 0 */
	bool stable;			/* all processors have this one, and it hardly ever changes */
};

/* One look at both counters: tsc is right within latency ticks at ns nanoseconds of the platform's time. */
struct clock_sample {
	uint64_t tsc, ns, latency;
};

/* Control of a clock's rate by samples (time/steer.c). */
struct steer {
	struct clock_sample anchor, next;	/* the rate is measured from anchor on */
	uint64_t window;			/* ns; anchors are from one to two windows old, 0: the last sample */
	uint64_t slew;				/* ns in which an error is to vanish */
};
/*
 * The rate to go on with; rate itself if no better one is known. err: ns by which the clock is
 * ahead of the sample.
 */
uint64_t steer_rate(struct steer *s, const struct clock_sample *x, int64_t err, uint64_t rate);

/* The platform's own counter, independent of the processor (time/platform.c). */
struct platform_timer {
	const char *name;
	uint64_t hz;
	unsigned int bits;		/* width of what read() returns */
	uint64_t (*read)(void);
};
/* The best one, or NULL. */
const struct platform_timer *platform_timer_probe(void);
/* Fills it and returns true if the machine has one. */
bool hpet_probe(struct platform_timer *t);
bool pm_timer_probe(struct platform_timer *t);
/* False when there is no platform timer. Any processor, at least every other second on some one. */
bool platform_sample(struct clock_sample *s);
/* Reads fn together with the time stamp counter: the closest of several times. Interrupts off. */
uint64_t sample_with_tsc(uint64_t (*fn)(void), uint64_t *tsc, uint64_t *latency);
/* Busy-waits us microseconds by the old timer chip's channel 2; us < 50000. */
void pit_wait(unsigned int us);

/* Seconds since the epoch from the battery-backed clock; 0 when it makes no sense. */
uint64_t rtc_read(void);
uint64_t date_to_seconds(unsigned int year, unsigned int mon, unsigned int day,
			 unsigned int hour, unsigned int min, unsigned int sec);
void wallclock_init(void);

#endif
