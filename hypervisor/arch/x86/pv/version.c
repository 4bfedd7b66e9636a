/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this port tells about the guest interface that it offers. */
#include <asm/pv.h>
#include <tenon/arch.h>
#include <xen/features.h>

uint32_t arch_version_features(const struct domain *d, unsigned int submap)
{
	uint32_t features = 1U << XENFEAT_mmu_pt_update_preserve_ad | 1U << XENFEAT_highmem_assist |
			    1U << XENFEAT_gnttab_map_avail_bits | 1U << XENFEAT_memory_op_vnode_supported |
			    1U << XENFEAT_direct_mapped;

	if (submap)
		return 0;
	if (VM_ASSIST(d, pae_extended_cr3))
		features |= 1U << XENFEAT_pae_pgdir_above_4gb;
	if (is_hardware_domain(d))
		features |= 1U << XENFEAT_dom0;
	return features;
}

void arch_capabilities(char *buf, size_t size)
{
	/* Each with a space behind it, as tools that search for one expect. */
	strlcpy(buf, "xen-3.0-x86_64 ", size);
}
