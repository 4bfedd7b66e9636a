/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting the other processors (SDM 3A 8.4): INIT for all of them, then start-up interrupts one by one, since
 * they share the trampoline's stack pointer. A processor that has left the trampoline waits until its
 * structures are there; the rest of its start runs beside that of the next ones.
 */
#include <asm/acpi.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/irq.h>
#include <asm/page.h>
#include <asm/smp.h>
#include <asm/time.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/cmdline.h>
#include <tenon/percpu.h>
#include <tenon/sched.h>
#include "../speculation/smt.h"

#define INIT_WAIT_MS	10
#define STARTUP_WAIT_US	10000U		/* then it is called a second time */
#define ANSWER_WAIT_US	1000000U
#define ONLINE_WAIT_US	5000000U
#define XAPIC_ID_LIMIT	255

enum start_state { NOT_CALLED, CALLED, ANSWERED, GO_ON, LEFT_OUT };
static uint8_t start_state[NR_CPUS];	/* enum start_state, changed by compare and exchange */

static unsigned int opt_maxcpus __initdata = NR_CPUS;
BOOT_OPTION_UINT("maxcpus", opt_maxcpus, "how many processors to use, default all");
static bool opt_nosmp __initdata;
BOOT_OPTION_BOOL("nosmp", opt_nosmp, "use the boot processor alone");

static bool __init taken(uint32_t apic_id, unsigned int nr)
{
	for (unsigned int cpu = 0; cpu < nr; cpu++)
		if (smt_excludes(percpu(cpu)->arch.apic_id, apic_id))
			return true;
	return false;
}

void __init smp_prepare(void)
{
	unsigned int limit = opt_nosmp ? 1 : min(opt_maxcpus, (unsigned int)NR_CPUS), cpu = 1;

	ipi_init();
	nmi_init();
	for (unsigned int i = 0; i < acpi_info.nr_cpus; i++) {
		uint32_t apic_id = acpi_info.cpu[i].apic_id;

		if (apic_id == percpu(0)->arch.apic_id)
			percpu(0)->arch.acpi_id = acpi_info.cpu[i].acpi_id;
		if (cpu >= limit || taken(apic_id, cpu) || (apic_id >= XAPIC_ID_LIMIT && !x2apic_mode))
			continue;
		if (!trampoline_phys || cpu_alloc(cpu)) {
			printk(LOG_WARN "No %s to start more than %u processors\n",
			       trampoline_phys ? "memory" : "page below 1 MiB", cpu);
			break;
		}
		percpu(cpu)->arch.apic_id = apic_id;
		percpu(cpu)->arch.acpi_id = acpi_info.cpu[i].acpi_id;
		cpumask_set(cpu++, &cpu_present_map);
	}
	nr_cpu_ids = cpu;
}

static bool change_state(unsigned int cpu, uint8_t from, uint8_t to)
{
	return __atomic_compare_exchange_n(&start_state[cpu], &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static uint8_t state(unsigned int cpu)
{
	return __atomic_load_n(&start_state[cpu], __ATOMIC_ACQUIRE);
}

/* ---- the processor that is started ---- */
void start_secondary(void)
{
	unsigned int cpu = smp_processor_id();

	if (!change_state(cpu, CALLED, ANSWERED))
		for (;;)
			cpu_halt();
	while (state(cpu) != GO_ON)
		cpu_relax();
	set_current(this_cpu()->idle);
	cpu_load_tables(cpu);
	apic_init_cpu();
	fpu_init_cpu();
	cpu_identify_this(cpu);
	time_init_cpu();
	mce_init_cpu();
	cpumask_set(cpu, &cpu_online_map);
	local_irq_enable();
	idle_loop();
}

/* ---- the one that starts it ---- */
static bool __init wait_answer(unsigned int cpu, unsigned int us)
{
	s_time_t end = now() + MICROSECS(us);

	while (state(cpu) == CALLED && now() < end)
		cpu_relax();
	return state(cpu) == ANSWERED;
}

static bool __init call_up(unsigned int cpu)
{
	uint32_t apic_id = percpu(cpu)->arch.apic_id, startup = APIC_DM_STARTUP | trampoline_phys >> PAGE_SHIFT;

	ap_stack_top = (unsigned long)percpu(cpu)->arch.stack + STACK_SIZE - CPUINFO_SPACE;
	change_state(cpu, NOT_CALLED, CALLED);
	apic_send(apic_id, startup);
	if (wait_answer(cpu, STARTUP_WAIT_US))
		return true;
	apic_send(apic_id, startup);
	if (wait_answer(cpu, ANSWER_WAIT_US) || !change_state(cpu, CALLED, LEFT_OUT))
		return true;
	/* Back to where it can do no harm, should it come after all. */
	apic_send(apic_id, APIC_DM_INIT | APIC_ICR_ASSERT);
	printk(LOG_ERR "CPU%u (APIC id %u) does not answer: left out\n", cpu, apic_id);
	return false;
}

static void __init start(unsigned int cpu)
{
	if (!call_up(cpu)) {
		cpumask_clear(cpu, &cpu_present_map);
		return;
	}
	if (sched_init_cpu(cpu) || irq_cpu_alloc(cpu))
		panic("No memory for CPU%u", cpu);
	change_state(cpu, ANSWERED, GO_ON);
}

static void __init wait_online(void)
{
	s_time_t end = now() + MICROSECS(ONLINE_WAIT_US);
	unsigned int cpu;

	for_each_cpu(cpu, &cpu_present_map) {
		while (!cpumask_test(cpu, &cpu_online_map) && now() < end)
			cpu_relax();
		if (!cpumask_test(cpu, &cpu_online_map))
			panic("CPU%u was started and did not come up", cpu);
	}
}

void __init smp_boot_all(void)
{
	unsigned int cpu;

	if (nr_cpu_ids > 1)
		memcpy(maddr_to_virt(trampoline_phys), trampoline_start, (size_t)(trampoline_end - trampoline_start));
	for (cpu = 1; cpu < nr_cpu_ids; cpu++)
		apic_send(percpu(cpu)->arch.apic_id, APIC_DM_INIT | APIC_ICR_ASSERT);
	if (nr_cpu_ids > 1 && !cpu_has(X86_FEATURE_HYPERVISOR))
		mdelay(INIT_WAIT_MS);
	for (cpu = 1; cpu < nr_cpu_ids; cpu++)
		start(cpu);
	wait_online();
	printk("Processors: %u\n", cpumask_weight(&cpu_online_map));
	time_check_processors();
	mce_poll_init();
}
