/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One processor and few vCPUs: who gets the time. tests/sim has many of both. */
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/sched.h>
#include "../lib/tap.h"

static void run_for(s_time_t time)
{
	s_time_t end = fake_now + time;

	while (fake_next_timer() <= end)
		fake_run_until(fake_next_timer());
	fake_run_until(end);
}

static uint64_t time_of(const struct domain *d)
{
	return vcpu_cpu_time(d->vcpu[0]);
}

static void end(struct domain *d)
{
	set_bit(VPF_down, &d->vcpu[0]->pause_flags);
	vcpu_sleep_nosync(d->vcpu[0]);
	fake_settle();
	(void)fake_kill(d);
}

/* Who was alone for long has not used up what is to come. */
static void test_alone_before(void)
{
	struct domain *first = fake_domain(1, 1, 1), *second;
	uint64_t before;

	fake_settle();
	run_for(MILLISECS(700));
	before = time_of(first);
	second = fake_domain(2, 1, 1);
	fake_settle();
	run_for(MILLISECS(40));
	ok(time_of(second) >= MILLISECS(15), "one that is new runs: %ld us of 40 ms", (long)(time_of(second) / 1000));
	ok(time_of(first) - before >= MILLISECS(15), "one that was alone before goes on, too: %ld us of 40 ms",
	   (long)((time_of(first) - before) / 1000));

	/* One that slept for long has a lead of a few ms, and no more. */
	set_bit(VPF_blocked, &second->vcpu[0]->pause_flags);
	vcpu_sleep_nosync(second->vcpu[0]);
	fake_settle();
	run_for(MILLISECS(700));
	before = time_of(first);
	vcpu_unblock(second->vcpu[0]);
	fake_settle();
	run_for(MILLISECS(40));
	ok(time_of(first) - before >= MILLISECS(15), "beside one that slept, too: %ld us of 40 ms",
	   (long)((time_of(first) - before) / 1000));
	end(second);
	end(first);
}

int main(void)
{
	fake_start(1);
	test_alone_before();
	return tap_end();
}
