/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors: each CPU has its own table of whose they are. */
#include <tenon/mm.h>
#include <tenon/percpu.h>
#include "desc.h"

/* Guards changes of the tables; a CPU reads its own without it. */
spinlock_t vector_lock = SPINLOCK_INIT;

static struct irq_desc **table_of(unsigned int cpu)
{
	return percpu(cpu)->arch.vector_irq;
}

bool irq_cpu_reachable(unsigned int cpu)
{
	return percpu(cpu)->arch.apic_id < 0xff && percpu(cpu)->arch.vector_irq;
}

static bool run_is_free(struct irq_desc *const *table, unsigned int first, unsigned int nr)
{
	for (unsigned int v = first; v < first + nr; v++)
		if (!vector_dynamic(v) || table[v])
			return false;
	return true;
}

unsigned int vector_find(struct irq_desc *const *table, unsigned int nr, unsigned int hint)
{
	unsigned int v = hint & ~(nr - 1);

	for (unsigned int i = 0; i < 256 / nr; i++, v = (v + nr) & 0xff)
		if (run_is_free(table, v, nr))
			return v;
	return 0;
}

int vector_alloc(struct irq_desc *descs, unsigned int nr, unsigned int cpu, unsigned int prefer)
{
	/* Sixteen vectors are one class of priority: neighbours in time do not share one. */
	static unsigned int next_hint = VECTOR_DYNAMIC_FIRST;
	struct irq_desc **table = table_of(cpu);
	unsigned long flags = spin_lock_irqsave(&vector_lock);
	unsigned int v;

	if (prefer && run_is_free(table, prefer, nr)) {
		v = prefer;
	} else {
		v = vector_find(table, nr, next_hint);
		next_hint = next_hint + 16 <= VECTOR_DYNAMIC_LAST ? next_hint + 16 :
			    VECTOR_DYNAMIC_FIRST + (next_hint + 1) % 16;
	}
	for (unsigned int i = 0; v && i < nr; i++) {
		descs[i].cpu = descs[i].target = (uint16_t)cpu;
		descs[i].vector = (uint8_t)(v + i);
		__atomic_store_n(&table[v + i], &descs[i], __ATOMIC_RELEASE);
	}
	spin_unlock_irqrestore(&vector_lock, flags);
	return v ? 0 : -ENOSPC;
}

void vector_free(unsigned int cpu, unsigned int vector)
{
	unsigned long flags = spin_lock_irqsave(&vector_lock);

	__atomic_store_n(&table_of(cpu)[vector], NULL, __ATOMIC_RELEASE);
	spin_unlock_irqrestore(&vector_lock, flags);
}

int irq_cpu_alloc(unsigned int cpu)
{
	if (!percpu(cpu)->arch.vector_irq)
		percpu(cpu)->arch.vector_irq = xzalloc_array(struct irq_desc *, 256);
	return percpu(cpu)->arch.vector_irq ? 0 : -ENOMEM;
}
