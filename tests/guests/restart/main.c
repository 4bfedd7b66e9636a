/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restart: calls that take long let events in between, and end as if nothing had happened: long lists of updates,
 * operations and calls, page tables that are checked and dropped at once, reservations, zeroing and copies, first roots of a vCPU.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/memory.h>
#include <xen/vcpu.h>

#define MS	1000000UL
#define LONG	20000U		/* requests of a list */
#define TABLES	500		/* level 1 tables below one level 2 */

static struct mmu_update updates[LONG];
static struct mmuext_op ops[LONG];
static struct multicall_entry calls[4000];
static unsigned long frames[TABLES];
static uint32_t port;
static volatile uint32_t interrupts;

/* Comes 100 us after it was taken. */
static void on_timer(uint32_t p)
{
	(void)p;
	interrupts++;
	hc_set_timer_op(kit_time_now() + 100000);
}

static void begin(void)
{
	interrupts = 0;
	hc_set_timer_op(kit_time_now() + 100000);
	kit_events_unmask();
}

/* Events came in between, if the call took longer than that at all. */
static void end(uint64_t start, const char *what)
{
	uint64_t took = kit_time_now() - start;

	kit_events_mask();
	hc_set_timer_op(0);
	kit_note("%s: %lu us, %u events", what, took / 1000, interrupts);
	kit_check(took < 5 * MS || interrupts >= 1, "%s lets events in", what);
}

static void lists(void)
{
	unsigned long va = kit_va_alloc(512);
	kit_pte *pte = kit_pte_make(kit_root(), va);
	uint64_t start, value = kit_make_pte(kit_va_to_mfn(kit_page_alloc()), PTE_RW);
	unsigned int done = 0;

	for (unsigned int i = 0; i < LONG; i++)
		updates[i] = (struct mmu_update){ kit_va_to_ma(pte + i % 512), i % 3 ? value | (i % 5 << 9) : 0 };
	begin();
	start = kit_time_now();
	kit_check_eq(hc_mmu_update(updates, LONG, &done, DOMID_SELF), 0, "a long list of updates");
	end(start, "mmu_update");
	kit_check_eq(done, LONG, "all were done");
	for (unsigned int i = 0, wrong = 0; i < 512; i++) {
		unsigned int last = LONG - 1 - (LONG - 1 - i) % 512;

		wrong += ((pte[i] ^ updates[last].val) & (PTE_FRAME | PTE_P | 0xe00)) != 0;
		if (i == 511)
			kit_check_eq(wrong, 0, "each entry has its last value");
	}
	updates[LONG - 7].ptr = 0xfffffffUL << PAGE_SHIFT;
	begin();
	kit_check(hc_mmu_update(updates, LONG, &done, DOMID_SELF) < 0, "a long list with an error near its end");
	kit_events_mask();
	kit_check_eq(done, LONG - 7, "ends there");

	for (unsigned int i = 0; i < LONG; i++)
		ops[i] = (struct mmuext_op){ .cmd = i & 1 ? MMUEXT_TLB_FLUSH_LOCAL : MMUEXT_INVLPG_LOCAL, .arg1.linear_addr = va };
	begin();
	start = kit_time_now();
	kit_check_eq(hc_mmuext_op(ops, LONG, &done, DOMID_SELF), 0, "a long list of operations");
	end(start, "mmuext_op");
	kit_check_eq(done, LONG, "all were done");

	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
		calls[i] = (struct multicall_entry){ .op = __HYPERVISOR_update_va_mapping, .args = { va, i & 1 ? value : 0, UVMF_INVLPG } };
	begin();
	start = kit_time_now();
	kit_check_eq(hc_multicall(calls, ARRAY_SIZE(calls)), 0, "a long multicall");
	end(start, "multicall");
	for (unsigned int i = 0, wrong = 0; i < ARRAY_SIZE(calls); i++) {
		wrong += calls[i].result != 0;
		if (i == ARRAY_SIZE(calls) - 1)
			kit_check_eq(wrong, 0, "each has its result");
	}
}

/* Each table in a frame that has no other mapping, full of entries for one page. */
static void fill_tables(kit_pte *l2, kit_pte entry)
{
	unsigned long va = kit_va_alloc(1);

	for (unsigned int i = 0; i < TABLES; i++) {
		unsigned long pfn = kit_pfn_spare();
		kit_pte *t = (kit_pte *)va;

		if (!pfn)
			kit_fatal("no spare frames");
		frames[i] = kit_pfn_to_mfn(pfn);
		kit_map(va, frames[i], PTE_RW);
		for (unsigned int k = 0; k < 512; k++)
			t[k] = entry;
		l2[i] = kit_make_pte(frames[i], PTE_TABLE);
	}
	kit_unmap(va);
}

/* Roots that are no tables yet become a new vCPU's: as long as a pin. */
static void first_roots(kit_pte *l2)
{
	static struct vcpu_guest_context c;
	kit_pte *l3 = kit_page_alloc(), *root = kit_page_alloc();
	uint64_t start;

	l3[0] = kit_make_pte(kit_va_to_mfn(l2), PTE_TABLE);
	root[0] = kit_make_pte(kit_va_to_mfn(l3), PTE_TABLE);
	kit_set_readonly(l2);
	kit_set_readonly(l3);
	kit_set_readonly(root);
	kit_vcpu_context(1, &c);
	c.ctrlreg[3] = (uint64_t)kit_va_to_mfn(root) << PAGE_SHIFT;
	c.ctrlreg[1] = (uint64_t)kit_va_to_mfn(&interrupts) << PAGE_SHIFT;
	begin();
	start = kit_time_now();
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 1, &c), "initialise with a bad user root");
	end(start, "a vCPU that is refused");
	c.ctrlreg[1] = 0;
	begin();
	start = kit_time_now();
	kit_check_eq(hc_vcpu_op(VCPUOP_initialise, 1, &c), 0, "initialise with a large root");
	end(start, "a vCPU's first root");
	kit_check(kit_set_writable(root) < 0, "it is a table now");
	kit_observe_ret(hc_vcpu_op(VCPUOP_initialise, 1, &c), "initialise again");
}

static void reservations(void)
{
	struct xen_memory_reservation r = { .nr_extents = TABLES, .domid = DOMID_SELF };
	uint64_t start;

	set_xen_guest_handle(r.extent_start, frames);
	begin();
	start = kit_time_now();
	kit_check_eq(hc_memory_op(XENMEM_decrease_reservation, &r), TABLES, "give %d frames back", TABLES);
	kit_check_eq(hc_memory_op(XENMEM_increase_reservation, &r), TABLES, "get others");
	end(start, "reservations");
	r.nr_extents = 0;
}

static void tables(void)
{
	kit_pte *l2 = kit_page_alloc();
	unsigned long va = kit_va_alloc(1);
	uint64_t start;

	fill_tables(l2, kit_make_pte(kit_va_to_mfn(kit_page_alloc()), PTE_RW));
	kit_set_readonly(l2);
	for (int round = 0; round < 3; round++) {
		begin();
		start = kit_time_now();
		kit_check_eq(kit_pin(l2, 2), 0, "pin a level 2 table with %d tables below", TABLES);
		end(start, "pin");
		kit_check(kit_map(va, frames[round], PTE_RW) < 0, "those are tables now");
		begin();
		start = kit_time_now();
		kit_check_eq(kit_unpin(l2), 0, "unpin");
		end(start, "unpin");
		kit_check_eq(kit_map(va, frames[round], PTE_RW), 0, "and no longer");
		kit_unmap(va);
	}
	/* An error in the last one: all must be given up again, in pieces, too. */
	kit_map(va, frames[TABLES - 1], PTE_RW);
	((kit_pte *)va)[511] = kit_make_pte(kit_va_to_mfn(kit_root()), PTE_RW);
	kit_unmap(va);
	begin();
	start = kit_time_now();
	kit_observe_ret(kit_pin(l2, 2), "pin with a bad entry at the end");
	end(start, "a pin that fails");
	kit_check_eq(kit_set_writable(l2), 0, "the table is writable");
	kit_check_eq(kit_map(va, frames[0], PTE_RW), 0, "and the first below");
	kit_unmap(va);
	reservations();
	fill_tables(l2, kit_make_pte(kit_va_to_mfn(kit_page_alloc()), PTE_RW));
	first_roots(l2);
}

void kit_main(void)
{
	kit_event_init();
	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	port = (uint32_t)kit_evtchn_bind_virq(VIRQ_TIMER, 0);
	kit_evtchn_handle(port, on_timer);
	kit_evtchn_set_mask(port, false);
	lists();
	tables();
	kit_audit();
}
