/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clocks' start: rate of the time stamp counter, agreement of the processors' counters. */
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include <tenon/cmdline.h>
#include <tenon/lib.h>
#include <tenon/mm.h>
#include <tenon/percpu.h>
#include "clock.h"

#define TSC_KHZ_MOST	8000000U	/* before it is measured: busy waits are too long, not too short */
#define SPAN_MIN	MILLISECS(20)
#define SPAN_MAX	MILLISECS(200)
#define SPAN_DOUBT	50000		/* measured well enough when the samples are so many times better than the span */
#define PIT_US		20000
#define PIT_TRIES	3
#define WARP_TEST_US	1000

uint32_t tsc_khz __read_mostly = TSC_KHZ_MOST;
static struct clock shared_clock;

static enum { TSC_AUTO, TSC_STABLE, TSC_UNSTABLE } opt_tsc;

static int __init parse_tsc(const char *s)
{
	if (!strcmp(s, "stable") || !strcmp(s, "stable:socket"))
		opt_tsc = TSC_STABLE;
	else if (!strcmp(s, "unstable") || !strcmp(s, "skewed"))
		opt_tsc = TSC_UNSTABLE;
	else
		return -EINVAL;
	return 0;
}
BOOT_OPTION_CUSTOM("tsc", parse_tsc, "stable or unstable: whether the processors' time stamp counters may be taken for one clock");

/*
 * Told by the processor, or known: Intel's since NetBurst model 3 and Core, AMD's since family 10h. An emulator's
 * counter follows its host's clock.
 */
bool tsc_is_constant(void)
{
	if (opt_tsc != TSC_AUTO)
		return opt_tsc == TSC_STABLE;
	if (cpu_has(X86_FEATURE_INVTSC) || cpu_has(X86_FEATURE_HYPERVISOR))
		return true;
	if (boot_cpu.vendor == VENDOR_INTEL)
		return boot_cpu.family == 6 ? boot_cpu.model >= 0xe : boot_cpu.model >= 3;
	return (boot_cpu.vendor == VENDOR_AMD || boot_cpu.vendor == VENDOR_HYGON) && boot_cpu.family >= 0x10;
}

void udelay(unsigned int us)
{
	uint64_t start = rdtsc(), ticks = (uint64_t)us * tsc_khz / 1000;

	while (rdtsc() - start < ticks)
		cpu_relax();
}

void mdelay(unsigned int ms)
{
	while (ms--)
		udelay(1000);
}

/* Rate of the counter by the platform timer, ns a tick as clock lines have it; *first is where the span started. */
static uint64_t __init measure(struct clock_sample *first)
{
	struct clock_sample x;
	uint64_t span;

	platform_sample(first);
	do {
		platform_sample(&x);
		span = x.ns - first->ns;
	} while (span < (uint64_t)SPAN_MIN ||
		 (span < (uint64_t)SPAN_MAX && (first->latency + x.latency) * SPAN_DOUBT > x.tsc - first->tsc));
	return muldiv64(span, 1UL << 32, x.tsc - first->tsc);
}

/* The same by the old timer chip: interruptions only make the wait longer, so that the shortest is the truest. */
static uint64_t __init measure_by_pit(struct clock_sample *first)
{
	uint64_t least = UINT64_MAX;

	*first = (struct clock_sample){ .tsc = rdtsc() };
	for (unsigned int i = 0; i < PIT_TRIES; i++) {
		uint64_t t = rdtsc();

		pit_wait(PIT_US);
		least = min(least, rdtsc() - t);
	}
	return muldiv64(PIT_US * 1000, 1UL << 32, least);
}

void __init time_init(void)
{
	const struct platform_timer *platform = platform_timer_probe();
	struct clock_sample first;
	uint64_t rate = platform ? measure(&first) : measure_by_pit(&first);

	tsc_khz = (uint32_t)muldiv64(1UL << 32, 1000000, rate);
	clock_start(&shared_clock, first.tsc, 0, rate, &first);
	this_cpu()->arch.clock.line = shared_clock.line;
	if (platform)
		printk("Clock: %s at %lu.%03lu MHz\n", platform->name, (unsigned long)(platform->hz / 1000000),
		       (unsigned long)(platform->hz / 1000 % 1000));
	printk("Clock: time stamp counter at %u.%03u MHz%s\n", tsc_khz / 1000, tsc_khz % 1000,
	       tsc_is_constant() ? "" : ", not constant");
	wallclock_init();
	apic_timer_init();
}

/* A running guest learns the new line. */
static void calibrated(void)
{
	if (!current->is_idle)
		update_vcpu_system_time(current);
}

void __init time_init_late(void)
{
	softirq_open(SOFTIRQ_TIME_CALIBRATE, calibrated);
	timer_init(&shared_clock.timer, clock_tick, &shared_clock, smp_processor_id());
	timer_set(&shared_clock.timer, now() + CLOCK_PERIOD);
}

void time_init_cpu(void)
{
	this_cpu()->arch.clock.line = &shared_clock.line[shared_clock.cur];
	apic_timer_init_cpu();
}

/* ---- do all counters show the same? ---- */
static uint64_t latest __initdata;	/* value seen anywhere */
static uint64_t warp __initdata;	/* ticks by which a counter was behind it */

/* On all processors at once. A value read after another processor's must not be less. */
static void __init warp_test(void *unused)
{
	uint64_t start = rdtsc(), ticks = (uint64_t)WARP_TEST_US * tsc_khz / 1000, t;

	do {
		uint64_t before = __atomic_load_n(&latest, __ATOMIC_ACQUIRE);

		t = rdtsc_ordered();
		if ((int64_t)(t - before) < 0)
			__atomic_store_n(&warp, before - t, __ATOMIC_RELAXED);
		else
			__atomic_compare_exchange_n(&latest, &before, t, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
	} while (t - start < ticks);
}

/* On each processor: system time by the platform's plus *ahead. */
static void __init start_own_clock(void *ahead)
{
	struct clock *c = this_cpu()->arch.clock.own;
	struct clock_sample x;

	platform_sample(&x);
	clock_start(c, x.tsc, (s_time_t)x.ns + *(int64_t *)ahead, shared_clock.line[shared_clock.cur].rate, &x);
	this_cpu()->arch.clock.line = c->line;
}

static void __init own_clocks(void)
{
	struct clock_sample x;
	int64_t ahead;
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct clock *c = xzalloc(struct clock);

		if (!c)
			panic("No memory for the clock of CPU%u", cpu);
		c->own = true;
		timer_init(&c->timer, clock_tick, c, cpu);
		percpu(cpu)->arch.clock.own = c;
	}
	timer_kill(&shared_clock.timer);
	platform_sample(&x);
	ahead = clock_line_at(&shared_clock.line[shared_clock.cur], x.tsc) - (int64_t)x.ns;
	on_selected_cpus(&cpu_online_map, start_own_clock, &ahead, true);
	for_each_online_cpu(cpu)
		timer_set(&percpu(cpu)->arch.clock.own->timer, now() + CLOCK_PERIOD);
}

void __init time_check_processors(void)
{
	struct clock_sample x;

	/* QEMU's counter jumps forward when two processors read it at one moment: the rate first, afresh after the test. */
	clock_settle(&shared_clock);
	on_selected_cpus(&cpu_online_map, warp_test, NULL, true);
	if (warp)
		printk(LOG_WARN "Clock: the processors' time stamp counters differ by %lu ticks\n", (unsigned long)warp);
	if (opt_tsc == TSC_STABLE || (!warp && tsc_is_constant())) {
		clock_restart(&shared_clock, true);
	} else if (platform_sample(&x)) {
		printk("Clock: each processor has its own, kept by the platform timer\n");
		own_clocks();
	}
}
