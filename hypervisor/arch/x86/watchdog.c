/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A watch on processors that serve no timers any more. Each one's timer beats, and looks at the heart of the next:
 * if that has stopped, it gets an NMI, in which it shows where it hangs.
 */
#include <asm/apic.h>
#include <asm/smp.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/cmdline.h>
#include <tenon/console.h>
#include <tenon/lib.h>
#include <tenon/percpu.h>

#define BEATS		4		/* in the time that is allowed */

static bool opt_watchdog;
BOOT_OPTION_BOOL("watchdog", opt_watchdog, "stop the machine with a message when a processor hangs");
static unsigned int opt_timeout = 5;
BOOT_OPTION_UINT("watchdog_timeout", opt_timeout, "seconds until a processor counts as hung, default 5");

static struct watch {
	struct timer timer;
	s_time_t beat;			/* any CPU reads */
	bool hung;			/* found so by another processor; its NMI handler looks */
} *watches[NR_CPUS];

static s_time_t allowed(void)
{
	return SECONDS(opt_timeout);
}

static void beat(void *data)
{
	struct watch *w = data, *other;
	s_time_t t = now();
	unsigned int cpu = cpumask_next(smp_processor_id() + 1, &cpu_online_map);

	WRITE_ONCE(w->beat, t);
	timer_set(&w->timer, t + allowed() / BEATS);
	if (cpu >= NR_CPUS)
		cpu = cpumask_first(&cpu_online_map);
	other = watches[cpu];
	if (!other || other == w || t - READ_ONCE(other->beat) <= allowed())
		return;
	if (__atomic_exchange_n(&other->hung, true, __ATOMIC_SEQ_CST))
		panic("Watchdog: CPU%u hangs and takes no NMI", cpu);
	apic_send(percpu(cpu)->arch.apic_id, APIC_DM_NMI);
}

bool watchdog_nmi(const struct cpu_user_regs *regs)
{
	struct watch *w = watches[smp_processor_id()];

	if (!w || !__atomic_load_n(&w->hung, __ATOMIC_ACQUIRE))
		return false;
	console_start_sync();
	show_execution_state(regs);
	panic("Watchdog: CPU%u served no timer for %u s", smp_processor_id(), opt_timeout);
}

void __init watchdog_init(void)
{
	unsigned int cpu;

	if (!opt_watchdog || !opt_timeout)
		return;
	for_each_online_cpu(cpu) {
		struct watch *w = xzalloc(struct watch);

		if (!w)
			panic("No memory for the watchdog");
		timer_init(&w->timer, beat, w, cpu);
		w->beat = now();
		watches[cpu] = w;
	}
	for_each_online_cpu(cpu)
		timer_set(&watches[cpu]->timer, now() + allowed() / BEATS);
	printk("Watchdog: %u s\n", opt_timeout);
}
