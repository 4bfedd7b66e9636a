/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arithmetic of clocks: scales, dates, and the control of a clock by bad samples. */
#include <stdlib.h>
#include <time.h>
#include <asm/time.h>
#include "../lib/random.h"
#include "../lib/tap.h"

#define NS	1000000000UL

/* ---- products and scales ---- */
static void products(void)
{
	bool good = true;

	ok(muldiv64(7, 9, 3) == 21, "7 * 9 / 3");
	ok(muldiv64(UINT64_MAX, UINT64_MAX, UINT64_MAX) == UINT64_MAX, "largest values");
	ok(muldiv64(UINT64_MAX, 2, 1) == UINT64_MAX, "what does not fit saturates");
	ok(muldiv64(5, 5, 0) == UINT64_MAX, "so does a division by zero");
	for (unsigned int i = 0; i < 100000; i++) {
		uint64_t a = random_next() >> random_below(64), b = random_next() >> random_below(64);
		uint64_t c = (random_next() >> random_below(64)) | 1;
		unsigned __int128 q = (unsigned __int128)a * b / c;

		good &= muldiv64(a, b, c) == (q > UINT64_MAX ? UINT64_MAX : (uint64_t)q);
	}
	ok(good, "100000 random ones");
}

static bool close_to(uint64_t is, uint64_t want)
{
	uint64_t d = is > want ? is - want : want - is;

	return d <= 2 + (want >> 30);
}

static void scales(void)
{
	static const uint64_t hz[] = { 1, 1000, 3579545, 14318180, 99999999, 100000000, 999999999, 1000000000, 1000000001,
				       2596123000, 4000000000, 4294967296, 8000000001, 300000000000 };
	bool good = true, exact = true;

	for (unsigned int i = 0; i < sizeof(hz) / sizeof(hz[0]); i++) {
		struct time_scale s = time_scale_from_pair(hz[i], NS);

		good &= s.mul >> 31 && close_to(time_scale_apply(s, hz[i]), NS);
		good &= close_to(time_scale_apply(s, hz[i] * 1000), NS * 1000);
	}
	ok(good, "scales of known frequencies");
	good = true;
	for (unsigned int i = 0; i < 100000; i++) {
		uint64_t ticks = (random_next() >> (4 + random_below(50))) | 1024;
		uint64_t ns = (random_next() >> (4 + random_below(50))) | 1024;
		struct time_scale s = time_scale_from_pair(ticks, ns);

		good &= s.mul >> 31 && (s.shift > 31 || s.shift < 0 || close_to(time_scale_apply(s, ticks), ns));
	}
	ok(good, "scales of random pairs");
	good = true;
	for (unsigned int i = 0; i < 100000; i++) {
		uint64_t rate = (random_next() >> (20 + random_below(15))) | 1, was = rate;
		struct time_scale s = time_scale_from_rate(&rate);
		uint64_t ticks = random_next() >> 24, ns = (uint64_t)((unsigned __int128)ticks * rate >> 32);
		uint64_t guest = time_scale_apply(s, ticks);

		good &= s.mul >> 31 && rate <= was && was - rate <= was >> 31;
		/* The guest's result is ours, but for the ticks that its shift drops. */
		exact &= guest <= ns && ns - guest <= 1;
	}
	ok(good, "rates keep 32 bits");
	ok(exact, "guests get the same result");
}

/* ---- dates ---- */
static void dates(void)
{
	bool good = true;

	ok(date_to_seconds(1970, 1, 1, 0, 0, 0) == 0, "the epoch");
	ok(date_to_seconds(2000, 2, 29, 12, 0, 0) == 951825600, "leap day of 2000");
	ok(date_to_seconds(2038, 1, 19, 3, 14, 8) == 1UL << 31, "2^31");
	for (unsigned int i = 0; i < 100000; i++) {
		time_t t = (time_t)(random_next() % 4102444800UL);	/* before 2100 */
		struct tm tm;

		gmtime_r(&t, &tm);
		good &= date_to_seconds(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec) ==
			(uint64_t)t;
	}
	ok(good, "100000 dates as the C library has them");
}

/* ---- a clock and its platform timer ---- */
struct model {
	double true_rate;		/* ns a tick */
	double tsc, ns;			/* reality */
	double line_tsc, line_ns;	/* the clock's line */
	uint64_t rate;
	unsigned int changes, noise;
	struct steer steer;
};

static double clock_ns(const struct model *m)
{
	return m->line_ns + (m->tsc - m->line_tsc) * (double)m->rate / 4294967296.0;
}

static void advance(struct model *m, double ns)
{
	m->ns += ns;
	m->tsc += ns / m->true_rate;
}

/* noise: ticks that a look takes; the counter is read anywhere within. */
static struct clock_sample look(struct model *m)
{
	uint64_t latency = m->noise / 2 + random_below(m->noise / 2 + 1);
	int64_t off = (int64_t)random_below((unsigned int)latency + 1) - (int64_t)latency / 2;

	return (struct clock_sample){ (uint64_t)m->tsc + (uint64_t)off, (uint64_t)m->ns, latency };
}

static void start(struct model *m, double true_rate, double wrong, uint64_t window, uint64_t slew, unsigned int noise)
{
	*m = (struct model){ .true_rate = true_rate, .tsc = 12345678901, .noise = noise };
	m->line_tsc = m->tsc;
	m->rate = (uint64_t)(true_rate * (1 + wrong) * 4294967296.0);
	m->steer = (struct steer){ .anchor = look(m), .window = window, .slew = slew };
	m->steer.next = m->steer.anchor;
}

/* One second; the error that is then left. */
static double second(struct model *m)
{
	struct clock_sample x;
	double err;
	uint64_t rate;

	advance(m, 1e9);
	x = look(m);
	err = m->line_ns + ((double)x.tsc - m->line_tsc) * (double)m->rate / 4294967296.0 - (double)x.ns;
	rate = steer_rate(&m->steer, &x, (int64_t)err, m->rate);
	if (rate != m->rate) {
		m->line_ns = clock_ns(m);
		m->line_tsc = m->tsc;
		m->rate = rate;
		m->changes++;
	}
	return clock_ns(m) - m->ns;
}

static double worst_of(struct model *m, unsigned int seconds)
{
	double worst = 0;

	while (seconds--) {
		double e = second(m);

		e = e < 0 ? -e : e;
		worst = e > worst ? e : worst;
	}
	return worst;
}

static void quiet_clock(void)
{
	static const double rates[] = { 0.25, 0.3852, 1.0, 3.3 };
	struct model m;

	for (unsigned int i = 0; i < 4; i++) {
		double early, late;

		start(&m, rates[i], 30e-6, 512 * NS, 512 * NS, 5000);
		early = worst_of(&m, 3000);
		ok(early < 1e6, "%g ns a tick, started 30 ppm wrong: never more than 1 ms off (%.0f ns)", rates[i], early);
		late = worst_of(&m, 30000);
		ok(late < 6e5, "over eight hours not more than 0.6 ms (%.0f ns)", late);
		ok(m.changes < 300, "rarely changed: %u times", m.changes);
	}
	start(&m, 0.4, 0, 512 * NS, 512 * NS, 5000);
	worst_of(&m, 2000);
	m.changes = 0;
	m.true_rate *= 1 + 5e-6;		/* it got warmer */
	ok(worst_of(&m, 20000) < 3e6, "5 ppm of change in rate are followed");
	ok(second(&m) < 6e5, "and made up for");
	ok(m.changes < 100, "in %u changes", m.changes);
}

static void close_clock(void)
{
	struct model m;
	double before;

	start(&m, 0.5, 0, 0, 4 * NS, 5000);
	worst_of(&m, 10);
	before = worst_of(&m, 100);
	ok(before < 20e3, "a close clock stays within 20 us (%.0f ns)", before);
	m.true_rate *= 1.001;
	second(&m);
	second(&m);
	worst_of(&m, 60);
	ok(worst_of(&m, 100) < 20e3, "also after its rate changed by 0.1 %%");
	m.line_ns += 5e6;
	worst_of(&m, 30);
	ok(worst_of(&m, 100) < 20e3, "5 ms of error are gone after half a minute");
}

static void odd_samples(void)
{
	struct model m;
	struct clock_sample x;

	start(&m, 0.5, 0, 0, 4 * NS, 100);
	x = m.steer.anchor;
	ok(steer_rate(&m.steer, &x, 0, m.rate) == m.rate, "no time has passed: no change");
	x.ns += NS;
	x.tsc -= 5;
	ok(steer_rate(&m.steer, &x, 0, m.rate) == m.rate, "a counter that went back: no change");
}

int main(void)
{
	products();
	scales();
	dates();
	quiet_clock();
	close_clock();
	odd_samples();
	return tap_end();
}
