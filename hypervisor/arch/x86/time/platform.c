/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The platform timer: which one, and the time by it since boot. */
#include <asm/time.h>
#include <asm/system.h>
#include <tenon/cmdline.h>
#include <tenon/lib.h>
#include <tenon/spinlock.h>

#define SAMPLE_TRIES	8

static struct platform_timer timer;

static struct {
	spinlock_t lock;		/* irq-safe; taken in calls from other processors */
	uint64_t count;			/* ticks since the first sample, wraps added up */
	uint64_t last;			/* the counter at the last sample ... */
	uint64_t last_tsc;		/* ... and the time stamp counter */
	bool started;
} platform;

static char opt_clocksource[8] __initdata;
BOOT_OPTION_STR("clocksource", opt_clocksource, "hpet or acpi: the platform timer to use, default the best one");

const struct platform_timer *__init platform_timer_probe(void)
{
	if (strcmp(opt_clocksource, "acpi") && hpet_probe(&timer))
		return &timer;
	if (strcmp(opt_clocksource, "hpet") && pm_timer_probe(&timer))
		return &timer;
	return NULL;
}

/*
 * An interruption between the two (by the emulator's host, or SMM) shows as a long time from the first to the
 * second look at the time stamp counter: the shortest of several tries is the truest.
 */
uint64_t sample_with_tsc(uint64_t (*fn)(void), uint64_t *tsc, uint64_t *latency)
{
	uint64_t value = 0, least = UINT64_MAX;

	for (unsigned int i = 0; i < SAMPLE_TRIES; i++) {
		uint64_t t0 = rdtsc_ordered(), v = fn(), t1 = rdtsc_ordered();

		if (t1 - t0 >= least)
			continue;
		least = t1 - t0;
		value = v;
		*tsc = t0 + least / 2;
	}
	*latency = least;
	return value;
}

/* Ticks since the last sample. Whole turns of the counter that were missed are told by the time stamp counter. */
static uint64_t ticks_since(uint64_t value, uint64_t tsc)
{
	uint64_t turn = 1UL << timer.bits, ticks = (value - platform.last) & (turn - 1), expected;

	if (!tsc_khz || !tsc_is_constant())
		return ticks;
	expected = muldiv64(tsc - platform.last_tsc, timer.hz, tsc_khz * 1000UL);
	if (expected < ticks + turn / 2)
		return ticks;
	return ticks + ((expected - ticks + turn / 2) & ~(turn - 1));
}

bool platform_sample(struct clock_sample *s)
{
	unsigned long flags;
	uint64_t value;

	if (!timer.read)
		return false;
	flags = spin_lock_irqsave(&platform.lock);
	value = sample_with_tsc(timer.read, &s->tsc, &s->latency);
	if (platform.started)
		platform.count += ticks_since(value, s->tsc);
	platform.started = true;
	platform.last = value;
	platform.last_tsc = s->tsc;
	s->ns = muldiv64(platform.count, 1000000000, timer.hz);
	spin_unlock_irqrestore(&platform.lock, flags);
	return true;
}
