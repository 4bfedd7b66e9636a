/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local APIC: mode, set-up, sending. */
#include <asm/acpi.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/irq.h>
#include <asm/mm.h>
#include <asm/regs.h>
#include <tenon/cmdline.h>
#include <tenon/lib.h>
#include <tenon/percpu.h>

#define APIC_BASE_ENABLE	(1UL << 11)
#define APIC_BASE_X2APIC	(1UL << 10)
#define APIC_DEFAULT_BASE	0xfee00000UL
#define XAPIC_ID_LIMIT		0xff	/* ids from here on need x2APIC */

bool x2apic_mode __read_mostly;
volatile uint8_t *apic_regs __read_mostly;

static int opt_x2apic __initdata = -1;	/* -1: as the machine suggests */

static int __init parse_x2apic(const char *value)
{
	opt_x2apic = *value ? cmdline_parse_bool(value) : 1;
	return opt_x2apic < 0 ? -EINVAL : 0;
}
BOOT_OPTION_CUSTOM("x2apic", parse_x2apic, "yes or no: drive the local APICs by MSR; default: where firmware did, or must be");

uint32_t apic_this_id(void)
{
	uint32_t id = apic_read(APIC_ID);

	return x2apic_mode ? id : id >> 24;
}

/*
 * x2APIC without interrupt remapping is only sure to work where firmware turned it on, where
 * there is no other way to reach a processor, or where a hypervisor is the machine.
 */
static bool __init want_x2apic(uint64_t base)
{
	if (!cpu_has(X86_FEATURE_X2APIC))
		return false;
	if (base & APIC_BASE_X2APIC)
		return true;
	if (opt_x2apic >= 0)
		return opt_x2apic;
	for (unsigned int i = 0; i < acpi_info.nr_cpus; i++)
		if (acpi_info.cpu[i].apic_id >= XAPIC_ID_LIMIT)
			return true;
	return cpu_has(X86_FEATURE_HYPERVISOR);
}

static void enable_this(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	wrmsr(MSR_APIC_BASE, base);
	if (x2apic_mode)
		wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
}

void apic_init_cpu(void)
{
	enable_this();
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_TPR, 0);
	if (!x2apic_mode)
		apic_write(APIC_DFR, 0xffffffff);
	apic_write(APIC_SPIV, APIC_SPIV_ENABLE | VECTOR_SPURIOUS);

	/* A request left in service by the loader would block all below it. */
	for (unsigned int i = 0; i < 8; i++)
		for (uint32_t isr = apic_read(APIC_ISR + i * 16); isr; isr &= isr - 1)
			apic_eoi();

	apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT1, APIC_DM_NMI);
	if ((apic_read(APIC_VERSION) >> 16 & 0xff) >= 4)
		apic_write(APIC_LVT_PERF, APIC_LVT_MASKED);
	apic_write(APIC_ESR, 0);
	apic_write(APIC_LVT_ERROR, VECTOR_ERROR);
	this_cpu()->arch.apic_id = apic_this_id();
}

static void apic_error(struct cpu_user_regs *regs __unused)
{
	uint32_t esr;

	apic_write(APIC_ESR, 0);
	esr = apic_read(APIC_ESR);
	printk(LOG_WARN "CPU%u: APIC error, status %#x\n", smp_processor_id(), esr);
}

void __init apic_init(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if (!cpu_has(X86_FEATURE_APIC))
		panic("This processor has no local APIC, which Tenon needs\n");
	x2apic_mode = want_x2apic(base);
	if (!x2apic_mode) {
		uint64_t ma = base & 0xfffffffff000UL;

		apic_regs = set_fixmap(FIX_LAPIC, ma ? ma : APIC_DEFAULT_BASE, PAGE_HV_UC);
	}
	irq_set_direct_vector(VECTOR_ERROR, apic_error);
	apic_init_cpu();
	printk("APIC: %s mode, boot processor's id %u\n", x2apic_mode ? "x2APIC" : "xAPIC",
	       this_cpu()->arch.apic_id);
}

void apic_send(uint32_t apic_id, uint32_t icr)
{
	unsigned long flags;

	if (x2apic_mode) {
		/* The MSR write does not order earlier stores (SDM 3A 10.12.3). */
		__asm__ volatile("mfence; lfence" ::: "memory");
		wrmsr(MSR_X2APIC_FIRST + (APIC_ICR >> 4), (uint64_t)apic_id << 32 | icr);
		return;
	}
	flags = local_irq_save();
	while (apic_read(APIC_ICR) & APIC_ICR_BUSY)
		cpu_relax();
	apic_write(APIC_ICR2, apic_id << 24);
	apic_write(APIC_ICR, icr);
	local_irq_restore(flags);
}

void apic_disable(void)
{
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
	apic_write(APIC_LVT_LINT1, APIC_LVT_MASKED);
	apic_write(APIC_LVT_ERROR, APIC_LVT_MASKED);
	apic_write(APIC_SPIV, VECTOR_SPURIOUS);
}
