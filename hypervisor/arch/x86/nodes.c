/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the common heap asks of the machine: memory nodes. */
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
