/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <asm/cpu.h>
#include <asm/mm.h>
#include "acpi.h"

const void *__init acpi_map(uint64_t addr, size_t len)
{
	unsigned long nr = PFN_UP(PAGE_OFFSET(addr) + len);
	char *va = NULL;

	if (!len || len > ACPI_WINDOW || addr >> boot_cpu.phys_bits || (addr + len - 1) >> boot_cpu.phys_bits)
		return NULL;
	/* Slots lie in a row. Last to first, so that va ends up as the address of the first. */
	for (unsigned long i = nr; i-- > 0; )
		va = set_fixmap(FIX_ACPI_FIRST + i, (addr & PAGE_MASK) + i * PAGE_SIZE, PAGE_HV_RO);
	return va + PAGE_OFFSET(addr);
}
