/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the common heap asks of the machine: memory nodes. */
#include <asm/acpi.h>
#include <asm/page.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>

/* Memory between the ranges that firmware tells of counts to the one below. */
unsigned int mfn_to_node(mfn_t mfn)
{
	uint64_t addr = (uint64_t)mfn.m << PAGE_SHIFT;
	unsigned int low = 0, high = acpi_info.nr_memory;

	if (likely(!high))
		return 0;
	/* The range wanted starts at index low or above, and below high. */
	while (high - low > 1) {
		unsigned int mid = (low + high) / 2;

		if (acpi_info.memory[mid].start <= addr)
			low = mid;
		else
			high = mid;
	}
	return acpi_info.memory[low].node;
}

unsigned int cpu_to_node(unsigned int cpu)
{
	return likely(acpi_info.nr_nodes <= 1) ? 0 : acpi_apic_to_node(percpu(cpu)->arch.apic_id);
}

void *map_domain_page_global(mfn_t mfn)
{
	return mfn_to_virt(mfn);
}
