/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processors, interrupts between them, and time. */
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>

int sched_yield(void);

struct fake_cpu fake_cpus[NR_CPUS];
__thread struct fake_cpu *fake_cpu = &fake_cpus[0];
struct percpu *percpu_table[NR_CPUS];
struct cpumask cpu_online_map, cpu_present_map;
unsigned int nr_cpu_ids = 1;
s_time_t fake_now = 1;
bool fake_threads, opt_noreboot;
static struct percpu percpus[NR_CPUS];

void fake_on(unsigned int cpu)
{
	fake_cpu = &fake_cpus[cpu];
}

static void add_cpu(unsigned int cpu)
{
	percpus[cpu].id = cpu;
	percpu_table[cpu] = &percpus[cpu];
	fake_cpus[cpu].percpu = &percpus[cpu];
	fake_cpus[cpu].id = cpu;
	cpumask_set(cpu, &cpu_present_map);
}

void fake_start(unsigned int nr_cpus)
{
	nr_cpu_ids = nr_cpus;
	add_cpu(0);
	cpumask_set(0, &cpu_online_map);
	fake_start_memory();
	timers_init();
	tasklets_init();
	domains_init();
	sched_init();
	for (unsigned int cpu = 1; cpu < nr_cpus; cpu++) {
		add_cpu(cpu);
		BUG_ON(sched_init_cpu(cpu));
		fake_cpus[cpu].running = percpus[cpu].idle;
		cpumask_set(cpu, &cpu_online_map);
	}
	sched_pool_init();
	system_state = SYS_ACTIVE;
	fake_settle();
}

/* ---- softirqs ---- */

static bool settle_one(struct fake_cpu *c)
{
	struct fake_cpu *was = fake_cpu;

	if (c->settling || c->irqs_off || !c->percpu || !c->percpu->softirq_pending)
		return false;
	fake_cpu = c;
	c->settling = true;
	softirq_run();
	c->settling = false;
	fake_cpu = was;
	return true;
}

void fake_settle(void)
{
	bool again = true;

	for (unsigned int rounds = 0; again; rounds++) {
		BUG_ON(rounds > 100000);
		again = false;
		for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
			again |= settle_one(&fake_cpus[cpu]);
	}
}

void cpu_relax(void)
{
	static unsigned long idle;
	bool done = false;

	if (fake_threads) {
		sched_yield();
		return;
	}
	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (&fake_cpus[cpu] != fake_cpu)
			done |= settle_one(&fake_cpus[cpu]);
	idle = done ? 0 : idle + 1;
	/* What is waited for will never be. */
	BUG_ON(idle > 1000000);
}

void smp_send_event_check_cpu(unsigned int cpu)
{
	__atomic_fetch_add(&fake_cpus[cpu].checks, 1, __ATOMIC_RELAXED);
}

/* In place of the others, when they could be interrupted. */
void on_selected_cpus(const struct cpumask *mask, void (*fn)(void *), void *data, bool wait)
{
	struct fake_cpu *was = fake_cpu;
	unsigned int cpu;

	BUG_ON(fake_cpu->irqs_off);
	for_each_cpu(cpu, mask) {
		struct fake_cpu *c = &fake_cpus[cpu];

		while (c != was && __atomic_load_n(&c->irqs_off, __ATOMIC_SEQ_CST))
			cpu_relax();
		if (fake_threads)
			continue;
		fake_cpu = c;
		local_irq_disable();
		fn(data);
		local_irq_enable();
		fake_cpu = was;
	}
}

/* ---- time ---- */

s_time_t now(void)
{
	return fake_now;
}

bool reprogram_event_timer(s_time_t deadline)
{
	if (deadline <= fake_now)
		return false;
	fake_cpu->deadline = deadline;
	return true;
}

static struct fake_cpu *next_cpu(void)
{
	struct fake_cpu *first = NULL;

	for (unsigned int cpu = 0; cpu < nr_cpu_ids; cpu++)
		if (fake_cpus[cpu].deadline && (!first || fake_cpus[cpu].deadline < first->deadline))
			first = &fake_cpus[cpu];
	return first;
}

s_time_t fake_next_timer(void)
{
	struct fake_cpu *c = next_cpu();

	return c ? c->deadline : STIME_MAX;
}

void fake_run_until(s_time_t t)
{
	struct fake_cpu *c, *was = fake_cpu;

	fake_settle();
	while ((c = next_cpu()) && c->deadline <= t) {
		fake_now = max(fake_now, c->deadline);
		c->deadline = 0;
		fake_cpu = c;
		softirq_raise(SOFTIRQ_TIMER);
		fake_cpu = was;
		fake_settle();
	}
	fake_now = max(fake_now, t);
}

void update_vcpu_system_time(struct vcpu *v) { }
void set_vcpu_time_area(struct vcpu *v, unsigned long va) { v->time_info_guest = _vaddr(va); }
void update_domain_wallclock(struct domain *d) { }
void set_wallclock(uint64_t secs, uint32_t nsecs, s_time_t t) { }
