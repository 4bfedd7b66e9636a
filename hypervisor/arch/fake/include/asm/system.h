/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts are what fake_settle() and on_selected_cpus() do to a processor: not while it has them off. */
#ifndef ASM_SYSTEM_H
#define ASM_SYSTEM_H

#include <asm/current.h>

/* What is waited for must be done by others: lets them. */
void cpu_relax(void);

static inline void local_irq_disable(void)
{
	__atomic_store_n(&fake_cpu->irqs_off, 1, __ATOMIC_SEQ_CST);
}

static inline void local_irq_enable(void)
{
	__atomic_store_n(&fake_cpu->irqs_off, 0, __ATOMIC_SEQ_CST);
}

static inline bool local_irq_is_enabled(void)
{
	return !fake_cpu->irqs_off;
}

static inline unsigned long local_irq_save(void)
{
	return __atomic_exchange_n(&fake_cpu->irqs_off, 1, __ATOMIC_SEQ_CST);
}

static inline void local_irq_restore(unsigned long flags)
{
	__atomic_store_n(&fake_cpu->irqs_off, (uint32_t)flags, __ATOMIC_SEQ_CST);
}

#endif
