/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clocks of the machine and the conversions between them. */
#ifndef ASM_TIME_H
#define ASM_TIME_H

#include <tenon/types.h>

/*
 * Order at boot: after acpi tables are read, irq_init(), then time_init() with interrupts still
 * off; now() works from then on. time_init_late() once timers work. time_init_cpu() on
 * every other processor.
 */
void time_init(void);
void time_init_late(void);
void time_init_cpu(void);

/* Busy waits; before time_init() too long rather than too short. */
void udelay(unsigned int us);
void mdelay(unsigned int ms);

extern uint32_t tsc_khz;		/* of the boot processor as first measured */

/* ns = ((ticks << shift) * mul) >> 32, shift negative: to the right. The guest interface's form. */
struct time_scale {
	uint32_t mul;
	int8_t shift;
};

/* The scale of a counter of hz ticks a second; hz > 0. */
struct time_scale time_scale_from_hz(uint64_t hz);
/* The scale which makes ticks last ns nanoseconds; both > 0. */
struct time_scale time_scale_from_pair(uint64_t ticks, uint64_t ns);
/* a * b / c, a result that does not fit saturates. */
uint64_t muldiv64(uint64_t a, uint64_t b, uint64_t c);

static inline uint64_t time_scale_apply(struct time_scale s, uint64_t ticks)
{
	unsigned __int128 p;

	ticks = s.shift < 0 ? ticks >> -s.shift : ticks << s.shift;
	p = (unsigned __int128)ticks * s.mul;
	return (uint64_t)(p >> 32);
}

/* The platform's own counter, independent of the processor (time/platform.c). */
struct platform_timer {
	const char *name;
	uint64_t hz;
	unsigned int bits;		/* width of what read() returns */
	uint64_t (*read)(void);
};
/* The best one, or NULL. */
const struct platform_timer *platform_timer_probe(void);
/* Busy-waits us microseconds by the old timer chip's channel 2; us < 50000. */
void pit_wait(unsigned int us);

/* Seconds since the epoch from the battery-backed clock; 0 when it makes no sense. */
uint64_t rtc_read(void);
uint64_t date_to_seconds(unsigned int year, unsigned int mon, unsigned int day,
			 unsigned int hour, unsigned int min, unsigned int sec);

#endif
