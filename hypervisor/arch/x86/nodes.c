/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the common heap asks of the machine: memory nodes, and the state of the TLBs. */
#include <asm/flush.h>
#include <asm/page.h>
#include <tenon/arch.h>
#include <tenon/percpu.h>

unsigned int mfn_to_node(mfn_t mfn)
{
	return 0;
}

unsigned int cpu_to_node(unsigned int cpu)
{
	return percpu(cpu)->arch.node;
}

void *map_domain_page_global(mfn_t mfn)
{
	return mfn_to_virt(mfn);
}

uint32_t arch_tlb_stamp(void)
{
	return tlb_clock_now();
}

void arch_tlb_flush_since(uint32_t stamp)
{
	struct cpumask mask = cpu_online_map;

	flush_filter(&mask, stamp);
	if (!cpumask_empty(&mask))
		flush_mask(&mask, NULL, FLUSH_TLB);
}
