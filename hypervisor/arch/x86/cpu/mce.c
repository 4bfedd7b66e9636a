/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machine checks (SDM 3B chapter 15; APM 2 chapter 9): banks of error registers, by exception and polled. */
#include <asm/cpu.h>
#include <asm/msr.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <tenon/arch.h>
#include <tenon/console.h>
#include <tenon/lib.h>
#include <tenon/mm.h>
#include <tenon/percpu.h>

#define MSR_MCG_CTL		0x17b
#define MSR_MC_CTL(b)		(MSR_MC0_CTL + 4 * (b))
#define MSR_MC_STATUS(b)	(MSR_MC0_CTL + 4 * (b) + 1)
#define MSR_MC_ADDR(b)		(MSR_MC0_CTL + 4 * (b) + 2)
#define MSR_MC_MISC(b)		(MSR_MC0_CTL + 4 * (b) + 3)

#define MCG_CAP_COUNT		0xff
#define MCG_CAP_CTL		(1UL << 8)
#define MCG_CAP_SER		(1UL << 24)	/* the next-to-last two status bits tell how bad it is */
#define MCG_STATUS_RIPV		(1UL << 0)	/* what was interrupted can go on */
#define MC_VALID		(1UL << 63)
#define MC_OVERFLOW		(1UL << 62)
#define MC_UNCORRECTED		(1UL << 61)
#define MC_ENABLED		(1UL << 60)
#define MC_MISC_VALID		(1UL << 59)
#define MC_ADDR_VALID		(1UL << 58)
#define MC_CONTEXT_CORRUPT	(1UL << 57)
#define MC_ACTION_REQUIRED	(1UL << 55)

#define POLL_PERIOD		SECONDS(60)

static bool mce_in_use;
static uint64_t mcg_cap;

static unsigned int nr_banks(void)
{
	return (unsigned int)(mcg_cap & MCG_CAP_COUNT);
}

/* Bank 0 of Intel's first 64-bit processors is firmware's. */
static bool bank_is_ours(unsigned int bank)
{
	return bank || boot_cpu.vendor != VENDOR_INTEL || boot_cpu.family != 6 || boot_cpu.model >= 0x1a;
}

static void show_bank(unsigned int bank, uint64_t status)
{
	const char *kind = status & MC_CONTEXT_CORRUPT ? "fatal" :
			   status & MC_UNCORRECTED ? "uncorrected" : "corrected";

	printk(LOG_ERR "CPU%u: machine check, bank %u: %s error, status %016lx%s\n", smp_processor_id(), bank, kind,
	       (unsigned long)status, status & MC_OVERFLOW ? ", more were lost" : "");
	if (status & MC_ADDR_VALID)
		printk(LOG_ERR "  address %016lx\n", rdmsr(MSR_MC_ADDR(bank)));
	if (status & MC_MISC_VALID)
		printk(LOG_ERR "  misc %016lx\n", rdmsr(MSR_MC_MISC(bank)));
}

/* Can nothing go on after this? We have no way to give up one page or one guest for it. */
static bool bank_is_fatal(uint64_t status)
{
	if (status & MC_CONTEXT_CORRUPT)
		return true;
	if (!(status & MC_UNCORRECTED) || !(status & MC_ENABLED))
		return false;
	return !(mcg_cap & MCG_CAP_SER) || (status & MC_ACTION_REQUIRED);
}

/* Shows and clears what the banks hold. */
static void take_banks(void)
{
	for (unsigned int bank = 0; bank < nr_banks(); bank++) {
		uint64_t status = rdmsr(MSR_MC_STATUS(bank));

		if (!(status & MC_VALID))
			continue;
		show_bank(bank, status);
		wrmsr(MSR_MC_STATUS(bank), 0);
	}
}

static bool any_fatal(void)
{
	for (unsigned int bank = 0; bank < nr_banks(); bank++) {
		uint64_t status = rdmsr(MSR_MC_STATUS(bank));

		if ((status & MC_VALID) && bank_is_fatal(status))
			return true;
	}
	return false;
}

static struct cpumask to_report;

/* It may have come in the middle of a message: what can be survived is reported afterwards. */
void do_machine_check(struct cpu_user_regs *regs)
{
	if (mce_in_use && (rdmsr(MSR_MCG_STATUS) & MCG_STATUS_RIPV) && !any_fatal()) {
		cpumask_set(smp_processor_id(), &to_report);
		nmi_work_later();
		wrmsr(MSR_MCG_STATUS, 0);
		return;
	}
	console_start_sync();
	if (mce_in_use)
		take_banks();
	show_execution_state(regs);
	panic("Machine check: the hardware reports an error that cannot be survived");
}

void mce_report_here(void)
{
	if (test_and_clear_bit(smp_processor_id(), to_report.bits))
		take_banks();
}

/* What firmware or the last system left behind is shown, then forgotten. */
void mce_init_cpu(void)
{
	if (!cpu_has(X86_FEATURE_MCE) || !cpu_has(X86_FEATURE_MCA))
		return;
	mcg_cap = rdmsr(MSR_MCG_CAP);
	mce_in_use = true;
	take_banks();
	if (mcg_cap & MCG_CAP_CTL)
		wrmsr(MSR_MCG_CTL, ~0UL);
	for (unsigned int bank = 0; bank < nr_banks(); bank++)
		if (bank_is_ours(bank))
			wrmsr(MSR_MC_CTL(bank), ~0UL);
	wrmsr(MSR_MCG_STATUS, 0);
}

/* ---- corrected errors make no noise: they are looked for ---- */
static void poll(void *timer)
{
	take_banks();
	timer_set(timer, now() + POLL_PERIOD);
}

void __init mce_poll_init(void)
{
	unsigned int cpu;

	/* An emulator's processor has none. */
	if (!mce_in_use || cpu_has(X86_FEATURE_HYPERVISOR))
		return;
	for_each_online_cpu(cpu) {
		struct timer *t = xzalloc(struct timer);

		if (!t)
			panic("No memory for machine-check polling");
		timer_init(t, poll, t, cpu);
		timer_set(t, now() + POLL_PERIOD);
	}
}
