/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include <tenon/softirq.h>

static softirq_fn handlers[NR_SOFTIRQS] __read_mostly;

void softirq_open(enum softirq nr, softirq_fn fn)
{
	handlers[nr] = fn;
}

static void run(uint32_t which)
{
	uint32_t *pending = &this_cpu()->softirq_pending;
	uint32_t now_pending;

	while ((now_pending = READ_ONCE(*pending) & which)) {
		unsigned int nr = first_set(now_pending);

		__atomic_fetch_and(pending, ~(1U << nr), __ATOMIC_ACQ_REL);
		if (handlers[nr])
			handlers[nr]();
	}
}

void softirq_run(void)
{
	run(~0U);
}

void softirq_run_no_schedule(void)
{
	run(~(1U << SOFTIRQ_SCHEDULE));
}

void softirq_raise(enum softirq nr)
{
	__atomic_fetch_or(&this_cpu()->softirq_pending, 1U << nr, __ATOMIC_RELEASE);
}

void softirq_raise_cpu(unsigned int cpu, enum softirq nr)
{
	uint32_t old = __atomic_fetch_or(&percpu(cpu)->softirq_pending, 1U << nr, __ATOMIC_SEQ_CST);

	/* Who found something pending before has interrupted it already. */
	if (!old && cpu != smp_processor_id())
		smp_send_event_check_cpu(cpu);
}
