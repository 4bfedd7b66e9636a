/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event timer of each processor: its local APIC's, one-shot or by TSC deadline (SDM 3A 10.5.4). */
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/irq.h>
#include <asm/time.h>
#include <tenon/arch.h>

#define TDCR_BY_1	0xb
#define SPAN_US		10000
#define SPAN_DOUBT	20000
#define SPANS_MAX	10
#define LATER_SHIFT	16	/* a little late rather than early, which would cost a second interrupt */

static bool by_deadline __read_mostly;
/* Ticks a ns, 32 bits of fraction; and the longest wait that can be set: a farther deadline is set again then. */
static uint64_t tick_rate __read_mostly;
static s_time_t wait_max __read_mostly;

static void timer_fires(struct cpu_user_regs *regs)
{
	softirq_raise(SOFTIRQ_TIMER);
}

void apic_timer_init_cpu(void)
{
	apic_write(APIC_TDCR, TDCR_BY_1);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (by_deadline ? APIC_LVT_TSC_DEADLINE : 0));
	/* The write to memory must have arrived before the deadline register is written. */
	__asm__ volatile("mfence" ::: "memory");
}

static uint64_t __init read_count(void)
{
	return apic_read(APIC_TMCCT);
}

/* Against the time stamp counter, until it is sure enough. */
static uint64_t __init measure_hz(void)
{
	uint64_t tsc0, tsc1, lat0, lat1, count0, count1;
	unsigned int spans = 0;

	apic_write(APIC_TDCR, TDCR_BY_1);
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_TMICT, UINT32_MAX);
	count0 = sample_with_tsc(read_count, &tsc0, &lat0);
	do {
		udelay(SPAN_US);
		count1 = sample_with_tsc(read_count, &tsc1, &lat1);
	} while ((lat0 + lat1) * SPAN_DOUBT > tsc1 - tsc0 && ++spans < SPANS_MAX);
	apic_write(APIC_TMICT, 0);
	return muldiv64(count0 - count1, tsc_khz * 1000UL, tsc1 - tsc0);
}

void __init apic_timer_init(void)
{
	uint64_t hz;

	irq_set_direct_vector(VECTOR_TIMER, timer_fires);
	by_deadline = cpu_has(X86_FEATURE_TSC_DEADLINE) && tsc_is_constant();
	hz = by_deadline ? tsc_khz * 1000UL : measure_hz();
	if (hz < 1000000)
		panic("The local APIC's timer does not run (%lu Hz)", (unsigned long)hz);
	tick_rate = muldiv64(hz, 1UL << 32, 1000000000);
	tick_rate += tick_rate >> LATER_SHIFT;
	/* The product with tick_rate fits in 64 bits, the count in its register's 32. */
	wait_max = (s_time_t)(((UINT32_MAX - 1UL) << 32) / tick_rate);
	printk("Clock: event timer %s at %lu.%03lu MHz\n", by_deadline ? "by TSC deadline" : "one-shot",
	       (unsigned long)(hz / 1000000), (unsigned long)(hz / 1000 % 1000));
	apic_timer_init_cpu();
}

bool reprogram_event_timer(s_time_t deadline)
{
	s_time_t t = now();
	uint64_t ticks;

	if (deadline <= t)
		return false;
	ticks = ((uint64_t)min(deadline - t, wait_max) * tick_rate >> 32) + 1;
	if (by_deadline)
		wrmsr(MSR_TSC_DEADLINE, rdtsc() + ticks);
	else
		apic_write(APIC_TMICT, (uint32_t)ticks);
	return true;
}
