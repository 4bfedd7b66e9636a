/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * two: the first domain and an unprivileged one with the same image: grants mapped, copied and transferred between them in
 * both directions, event channels, and the end of a domain whose frame is still mapped.
 */

#include <guestkit/other.h>
#include <guestkit/event.h>
#include <guestkit/grant.h>
#include <guestkit/mm.h>
#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <xen/sched.h>

enum { REF_RW = 20, REF_RO, REF_ACCEPT, REF_KEPT, REF_FIRST = 30, REF_FIRST_RO };

static struct {
	volatile uint32_t turn, port;
	volatile uint64_t frame;
} box __attribute__((aligned(PAGE_SIZE)));
static char shared[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static char fixed[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static char kept[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static int16_t map(domid_t dom, grant_ref_t ref, uint32_t flags, unsigned long va, uint32_t *handle)
{
	struct gnttab_map_grant_ref op = { .host_addr = va, .flags = flags, .ref = ref, .dom = dom };

	kit_check_eq(hc_grant_table_op(GNTTABOP_map_grant_ref, &op, 1), 0, "map grant %u", ref);
	*handle = op.handle;
	return op.status;
}

static int16_t unmap(unsigned long va, uint32_t handle)
{
	struct gnttab_unmap_grant_ref op = { .host_addr = va, .handle = handle };

	kit_check_eq(hc_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1), 0, "unmap");
	return op.status;
}

static int16_t copy(domid_t from, uint64_t source, domid_t to, uint64_t dest, unsigned int flags)
{
	struct gnttab_copy op = {
		.source = { .u.gmfn = source, .domid = from, .offset = 8 }, .dest = { .u.gmfn = dest, .domid = to, .offset = 16 },
		.len = 24, .flags = (uint16_t)flags,
	};

	kit_check_eq(hc_grant_table_op(GNTTABOP_copy, &op, 1), 0, "copy");
	return op.status;
}

static void write_it(void *arg)
{
	*(volatile char *)arg = 'w';
}

/* ---- the other domain ---- */

static void take_turn(uint32_t next)
{
	box.turn = next;
	while (box.turn == next)
		hc_sched_op(SCHEDOP_yield, NULL);
}

static void flags(const char *when)
{
	kit_observe("%s: entries %x %x %x", when, kit_grant_table[REF_RW].flags, kit_grant_table[REF_RO].flags,
		    kit_grant_table[REF_ACCEPT].flags);
}

static void give(void)
{
	unsigned long pfn = kit_pfn_spare();
	xen_pfn_t frame = kit_pfn_to_mfn(pfn);

	kit_check_eq(kit_grant_init(1), 0, "a grant table");
	shared[0] = 'u';
	fixed[0] = 'f';
	kit_grant_access(REF_RW, 0, kit_va_to_mfn(shared), false);
	kit_grant_access(REF_RO, 0, kit_va_to_mfn(fixed), true);
	kit_grant_access(REF_KEPT, 0, kit_va_to_mfn(kept), false);
	kit_grant_table[REF_ACCEPT].frame = (uint32_t)pfn;
	kit_grant_table[REF_ACCEPT].domid = 0;
	kit_grant_table[REF_ACCEPT].flags = GTF_accept_transfer;
	box.frame = frame;
	box.port = (uint32_t)kit_evtchn_alloc_unbound(DOMID_SELF, 0);
	flags("given");
	take_turn(1);
	flags("mapped by the first");
	kit_check_eq(shared[0], 'd', "the first has written to it");
	kit_check(!kit_grant_end(REF_RW), "it cannot be taken back");
	take_turn(3);
	flags("unmapped");
	kit_check(kit_grant_end(REF_RW), "it is taken back");
	kit_check(!kit_grant_end(REF_RO), "the other not: of one map the first knows nothing any more");
	kit_check(!memcmp(shared + 16, "copied text copied text ", 24), "text was copied to it");
}

static void receive(void)
{
	unsigned long va = kit_va_alloc(1);

	kit_check_eq(kit_map(va, kit_grant_table[REF_ACCEPT].frame, PTE_RW), 0, "the frame that was transferred is its own");
	kit_observe("it is empty: %d", !*(volatile uint64_t *)va);
	kit_unmap(va);
}

static void take(void)
{
	unsigned long va = kit_va_alloc(1);
	uint32_t handle;
	struct kit_fault f;

	kit_pte_make(kit_root(), va);
	kit_observe("map what the first gives: %d", map(0, REF_FIRST, GNTMAP_host_map, va, &handle));
	kit_check_eq(*(volatile char *)va, 'd', "it shows");
	*(volatile char *)va = 'o';
	kit_observe("unmap: %d", unmap(va, handle));
	kit_observe("a read-only one, to write: %d", map(0, REF_FIRST_RO, GNTMAP_host_map, va, &handle));
	kit_observe("to read: %d", map(0, REF_FIRST_RO, GNTMAP_host_map | GNTMAP_readonly, va, &handle));
	kit_probe(write_it, (void *)va, &f);
	kit_observe_fault(&f, "write to it");
	kit_observe("twice: %d", map(0, REF_FIRST_RO, GNTMAP_host_map | GNTMAP_readonly, va, &handle));
	kit_observe("one that is not given: %d", map(0, REF_FIRST + 9, GNTMAP_host_map, va, &handle));
	kit_observe("copy from it: %d", copy(0, REF_FIRST, DOMID_SELF, kit_va_to_mfn(fixed), GNTCOPY_source_gref));
	kit_observe("copy from the first's frame by number: %d", copy(0, box.frame, DOMID_SELF, kit_va_to_mfn(fixed), 0));
	kit_observe("copy to a read-only one: %d", copy(DOMID_SELF, kit_va_to_mfn(fixed), 0, REF_FIRST_RO, GNTCOPY_dest_gref));
}

static void other(void)
{
	kit_event_init();
	kit_events_unmask();
	give();
	take_turn(5);
	receive();
	take();
	kit_observe("events from the first: %u", kit_evtchn_count(box.port));
	kit_check_eq(kit_evtchn_send(box.port), 0, "an event for the first");
	take_turn(7);
}

/* ---- the first ---- */

static void use(volatile uint32_t *turn, volatile uint64_t *frame)
{
	unsigned long va = kit_va_alloc(2);
	uint32_t handle, second, again;
	struct kit_fault f;

	kit_pte_make(kit_root(), va);
	kit_observe("map it: %d", map(KIT_OTHER_ID, REF_RW, GNTMAP_host_map, va, &handle));
	kit_check_eq(*(volatile char *)va, 'u', "it shows");
	*(volatile char *)va = 'd';
	kit_observe("the read-only one to write: %d", map(KIT_OTHER_ID, REF_RO, GNTMAP_host_map, va + PAGE_SIZE, &second));
	kit_observe("to read: %d", map(KIT_OTHER_ID, REF_RO, GNTMAP_host_map | GNTMAP_readonly, va + PAGE_SIZE, &second));
	kit_check_eq(*(volatile char *)(va + PAGE_SIZE), 'f', "it shows");
	kit_probe(write_it, (void *)(va + PAGE_SIZE), &f);
	kit_observe_fault(&f, "write to it");
	kit_observe("over a map that is there: %d", map(KIT_OTHER_ID, REF_RO, GNTMAP_host_map | GNTMAP_readonly, va + PAGE_SIZE, &again));
	kit_observe("make it writable: %ld", hc_update_va_mapping(va + PAGE_SIZE,
		    *kit_pte_find(kit_root(), va + PAGE_SIZE, 1) | PTE_W, UVMF_INVLPG));
	*turn = 2;
	kit_other_await(turn, 3);
	kit_observe("unmap with the other's handle: %d", unmap(va, second));
	kit_observe("unmap: %d", unmap(va, handle));
	kit_observe("unmap the second: %d", unmap(va + PAGE_SIZE, second));
	kit_observe("unmap its first map, which was overwritten: %d", unmap(va + PAGE_SIZE, again));
	memcpy(fixed + 8, "copied text copied text ", 24);
	kit_observe("copy to it: %d", copy(DOMID_SELF, kit_va_to_mfn(fixed), KIT_OTHER_ID, REF_RW, GNTCOPY_dest_gref));
	kit_observe("copy to its frame by number: %d", copy(DOMID_SELF, kit_va_to_mfn(fixed), KIT_OTHER_ID, *frame, 0));
}

static void transfer(void)
{
	unsigned long pfn = kit_pfn_spare();
	struct gnttab_transfer op = { .mfn = kit_pfn_to_mfn(pfn), .domid = KIT_OTHER_ID, .ref = REF_ACCEPT };
	char *mapped = kit_page_alloc();

	op.mfn = kit_va_to_mfn(mapped);
	kit_check_eq(hc_grant_table_op(GNTTABOP_transfer, &op, 1), 0, "transfer");
	kit_observe("a frame that is mapped: %d", op.status);
	op.mfn = kit_pfn_to_mfn(pfn);
	kit_check_eq(hc_grant_table_op(GNTTABOP_transfer, &op, 1), 0, "transfer");
	kit_observe("one that is not: %d", op.status);
	kit_check_eq(hc_grant_table_op(GNTTABOP_transfer, &op, 1), 0, "transfer");
	kit_observe("again: %d", op.status);
	op.mfn = kit_pfn_to_mfn(kit_pfn_spare());
	kit_check_eq(hc_grant_table_op(GNTTABOP_transfer, &op, 1), 0, "transfer");
	kit_observe("another to the same entry: %d", op.status);
}

static void first(void)
{
	volatile uint32_t *turn, *port;
	volatile uint64_t *frame;
	unsigned long va = kit_va_alloc(1);
	uint32_t handle = 0;
	int event;
	void *other_box;

	kit_other_build();
	other_box = kit_other_map(&box);
	turn = (volatile uint32_t *)other_box;
	port = turn + 1;
	frame = (volatile uint64_t *)other_box + 1;
	kit_event_init();
	kit_events_unmask();
	kit_check_eq(kit_grant_init(1), 0, "a grant table");
	shared[0] = 'd';
	kit_grant_access(REF_FIRST, KIT_OTHER_ID, kit_va_to_mfn(shared), false);
	kit_grant_access(REF_FIRST_RO, KIT_OTHER_ID, kit_va_to_mfn(fixed), true);
	kit_check_eq(kit_other_unpause(), 0, "it runs");
	kit_other_await(turn, 1);
	use(turn, frame);
	transfer();
	event = kit_evtchn_bind_interdomain(KIT_OTHER_ID, *port);
	kit_check(event > 0, "an event channel to it");
	kit_observe_ret(kit_evtchn_bind_interdomain(KIT_OTHER_ID, *port), "bind to it again");
	*turn = 4;
	kit_other_await(turn, 5);
	kit_check_eq(kit_evtchn_send((uint32_t)event), 0, "an event for it");
	*turn = 6;
	kit_other_await(turn, 7);
	kit_check_eq(shared[0], 'o', "it has written to what was given");
	kit_observe("its entries: %x %x", kit_grant_table[REF_FIRST].flags, kit_grant_table[REF_FIRST_RO].flags);
	kit_observe("events from it: %u", kit_evtchn_count((uint32_t)event));
	kit_pte_make(kit_root(), va);
	kit_observe("map one more: %d", map(KIT_OTHER_ID, REF_KEPT, GNTMAP_host_map, va, &handle));
	*turn = 8;
	kit_other_wait();
	kit_check_eq(*(volatile char *)va, 0, "its frame is still there");
	kit_observe("its port: %d", kit_evtchn_close((uint32_t)event) == 0);
	kit_unmap((unsigned long)other_box);
	kit_observe("unmap: %d", unmap(va, handle));
	kit_other_destroy();
	kit_observe("its entries afterwards: %x %x", kit_grant_table[REF_FIRST].flags, kit_grant_table[REF_FIRST_RO].flags);
	kit_observe("map what it gave: %d", map(KIT_OTHER_ID, REF_KEPT, GNTMAP_host_map, va, &handle));
	kit_audit();
}

void kit_main(void)
{
	if (kit_start_info->flags & SIF_INITDOMAIN)
		first();
	else
		other();
}
