/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ACPI power management timer (ACPI 6.4, 4.8.3.3). */
#include <asm/acpi.h>
#include <asm/system.h>
#include <asm/time.h>
#include <tenon/compiler.h>

#define PM_TIMER_HZ	3579545

static uint64_t read_counter(void)
{
	return inl(acpi_info.pm_timer);
}

bool __init pm_timer_probe(struct platform_timer *t)
{
	uint32_t start;

	if (!acpi_info.pm_timer)
		return false;
	start = inl(acpi_info.pm_timer);
	for (unsigned int i = 0; inl(acpi_info.pm_timer) == start; i++)
		if (i == 10000)
			return false;
	*t = (struct platform_timer){ "ACPI PM timer", PM_TIMER_HZ, acpi_info.pm_timer_32 ? 32 : 24, read_counter };
	return true;
}
