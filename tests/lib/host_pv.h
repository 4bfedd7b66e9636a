/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Force-included, behind host.h, for the sources of page types: the layout of host_layout.h, and privileged
 * instructions and the current vCPU as tests/lib/pt_machine.c makes them up. Constants are the true ones.
 */
#ifndef TESTS_HOST_PV_H
#define TESTS_HOST_PV_H

#include "host_layout.h"

#define cpu_relax		real_cpu_relax
#define local_irq_disable	real_local_irq_disable
#define local_irq_enable	real_local_irq_enable
#define local_save_flags	real_local_save_flags
#define local_irq_is_enabled	real_local_irq_is_enabled
#define local_irq_save		real_local_irq_save
#define local_irq_restore	real_local_irq_restore
#define read_cr3		real_read_cr3
#define write_cr3		real_write_cr3
#define write_cr4		real_write_cr4
#define invlpg			real_invlpg
#define wbinvd			real_wbinvd
#include "../../hypervisor/arch/x86/include/asm/system.h"
#undef cpu_relax
#undef local_irq_disable
#undef local_irq_enable
#undef local_save_flags
#undef local_irq_is_enabled
#undef local_irq_save
#undef local_irq_restore
#undef read_cr3
#undef write_cr3
#undef write_cr4
#undef invlpg
#undef wbinvd

#define ASM_CURRENT_H

struct vcpu;
struct percpu;
extern __thread struct percpu *host_this_cpu;
extern __thread struct vcpu *host_current;
#define this_cpu()		host_this_cpu
#define smp_processor_id()	(this_cpu()->id)
#define current			host_current

void cpu_relax(void);
void local_irq_enable(void);
void local_irq_disable(void);
bool local_irq_is_enabled(void);
static inline unsigned long local_save_flags(void)
{
	return local_irq_is_enabled() ? X86_EFLAGS_IF : 0;
}
static inline unsigned long local_irq_save(void)
{
	unsigned long flags = local_save_flags();

	local_irq_disable();
	return flags;
}
static inline void local_irq_restore(unsigned long flags)
{
	if (flags)
		local_irq_enable();
}

/* A call is to be restarted whenever the test likes. */
#define softirq_pending_here	real_softirq_pending_here
#include <tenon/softirq.h>
#undef softirq_pending_here
bool softirq_pending_here(void);

static inline unsigned long read_cr3(void) { return 0; }
static inline void wbinvd(void) { }
static inline void invlpg(unsigned long va) { (void)va; }
/* Forget what the processor knows of tables: all but global entries; all. */
void write_cr3(unsigned long v);
void write_cr4(unsigned long v);

#endif
