/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timers, softirqs and tasklets on several CPUs, in simulated time. */
#include <string.h>
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include "../lib/host_log.h"
#include "../lib/random.h"
#include "../lib/tap.h"

#define CPUS	4
#define TIMERS	200

static struct item {
	struct timer timer;
	s_time_t due;		/* 0: not set */
	unsigned int cpu, fired;
} items[TIMERS];
static unsigned int late, wrong_cpu, unwanted;

static void fires(void *data)
{
	struct item *x = data;

	x->fired++;
	unwanted += !x->due || fake_now < x->due || timer_active(&x->timer);
	late += fake_now > x->due;
	wrong_cpu += smp_processor_id() != x->cpu;
	x->due = 0;
	/* Some go on. */
	if (!random_below(3)) {
		x->due = fake_now + random_below(1000) + 1;
		timer_set(&x->timer, x->due);
	}
}

static void test_random(void)
{
	unsigned int left = 0;

	for (unsigned int i = 0; i < TIMERS; i++) {
		items[i].cpu = i % CPUS;
		timer_init(&items[i].timer, fires, &items[i], items[i].cpu);
	}
	for (unsigned int step = 0; step < 40000; step++) {
		struct item *x = &items[random_below(TIMERS)];

		fake_on(random_below(CPUS));
		switch (random_below(6)) {
		case 0:
			timer_stop(&x->timer);
			x->due = 0;
			break;
		case 1:
			x->cpu = random_below(CPUS);
			timer_migrate(&x->timer, x->cpu);
			break;
		case 2:
			fake_run_until(fake_now + random_below(300));
			break;
		default:
			x->due = fake_now + random_below(2000) + 1;
			timer_set(&x->timer, x->due);
			break;
		}
		fake_settle();
	}
	fake_run_until(fake_now + 1000000);
	for (unsigned int i = 0; i < TIMERS; i++)
		left += timer_active(&items[i].timer) || items[i].due || !items[i].fired;
	ok(!unwanted, "none goes off too early, or unwanted");
	ok(!late, "none goes off late");
	ok(!wrong_cpu, "all on their CPU");
	ok(!left, "none is forgotten");
}

static void test_special(void)
{
	struct item *x = &items[0], *y = &items[1];
	static const s_time_t long_ago[] = { 1, 0, -1, -STIME_MAX - 1 };
	unsigned int fired = x->fired;

	fake_on(0);
	x->cpu = 2;
	timer_migrate(&x->timer, 2);
	x->due = fake_now;
	timer_set(&x->timer, fake_now - 5);
	fake_settle();
	ok(x->fired > fired, "a time in the past is at once");
	for (unsigned int i = 0; i < ARRAY_SIZE(long_ago); i++) {
		fired = x->fired;
		x->due = fake_now;
		timer_set(&x->timer, long_ago[i]);
		fake_settle();
		ok(x->fired > fired, "and so is %ld", (long)long_ago[i]);
	}
	timer_stop(&x->timer);
	timer_kill(&x->timer);
	x->due = 0;
	fired = x->fired;
	timer_set(&x->timer, fake_now + 10);
	fake_run_until(fake_now + 100);
	ok(x->fired == fired && !timer_active(&x->timer), "killed: never again");

	/* A CPU goes away. */
	y->cpu = 3;
	timer_migrate(&y->timer, 3);
	y->due = fake_now + 50;
	timer_set(&y->timer, y->due);
	cpumask_clear(3, &cpu_online_map);
	timers_offline(3);
	y->cpu = 0;
	fired = y->fired;
	fake_run_until(fake_now + 60);
	ok(y->fired > fired && !wrong_cpu && !late, "timers of a CPU that goes move on");
	cpumask_set(3, &cpu_online_map);
	timer_stop(&y->timer);
	y->due = 0;
	for (unsigned int i = 2; i < 9; i++)
		timer_set(&items[i].timer, fake_now + 1000 * i);
	host_log_clear();
	timers_dump();
	for (unsigned int i = 0; i < 8; i++) {
		char line[30];

		snprintf(line, sizeof(line), "in %u us", i);
		if (i >= 2)
			ok(strstr(host_log, line), "shown: %s", line);
	}
}

/* ---- softirqs and tasklets ---- */

static struct tasklet tasklets[CPUS * 2];
static char order[64];

static void runs(void *data)
{
	size_t n = strlen(order);

	order[n] = (char)('a' + (struct tasklet *)data - tasklets);
	order[n + 1] = '\0';
}

static void again(void *data)
{
	runs(data);
	if (strlen(order) < 5)
		tasklet_schedule(data);
}

static void test_tasklets(void)
{
	unsigned long checks = fake_cpus[2].checks;

	for (unsigned int i = 0; i < ARRAY_SIZE(tasklets); i++)
		tasklet_init(&tasklets[i], runs, &tasklets[i]);
	fake_on(0);
	for (unsigned int i = 0; i < 4; i++)
		tasklet_schedule(&tasklets[3 - i]);
	tasklet_schedule(&tasklets[2]);
	ok(!order[0] && softirq_pending_here(), "later");
	fake_settle();
	ok(!strcmp(order, "dcba") && !softirq_pending_here(), "in order, each once: %s", order);
	order[0] = '\0';
	tasklet_schedule_on(&tasklets[5], 2);
	ok(fake_cpus[2].checks == checks + 1 && !softirq_pending_here(), "on another CPU, which is interrupted");
	tasklet_schedule_on(&tasklets[6], 2);
	ok(fake_cpus[2].checks == checks + 1, "once");
	fake_settle();
	ok(!strcmp(order, "fg"), "it runs there");
	order[0] = '\0';
	tasklet_init(&tasklets[0], again, &tasklets[0]);
	tasklet_schedule(&tasklets[0]);
	fake_settle();
	ok(!strcmp(order, "aaaaa"), "one that schedules itself");
	fake_on(1);
	softirq_raise(SOFTIRQ_SCHEDULE);
	softirq_raise(SOFTIRQ_TIMER);
	softirq_run_no_schedule();
	ok(this_cpu()->softirq_pending == 1U << SOFTIRQ_SCHEDULE, "all but scheduling");
	softirq_run();
	ok(!softirq_pending_here(), "and that");
}

int main(void)
{
	fake_start(CPUS);
	test_random();
	test_special();
	test_tasklets();
	return tap_end();
}
