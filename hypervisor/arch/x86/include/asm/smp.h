/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bringing up processors and inter-processor interrupts. */
#ifndef ASM_SMP_H
#define ASM_SMP_H

#include <tenon/cpumask.h>

/* Allocates stack, GDT, TSS, stub, percpu for a CPU. 0 or -ENOMEM. */
int cpu_alloc(unsigned int cpu);
/* Loads GDT, IDT, TSS, syscall MSRs, CR4 on this CPU. */
void cpu_load_tables(unsigned int cpu);
/* The boot processor's structures, first thing in C; and the CR4 that all processors share, once features are known. */
void cpu0_setup(void);
void cr4_choose(void);
/* Trampoline image (boot/trampoline.S): copied below 1 MiB. */
extern char trampoline_start[], trampoline_end[];
extern uint32_t trampoline_phys;	/* page below 1 MiB chosen at boot */
extern unsigned long ap_stack_top;	/* stack + STACK_SIZE - CPUINFO_SPACE of the CPU being started */
/*
 * Order at boot: irq_init(), time_init(); smp_prepare() (arch_late_init) numbers the processors
 * of the ACPI table in cpu_present_map; smp_boot_all() (arch_smp_init) starts them.
 */
void smp_prepare(void);
void smp_boot_all(void);
/* C entry of a started processor, on its own stack. */
void start_secondary(void);
/* Stops all other CPUs (panic, reboot) by NMI, whose handler calls smp_stop_if_asked() on each. */
void smp_stop_others(void);
void smp_stop_if_asked(void);
/* Vectors of calls and event checks: from smp_prepare(). */
void ipi_init(void);
void call_init(void);
/* A watch on each online processor, if the command line asks for it (watchdog.c). From then on each serves its timers. */
void watchdog_init(void);
void send_ipi(unsigned int cpu, unsigned int vector);
void send_ipi_mask(const struct cpumask *mask, unsigned int vector);

#endif
