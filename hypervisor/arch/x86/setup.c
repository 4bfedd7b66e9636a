/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The x86 side of start-up: from head.S to the common steps, and what those call. */
#include <asm/acpi.h>
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/efi.h>
#include <asm/flush.h>
#include <asm/irq.h>
#include <asm/mm.h>
#include <asm/smap.h>
#include <asm/smp.h>
#include <asm/time.h>
#include <asm/pci.h>
#include <tenon/arch.h>
#include <tenon/cmdline.h>
#include <tenon/console.h>
#include <tenon/init.h>
#include <tenon/percpu.h>
#include "boot/mbi.h"

void traps_init(void);
void arch_start(uint32_t magic, uint32_t mbi) __noreturn;

/* On the boot processor's stack, interrupts off, memory below 4 GiB mapped. */
void __init arch_start(uint32_t magic, uint32_t mbi)
{
	bool known;

#ifdef TENON_DEBUG
	__stack_chk_guard ^= rdtsc() << 8;
#endif
	cpu0_setup();
	cpu_identify_boot();
	cr4_choose();
	smap_patch();
	traps_init();
	cpu_load_tables(0);
	known = boot_info_parse(magic, mbi);
	memmap_sanitise();
	cmdline_parse(boot_info.cmdline);
	console_init_early();
	if (!known)
		panic("Started by something that is no multiboot loader (magic %#x)", magic);
	setup_common();
}

void __init arch_memory_init(void)
{
	printk("Loader: %s\n", boot_info.loader);
	printk("Command line: %s\n", boot_info.cmdline);
	cmdline_report();
	for (unsigned int i = 0; i < boot_info.nr_memmap; i++) {
		static const char *const names[] = { "?", "RAM", "reserved", "ACPI", "ACPI NVS", "unusable" };
		const struct memmap_entry *e = &boot_info.memmap[i];

		printk(" %016lx - %016lx %s\n", (unsigned long)e->start,
		       (unsigned long)(e->start + e->size - 1),
		       e->type < ARRAY_SIZE(names) ? names[e->type] : "other");
	}
	if (!boot_info.nr_memmap)
		panic("The boot loader gave no memory map");
	modules_check();
	memory_register();
	hv_map_init();
	/* Before the heap, which sorts memory by node. */
	acpi_tables_init();
	frametable_init();
	m2p_init();
}

/* Interrupts are off; the clock runs afterwards. */
void __init arch_early_init(void)
{
	efi_init();
	fpu_init_cpu();
	cpu_identify_this(0);
	mce_init_cpu();
	irq_init();
	flush_init();
	time_init();
}

void __init arch_late_init(void)
{
	m2p_share();
	time_init_late();
	pci_init();
	page_types_init();
	spec_ctrl_init();
	smp_prepare();
}

void __init arch_smp_init(void)
{
	smp_boot_all();
}
