/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The high precision event timer's main counter (IA-PC HPET specification 1.0a). */
#include <asm/acpi.h>
#include <asm/mm.h>
#include <asm/system.h>
#include <asm/time.h>

#define HPET_PERIOD	0x004		/* femtoseconds a tick */
#define HPET_CONFIG	0x010
#define HPET_COUNTER	0x0f0
#define CONFIG_ENABLE	0x1
#define CONFIG_LEGACY	0x2
#define PERIOD_MAX	100000000U
#define FS_A_SECOND	1000000000000000UL

static const volatile uint8_t *regs __read_mostly;

/* The lower half is enough, and is read in one piece on every machine. */
static uint64_t read_counter(void)
{
	return mmio_read32(regs + HPET_COUNTER);
}

bool __init hpet_probe(struct platform_timer *t)
{
	volatile uint8_t *r;
	uint32_t period, start;

	if (!acpi_info.hpet_addr)
		return false;
	r = set_fixmap(FIX_HPET, acpi_info.hpet_addr, PAGE_HV_UC);
	period = mmio_read32(r + HPET_PERIOD);
	if (!period || period > PERIOD_MAX)
		return false;
	/* Its interrupts, if firmware used them, are not wanted. */
	mmio_write32(r + HPET_CONFIG, (mmio_read32(r + HPET_CONFIG) & ~CONFIG_LEGACY) | CONFIG_ENABLE);
	start = mmio_read32(r + HPET_COUNTER);
	for (unsigned int i = 0; mmio_read32(r + HPET_COUNTER) == start; i++)
		if (i == 10000)
			return false;
	regs = r;
	*t = (struct platform_timer){ "HPET", FS_A_SECOND / period, 32, read_counter };
	return true;
}
