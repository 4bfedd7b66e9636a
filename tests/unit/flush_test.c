/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLB flushing between CPUs, which are threads here: all ask all at once. And the clock that spares flushes. */
#include <pthread.h>
#include <sched.h>
#include <asm/cpu.h>
#include <asm/flush.h>
#include <asm/irq.h>
#include <asm/smp.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>
#include "../lib/tap.h"
#include "../../hypervisor/arch/x86/speculation/isolation.h"

#define CPUS	5
#define ROUNDS	4000

struct percpu *percpu_table[NR_CPUS];
struct cpumask cpu_online_map;
__thread struct percpu *host_this_cpu;

static struct percpu cpus[CPUS];
static struct {
	bool irq_on, other_pge;	/* the CPU's own */
	bool interrupt, done;
	unsigned long global, pages, caches, states, views;	/* flushes seen, counted by the CPU, read by all */
} host[CPUS];
static void (*handler)(struct cpu_user_regs *regs);
static bool wrong;

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

static void count(unsigned long *n)
{
	__atomic_fetch_add(n, 1, __ATOMIC_SEQ_CST);
}

void write_cr4(unsigned long v)
{
	if (local_irq_is_enabled())
		wrong = true;
	/* There and back. */
	if (host[this_cpu()->id].other_pge && v == this_cpu()->arch.cr4)
		count(&host[this_cpu()->id].global);
	host[this_cpu()->id].other_pge = (v ^ this_cpu()->arch.cr4) == X86_CR4_PGE;
}

bool isolation_on, pcid_on;

void isolation_forget_views(void)
{
	count(&host[this_cpu()->id].views);
}

void pcid_flush_page(unsigned long va) { }

void invlpg(unsigned long va)
{
	if (va != 0x1000 * (va >> 12) || !va)
		wrong = true;
	count(&host[this_cpu()->id].pages);
}

void wbinvd(void)
{
	count(&host[this_cpu()->id].caches);
}

void sync_local_state(void)
{
	count(&host[this_cpu()->id].states);
}

void send_ipi_mask(const struct cpumask *mask, unsigned int vector)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		__atomic_store_n(&host[cpu].interrupt, true, __ATOMIC_SEQ_CST);
}

/* ---- all at once ---- */

static unsigned long *counter(unsigned int cpu, unsigned int flags)
{
	switch (flags) {
	case FLUSH_TLB_GLOBAL: return &host[cpu].global;
	case FLUSH_VA: return &host[cpu].pages;
	case FLUSH_CACHE: return &host[cpu].caches;
	case FLUSH_ROOT: return &host[cpu].views;
	default: return &host[cpu].states;
	}
}

static void one_request(uint32_t *seed)
{
	static const unsigned int kinds[] = { FLUSH_TLB_GLOBAL, FLUSH_TLB_GLOBAL, FLUSH_VA, FLUSH_VA,
					      FLUSH_CACHE, FLUSH_STATE, FLUSH_ROOT };
	unsigned long before[CPUS];
	struct cpumask mask;
	unsigned int flags;

	*seed = *seed * 1664525 + 1013904223;
	flags = kinds[(*seed >> 8) % ARRAY_SIZE(kinds)];
	mask = (struct cpumask){ { *seed >> 24 & ((1U << CPUS) - 1) } };
	for (unsigned int i = 0; i < CPUS; i++)
		before[i] = __atomic_load_n(counter(i, flags), __ATOMIC_SEQ_CST);
	flush_mask(&mask, (void *)(0x1000UL * (this_cpu()->id + 1)), flags);
	for (unsigned int i = 0; i < CPUS; i++)
		if (cpumask_test(i, &mask) && __atomic_load_n(counter(i, flags), __ATOMIC_SEQ_CST) == before[i])
			wrong = true;
}

static void *cpu_main(void *arg)
{
	uint32_t seed;
	unsigned int served = 0;

	host_this_cpu = arg;
	seed = this_cpu()->id;
	local_irq_enable();
	for (unsigned int i = 0; i < ROUNDS; i++)
		one_request(&seed);
	__atomic_store_n(&host[this_cpu()->id].done, true, __ATOMIC_SEQ_CST);
	/* Others may still want something of it. */
	while (served < CPUS) {
		cpu_relax();
		for (served = 0; served < CPUS && __atomic_load_n(&host[served].done, __ATOMIC_SEQ_CST); served++)
			;
	}
	return NULL;
}

static void test_all_at_once(void)
{
	pthread_t thread[CPUS];

	for (unsigned int i = 0; i < CPUS; i++)
		if (pthread_create(&thread[i], NULL, cpu_main, &cpus[i]))
			wrong = true;
	for (unsigned int i = 0; i < CPUS; i++)
		pthread_join(thread[i], NULL);
	ok(!wrong, "each request was served on all its CPUs when it returned");
}

/* ---- the clock ---- */

static unsigned int left_of(uint32_t stamp)
{
	struct cpumask mask = cpu_online_map;

	flush_filter(&mask, stamp);
	return (unsigned int)mask.bits[0];
}

static void test_clock(uint64_t start)
{
	unsigned long global;
	uint32_t stamp;

	tlb_clock = start;
	for (unsigned int i = 0; i < CPUS; i++)
		cpus[i].arch.tlb.stamp = start - 1000;
	stamp = arch_tlb_stamp();
	ok(left_of(stamp) == 0x1f, "clock at %#llx: nobody has flushed since", (unsigned long long)start);
	host_this_cpu = &cpus[2];
	flush_local((void *)0x1000, FLUSH_VA);
	ok(left_of(stamp) == 0x1f, "one page is not all");
	flush_local(NULL, FLUSH_TLB_GLOBAL);
	ok(left_of(stamp) == 0x1b, "one CPU has");
	ok(left_of(arch_tlb_stamp()) == 0x1f, "but not since then");
	host_this_cpu = &cpus[0];
	flush_local(NULL, FLUSH_TLB_GLOBAL);
	ok(left_of(stamp) == 0x1a, "two CPUs have");
	global = host[0].global;
	cpu_online_map.bits[0] = 1;
	arch_tlb_flush_since(arch_tlb_stamp());
	ok(host[0].global == global + 1, "memory gets another owner: global entries go, too");
	arch_tlb_flush_since(stamp);
	ok(host[0].global == global + 1, "but not twice");
	cpu_online_map.bits[0] = 0x1f;
	/* Others flush so often that the stamp's clock comes round: the one CPU that never did is not forgotten. */
	tlb_clock += 0xfffffff0;
	cpus[0].arch.tlb.stamp = cpus[2].arch.tlb.stamp = tlb_clock;
	ok((left_of(stamp) & 0x1a) == 0x1a, "nearly one turn of the clock later");
	tlb_clock += 0x80000000;
	ok((left_of(stamp) & 0x1a) == 0x1a, "and half a turn more");
}

int main(void)
{
	for (unsigned int i = 0; i < CPUS; i++) {
		cpus[i].id = i;
		cpus[i].arch.cr4 = X86_CR4_PGE;
		percpu_table[i] = &cpus[i];
		cpumask_set(i, &cpu_online_map);
	}
	flush_init();
	test_clock(1000);
	test_clock(0xfffffff8);
	test_clock(0x123fffffffUL);
	isolation_on = true;
	for (unsigned int i = 0; i < CPUS; i++)
		cpus[i].arch.cr4 = 0;
	test_clock(0x223fffffffUL);
	test_all_at_once();
	return tap_end();
}
