/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's end: power off, reboot, or stop with the last message on the screen. */
#include <asm/acpi.h>
#include <asm/apic.h>
#include <asm/desc.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <asm/time.h>
#include <tenon/arch.h>
#include <tenon/cmdline.h>
#include <tenon/console.h>
#include <tenon/lib.h>

#define PM1_SLP_TYP_SHIFT	10
#define PM1_SLP_TYP_MASK	0x1c00
#define PM1_SLP_EN		0x2000
#define PM1_WAKE_STATUS		0x8000
#define KBD_STATUS		0x64
#define KBD_INPUT_FULL		0x02
#define KBD_PULSE_RESET		0xfe
#define RESET_CONTROL		0xcf9
#define RESET_HARD		0x02	/* a full reset ... */
#define RESET_NOW		0x04	/* ... when this rises */
#define PCI_ADDRESS		0xcf8
#define PCI_DATA		0xcfc
#define TRY_MS			100
#define KBD_TRIES		10

/* ---- ways to reboot ---- */
static void reset_by_acpi(void)
{
	const struct acpi_gas *r = &acpi_info.reset_reg;

	if (!acpi_info.has_reset_reg)
		return;
	if (r->space == ACPI_SPACE_IO) {
		outb(acpi_info.reset_value, (uint16_t)r->address);
	} else if (r->space == ACPI_SPACE_PCI) {
		/* Device, function and register on bus 0: 16 bits each (ACPI 6.4, 4.8.3.6). */
		uint32_t dev = r->address >> 32 & 31, fn = r->address >> 16 & 7, reg = r->address & 0xff;

		outl(1U << 31 | dev << 11 | fn << 8 | (reg & 0xfc), PCI_ADDRESS);
		outb(acpi_info.reset_value, PCI_DATA + (reg & 3));
	}
	mdelay(TRY_MS);
}

static void reset_by_keyboard(void)
{
	for (unsigned int i = 0; i < KBD_TRIES; i++) {
		for (unsigned int ms = 0; ms < TRY_MS && (inb(KBD_STATUS) & KBD_INPUT_FULL); ms++)
			mdelay(1);
		outb(KBD_PULSE_RESET, KBD_STATUS);
		mdelay(TRY_MS / KBD_TRIES);
	}
}

static void reset_by_chipset(void)
{
	outb(RESET_HARD, RESET_CONTROL);
	udelay(50);
	outb(RESET_HARD | RESET_NOW, RESET_CONTROL);
	mdelay(TRY_MS);
}

/* An exception that finds no handler, nor one for that: the processor shuts down, the board resets it. */
static void reset_by_triple_fault(void)
{
	struct desc_ptr none = { 0, 0 };

	__asm__ volatile("lidt %0; int3" :: "m"(none));
}

static const struct {
	char letter;
	void (*fn)(void);
} resets[] = {
	{ 'a', reset_by_acpi },
	{ 'k', reset_by_keyboard },
	{ 'p', reset_by_chipset },
	{ 't', reset_by_triple_fault },
};
static unsigned int first_reset;

static int __init parse_reboot(const char *s)
{
	if (*s == 'n') {
		opt_noreboot = true;
		return 0;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(resets); i++)
		if (*s == resets[i].letter) {
			first_reset = i;
			return 0;
		}
	return -EINVAL;
}
BOOT_OPTION_CUSTOM("reboot", parse_reboot, "what is tried first to reset the machine: acpi (default), kbd, pci, triple; or no");

static void reboot(void)
{
	resets[first_reset].fn();
	for (unsigned int i = 0; i < ARRAY_SIZE(resets); i++)
		resets[i].fn();
}

/* ---- power ---- */
static void sleep_control(uint16_t port, uint8_t type, bool now)
{
	uint16_t v = (uint16_t)((inw(port) & ~(PM1_SLP_TYP_MASK | PM1_SLP_EN)) | type << PM1_SLP_TYP_SHIFT);

	outw(now ? v | PM1_SLP_EN : v, port);
}

/* ACPI 6.4, 7.4.2: the type in both blocks first, then the word to go. */
static void power_off(void)
{
	const struct acpi_info *a = &acpi_info;

	if (!a->has_s5 || !a->pm1a_cnt) {
		printk(LOG_ERR "The firmware's tables do not say how to switch off\n");
		return;
	}
	if (a->pm1a_evt)
		outw(PM1_WAKE_STATUS, a->pm1a_evt);
	if (a->pm1b_evt)
		outw(PM1_WAKE_STATUS, a->pm1b_evt);
	for (unsigned int now = 0; now < 2; now++) {
		sleep_control(a->pm1a_cnt, a->s5_typ_a, now);
		if (a->pm1b_cnt)
			sleep_control(a->pm1b_cnt, a->s5_typ_b, now);
	}
	mdelay(TRY_MS);
}

void machine_end(enum machine_end how)
{
	static const char *const messages[] = {
		[MACHINE_HALT] = "Halted",
		[MACHINE_REBOOT] = "Reset does not work on this machine: switch it off and on",
		[MACHINE_POWEROFF] = "Power off does not work on this machine: it can be switched off now",
	};

	local_irq_disable();
	console_start_sync();
	smp_stop_others();
	system_state = SYS_SHUTDOWN;
	if (how == MACHINE_POWEROFF)
		power_off();
	if (how == MACHINE_REBOOT)
		reboot();
	printk(LOG_ERR "%s\n", messages[how]);
	for (;;) {
		local_irq_disable();
		cpu_halt();
	}
}
