/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupts from one processor to others, and their end. */
#include <asm/apic.h>
#include <asm/irq.h>
#include <asm/smp.h>
#include <asm/time.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>

#define STOP_WAIT_US	200000U

void send_ipi(unsigned int cpu, unsigned int vector)
{
	apic_send(percpu(cpu)->arch.apic_id, APIC_DM_FIXED | vector);
}

void send_ipi_mask(const struct cpumask *mask, unsigned int vector)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		send_ipi(cpu, vector);
}

void smp_send_event_check_cpu(unsigned int cpu)
{
	send_ipi(cpu, VECTOR_EVENT_CHECK);
}

/* The way out of every interrupt looks at the softirqs. */
static void event_check(struct cpu_user_regs *regs)
{
}

void __init ipi_init(void)
{
	irq_set_direct_vector(VECTOR_EVENT_CHECK, event_check);
	call_init();
}

/* ---- the end ---- */
static int32_t stopper = -1;		/* the processor that goes on alone */
static struct cpumask stopped;

static void __noreturn stop_here(void)
{
	local_irq_disable();
	apic_disable();
	cpumask_set(smp_processor_id(), &stopped);
	for (;;)
		cpu_halt();
}

void smp_stop_if_asked(void)
{
	int32_t by = __atomic_load_n(&stopper, __ATOMIC_ACQUIRE);

	if (by >= 0 && (unsigned int)by != smp_processor_id())
		stop_here();
}

/* By NMI: whoever has interrupts off, or spins for ever, hears it, too. */
void smp_stop_others(void)
{
	unsigned int me = smp_processor_id(), cpu, waited;
	int32_t none = -1;

	if (!__atomic_compare_exchange_n(&stopper, &none, (int32_t)me, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
	    (unsigned int)none != me)
		stop_here();
	for_each_online_cpu(cpu)
		if (cpu != me && !cpumask_test(cpu, &stopped))
			apic_send(percpu(cpu)->arch.apic_id, APIC_DM_NMI);
	for (waited = 0; waited < STOP_WAIT_US; waited += 10) {
		if (cpumask_weight(&stopped) + 1 >= cpumask_weight(&cpu_online_map))
			return;
		udelay(10);
	}
}
