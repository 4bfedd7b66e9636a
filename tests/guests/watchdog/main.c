/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watchdog: started with dom0_watchdog=1: it stops its watchdog 1 and outlives the time, once; watchdogs of its own get other
 * numbers. Not observed on Debian's Xen, which has no such option.
 */

#include <guestkit/event.h>
#include <guestkit/report.h>
#include <xen/sched.h>

static long set(uint32_t id, uint32_t timeout)
{
	struct sched_watchdog op = { .id = id, .timeout = timeout };

	return hc_sched_op(SCHEDOP_watchdog, &op);
}

static void outlive(unsigned int seconds)
{
	uint64_t end = kit_time_now() + seconds * 1000000000UL;

	while (kit_time_now() < end)
		kit_pause();
}

void kit_main(void)
{
	kit_check_eq(set(0, 1000), 2, "a watchdog of one's own is the second");
	kit_check_eq(set(0, 1000), -28, "there is no third");
	kit_check_eq(set(1, 2), 0, "the first can be fed");
	kit_check_eq(set(1, 0), 0, "and stopped");
	kit_check_eq(set(1, 0), -22, "and then is no more");
	kit_check_eq(set(2, 0), 0, "the second too");
	outlive(3);
}
