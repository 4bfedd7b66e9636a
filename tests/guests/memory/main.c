/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory: memory_op: reservations that shrink, grow and are exchanged, populating frames of the
 * guest's choice, size queries, memory maps, the machine-to-physical table's own frames, errors.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/memory.h>

static xen_pfn_t list[64];

static long reserve(unsigned int cmd, unsigned long n, unsigned int order, xen_pfn_t *frames)
{
	struct xen_memory_reservation r = {
		.nr_extents = n, .extent_order = order, .domid = DOMID_SELF,
	};

	set_xen_guest_handle(r.extent_start, frames);
	return hc_memory_op(cmd, &r);
}

static void sizes(void)
{
	domid_t self = DOMID_SELF, absent = 77;

	kit_observe_ret(hc_memory_op(XENMEM_current_reservation, &self), "current reservation");
	kit_observe("in pages: %ld", hc_memory_op(XENMEM_current_reservation, &self));
	kit_check(hc_memory_op(XENMEM_maximum_reservation, &self) >=
		  hc_memory_op(XENMEM_current_reservation, &self), "maximum reservation");
	kit_check(hc_memory_op(XENMEM_maximum_ram_page, NULL) > 0x10000, "maximum_ram_page");
	kit_observe_ret(hc_memory_op(XENMEM_current_reservation, &absent), "of an absent domain");
	kit_observe_ret(hc_memory_op(XENMEM_current_reservation, NULL), "NULL");
	kit_observe_ret(hc_memory_op(XENMEM_maximum_gpfn, &self), "maximum_gpfn");
}

static void shrink_and_grow(void)
{
	domid_t self = DOMID_SELF;
	long before = hc_memory_op(XENMEM_current_reservation, &self);
	unsigned long pfn = kit_pfn_spare(), mfn = kit_pfn_to_mfn(pfn);
	char *mapped = kit_page_alloc();

	list[0] = mfn;
	kit_observe_ret(reserve(XENMEM_decrease_reservation, 1, 0, list), "give a frame back");
	kit_observe("change %ld", hc_memory_op(XENMEM_current_reservation, &self) - before);
	kit_observe_ret(reserve(XENMEM_decrease_reservation, 1, 0, list), "give it back again");
	list[0] = 0xfffffff;
	kit_observe_ret(reserve(XENMEM_decrease_reservation, 1, 0, list), "give back no frame");
	list[0] = kit_va_to_mfn(kit_root());
	kit_observe_ret(reserve(XENMEM_decrease_reservation, 1, 0, list), "give back the root");
	list[0] = pfn;
	kit_observe_ret(reserve(XENMEM_populate_physmap, 1, 0, list), "populate the hole");
	kit_check(list[0] != pfn, "a machine frame came back");
	kit_check_eq((int64_t)kit_mfn_to_pfn(list[0]), (int64_t)pfn, "the m2p has it");
	kit_observe("change %ld", hc_memory_op(XENMEM_current_reservation, &self) - before);
	kit_p2m_set(pfn, list[0]);
	kit_observe_ret(reserve(XENMEM_increase_reservation, 1, 0, list), "one more frame");
	kit_observe_ret(reserve(XENMEM_decrease_reservation, 1, 0, list), "which goes back");
	list[0] = pfn;
	kit_observe_ret(reserve(XENMEM_populate_physmap, 1, 12, list), "order 12");
	kit_observe_ret(reserve(XENMEM_populate_physmap, 1, 64, list), "order 64");
	kit_observe_ret(reserve(XENMEM_populate_physmap, ~0UL, 0, list), "count -1");
	kit_observe_ret(reserve(XENMEM_populate_physmap, 0, 0, list), "count 0");
	kit_observe_ret(reserve(XENMEM_populate_physmap, 1, 0, (xen_pfn_t *)0x10), "bad list");
	kit_observe_ret(hc_memory_op(XENMEM_populate_physmap, NULL), "NULL");
	/* A frame that is still mapped leaves when the map does. */
	list[0] = kit_va_to_mfn(mapped);
	kit_observe_ret(reserve(XENMEM_decrease_reservation, 1, 0, list), "a mapped frame");
}

static void exchange(void)
{
	xen_pfn_t in[4], out[4];
	struct xen_memory_exchange e = {
		.in = { .nr_extents = 4, .extent_order = 0, .domid = DOMID_SELF },
		.out = { .nr_extents = 1, .extent_order = 2, .domid = DOMID_SELF },
	};
	unsigned long pfn[4];

	for (int i = 0; i < 4; i++) {
		pfn[i] = kit_pfn_spare();
		in[i] = kit_pfn_to_mfn(pfn[i]);
	}
	out[0] = pfn[0];
	set_xen_guest_handle(e.in.extent_start, in);
	set_xen_guest_handle(e.out.extent_start, out);
	kit_observe_ret(hc_memory_op(XENMEM_exchange, &e), "four frames for four in a row");
	kit_observe("exchanged %lu", e.nr_exchanged);
	kit_check_eq((int64_t)(out[0] & 3), 0, "the new ones are aligned");
	for (unsigned int i = 0; i < 4; i++)
		kit_check_eq((int64_t)kit_mfn_to_pfn(out[0] + i), (int64_t)(out[0] ? pfn[0] + i : 0),
			     "frame %u", i);
	e.nr_exchanged = 0;
	e.out.extent_order = 3;
	kit_observe_ret(hc_memory_op(XENMEM_exchange, &e), "sizes that differ");
	e.out.extent_order = 2;
	in[0] = kit_va_to_mfn(kit_root());
	kit_observe_ret(hc_memory_op(XENMEM_exchange, &e), "exchange of the root");
	e.nr_exchanged = 9;
	kit_observe_ret(hc_memory_op(XENMEM_exchange, &e), "already beyond the end");
	kit_observe_ret(hc_memory_op(XENMEM_exchange, NULL), "exchange NULL");
}

struct e820 {
	uint64_t addr, size;
	uint32_t type;
} __attribute__((packed));

static void maps(void)
{
	static struct e820 map[128];
	struct xen_memory_map m = { .nr_entries = 128 }, count = { 0 };
	bool sorted = true;
	uint64_t ram = 0;

	set_xen_guest_handle(m.buffer, (void *)map);
	kit_observe_ret(hc_memory_op(XENMEM_memory_map, &m), "memory_map");
	m.nr_entries = 128;
	kit_observe_ret(hc_memory_op(XENMEM_machine_memory_map, &m), "machine_memory_map");
	for (unsigned int i = 0; i < m.nr_entries; i++) {
		if (map[i].type == 1)
			ram += map[i].size;
		sorted = sorted && (!i || map[i].addr >= map[i - 1].addr + map[i - 1].size);
		kit_note("%016lx %016lx %u", map[i].addr, map[i].size, map[i].type);
	}
	kit_check(sorted, "it is sorted");
	kit_check(ram > 500UL << 20 && ram <= 512UL << 20, "the RAM is what the machine has");
	count.nr_entries = 0;
	kit_observe_ret(hc_memory_op(XENMEM_machine_memory_map, &count), "without a buffer");
	kit_observe("entries more than with one: %d", (int)(count.nr_entries - m.nr_entries));
	m.nr_entries = 1;
	kit_observe_ret(hc_memory_op(XENMEM_machine_memory_map, &m), "room for one entry");
	kit_observe("entries %u", m.nr_entries);
	m.nr_entries = 128;
	set_xen_guest_handle(m.buffer, (void *)0x10);
	kit_observe_ret(hc_memory_op(XENMEM_machine_memory_map, &m), "bad buffer");
	kit_observe_ret(hc_memory_op(XENMEM_machine_memory_map, NULL), "NULL");
}

static void machphys(void)
{
	struct xen_machphys_mfn_list l = { .max_extents = 4 };
	struct xen_machphys_mapping map;
	xen_pfn_t frames[4] = { 0 };

	set_xen_guest_handle(l.extent_start, frames);
	kit_observe_ret(hc_memory_op(XENMEM_machphys_mfn_list, &l), "machphys_mfn_list");
	kit_observe("extents %u", l.nr_extents);
	kit_check_eq((int64_t)(frames[0] & 511), 0, "2 MiB aligned");
	kit_observe_ret(hc_memory_op(XENMEM_machphys_mapping, &map), "machphys_mapping");
	kit_observe("v_start %lx v_end %lx", map.v_start, map.v_end);
	kit_check_eq((int64_t)map.max_mfn, hc_memory_op(XENMEM_maximum_ram_page, NULL) - 1,
		     "max_mfn is the last page");
	kit_observe_ret(hc_memory_op(XENMEM_machphys_compat_mfn_list, &l), "compat list");
	kit_observe_ret(hc_memory_op(XENMEM_machphys_mapping, NULL), "mapping NULL");
}

static void physmap(void)
{
	struct xen_add_to_physmap add = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info };
	struct xen_remove_from_physmap rem = { .domid = DOMID_SELF, .gpfn = 1 };
	struct xen_foreign_memory_map fm = { .domid = 77 };

	add.gpfn = kit_pfn_spare();
	kit_observe_ret(hc_memory_op(XENMEM_add_to_physmap, &add), "add_to_physmap shared info");
	add.space = XENMAPSPACE_grant_table;
	kit_observe_ret(hc_memory_op(XENMEM_add_to_physmap, &add), "add_to_physmap grant table");
	add.space = 99;
	kit_observe_ret(hc_memory_op(XENMEM_add_to_physmap, &add), "add_to_physmap space 99");
	kit_observe_ret(hc_memory_op(XENMEM_remove_from_physmap, &rem), "remove_from_physmap");
	kit_observe_ret(hc_memory_op(XENMEM_set_memory_map, &fm), "set_memory_map, absent domain");
	kit_observe_ret(hc_memory_op(63, NULL), "memory_op 63");
	kit_observe_ret(hc_memory_op(XENMEM_maximum_ram_page | (1u << 6), NULL),
			"restart bits without cause");
}

void kit_main(void)
{
	sizes();
	shrink_and_grow();
	exchange();
	maps();
	machphys();
	physmap();
	kit_audit();
}
