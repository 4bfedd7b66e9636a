/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * grant: version 1 grant tables, the guest granting to itself: set-up and queries, map and unmap
 * with and without a page-table entry, read-only maps, what the entry shows, copies, replacing
 * maps, transfers, and every error.
 */

#include <guestkit/report.h>
#include <guestkit/grant.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>

#define REF 20
#define OWN 0		/* the first domain's number: DOMID_SELF is not taken where others are */

static char *page, *other;
static unsigned long va;

static void setup(void)
{
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_get_version v = { .dom = DOMID_SELF };
	struct gnttab_setup_table s = { .dom = DOMID_SELF, .nr_frames = 100000 };
	xen_pfn_t frames[4];

	kit_check_eq(hc_grant_table_op(GNTTABOP_query_size, &q, 1), 0, "query_size");
	kit_observe("size %u of %u, status %d", q.nr_frames, q.max_nr_frames, q.status);
	kit_check_eq(hc_grant_table_op(GNTTABOP_get_version, &v, 1), 0, "get_version");
	kit_observe("version %u", v.version);
	set_xen_guest_handle(s.frame_list, frames);
	kit_observe_ret(hc_grant_table_op(GNTTABOP_setup_table, &s, 1), "setup of many frames");
	kit_observe("status %d", s.status);
	s.dom = 77;
	s.nr_frames = 1;
	kit_observe_ret(hc_grant_table_op(GNTTABOP_setup_table, &s, 1), "setup for an absent domain");
	kit_observe("status %d", s.status);
	q.dom = 77;
	kit_observe_ret(hc_grant_table_op(GNTTABOP_query_size, &q, 1), "query an absent domain");
	kit_observe("status %d", q.status);
	kit_check_eq(kit_grant_init(2), 0, "two frames of entries");
	q.dom = DOMID_SELF;
	hc_grant_table_op(GNTTABOP_query_size, &q, 1);
	kit_observe("size now %u", q.nr_frames);
	kit_check_eq(kit_grant_table[REF].flags, 0, "entries are clear");
}

static int16_t map(grant_ref_t ref, uint32_t flags, uint64_t host, uint32_t *handle)
{
	struct gnttab_map_grant_ref op = {
		.host_addr = host, .flags = flags, .ref = ref, .dom = OWN,
	};

	kit_observe_ret(hc_grant_table_op(GNTTABOP_map_grant_ref, &op, 1), "map");
	*handle = op.handle;
	return op.status;
}

static int16_t unmap(uint64_t host, uint32_t handle)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = host, .handle = handle };

	kit_observe_ret(hc_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1), "unmap");
	return op.status;
}

static void write_it(void *arg)
{
	*(volatile char *)arg = 'w';
}

static void map_address(void)
{
	struct kit_fault f;
	uint32_t handle = 0;
	struct gnttab_map_grant_ref self = { .flags = GNTMAP_host_map, .ref = REF,
		.dom = DOMID_SELF, .host_addr = va };

	kit_pte_make(kit_root(), va);
	kit_grant_access(REF, OWN, kit_va_to_mfn(page), false);
	hc_grant_table_op(GNTTABOP_map_grant_ref, &self, 1);
	kit_observe("map from DOMID_SELF: status %d", self.status);
	page[0] = 'p';
	kit_observe("map: status %d", map(REF, GNTMAP_host_map, va, &handle));
	kit_check_eq(*(volatile char *)va, 'p', "the page shows");
	*(volatile char *)va = 'q';
	kit_check_eq(page[0], 'q', "and is shared");
	kit_observe("entry flags %x", kit_grant_table[REF].flags);
	kit_check(!kit_grant_end(REF), "it cannot be revoked");
	kit_observe("unmap: status %d", unmap(va, handle));
	kit_observe("entry flags %x", kit_grant_table[REF].flags);
	kit_check_eq((int64_t)(*kit_pte_find(kit_root(), va, 1) & PTE_P), 0, "the entry is gone");
	kit_observe("unmap again: status %d", unmap(va, handle));
	kit_observe("map read-only: status %d", map(REF, GNTMAP_host_map | GNTMAP_readonly, va,
						   &handle));
	kit_observe("entry flags %x", kit_grant_table[REF].flags);
	kit_probe(write_it, (void *)va, &f);
	kit_observe_fault(&f, "write to it");
	kit_observe("wrong address: status %d", unmap(va + PAGE_SIZE, handle));
	kit_observe("unmap: status %d", unmap(va, handle));
	kit_check(kit_grant_end(REF), "it can be revoked now");
}

/* A map for a device has no page-table entry, only a machine address. */
static void device_map(void)
{
	struct gnttab_map_grant_ref m = {
		.flags = GNTMAP_device_map, .ref = REF, .dom = OWN,
	};
	struct gnttab_unmap_grant_ref u = { 0 };

	kit_observe_ret(hc_grant_table_op(GNTTABOP_map_grant_ref, &m, 1), "device map");
	kit_observe("status %d", m.status);
	kit_check_eq((int64_t)m.dev_bus_addr, (int64_t)kit_va_to_mfn(page) << PAGE_SHIFT,
		     "the address is the frame's");
	kit_observe("entry flags %x", kit_grant_table[REF].flags);
	u.handle = m.handle;
	u.dev_bus_addr = m.dev_bus_addr;
	kit_observe_ret(hc_grant_table_op(GNTTABOP_unmap_grant_ref, &u, 1), "unmap");
	kit_observe("status %d, entry flags %x", u.status, kit_grant_table[REF].flags);
}

static void map_entry(void)
{
	kit_pte *pte = kit_pte_find(kit_root(), va, 1);
	uint32_t handle = 0;

	kit_grant_access(REF, OWN, kit_va_to_mfn(page), false);
	kit_observe("map by entry: status %d",
		    map(REF, GNTMAP_host_map | GNTMAP_contains_pte, kit_va_to_ma(pte), &handle));
	page[0] = 'e';
	kit_check_eq(*(volatile char *)va, 'e', "the page shows");
	kit_observe("entry %lx", *pte & ~PTE_FRAME);
	kit_observe("unmap: status %d", unmap(kit_va_to_ma(pte), handle));
	kit_observe("map with application flag: status %d",
		    map(REF, GNTMAP_host_map | GNTMAP_application_map, va, &handle));
	kit_observe("unmap: status %d", unmap(va, handle));
	device_map();
	kit_check(kit_grant_end(REF), "all maps are gone");
}

static void map_errors(void)
{
	uint32_t handle = 0;

	kit_observe("no entry: status %d", map(REF, GNTMAP_host_map, va, &handle));
	kit_observe("beyond the table: status %d", map(100000, GNTMAP_host_map, va, &handle));
	kit_observe("no kind of map: status %d", map(REF, 0, va, &handle));
	kit_grant_access(REF, 77, kit_va_to_mfn(page), false);
	kit_observe("granted to another: status %d", map(REF, GNTMAP_host_map, va, &handle));
	kit_grant_access(REF, OWN, 0xfffffff, false);
	kit_observe("no such frame: status %d", map(REF, GNTMAP_host_map, va, &handle));
	kit_grant_access(REF, OWN, kit_va_to_mfn(kit_root()), false);
	kit_observe("a page table, writable: status %d", map(REF, GNTMAP_host_map, va, &handle));
	kit_observe("a page table, read-only: status %d",
		    map(REF, GNTMAP_host_map | GNTMAP_readonly, va, &handle));
	kit_observe("unmap: status %d", unmap(va, handle));
	kit_grant_access(REF, OWN, kit_va_to_mfn(page), true);
	kit_observe("read-only grant, writable: status %d", map(REF, GNTMAP_host_map, va, &handle));
	kit_observe("unmap a bad handle: status %d", unmap(va, 0x7fffffff));
	kit_observe("address without tables: status %d",
		    map(REF, GNTMAP_host_map | GNTMAP_readonly, 0x0000300000000000UL, &handle));
	kit_observe("address in the hypervisor: status %d",
		    map(REF, GNTMAP_host_map | GNTMAP_readonly, HYPERVISOR_VIRT_START, &handle));
	kit_grant_end(REF);
	kit_grant_table[REF].flags = 0;
}

static void copy(void)
{
	struct gnttab_copy c = {
		.source.u.ref = REF, .source.domid = DOMID_SELF, .source.offset = 16,
		.dest.domid = DOMID_SELF, .dest.offset = 32,
		.len = 64, .flags = GNTCOPY_source_gref,
	};

	for (int i = 0; i < 256; i++)
		page[i] = (char)i;
	memset(other, 0, PAGE_SIZE);
	c.dest.u.gmfn = kit_va_to_mfn(other);
	kit_grant_access(REF, OWN, kit_va_to_mfn(page), true);
	kit_observe_ret(hc_grant_table_op(GNTTABOP_copy, &c, 1), "copy");
	kit_observe("status %d", c.status);
	kit_check(!memcmp(other + 32, page + 16, 64) && !other[31] && !other[96], "exactly that");
	c.len = 4090;
	hc_grant_table_op(GNTTABOP_copy, &c, 1);
	kit_observe("over the page's end: status %d", c.status);
	c.len = 64;
	c.flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
	c.dest.u.ref = REF;
	hc_grant_table_op(GNTTABOP_copy, &c, 1);
	kit_observe("to a read-only grant: status %d", c.status);
	c.flags = 0;
	c.source.u.gmfn = 0xfffffff;
	c.dest.u.gmfn = kit_va_to_mfn(other);
	hc_grant_table_op(GNTTABOP_copy, &c, 1);
	kit_observe("from no frame: status %d", c.status);
	c.source.u.gmfn = kit_va_to_mfn(page);
	c.dest.u.gmfn = kit_va_to_mfn(kit_root());
	hc_grant_table_op(GNTTABOP_copy, &c, 1);
	kit_observe("to a page table: status %d", c.status);
	c.dest.u.gmfn = kit_va_to_mfn(other);
	c.source.domid = 77;
	hc_grant_table_op(GNTTABOP_copy, &c, 1);
	/* Releases of Xen's 4.17 look at one or the other first. */
	kit_check(c.status == GNTST_bad_domain || c.status == GNTST_permission_denied, "none from an absent domain");
	kit_grant_end(REF);
}

static void replace(void)
{
	unsigned long second = va + 4 * PAGE_SIZE;
	struct gnttab_unmap_and_replace op = { .host_addr = va, .new_addr = second };
	uint32_t handle = 0;

	kit_grant_access(REF, OWN, kit_va_to_mfn(page), false);
	map(REF, GNTMAP_host_map, va, &handle);
	kit_map(second, kit_va_to_mfn(other), PTE_RW);
	op.handle = handle;
	other[0] = 'o';
	kit_observe_ret(hc_grant_table_op(GNTTABOP_unmap_and_replace, &op, 1), "replace");
	kit_observe("status %d", op.status);
	kit_check_eq(*(volatile char *)va, 'o', "the other page took its place");
	kit_observe("the other entry: %lx", *kit_pte_find(kit_root(), second, 1) & PTE_P);
	kit_unmap(va);
	kit_grant_end(REF);
}

static void operations(void)
{
	struct gnttab_transfer t = { .mfn = kit_va_to_mfn(other), .domid = 77, .ref = REF };
	struct gnttab_map_grant_ref m[2] = { { .dom = 77 }, { .dom = 77 } };
	struct gnttab_set_version v = { .version = 3 };
	struct gnttab_swap_grant_ref s = { .ref_a = REF, .ref_b = REF + 1 };

	kit_observe_ret(hc_grant_table_op(GNTTABOP_transfer, &t, 1), "transfer to an absent domain");
	kit_observe("status %d", t.status);
	kit_observe_ret(hc_grant_table_op(GNTTABOP_map_grant_ref, m, 2), "maps from an absent domain");
	kit_observe("status %d %d", m[0].status, m[1].status);
	kit_observe_ret(hc_grant_table_op(GNTTABOP_set_version, &v, 1), "set version 3");
	v.version = 1;
	kit_observe_ret(hc_grant_table_op(GNTTABOP_set_version, &v, 1), "set version 1");
	kit_grant_table[REF].frame = 0x111;
	kit_grant_table[REF + 1].frame = 0x222;
	kit_observe_ret(hc_grant_table_op(GNTTABOP_swap_grant_ref, &s, 1), "swap");
	kit_observe("status %d frames %x %x", s.status, kit_grant_table[REF].frame,
		    kit_grant_table[REF + 1].frame);
	kit_observe_ret(hc_grant_table_op(99, m, 1), "operation 99");
	kit_observe_ret(hc_grant_table_op(GNTTABOP_map_grant_ref, m, 0), "no maps");
	kit_observe_ret(hc_grant_table_op(GNTTABOP_map_grant_ref, NULL, 1), "NULL");
	kit_observe_ret(hc_grant_table_op(GNTTABOP_map_grant_ref, m, 0x80000000), "count -2^31");
	kit_observe_ret(hc_grant_table_op(GNTTABOP_map_grant_ref,
					  (void *)HYPERVISOR_VIRT_START, 1), "hypervisor");
}

void kit_main(void)
{
	page = kit_page_alloc();
	other = kit_page_alloc();
	va = kit_va_alloc(16);
	setup();
	map_address();
	map_entry();
	map_errors();
	copy();
	replace();
	operations();
	kit_audit();
}
