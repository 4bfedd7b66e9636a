/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls between CPUs, which are threads here: all call all at once, with and without waiting for the end. */
#include <pthread.h>
#include <sched.h>
#include <asm/irq.h>
#include <asm/smp.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include "../lib/tap.h"

#define CPUS	5
#define ROUNDS	5000

struct percpu *percpu_table[NR_CPUS];
struct cpumask cpu_online_map;
__thread struct percpu *host_this_cpu;

static struct percpu cpus[CPUS];
static struct { bool irq_on, interrupt, done; } host[CPUS];
static void (*handler)(struct cpu_user_regs *regs);
static bool wrong;

/* One for each caller: who has run its function. */
static unsigned long ran[CPUS];

void bug(const char *file, int line, const char *what)
{
	printf("Bail out! %s:%d: %s\n", file, line, what);
	__builtin_abort();
}

void irq_set_direct_vector(unsigned int vector, void (*fn)(struct cpu_user_regs *regs))
{
	handler = fn;
}

static void take_interrupts(void)
{
	unsigned int me = this_cpu()->id;

	while (host[me].irq_on && __atomic_exchange_n(&host[me].interrupt, false, __ATOMIC_SEQ_CST)) {
		host[me].irq_on = false;
		handler(NULL);
		host[me].irq_on = true;
	}
}

void cpu_relax(void)
{
	take_interrupts();
	sched_yield();
}

void local_irq_enable(void)
{
	host[this_cpu()->id].irq_on = true;
	take_interrupts();
}

void local_irq_disable(void)
{
	host[this_cpu()->id].irq_on = false;
}

bool local_irq_is_enabled(void)
{
	return host[this_cpu()->id].irq_on;
}

void send_ipi_mask(const struct cpumask *mask, unsigned int vector)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		__atomic_store_n(&host[cpu].interrupt, true, __ATOMIC_SEQ_CST);
}

static void called(void *data)
{
	if (local_irq_is_enabled())
		wrong = true;
	__atomic_fetch_or((unsigned long *)data, 1UL << this_cpu()->id, __ATOMIC_SEQ_CST);
}

static bool all_ran(const unsigned long *r, unsigned long wanted)
{
	return __atomic_load_n(r, __ATOMIC_SEQ_CST) == wanted;
}

static void one_call(uint32_t *seed)
{
	unsigned long *mine = &ran[this_cpu()->id], wanted;
	struct cpumask mask = { { 0 } };
	bool wait;

	*seed = *seed * 1664525 + 1013904223;
	/* One that is not online, too. */
	mask.bits[0] = *seed >> 24 & ((2U << CPUS) - 1);
	wanted = mask.bits[0] & ((1U << CPUS) - 1);
	wait = *seed >> 16 & 1;
	__atomic_store_n(mine, 0, __ATOMIC_SEQ_CST);
	on_selected_cpus(&mask, called, mine, wait);
	if (wait && !all_ran(mine, wanted))
		wrong = true;
	while (!all_ran(mine, wanted))
		cpu_relax();
}

static void *cpu_main(void *arg)
{
	uint32_t seed;
	unsigned int served = 0;

	host_this_cpu = arg;
	seed = this_cpu()->id;
	local_irq_enable();
	for (unsigned int i = 0; i < ROUNDS; i++)
		one_call(&seed);
	__atomic_store_n(&host[this_cpu()->id].done, true, __ATOMIC_SEQ_CST);
	/* Others may still call it. */
	while (served < CPUS) {
		cpu_relax();
		for (served = 0; served < CPUS && __atomic_load_n(&host[served].done, __ATOMIC_SEQ_CST); served++)
			;
	}
	return NULL;
}

int main(void)
{
	pthread_t thread[CPUS];

	call_init();
	for (unsigned int i = 0; i < CPUS; i++) {
		cpus[i].id = i;
		percpu_table[i] = &cpus[i];
		cpumask_set(i, &cpu_online_map);
	}
	for (unsigned int i = 0; i < CPUS; i++)
		if (pthread_create(&thread[i], NULL, cpu_main, &cpus[i]))
			return 1;
	for (unsigned int i = 0; i < CPUS; i++)
		pthread_join(thread[i], NULL);
	ok(!wrong, "each call had run on all its CPUs when it was to");
	return tap_end();
}
