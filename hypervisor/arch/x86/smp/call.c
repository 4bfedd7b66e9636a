/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions run on other processors. One call at a time: who waits for its turn has interrupts on and so serves
 * the call that is under way. Nobody may call with a lock held that is taken with interrupts off.
 */
#include <asm/irq.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include <tenon/perfc.h>

static spinlock_t call_lock = SPINLOCK_INIT;
static struct {
	void (*fn)(void *);
	void *data;
	bool wait;
	struct cpumask left;		/* those who have not begun, or with wait: not ended */
} call;

static void run_call(struct cpu_user_regs *regs)
{
	unsigned int cpu = smp_processor_id();
	void (*fn)(void *) = call.fn;
	void *data = call.data;

	/* Once this processor's bit is clear the next call may overwrite this one. */
	if (call.wait) {
		fn(data);
		cpumask_clear(cpu, &call.left);
	} else {
		cpumask_clear(cpu, &call.left);
		fn(data);
	}
}

static bool call_under_way(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(call.left.bits); i++)
		if (__atomic_load_n(&call.left.bits[i], __ATOMIC_ACQUIRE))
			return true;
	return false;
}

static void run_here(void (*fn)(void *), void *data)
{
	unsigned long flags = local_irq_save();

	fn(data);
	local_irq_restore(flags);
}

void on_selected_cpus(const struct cpumask *mask, void (*fn)(void *), void *data, bool wait)
{
	unsigned int me = smp_processor_id();
	bool here = cpumask_test(me, mask);
	struct cpumask others;

	perfc_incr(PERFC_call);
	cpumask_and(&others, mask, &cpu_online_map);
	__clear_bit(me, others.bits);
	if (cpumask_empty(&others)) {
		if (here)
			run_here(fn, data);
		return;
	}
	ASSERT(local_irq_is_enabled());
	spin_lock(&call_lock);
	call.fn = fn;
	call.data = data;
	call.wait = wait;
	for (unsigned int i = 0; i < ARRAY_SIZE(others.bits); i++)
		__atomic_store_n(&call.left.bits[i], others.bits[i], __ATOMIC_RELEASE);
	send_ipi_mask(&others, VECTOR_CALL);
	if (here)
		run_here(fn, data);
	while (call_under_way())
		cpu_relax();
	spin_unlock(&call_lock);
}

void __init call_init(void)
{
	irq_set_direct_vector(VECTOR_CALL, run_call);
}
