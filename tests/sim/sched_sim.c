/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler on a made-up machine of 256 CPUs with 4,000 vCPUs, in virtual time: is the time shared as it
 * should be, and how long does a vCPU that wakes up wait? Real code decides (hypervisor/common/sched, time); here
 * stand the vCPUs' lives. Switching costs nothing, so that what is seen is the policy's own doing.
 *
 *   hogs      4,000 vCPUs that always want to run, alike: the time of each in one second
 *   mixed     domains of 1 to 64 vCPUs that want more than there is: the time of each domain, which all weigh the same
 *   weights   domains alike but for their weight
 *   sleepers  short bursts, 95 % of the machine's time: from wake-up to running
 *   both      the same beside one hog for each CPU
 */
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include "../../hypervisor/common/sched/private.h"
#include "../lib/random.h"
#include "../lib/tap.h"

#define CPUS		256
#define VCPUS		4000
#define SECOND		SECONDS(1)
#define SETTLED		MILLISECS(500)	/* what is before is not counted */

void *malloc(size_t);
void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
double log(double);

struct life {
	struct vcpu *v;
	s_time_t burst, sleep;		/* mean ns; burst 0: a hog */
	s_time_t left;			/* of this burst */
	s_time_t since;			/* runs since; 0: does not */
	s_time_t woken;			/* waits since; 0: does not */
	uint64_t wakes;
	unsigned int seq;		/* events of an earlier one are void */
	bool asleep;
};

struct event {
	s_time_t at;
	struct life *life;
	unsigned int seq;
};

static struct life lives[VCPUS];
static unsigned int nr_lives;
static struct event *heap;
static unsigned int nr_events, heap_room;
static s_time_t *waits;
static unsigned long nr_waits, waits_room;
static s_time_t counted_from;

/* ---- what happens next ---- */

static void event_add(s_time_t at, struct life *l)
{
	unsigned int i = nr_events++;

	if (nr_events > heap_room) {
		struct event *bigger = malloc((heap_room = heap_room * 2 + 1024) * sizeof(*heap));

		memcpy(bigger, heap, (nr_events - 1) * sizeof(*heap));
		heap = bigger;
	}
	for (; i && heap[(i - 1) / 2].at > at; i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = (struct event){ at, l, l->seq };
}

static struct event event_take(void)
{
	struct event first = heap[0], last = heap[--nr_events];
	unsigned int i = 0, child;

	while ((child = 2 * i + 1) < nr_events) {
		if (child + 1 < nr_events && heap[child + 1].at < heap[child].at)
			child++;
		if (last.at <= heap[child].at)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = last;
	return first;
}

/* Exponentially distributed, at most eight times the mean. */
static s_time_t about(s_time_t mean)
{
	double u = (double)((random_next() >> 11) + 1) / 9007199254740993.0, x = -log(u);

	return (s_time_t)((double)mean * (x > 8 ? 8 : x)) + 1;
}

/* ---- a vCPU's life ---- */

static struct life *life_of(struct vcpu *v)
{
	return (struct life *)v->time_info_guest.v;
}

static void starts(struct life *l)
{
	l->since = fake_now;
	if (l->woken && fake_now >= counted_from && nr_waits < waits_room)
		waits[nr_waits++] = fake_now - l->woken;
	l->woken = 0;
	l->seq++;
	if (l->burst)
		event_add(fake_now + l->left, l);
}

static void stops(struct life *l)
{
	l->left -= fake_now - l->since;
	l->since = 0;
	l->seq++;
}

/* In place of the fake architecture's: who runs is told. */
void context_switch(struct vcpu *prev, struct vcpu *next)
{
	if (!prev->is_idle && life_of(prev))
		stops(life_of(prev));
	set_current(next);
	next->loaded_cpu = smp_processor_id();
	if (!next->is_idle && life_of(next))
		starts(life_of(next));
	context_saved(prev);
}

static void burst_over(struct life *l)
{
	fake_on(l->v->processor);
	l->asleep = true;
	vcpu_block(l->v);
	fake_settle();
	l->seq++;
	event_add(fake_now + about(l->sleep), l);
}

static void wake(struct life *l)
{
	l->asleep = false;
	l->left = about(l->burst);
	l->woken = fake_now;
	l->wakes++;
	fake_on(random_below(CPUS));
	vcpu_unblock(l->v);
	fake_settle();
}

static void run(s_time_t until)
{
	for (;;) {
		s_time_t timer = fake_next_timer(), event = nr_events ? heap[0].at : STIME_MAX;
		struct event e;

		if (min(timer, event) > until)
			break;
		if (timer < event) {
			fake_run_until(timer);
			continue;
		}
		e = event_take();
		fake_run_until(e.at);
		if (e.seq != e.life->seq)
			continue;
		if (e.life->asleep)
			wake(e.life);
		else
			burst_over(e.life);
	}
	fake_run_until(until);
}

/* ---- scenarios ---- */

static struct domain *domains[VCPUS];
static unsigned int nr_domains;

static void add_domain(unsigned int vcpus, uint32_t weight, s_time_t burst, s_time_t sleep)
{
	struct domain *d = fake_domain((domid_t)(nr_domains + 1), vcpus, 1);

	BUG_ON(!d || sched_set_params(d, weight, 0));
	domains[nr_domains++] = d;
	for (unsigned int i = 0; i < vcpus; i++) {
		struct life *l = &lives[nr_lives++];

		*l = (struct life){ .v = d->vcpu[i], .burst = burst, .sleep = sleep };
		d->vcpu[i]->time_info_guest = _vaddr((unsigned long)l);
		l->left = burst ? about(burst) : 0;
		if (!d->vcpu[i]->is_running)
			continue;
		fake_on(d->vcpu[i]->processor);
		starts(l);
	}
	fake_settle();
}

static void end_all(void)
{
	for (unsigned int i = 0; i < nr_lives; i++) {
		lives[i].v->time_info_guest = _vaddr(0);
		set_bit(VPF_down, &lives[i].v->pause_flags);
		vcpu_sleep_nosync(lives[i].v);
	}
	fake_settle();
	fake_on(0);
	while (nr_domains)
		(void)fake_kill(domains[--nr_domains]);
	nr_lives = nr_events = 0;
	nr_waits = 0;
}

static int by_size(const void *a, const void *b)
{
	s_time_t x = *(const s_time_t *)a, y = *(const s_time_t *)b;

	return x < y ? -1 : x > y;
}

static double percentile(double p)
{
	return nr_waits ? (double)waits[(unsigned long)(p / 100 * (double)(nr_waits - 1))] / 1000 : 0;
}

static double ran(const struct domain *d, const uint64_t *before, unsigned int at)
{
	uint64_t t = 0;

	for (unsigned int i = 0; i < d->max_vcpus; i++)
		t += vcpu_cpu_time(d->vcpu[i]) - before[at + i];
	return (double)t / SECOND;
}

/* CPUs' worth that each domain should get, each at most one for each vCPU: shares go up until all CPUs are used. */
static void fair_shares(double *share)
{
	double used = 0, level = 0;

	for (level = 0; used < CPUS && level < 64; level += 0.0001) {
		used = 0;
		for (unsigned int k = 0; k < nr_domains; k++) {
			share[k] = min(level * domains[k]->sched->weight / DEFAULT_WEIGHT, (double)domains[k]->max_vcpus);
			used += share[k];
		}
	}
}

static void times(uint64_t *t)
{
	for (unsigned int i = 0; i < nr_lives; i++)
		t[i] = vcpu_cpu_time(lives[i].v);
}

/* Lost wake-ups: who could run, and neither does nor waits for a CPU; and CPUs that idle beside waiting vCPUs. */
static unsigned int lost(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < nr_lives; i++) {
		const struct vcpu *v = lives[i].v;

		n += vcpu_runnable(v) && !v->is_running && !v->sched->queued;
	}
	return n;
}

static unsigned int idle_beside_waiting(void)
{
	unsigned int idle = 0, waiting = 0;

	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		idle += percpu(cpu)->sched->curr->is_idle;
		waiting += percpu(cpu)->sched->nr_queued;
	}
	return min(idle, waiting);
}

/* Errors in CPUs over one second, of each vCPU or of each domain. */
static void fairness(const char *name, bool of_vcpus, double limit)
{
	static uint64_t before[VCPUS];
	static double share[VCPUS];
	double worst = 0, sum = 0;
	unsigned int at = 0;
	s_time_t start = fake_now + SETTLED;

	run(start);
	times(before);
	run(start + SECOND);
	fair_shares(share);
	for (unsigned int k = 0; k < nr_domains; at += domains[k++]->max_vcpus) {
		double error = ran(domains[k], before, at) - share[k];

		for (unsigned int i = 0; of_vcpus && i < domains[k]->max_vcpus; i++) {
			double e = (double)(vcpu_cpu_time(domains[k]->vcpu[i]) - before[at + i]) / SECOND -
				   share[k] / domains[k]->max_vcpus;

			worst = max(worst, e < 0 ? -e : e);
			sum += e < 0 ? -e : e;
		}
		if (of_vcpus)
			continue;
		worst = max(worst, error < 0 ? -error : error);
		sum += error < 0 ? -error : error;
	}
	printf("# %s: over one second, the %s's error is %.4f of a CPU at most, %.4f in the mean\n", name,
	       of_vcpus ? "vCPU" : "domain", worst, sum / (of_vcpus ? nr_lives : nr_domains));
	ok(!lost() && !idle_beside_waiting(), "%s: nobody is lost, no CPU idle beside one who waits", name);
	ok(worst < limit, "%s: fair to %.3f of a CPU", name, limit);
	end_all();
}

static void latency(const char *name, double limit)
{
	s_time_t start = fake_now;
	unsigned long wakes = 0;

	counted_from = start + SETTLED;
	run(start + SETTLED + SECOND);
	for (unsigned int i = 0; i < nr_lives; i++)
		wakes += lives[i].wakes;
	qsort(waits, nr_waits, sizeof(*waits), by_size);
	printf("# %s: %lu wake-ups; us to running: median %.1f, 99 %% %.1f, 99.9 %% %.1f, longest %.1f\n", name, wakes,
	       percentile(50), percentile(99), percentile(99.9), percentile(100));
	ok(!lost(), "%s: no wake-up is lost", name);
	ok(percentile(99.9) < limit, "%s: 99.9 %% run within %.0f us", name, limit);
	end_all();
}

int main(void)
{
	static const unsigned int sizes[] = { 1, 2, 4, 8, 16, 64 };

	waits_room = 1 << 22;
	waits = malloc(waits_room * sizeof(*waits));
	fake_start(CPUS);
	system_state = SYS_BOOT;	/* the order of locks is not looked at */

	for (unsigned int i = 0; i < VCPUS / 8; i++)
		add_domain(8, DEFAULT_WEIGHT, 0, 0);
	fairness("hogs", true, 0.01);

	while (nr_lives < VCPUS - 64)
		add_domain(sizes[nr_domains % ARRAY_SIZE(sizes)], DEFAULT_WEIGHT, 0, 0);
	fairness("mixed", false, 0.03);

	for (unsigned int i = 0; i < VCPUS / 8; i++)
		add_domain(8, DEFAULT_WEIGHT << i % 3, 0, 0);
	fairness("weights", false, 0.02);

	/* 4,000 with 0.2 ms of each 3.3 ms */
	for (unsigned int i = 0; i < VCPUS / 8; i++)
		add_domain(8, DEFAULT_WEIGHT, MICROSECS(200), MICROSECS(3100));
	latency("sleepers", 1000);

	for (unsigned int i = 0; i < CPUS / 8; i++)
		add_domain(8, DEFAULT_WEIGHT, 0, 0);
	for (unsigned int i = 0; i < (VCPUS - CPUS) / 8; i++)
		add_domain(8, DEFAULT_WEIGHT, MICROSECS(200), MICROSECS(8000));
	latency("both", 5000);
	return tap_end();
}
