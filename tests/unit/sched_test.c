/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One processor or two and few vCPUs: who gets the time. tests/sim has many of both. */
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
	uint64_t t = 0;

	for (unsigned int i = 0; i < d->max_vcpus; i++)
		t += vcpu_cpu_time(d->vcpu[i]);
	return t;
}

/* A domain whose vCPUs may use the first processor alone. */
static struct domain *all_on_first(domid_t id, unsigned int vcpus)
{
	struct domain *d = fake_domain(id, vcpus, 1);
	struct cpumask first = cpumask_of(0);

	for (unsigned int i = 0; i < vcpus; i++)
		BUG_ON(vcpu_set_hard_affinity(d->vcpu[i], &first));
	return d;
}

static struct domain *on_first(domid_t id)
{
	return all_on_first(id, 1);
}

static void block(struct vcpu *v)
{
	set_bit(VPF_blocked, &v->pause_flags);
	vcpu_sleep_nosync(v);
	fake_settle();
}

static void end(struct domain *d)
{
	for (unsigned int i = 0; i < d->max_vcpus; i++) {
		set_bit(VPF_down, &d->vcpu[i]->pause_flags);
		vcpu_sleep_nosync(d->vcpu[i]);
	}
	fake_settle();
	(void)fake_kill(d);
}

/* Who was alone for long has not used up what is to come. */
static void test_alone_before(void)
{
	struct domain *first = on_first(1), *second;
	uint64_t before;

	fake_settle();
	run_for(MILLISECS(700));
	before = time_of(first);
	second = on_first(2);
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

/* Two processors, and domains that always want to run: what each gets of the 2,000 ms that there are in one second. */
static void test_shares(const char *what, const unsigned int vcpus[3], const uint32_t weights[3], const long ms[3])
{
	struct domain *d[3];
	uint64_t before[3];

	for (unsigned int i = 0; i < 3; i++) {
		d[i] = fake_domain((domid_t)(i + 1), vcpus[i], 1);
		BUG_ON(sched_set_params(d[i], weights[i], 0));
	}
	fake_settle();
	run_for(MILLISECS(500));
	for (unsigned int i = 0; i < 3; i++)
		before[i] = time_of(d[i]);
	run_for(SECONDS(1));
	for (unsigned int i = 0; i < 3; i++) {
		long got = (long)((time_of(d[i]) - before[i]) / 1000);

		ok(got > (ms[i] - 10) * 1000 && got < (ms[i] + 10) * 1000, "%s: domain %u has %ld us for %ld ms", what, i + 1, got, ms[i]);
	}
	for (unsigned int i = 0; i < 3; i++)
		end(d[i]);
}

/* A vCPU that wakes for a moment now and then does not take from what another of its domain's gets meanwhile. */
static void test_sleeper_beside(void)
{
	struct domain *napping = all_on_first(1, 2), *busy = on_first(2);
	uint64_t before;
	long got;

	block(napping->vcpu[1]);
	run_for(MILLISECS(100));
	before = time_of(napping);
	for (unsigned int i = 0; i < 500; i++) {
		run_for(MILLISECS(2) - MICROSECS(20));
		vcpu_unblock(napping->vcpu[1]);
		fake_settle();
		run_for(MICROSECS(20));
		block(napping->vcpu[1]);
	}
	got = (long)((time_of(napping) - before) / 1000);
	ok(got > 470000 && got < 530000, "a domain with a vCPU that works and one that naps has %ld us of 1000 ms", got);
	end(busy);
	end(napping);
}

/*
 * A domain of eight vCPUs, each of which runs for a lap, wakes the next (or all others), and sleeps, has no more than
 * one that just works, and one that works and naps.
 */
static void test_turns(const char *what, s_time_t lap, unsigned int woken)
{
	struct domain *d[] = { all_on_first(1, 8), on_first(2), all_on_first(3, 2) };
	const s_time_t step = MICROSECS(10), start = fake_now + MILLISECS(500);
	struct vcpu *napper = d[2]->vcpu[1];
	s_time_t ran = 0, slept = 0;
	uint64_t before[3];

	for (unsigned int i = 1; i < 8; i++)
		block(d[0]->vcpu[i]);
	while (fake_now < start + SECONDS(1)) {
		struct vcpu *v = fake_cpus[0].running;

		for (unsigned int i = 0; i < 3 && fake_now < start; i++)
			before[i] = time_of(d[i]);
		run_for(step);
		if (fake_cpus[0].running != v)
			continue;
		if (v == napper) {
			block(v);
			slept = fake_now;
		} else if (v->domain == d[0] && (ran += step) >= lap) {
			ran = 0;
			for (unsigned int i = 1; i <= woken; i++)
				vcpu_unblock(d[0]->vcpu[(v->vcpu_id + i) % 8]);
			block(v);
		}
		if (slept && fake_now >= slept + MILLISECS(2)) {
			slept = 0;
			vcpu_unblock(napper);
			fake_settle();
		}
	}
	for (unsigned int i = 0; i < 3; i++) {
		long got = (long)((time_of(d[i]) - before[i]) / 1000);

		ok(got > 315000 && got < 351000, "%s: domain %u has %ld us for 333 ms", what, i + 1, got);
	}
	for (unsigned int i = 0; i < 3; i++)
		end(d[i]);
}

int main(void)
{
	static const unsigned int one[] = { 1, 1, 1 }, sizes[] = { 1, 2, 6 };
	static const uint32_t alike[] = { 256, 256, 256 }, middle[] = { 256, 512, 256 }, twice[] = { 256, 256, 512 };

	static const s_time_t laps[] = { MICROSECS(10), MICROSECS(100), MICROSECS(700), MILLISECS(3) };

	fake_start(2);
	test_alone_before();
	test_sleeper_beside();
	for (unsigned int i = 0; i < ARRAY_SIZE(laps); i++) {
		test_turns("one after the other", laps[i], 1);
		test_turns("all", laps[i], 7);
	}
	test_shares("alike", one, alike, (const long[]){ 667, 667, 667 });
	test_shares("weights 1, 2, 1", one, middle, (const long[]){ 500, 1000, 500 });
	test_shares("1, 2 and 6 vCPUs", sizes, alike, (const long[]){ 667, 667, 667 });
	test_shares("1, 2 and 6 vCPUs, the last's weight 2", sizes, twice, (const long[]){ 500, 500, 1000 });
	return tap_end();
}
