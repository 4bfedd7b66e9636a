/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a tenant does: it takes all it can get, gives its neighbours what they may have, and says when it is done. */
#ifndef TENANT_H
#define TENANT_H

#include <guestkit/trap.h>
#include <xen/vcpu.h>

#define TENANT_REF_DOM0		8U	/* a grant for dom0 */
#define TENANT_REF_FIRST	16U	/* grants for neighbours */
#define TENANT_NR_REFS		16U
#define TENANT_DONE		77U	/* reason of its shutdown */
#define TENANT_PINNED		64U	/* tables of each level, if it has much to do; else 2 */
#define TENANT_EVENTS		300U	/* channels, likewise; else 30 */

static volatile uint32_t tenant_spins;

/* Lowest tables full of entries for one page, each in a chain up to a root; all of them pinned by themselves. */
static void tenant_pin(bool much)
{
	kit_pte *data = kit_page_alloc(), *below[3];

	for (unsigned int i = 0; i < (much ? TENANT_PINNED : 2); i++) {
		for (int level = 1; level <= 4; level++) {
			kit_pte *table = kit_page_alloc();

			for (int n = 0; n < 256; n++)
				table[n] = level == 1 ? kit_make_pte(kit_va_to_mfn(data), PTE_RO) :
							kit_make_pte(kit_va_to_mfn(below[level - 2]), PTE_TABLE);
			kit_set_readonly(table);
			kit_pin(table, level);
			if (level < 4)
				below[level - 1] = table;
		}
	}
}

static void tenant_grant(domid_t id, unsigned int nr)
{
	unsigned long va = kit_va_alloc(TENANT_NR_REFS * 4);

	if (kit_grant_init(4) || !kit_pte_make(kit_root(), va))
		return;
	kit_grant_access(TENANT_REF_DOM0, 0, kit_va_to_mfn(kit_page_alloc()), false);
	for (unsigned int i = 0; i < TENANT_NR_REFS; i++)
		kit_grant_access(TENANT_REF_FIRST + i, (domid_t)((id + i) % nr + 1), kit_va_to_mfn(kit_page_alloc()), i & 1);
	for (unsigned int i = 0; i < TENANT_NR_REFS * 4; i++) {
		struct gnttab_map_grant_ref op = {
			.host_addr = va + i * PAGE_SIZE, .flags = GNTMAP_host_map | (i & 1 ? GNTMAP_readonly : 0),
			.ref = TENANT_REF_FIRST + i % TENANT_NR_REFS, .dom = (domid_t)((id + i * 7) % nr + 1),
		};

		hc_grant_table_op(GNTTABOP_map_grant_ref, &op, 1);
	}
}

static void tenant_bind(domid_t id, unsigned int nr, bool much)
{
	for (unsigned int i = 0; i < (much ? TENANT_EVENTS : 30); i++) {
		struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = (domid_t)((id + i) % nr + 1) };
		struct evtchn_bind_interdomain b = { .remote_dom = (domid_t)((id + i * 3) % nr + 1), .remote_port = i };

		hc_event_channel_op(EVTCHNOP_alloc_unbound, &a);
		if (!hc_event_channel_op(EVTCHNOP_bind_interdomain, &b))
			kit_evtchn_send(b.local_port);
	}
	kit_evtchn_bind_virq(VIRQ_TIMER, 0);
	for (unsigned int vcpu = 0; vcpu < 2; vcpu++)
		kit_evtchn_bind_ipi(vcpu);
}

static void tenant_tables(void)
{
	unsigned long frame;
	uint8_t *gdt = kit_page_alloc(), *ldt = kit_page_alloc();
	struct mmuext_op op = { .cmd = MMUEXT_SET_LDT, .arg1.linear_addr = (unsigned long)ldt, .arg2.nr_ents = 64 };

	kit_set_readonly(gdt);
	kit_set_readonly(ldt);
	frame = kit_va_to_mfn(gdt);
	hc_set_gdt(&frame, 512);
	hc_mmuext_op(&op, 1, NULL, DOMID_SELF);
	/* Loading a selector brings the page in. */
	asm volatile("mov %0, %%fs" :: "r" (0));
}

static void tenant_register(void)
{
	static uint64_t areas[16] __attribute__((aligned(64)));
	struct vcpu_register_runstate_memory_area run;
	struct vcpu_register_time_memory_area time;
	struct vcpu_register_vcpu_info info = { .mfn = kit_va_to_mfn(kit_page_alloc()), .offset = 128 };
	struct vcpu_set_periodic_timer tick = { .period_ns = 1000000 };
	struct vcpu_set_singleshot_timer once = { .timeout_abs_ns = kit_time_now() + 3000000 };

	memset(&run, 0, sizeof(run));
	memset(&time, 0, sizeof(time));
	run.addr.p = (unsigned long)areas;
	time.addr.p = (unsigned long)(areas + 8);
	hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &run);
	hc_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &time);
	hc_vcpu_op(VCPUOP_register_vcpu_info, 1, &info);
	hc_vcpu_op(VCPUOP_set_periodic_timer, 0, &tick);
	hc_vcpu_op(VCPUOP_set_singleshot_timer, 0, &once);
}

static void tenant_memory(void)
{
	xen_pfn_t list[16];
	struct xen_memory_reservation r = { .nr_extents = 16, .domid = DOMID_SELF };

	for (unsigned int i = 0; i < 16; i++)
		list[i] = kit_pfn_to_mfn(kit_pfn_spare());
	set_xen_guest_handle(r.extent_start, list);
	hc_memory_op(XENMEM_decrease_reservation, &r);
	r.nr_extents = 8;
	for (unsigned int i = 0; i < 8; i++)
		list[i] = 5000 + i;
	hc_memory_op(XENMEM_populate_physmap, &r);
}

/* The second vCPU runs until the domain goes, and changes a table all the while. */
static void tenant_second(void *arg)
{
	unsigned long va = kit_va_alloc(1), mfn = kit_va_to_mfn(kit_page_alloc());

	kit_pte_make(kit_root(), va);
	for (;; tenant_spins++) {
		kit_map(va, mfn, PTE_RW);
		kit_unmap(va);
		if (tenant_spins > 100)
			hc_sched_op(SCHEDOP_yield, arg);
	}
}

static void tenant(unsigned int id, unsigned int nr, bool much)
{
	struct sched_shutdown done = { .reason = TENANT_DONE };

	tenant_grant((domid_t)id, nr);
	tenant_pin(much);
	tenant_bind((domid_t)id, nr, much);
	tenant_tables();
	tenant_register();
	tenant_memory();
	kit_vcpu_boot(1, tenant_second, NULL);
	while (tenant_spins < 20)
		hc_sched_op(SCHEDOP_yield, NULL);
	for (;;)
		hc_sched_op(SCHEDOP_shutdown, &done);
}

#endif
