/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processors: one thread of the host acts as each of them in turn, fake_on() says as which; or several threads act
 * as one each (fake_threads).
 */
#ifndef ASM_CURRENT_H
#define ASM_CURRENT_H

#include <tenon/types.h>

struct vcpu;
struct percpu;
struct cpu_user_regs;

struct fake_cpu {
	struct vcpu *running;
	struct percpu *percpu;
	unsigned int id;
	uint32_t irqs_off;
	bool settling;			/* runs softirqs now */
	s_time_t deadline;		/* of its event timer; 0: none */
	unsigned long switches, checks;	/* contexts switched; interrupts to look at softirqs */
};

extern __thread struct fake_cpu *fake_cpu;

#define current			(fake_cpu->running)
#define this_cpu()		(fake_cpu->percpu)
#define smp_processor_id()	(fake_cpu->id)
#define guest_regs()		((struct cpu_user_regs *)NULL)

static inline void set_current(struct vcpu *v)
{
	fake_cpu->running = v;
}

#endif
