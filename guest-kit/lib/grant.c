/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Grant table, version 1. */

#include <guestkit/grant.h>
#include <guestkit/mm.h>

volatile struct grant_entry_v1 *kit_grant_table;
static unsigned int entries;

long kit_grant_init(unsigned int frames)
{
	xen_pfn_t list[32];
	struct gnttab_setup_table op = { .dom = DOMID_SELF, .nr_frames = frames };
	unsigned long va = kit_va_alloc(frames);
	long ret;

	if (frames > ARRAY_SIZE(list))
		return -XEN_EINVAL;
	set_xen_guest_handle(op.frame_list, list);
	ret = hc_grant_table_op(GNTTABOP_setup_table, &op, 1);
	if (ret)
		return ret;
	if (op.status != GNTST_okay)
		return op.status;
	for (unsigned int i = 0; i < frames && !ret; i++)
		ret = kit_map(va + i * PAGE_SIZE, list[i], PTE_RW);
	if (ret)
		return ret;
	kit_grant_table = (void *)va;
	entries = frames * (unsigned int)(PAGE_SIZE / sizeof(struct grant_entry_v1));
	return 0;
}

unsigned int kit_grant_entries(void)
{
	return entries;
}

void kit_grant_access(grant_ref_t ref, domid_t dom, unsigned long mfn, bool readonly)
{
	kit_grant_table[ref].domid = dom;
	kit_grant_table[ref].frame = (uint32_t)mfn;
	kit_barrier();
	kit_grant_table[ref].flags = (uint16_t)(GTF_permit_access | (readonly ? GTF_readonly : 0));
}

bool kit_grant_end(grant_ref_t ref)
{
	uint16_t flags = kit_grant_table[ref].flags;

	do {
		if (flags & (GTF_reading | GTF_writing))
			return false;
	} while (!__atomic_compare_exchange_n(&kit_grant_table[ref].flags, &flags, (uint16_t)0,
					      false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return true;
}
