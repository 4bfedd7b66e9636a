/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Force-included, behind host.h, for sources that execute privileged instructions or ask on which CPU they
 * run: here each thread is a CPU, and interrupts arrive where it relaxes or switches them on. The test defines the functions.
 */
#ifndef TESTS_HOST_CPU_H
#define TESTS_HOST_CPU_H

#define ASM_SYSTEM_H
#define ASM_CURRENT_H

#include <asm/layout.h>
#include <tenon/types.h>

struct percpu;
extern __thread struct percpu *host_this_cpu;
#define this_cpu()		host_this_cpu
#define smp_processor_id()	(this_cpu()->id)

void cpu_relax(void);
void local_irq_enable(void);
void local_irq_disable(void);
bool local_irq_is_enabled(void);
static inline unsigned long local_irq_save(void)
{
	bool on = local_irq_is_enabled();

	local_irq_disable();
	return on;
}
static inline void local_irq_restore(unsigned long on)
{
	if (on)
		local_irq_enable();
}

void write_cr3(unsigned long v);
void write_cr4(unsigned long v);
void invlpg(unsigned long va);
void invpcid(unsigned long pcid, unsigned long va);
void wbinvd(void);
static inline unsigned long read_cr3(void) { return 0; }

#endif
