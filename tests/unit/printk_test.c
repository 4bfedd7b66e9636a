/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages that guests cause are limited, also when several processors have one at the same time. */
#define printk		printk_tested	/* the tests' own library has another */
#define vprintk		vprintk_tested
#include "../../hypervisor/common/console/printk.c"
#include <asm/fake.h>
#include <tenon/init.h>
#include "../lib/tap.h"

typedef unsigned long pthread_t;
int pthread_create(pthread_t *t, const void *attr, void *(*fn)(void *), void *arg);
int pthread_join(pthread_t t, void **result);
int sched_yield(void);

#define CPUS	4U
#define ROUNDS	2000U
#define BURST	10U

static unsigned int let_through, arrived, round_number;
static size_t written;

void serial_write(const char *s, size_t n)
{
	written += n;
}

void serial_sync(void)
{
}

void screen_write(const char *s, size_t n)
{
}

void console_notify_dom0(void)
{
}

/* All at once, one round after the other. */
static void *shout(void *arg)
{
	fake_on((unsigned int)(unsigned long)arg);
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
		while (READ_ONCE(round_number) != round)
			sched_yield();
		for (unsigned int i = 0; i < BURST; i++)
			if (console_level_enabled('G'))
				__atomic_fetch_add(&let_through, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void together(void)
{
	unsigned int most = 0, least = ~0U;
	pthread_t threads[CPUS];

	for (unsigned long i = 0; i < CPUS; i++)
		pthread_create(&threads[i], NULL, shout, (void *)i);
	for (unsigned int round = 1; round <= ROUNDS; round++) {
		while (READ_ONCE(arrived) != round * CPUS)
			sched_yield();
		most = round > 1 ? max(most, let_through) : 0;
		least = round > 1 ? min(least, let_through) : least;
		let_through = 0;
		fake_now += SECONDS(10);
		WRITE_ONCE(round_number, round);
	}
	for (unsigned int i = 0; i < CPUS; i++)
		pthread_join(threads[i], NULL);
	ok(most == BURST, "a burst at most, each time");
	ok(least == BURST, "and no less");
}

int main(void)
{
	unsigned int n = 0;

	fake_start(CPUS);
	fake_threads = true;
	system_state = SYS_ACTIVE;
	fake_now = SECONDS(100);
	for (unsigned int i = 0; i < 1000; i++)
		n += console_level_enabled('G');
	ok(n == BURST, "of a thousand messages ten are shown");
	ok(written == 0, "nothing else is");
	fake_now += MILLISECS(1001);
	printk_tested(LOG_GUEST "one\n");
	ok(written, "after a while there is room again, and how many are missing");
	together();
	return tap_end();
}
