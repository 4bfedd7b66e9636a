/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the greedy domain does: each attack takes all that it can of something, over and over; one call is a lap. */
#ifndef ATTACKS_H
#define ATTACKS_H

#include <guestkit/grant.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/vcpu.h>
#include "box.h"

#define GRANT_FRAMES	32U
#define BATCH		64U
#define LIST		512U
#define NEAR		20000UL		/* ns until a timer goes off */

static uint32_t timer_ports[NR_VCPUS], ipi_ports[NR_VCPUS], victim_ports[2];
static unsigned long grant_va, list_va;
static struct mmu_update updates[NR_VCPUS][LIST];
static struct gnttab_map_grant_ref maps[NR_VCPUS][BATCH];
static struct gnttab_unmap_grant_ref unmaps[NR_VCPUS][BATCH];
static struct gnttab_copy copies[NR_VCPUS][BATCH];
static struct mmuext_op flushes[NR_VCPUS][BATCH];
static xen_pfn_t spare[NR_VCPUS][BATCH];

/* An ordinary busy guest. Not with PAUSE, by which an emulated processor leaves its turn to the other. */
static void spin(unsigned int me)
{
	(void)me;
	for (unsigned int i = 0; i < 10000; i++)
		kit_barrier();
}

/* All ports that there are; then one after the other is closed, taken by another kind, and used. */
static void ports(unsigned int me)
{
	int port;

	while (kit_evtchn_alloc_unbound(DOMID_SELF, DOMID_SELF) > 0)
		box.taken[me]++;
	for (uint32_t old = 64 + me; old < 1023; old += NR_VCPUS) {
		kit_evtchn_close(old);
		port = kit_evtchn_bind_ipi(me);
		if (port > 0)
			kit_evtchn_send((uint32_t)port);
	}
}

/* Events for dom0 and the neighbour. */
static void sends(unsigned int me)
{
	for (unsigned int i = 0; i < 100; i++)
		kit_evtchn_send(victim_ports[(me + i) % 2]);
}

/* Each grant of the largest table there may be is in use; map tracks until there are none; copies of whole pages. */
static void grants(unsigned int me)
{
	unsigned int mapped = 0;

	for (unsigned int i = 0; i < BATCH; i++)
		maps[me][i] = (struct gnttab_map_grant_ref){
			.host_addr = grant_va + (me * BATCH + i) * PAGE_SIZE, .flags = GNTMAP_host_map,
			.ref = 8 + me * BATCH + i, .dom = GREEDY,
		};
	hc_grant_table_op(GNTTABOP_map_grant_ref, maps[me], BATCH);
	for (unsigned int i = 0; i < BATCH; i++)
		if (maps[me][i].status == GNTST_okay)
			unmaps[me][mapped++] = (struct gnttab_unmap_grant_ref){
				.host_addr = maps[me][i].host_addr, .handle = maps[me][i].handle,
			};
	box.taken[me] += mapped;
	for (unsigned int i = 0; i < BATCH; i++)
		copies[me][i] = (struct gnttab_copy){
			.source = { .u.ref = 8 + me * BATCH + i, .domid = GREEDY }, .len = PAGE_SIZE, .flags = GNTCOPY_source_gref,
			.dest = { .u.gmfn = kit_va_to_mfn(copies), .domid = 99 },
		};
	hc_grant_table_op(GNTTABOP_copy, copies[me], BATCH);
	hc_grant_table_op(GNTTABOP_unmap_grant_ref, unmaps[me], mapped);
}

/* Map tracks for good: mappings that are not given back. */
static void tracks(unsigned int me)
{
	struct gnttab_map_grant_ref op = { .flags = GNTMAP_host_map | GNTMAP_readonly, .ref = 8, .dom = GREEDY };

	for (unsigned int i = 0; i < 1000; i++) {
		op.host_addr = grant_va + (NR_VCPUS * BATCH + me) * PAGE_SIZE;
		if (hc_grant_table_op(GNTTABOP_map_grant_ref, &op, 1) || op.status)
			break;
		box.taken[me]++;
	}
	grants(me);
}

/* Timers of all kinds, as near as can be, set anew again and again. */
static void timers(unsigned int me)
{
	struct vcpu_set_periodic_timer tick = { .period_ns = 1000000 };
	struct vcpu_set_singleshot_timer once;

	for (unsigned int i = 0; i < 100; i++) {
		hc_vcpu_op(VCPUOP_set_periodic_timer, (int)me, &tick);
		once = (struct vcpu_set_singleshot_timer){ .timeout_abs_ns = kit_time_now() + NEAR };
		hc_vcpu_op(VCPUOP_set_singleshot_timer, (int)me, &once);
		hc_set_timer_op(kit_time_now() + 1 + i % 8 * (NEAR / 8));
	}
}

/* Sleeps until a timer that is near: as many interrupts and switches as can be had. */
static void naps(unsigned int me)
{
	kit_events_mask();
	hc_set_timer_op(kit_time_now() + NEAR + me * 1000);
	hc_sched_op(SCHEDOP_block, NULL);
}

static void polls(unsigned int me)
{
	struct sched_poll op = { .nr_ports = 1, .timeout = kit_time_now() + NEAR };
	evtchn_port_t port = ipi_ports[me];

	kit_events_mask();
	set_xen_guest_handle(op.ports, &port);
	hc_sched_op(SCHEDOP_poll, &op);
	kit_events_unmask();
}

/* Each wakes all others, and sleeps until one wakes it. */
static void wakes(unsigned int me)
{
	for (unsigned int i = 1; i < NR_VCPUS; i++)
		kit_evtchn_send(ipi_ports[(me + i) % NR_VCPUS]);
	kit_events_mask();
	hc_set_timer_op(kit_time_now() + 50 * NEAR);
	hc_sched_op(SCHEDOP_block, NULL);
}

static void yields(unsigned int me)
{
	(void)me;
	hc_sched_op(SCHEDOP_yield, NULL);
}

/* Half of the vCPUs take the other half away, and give it back. */
static void plugs(unsigned int me)
{
	if (me % 2)
		return;
	hc_vcpu_op(VCPUOP_down, (int)me + 1, NULL);
	hc_vcpu_op(VCPUOP_up, (int)me + 1, NULL);
}

/* Long lists of page table entries, flushes of everybody, tables that are pinned and dropped. */
static void pages(unsigned int me)
{
	kit_pte *entry = kit_pte_make(kit_root(), list_va + me * LIST * PAGE_SIZE);
	uint64_t value = kit_make_pte(kit_va_to_mfn(data), PTE_RO);

	for (unsigned int i = 0; i < LIST; i++)
		updates[me][i] = (struct mmu_update){ kit_va_to_ma(entry + i), box.laps[me] & 1 ? 0 : value };
	hc_mmu_update(updates[me], LIST, NULL, DOMID_SELF);
	for (unsigned int i = 0; i < BATCH; i++)
		flushes[me][i] = (struct mmuext_op){ .cmd = i & 1 ? MMUEXT_TLB_FLUSH_ALL : MMUEXT_TLB_FLUSH_LOCAL };
	hc_mmuext_op(flushes[me], BATCH, NULL, DOMID_SELF);
}

/* Memory given back and taken. */
static void memory(unsigned int me)
{
	struct xen_memory_reservation r = { .nr_extents = BATCH, .domid = DOMID_SELF };

	set_xen_guest_handle(r.extent_start, spare[me]);
	for (unsigned int i = 0; i < BATCH; i++)
		spare[me][i] = kit_pfn_to_mfn(3000 + me * BATCH + i);
	hc_memory_op(XENMEM_decrease_reservation, &r);
	for (unsigned int i = 0; i < BATCH; i++)
		spare[me][i] = 3000 + me * BATCH + i;
	box.taken[me] += (uint32_t)hc_memory_op(XENMEM_populate_physmap, &r);
	for (unsigned int i = 0; i < BATCH; i++)
		kit_p2m_set(3000 + me * BATCH + i, spare[me][i]);
}

/* Console text, which only dom0 may write, and physical interrupts, which it has none of. */
static void lines(unsigned int me)
{
	static char text[1024];
	struct physdev_map_pirq map = { .domid = DOMID_SELF, .type = MAP_PIRQ_TYPE_GSI, .index = (int)me, .pirq = -1 };
	struct evtchn_bind_pirq bind = { .pirq = me };
	struct physdev_eoi eoi = { .irq = me };

	memset(text, 'x', sizeof(text));
	hc_console_io(CONSOLEIO_write, sizeof(text), text);
	hc_physdev_op(PHYSDEVOP_map_pirq, &map);
	hc_event_channel_op(EVTCHNOP_bind_pirq, &bind);
	hc_physdev_op(PHYSDEVOP_eoi, &eoi);
}

static void fault(void *arg)
{
	*(volatile char *)arg = 1;
}

static void halt(void *arg)
{
	(void)arg;
	asm volatile("ud2");
}

/* Faults, and instructions that are emulated. */
static void traps(unsigned int me)
{
	struct kit_fault f;
	uint32_t r[4];

	kit_probe(fault, (void *)(grant_va - PAGE_SIZE), &f);
	kit_probe(halt, NULL, &f);
	kit_cpuid(me, 0, r);
	asm volatile("mov %%cr0, %0" : "=r" (*(unsigned long *)r));
}

/* Calls that are refused, each in its own way. */
static void calls(unsigned int me)
{
	static const uint8_t numbers[] = { 1, 7, 8, 10, 12, 14, 17, 18, 19, 20, 22, 24, 26, 28, 32, 33, 35, 36, 37, 48, 50, 63, 255 };
	static struct multicall_entry list[NR_VCPUS][BATCH];

	for (unsigned int i = 0; i < BATCH; i++)
		list[me][i] = (struct multicall_entry){ .op = numbers[i % sizeof(numbers)], .args = { ~0UL, ~0UL, ~0UL, ~0UL, ~0UL } };
	hc_multicall(list[me], BATCH);
}

static const struct {
	const char *name;
	void (*lap)(unsigned int me);
} attacks[] = {
	{ "spin", spin },
	{ "event channels", ports },
	{ "events for others", sends },
	{ "grants", grants },
	{ "map tracks", tracks },
	{ "timers", timers },
	{ "naps", naps },
	{ "polls", polls },
	{ "wakes", wakes },
	{ "yields", yields },
	{ "plugging", plugs },
	{ "page tables", pages },
	{ "memory", memory },
	{ "lines, interrupts", lines },
	{ "traps", traps },
	{ "bad calls", calls },
};
#define NR_ATTACKS	ARRAY_SIZE(attacks)

static void attack(void *arg)
{
	unsigned int me = (unsigned int)(unsigned long)arg;

	kit_events_unmask();
	for (;; box.laps[me]++) {
		uint32_t what = box.command;

		attacks[what < NR_ATTACKS ? what : 1 + (what + me) % (NR_ATTACKS - 1)].lap(me);
	}
}

/* Ends of event channels to those who would rather work; whoever has offered one has done so by its lowest ports. */
static void find_victims(void)
{
	for (unsigned int dom = 0; dom < 2; dom++)
		for (uint32_t port = 1; port < 64; port++) {
			int mine = kit_evtchn_bind_interdomain((domid_t)dom, port);

			if (mine > 0)
				victim_ports[dom] = (uint32_t)mine;
		}
}

static void greedy(void)
{
	kit_event_init();
	grant_va = kit_va_alloc(NR_VCPUS * BATCH + NR_VCPUS + 1);
	list_va = kit_va_alloc(NR_VCPUS * LIST);
	for (unsigned int i = 0; i < NR_VCPUS; i++) {
		kit_pte_make(kit_root(), list_va + i * LIST * PAGE_SIZE);
		timer_ports[i] = (uint32_t)kit_evtchn_bind_virq(VIRQ_TIMER, i);
		ipi_ports[i] = (uint32_t)kit_evtchn_bind_ipi(i);
	}
	for (unsigned int i = 0; i <= NR_VCPUS + 1; i++)
		kit_pte_make(kit_root(), grant_va + i * BATCH * PAGE_SIZE);
	find_victims();
	if (!victim_ports[0] || !victim_ports[1] || kit_grant_init(GRANT_FRAMES))
		kit_shutdown(SHUTDOWN_crash);
	for (grant_ref_t ref = 8; ref < kit_grant_entries(); ref++)
		kit_grant_access(ref, GREEDY, kit_va_to_mfn(data), false);
	for (unsigned int i = 1; i < NR_VCPUS; i++)
		kit_vcpu_boot(i, attack, (void *)(unsigned long)i);
	box.ready = 1;
	attack(NULL);
}

#endif
