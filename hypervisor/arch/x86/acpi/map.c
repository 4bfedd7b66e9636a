/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <asm/cpu.h>
#include <asm/mm.h>
#include "acpi.h"

bool __init acpi_addr_good(uint64_t addr, uint64_t bytes)
{
	uint64_t limit = 1UL << boot_cpu.phys_bits;

	return addr && bytes && bytes <= limit && addr <= limit - bytes;
}

const void *__init acpi_map(uint64_t addr, size_t len)
{
	unsigned long nr = PFN_UP(PAGE_OFFSET(addr) + len);
	char *va = NULL;

	if (len > ACPI_WINDOW || !acpi_addr_good(addr, len))
		return NULL;
	/* Slots lie in a row. Last to first, so that va ends up as the address of the first. */
	for (unsigned long i = nr; i-- > 0; )
		va = set_fixmap(FIX_ACPI_FIRST + i, (addr & PAGE_MASK) + i * PAGE_SIZE, PAGE_HV_RO);
	return va + PAGE_OFFSET(addr);
}
