/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreign: what dom0 may do with another domain's memory: map its frames, change and pin its page tables, tell their
 * numbers; what it may not; and a domain that is ended while its frames are mapped.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/mm.h>
#include <xen/domctl.h>
#include <xen/memory.h>

#define OTHER	1U
#define FRAMES	4U

static xen_pfn_t frames[FRAMES];
static unsigned long va;

static long domctl(unsigned int cmd, struct xen_domctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = OTHER;
	return hc_domctl(op);
}

static bool make_domain(void)
{
	struct xen_domctl op = {
		.u.createdomain = { .max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = 4, .max_maptrack_frames = 4,
				    .grant_opts = 1 },
	};
	struct xen_memory_reservation r = { .nr_extents = FRAMES, .domid = OTHER };

	if (!kit_check_eq(domctl(XEN_DOMCTL_createdomain, &op), 0, "another domain"))
		return false;
	op.u.max_mem.max_memkb = 1024;
	kit_check_eq(domctl(XEN_DOMCTL_max_mem, &op), 0, "it may have memory");
	op.u.max_vcpus.max = 1;
	kit_check_eq(domctl(XEN_DOMCTL_max_vcpus, &op), 0, "and a vCPU");
	for (unsigned int i = 0; i < FRAMES; i++)
		frames[i] = i;
	set_xen_guest_handle(r.extent_start, frames);
	return kit_check_eq(hc_memory_op(XENMEM_populate_physmap, &r), FRAMES, "and gets some");
}

/* Whose frame goes into our table: owner. */
static long map(unsigned long mfn, uint64_t flags, unsigned int owner)
{
	struct mmu_update req = { .ptr = kit_va_to_ma(kit_pte_find(kit_root(), va, 1)), .val = kit_make_pte(mfn, flags) };
	long ret = hc_mmu_update(&req, 1, NULL, owner);

	kit_mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0);
	return ret;
}

static void mapping(void)
{
	kit_observe_ret(map(frames[0], PTE_RW, DOMID_SELF), "map it as one's own");
	kit_observe_ret(map(frames[0], PTE_RW, 77), "as an absent domain's");
	kit_observe_ret(map(kit_va_to_mfn(frames), PTE_RO, OTHER), "map one's own as the other's");
	kit_check_eq(map(frames[0], PTE_RW, OTHER), 0, "map it as the other's");
	*(volatile uint64_t *)va = 0x123456789a;
	kit_check_eq(map(frames[1], PTE_RO, OTHER), 0, "map the next");
	kit_check_eq(*(volatile int64_t *)va, 0, "which is empty");
	kit_check_eq(hc_update_va_mapping_otherdomain(va, kit_make_pte(frames[0], PTE_RO), UVMF_INVLPG, OTHER), 0,
		     "the first again, by its address");
	kit_check_eq(*(volatile int64_t *)va, 0x123456789a, "it has what was written");
	kit_observe_ret(hc_update_va_mapping_otherdomain(va, kit_make_pte(frames[0], PTE_RW), UVMF_INVLPG, DOMID_SELF),
			"by its address as one's own");
	kit_unmap(va);
}

static long ext(unsigned int cmd, unsigned long mfn, unsigned int owner)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn };

	return hc_mmuext_op(&op, 1, NULL, owner);
}

/* table_owner's table, into which owner's frames go. */
static long change(unsigned long table, unsigned int index, uint64_t value, unsigned int table_owner, unsigned int owner)
{
	struct mmu_update req = { .ptr = (uint64_t)table << PAGE_SHIFT | index * 8, .val = value };

	return hc_mmu_update(&req, 1, NULL, (table_owner + 1) << 16 | owner);
}

static void page_tables(void)
{
	uint64_t entry = kit_make_pte(frames[0], PTE_RW);

	kit_observe_ret(ext(MMUEXT_PIN_L1_TABLE, frames[1], DOMID_SELF), "pin its frame as one's own");
	kit_check_eq(ext(MMUEXT_PIN_L1_TABLE, frames[1], OTHER), 0, "pin it as the other's");
	kit_observe_ret(map(frames[1], PTE_RW, OTHER), "a writable map of the table");
	kit_check_eq(map(frames[1], PTE_RO, OTHER), 0, "a read-only one");
	kit_check_eq(change(frames[1], 7, entry, OTHER, OTHER), 0, "an entry for one of its frames");
	kit_check_eq(((volatile int64_t *)va)[7] & (int64_t)(PTE_FRAME | PTE_P), (int64_t)(entry & (PTE_FRAME | PTE_P)), "shows");
	kit_observe_ret(change(frames[1], 8, kit_make_pte(kit_va_to_mfn(frames), PTE_RW), OTHER, OTHER), "one for a frame of ours");
	kit_observe_ret(change(frames[1], 8, entry, OTHER, DOMID_SELF), "one for its frame as ours");
	kit_observe_ret(change(frames[1], 8, kit_make_pte(frames[1], PTE_RW), OTHER, OTHER), "one by which it could write the table");
	kit_observe_ret(change(frames[1], 8, entry, 0, OTHER), "its table as ours");
	kit_observe_ret(ext(MMUEXT_NEW_BASEPTR, frames[1], OTHER), "its table as our root");
	kit_observe_ret(ext(MMUEXT_PIN_L2_TABLE, frames[1], OTHER), "pin at another level");
	kit_check_eq(ext(MMUEXT_UNPIN_TABLE, frames[1], OTHER), 0, "unpin");
	kit_check_eq(map(frames[1], PTE_RW, OTHER), 0, "now a writable map");
	kit_unmap(va);
	kit_observe_ret(ext(MMUEXT_CLEAR_PAGE, frames[1], OTHER), "clear its frame");
}

static void numbers(void)
{
	struct mmu_update req = { .ptr = (uint64_t)frames[2] << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, .val = 0x77 };

	kit_check_eq((int64_t)kit_mfn_to_pfn(frames[2]), 2, "a frame's number is what it was asked for with");
	kit_check_eq(hc_mmu_update(&req, 1, NULL, OTHER), 0, "it is changed");
	kit_check_eq((int64_t)kit_mfn_to_pfn(frames[2]), 0x77, "and shows");
	kit_observe_ret(hc_mmu_update(&req, 1, NULL, DOMID_SELF), "as one's own");
}

static void ending(void)
{
	struct xen_domctl op = { .cmd = 0 };

	kit_check_eq(map(frames[0], PTE_RW, OTHER), 0, "map one of its frames");
	kit_check_eq(domctl(XEN_DOMCTL_destroydomain, &op), 0, "end the domain");
	kit_check_eq(*(volatile int64_t *)va, 0x123456789a, "the frame is still what it was");
	kit_check_eq(domctl(XEN_DOMCTL_getdomaininfo, &op), 0, "the domain is not gone");
	kit_observe("flags %x pages %lu", op.u.getdomaininfo.flags & (XEN_DOMINF_dying | XEN_DOMINF_hvm_guest),
		    op.u.getdomaininfo.tot_pages);
	kit_unmap(va);
	for (uint64_t end = kit_time_now() + 2000000000UL; kit_time_now() < end; kit_pause())
		if (domctl(XEN_DOMCTL_getdomaininfo, &op) || op.domain != OTHER)
			break;
	kit_check(domctl(XEN_DOMCTL_getdomaininfo, &op) || op.u.getdomaininfo.domain != OTHER, "without the map it is");
	kit_observe_ret(map(frames[0], PTE_RO, OTHER), "map its frame now");
}

void kit_main(void)
{
	va = kit_va_alloc(1);
	kit_pte_make(kit_root(), va);
	if (!make_domain())
		return;
	mapping();
	page_tables();
	numbers();
	kit_audit();
	ending();
	kit_audit();
}
