/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a CPU does when no vCPU wants it. */
#include <tenon/arch.h>
#include <tenon/mm.h>
#include <tenon/sched.h>
#include <tenon/softirq.h>

void idle_loop(void)
{
	for (;;) {
		softirq_run();
		if (heap_scrub_idle())
			continue;
		/* With interrupts off, so that none comes between the look and the sleep. */
		local_irq_disable();
		if (softirq_pending_here())
			local_irq_enable();
		else
			arch_idle();
	}
}
