/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine-to-physical table, in large pages: one for each GiB of machine addresses that
 * has RAM. It is mapped twice: for guests to read at the start of slot 256, where the interface has it,
 * and for us to write. PV guests use machine frame numbers in all calls, so that it is all the translation
 * there is.
 */
#include <tenon/arch.h>
#include <tenon/init.h>
#include "hv_tables.h"

mfn_t m2p_chunk(unsigned long i)
{
	unsigned long va = RW_M2P_VIRT_START + (i << PT_SHIFT(2));
	pte_t e = idle_l4[pt_index(va, 4)];

	for (unsigned int level = 3; level > 1 && pte_present(e); level--)
		e = ((pte_t *)mfn_to_virt(pte_mfn(e)))[pt_index(va, level)];
	return pte_present(e) ? pte_mfn(e) : _mfn(0);
}

void __init m2p_init(void)
{
	for (unsigned long i = 0; i < m2p_chunks(); i++) {
		unsigned long first = i * M2P_PER_CHUNK, offset = i << PT_SHIFT(2);
		mfn_t mfn;

		if (!ram_frames(first, first + M2P_PER_CHUNK))
			continue;
		mfn = boot_pages_alloc(PT_ENTRIES, PT_ENTRIES);
		if (map_pages_to_hv(RW_M2P_VIRT_START + offset, mfn, PT_ENTRIES, PAGE_HV) ||
		    map_pages_to_hv(RO_M2P_VIRT_START + offset, mfn, PT_ENTRIES, PAGE_HV_RO | _PAGE_USER))
			BUG();
		/* M2P_INVALID */
		memset(m2p_table + first, 0xff, 1UL << PT_SHIFT(2));
	}
	hv_tables_use_heap();
}

void __init m2p_share(void)
{
	for (unsigned long i = 0; i < m2p_chunks(); i++) {
		mfn_t mfn = m2p_chunk(i);

		for (unsigned int k = 0; mfn.m && k < PT_ENTRIES; k++)
			share_hv_page_with_guest(mfn_to_virt(mfn_add(mfn, k)), dom_xen, false);
	}
}

void arch_m2p_set(mfn_t mfn, unsigned long gfn)
{
	m2p_table[mfn.m] = gfn;
}

int arch_physmap_add(struct domain *d, gfn_t gfn, mfn_t mfn)
{
	arch_m2p_set(mfn, gfn.g);
	return 0;
}

int arch_physmap_remove(struct domain *d, gfn_t gfn, mfn_t mfn)
{
	arch_m2p_set(mfn, M2P_INVALID);
	return 0;
}

mfn_t arch_gfn_to_mfn(struct domain *d, gfn_t gfn)
{
	return mfn_valid(_mfn(gfn.g)) ? _mfn(gfn.g) : _mfn(INVALID_MFN_RAW);
}
