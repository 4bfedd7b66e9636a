/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLB flushing. Each CPU has one request of its own, and a set of CPUs whose requests it is
 * asked to serve; an interrupt makes it look. No lock: requests of several CPUs are served together. Who waits
 * has interrupts on and serves others meanwhile, so that no two wait for each other.
 */
#include <asm/cpu.h>
#include <asm/flush.h>
#include <asm/irq.h>
#include <asm/pv.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include <tenon/perfc.h>
#include "../speculation/isolation.h"

uint64_t tlb_clock = 1;

/*
 * The clock goes on before the flush, the CPU's stamp after it: who read an earlier time, after
 * taking the last entry for a frame away, is sure that this CPU's flush comes later. Interrupts are off, or
 * FLUSH_STATE might replace CR3 in between.
 */
static void flush_all(struct percpu *pc)
{
	uint64_t now = __atomic_add_fetch(&tlb_clock, 1, __ATOMIC_SEQ_CST);

	/* Any change of PGE takes all, global or not, of each PCID (SDM 3A 4.10.4.1); with isolation it is off. */
	write_cr4(pc->arch.cr4 ^ X86_CR4_PGE);
	write_cr4(pc->arch.cr4);
	__atomic_store_n(&pc->arch.tlb.stamp, now, __ATOMIC_RELEASE);
}

void flush_local(const void *va, unsigned int flags)
{
	if (flags & FLUSH_STATE)
		sync_local_state();
	if (flags & FLUSH_ROOT)
		isolation_forget();
	if (flags & FLUSH_TLB_GLOBAL) {
		unsigned long irq = local_irq_save();

		flush_all(this_cpu());
		local_irq_restore(irq);
	} else if (flags & FLUSH_VA) {
		invlpg((unsigned long)va);
		isolation_flush_page((unsigned long)va);
	}
	if (flags & FLUSH_CACHE)
		wbinvd();
}

static void flush_interrupt(struct cpu_user_regs *regs)
{
	struct percpu *pc = this_cpu();

	for (unsigned int i = 0; i < ARRAY_SIZE(pc->arch.tlb.asked.bits); i++) {
		unsigned long word = __atomic_exchange_n(&pc->arch.tlb.asked.bits[i], 0, __ATOMIC_ACQUIRE);

		for (; word; word &= word - 1) {
			struct percpu *from = percpu(i * BITS_PER_LONG + first_set(word));

			flush_local(from->arch.tlb.va, from->arch.tlb.flags);
			__atomic_fetch_sub(&from->arch.tlb.left, 1, __ATOMIC_RELEASE);
		}
	}
}

static void ask(struct percpu *pc, const struct cpumask *others, const void *va, unsigned int flags)
{
	unsigned int cpu;

	ASSERT(local_irq_is_enabled());
	pc->arch.tlb.va = va;
	pc->arch.tlb.flags = flags;
	pc->arch.tlb.left = cpumask_weight(others);
	/* set_bit() is a barrier: the request stands before it is seen. */
	for_each_cpu(cpu, others)
		cpumask_set(pc->id, &percpu(cpu)->arch.tlb.asked);
	send_ipi_mask(others, VECTOR_FLUSH);
}

void flush_mask(const struct cpumask *mask, const void *va, unsigned int flags)
{
	struct percpu *pc = this_cpu();
	struct cpumask others;
	bool here = cpumask_test(pc->id, mask), elsewhere;

	perfc_incr(PERFC_flush);
	cpumask_and(&others, mask, &cpu_online_map);
	__clear_bit(pc->id, others.bits);
	elsewhere = !cpumask_empty(&others);
	if (elsewhere)
		ask(pc, &others, va, flags);
	if (here)
		flush_local(va, flags);
	if (elsewhere)
		while (__atomic_load_n(&pc->arch.tlb.left, __ATOMIC_ACQUIRE))
			cpu_relax();
}

void flush_filter(struct cpumask *mask, uint32_t stamp)
{
	uint64_t now = __atomic_load_n(&tlb_clock, __ATOMIC_ACQUIRE), freed = now - (uint32_t)(now - stamp);
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		if (cpu_online(cpu) && __atomic_load_n(&percpu(cpu)->arch.tlb.stamp, __ATOMIC_ACQUIRE) > freed)
			__clear_bit(cpu, mask->bits);
}

uint32_t arch_tlb_stamp(void)
{
	return tlb_clock_now();
}

void arch_tlb_flush_since(uint32_t stamp)
{
	struct cpumask mask = cpu_online_map;

	flush_filter(&mask, stamp);
	if (!cpumask_empty(&mask))
		flush_mask(&mask, NULL, FLUSH_TLB_GLOBAL);
}

void __init flush_init(void)
{
	irq_set_direct_vector(VECTOR_FLUSH, flush_interrupt);
}
