/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edges: arguments at the edge of what calls take: largest and wrapped counts, addresses at the ends of the halves, numbers
 * cut to 32 bits, states that a first call brings about for the second.
 */

#include <guestkit/report.h>
#include <guestkit/grant.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/version.h>
#include <xen/callback.h>

#define LOW_END		0x0000800000000000UL
#define WIDE		0x100000000UL

static void schedule(void)
{
	struct sched_shutdown code = { .reason = 0 };
	struct sched_remote_shutdown remote = { .domain_id = 77 };
	struct sched_watchdog dog = { .id = 3, .timeout = 100 };
	struct sched_pin_override pin = { .pcpu = 9999 };

	kit_observe_ret(hc_sched_op(SCHEDOP_remote_shutdown, &remote), "shut an absent domain down");
	remote.domain_id = DOMID_SELF;
	kit_observe_ret(hc_sched_op(SCHEDOP_remote_shutdown, &remote), "shut DOMID_SELF down");
	kit_observe_ret(hc_sched_op(SCHEDOP_watchdog, &dog), "watchdog 3");
	dog.id = 1;
	kit_observe_ret(hc_sched_op(SCHEDOP_watchdog, &dog), "watchdog 1 before there is one");
	dog.id = 0;
	for (int i = 0; i < 2; i++)
		kit_observe_ret(hc_sched_op(SCHEDOP_watchdog, &dog), "a watchdog");
	kit_check_eq((int32_t)hc_sched_op(SCHEDOP_watchdog, &dog), -XEN_ENOSPC, "there is no third");
	dog.id = 2;
	kit_observe_ret(hc_sched_op(SCHEDOP_watchdog, &dog), "watchdog 2 fed");
	dog.timeout = 0;
	kit_observe_ret(hc_sched_op(SCHEDOP_watchdog, &dog), "stopped");
	kit_observe_ret(hc_sched_op(SCHEDOP_watchdog, &dog), "again");
	dog.id = 1;
	kit_observe_ret(hc_sched_op(SCHEDOP_watchdog, &dog), "watchdog 1 stopped");
	dog.id = 0xffffffff;
	kit_observe_ret(hc_sched_op(SCHEDOP_watchdog, &dog), "watchdog -1");
	kit_observe_ret(hc_sched_op(SCHEDOP_pin_override, &pin), "pin to processor 9999");
	pin.pcpu = -1;
	kit_observe_ret(hc_sched_op(SCHEDOP_pin_override, &pin), "undo no pin");
	pin.pcpu = 0;
	kit_observe_ret(hc_sched_op(SCHEDOP_pin_override, &pin), "pin to processor 0");
	kit_observe_ret(hc_sched_op(SCHEDOP_pin_override, &pin), "again");
	pin.pcpu = -1;
	kit_observe_ret(hc_sched_op(SCHEDOP_pin_override, &pin), "undo");
	kit_observe_ret(hc_sched_op(SCHEDOP_shutdown_code, &code), "a shutdown code");
	code.reason = 3;
	kit_observe_ret(hc_sched_op(SCHEDOP_shutdown_code, &code), "another, which does not count");
}

static void console(void)
{
	char *end = (char *)LOW_END - 1;

	kit_observe_ret(hypercall3(__HYPERVISOR_console_io, 1, 0x80000000UL, (unsigned long)end), "read 2^31 bytes");
	kit_observe_ret(hypercall3(__HYPERVISOR_console_io, 1, ~0UL, (unsigned long)end), "read -1 bytes");
	kit_observe_ret(hypercall3(__HYPERVISOR_console_io, 1, WIDE, (unsigned long)end), "read 2^32 bytes");
	kit_observe_ret(hypercall3(__HYPERVISOR_console_io, 0, WIDE, (unsigned long)end), "write 2^32 bytes");
	kit_observe_ret(hypercall3(__HYPERVISOR_console_io, 0, 0xffffffffUL, (unsigned long)end), "write 2^32 - 1 bytes");
	kit_observe_ret(hypercall3(__HYPERVISOR_console_io, WIDE | 1, 0, (unsigned long)end), "command 2^32 + 1");
}

/* Only the low half of what C calls int or unsigned int counts. */
static void cut(void)
{
	struct evtchn_none { uint32_t port; } port = { 0xfffff };
	unsigned long word = 0;

	kit_observe_ret(hypercall2(__HYPERVISOR_xen_version, WIDE | XENVER_pagesize, 0) - 4096, "version, wide command");
	kit_observe_ret(hypercall2(__HYPERVISOR_event_channel_op, WIDE | 3, (unsigned long)&port), "events, wide command");
	kit_observe_ret(hypercall2(__HYPERVISOR_sched_op, WIDE, 0), "sched_op, wide command");
	kit_observe_ret(hypercall3(__HYPERVISOR_vcpu_op, WIDE | 3, WIDE, 0), "vcpu_op, wide command and vCPU");
	kit_observe_ret(hypercall2(__HYPERVISOR_vm_assist, WIDE, WIDE | 2), "vm_assist, wide");
	kit_observe_ret(hypercall2(__HYPERVISOR_set_debugreg, WIDE, 0), "set_debugreg, wide");
	kit_observe_ret(hypercall1(__HYPERVISOR_get_debugreg, WIDE), "get_debugreg, wide");
	kit_observe_ret(hypercall2(__HYPERVISOR_set_segment_base, WIDE | SEGBASE_FS, 0), "set_segment_base, wide");
	kit_observe_ret(hypercall2(__HYPERVISOR_callback_op, WIDE, 0), "callback_op, wide");
	kit_observe_ret(hypercall2(__HYPERVISOR_nmi_op, WIDE | 1, 0), "nmi_op, wide");
	kit_observe_ret(hypercall2(__HYPERVISOR_physdev_op, WIDE | 28, 0), "physdev_op, wide");
	kit_observe_ret(hypercall3(__HYPERVISOR_grant_table_op, WIDE, 0, WIDE), "grant_table_op, wide");
	kit_observe_ret(hypercall2(__HYPERVISOR_memory_op, WIDE | XENMEM_current_reservation, (unsigned long)&word), "memory_op, wide");
	kit_observe_ret(hypercall2(__HYPERVISOR_set_gdt, 0, WIDE), "set_gdt, wide");
	kit_observe_ret(hypercall2(__HYPERVISOR_multicall, 0, WIDE), "multicall, wide");
	kit_observe_ret(hypercall4(__HYPERVISOR_mmu_update, 0, WIDE, 0, WIDE | DOMID_SELF), "mmu_update, wide");
	kit_observe_ret(hypercall4(__HYPERVISOR_mmuext_op, 0, WIDE, 0, WIDE | DOMID_SELF), "mmuext_op, wide");
	kit_observe_ret(hypercall4(__HYPERVISOR_update_va_mapping_otherdomain, LOW_END, 0, 0, WIDE | DOMID_SELF),
			"update_va_mapping_otherdomain, wide");
}

static void counts(void)
{
	static struct multicall_entry call = { .op = __HYPERVISOR_xen_version, .args = { XENVER_pagesize } };
	struct mmu_update req = { .ptr = LOW_END, .val = 0 };
	struct mmuext_op op = { .cmd = MMUEXT_TLB_FLUSH_LOCAL };
	unsigned int done = 5;

	kit_observe_ret(hypercall2(__HYPERVISOR_multicall, (unsigned long)&call, 0xffffffffUL), "2^32 - 1 calls");
	kit_observe("  result %lx", call.result);
	kit_observe_ret(hypercall4(__HYPERVISOR_mmu_update, HYPERVISOR_VIRT_START, 0, 0, DOMID_SELF), "no updates, in the hypervisor");
	kit_observe_ret(hypercall4(__HYPERVISOR_mmu_update, (unsigned long)&req, 0x7fffffff, (unsigned long)&done, DOMID_SELF),
			"2^31 - 1 updates");
	kit_observe("  done %u", done);
	kit_observe_ret(hypercall4(__HYPERVISOR_mmuext_op, HYPERVISOR_VIRT_START, 0, 0, DOMID_SELF), "no operations, in the hypervisor");
	done = 5;
	kit_observe_ret(hypercall4(__HYPERVISOR_mmuext_op, (unsigned long)&op, 0x80000001UL, (unsigned long)&done, DOMID_SELF),
			"an operation as if restarted");
	kit_observe("  done %u", done);
	kit_observe_ret(hc_grant_table_op(GNTTABOP_map_grant_ref, (void *)HYPERVISOR_VIRT_START, 0), "no maps, in the hypervisor");
	kit_observe_ret(hc_grant_table_op(GNTTABOP_map_grant_ref, (void *)(LOW_END - 16), 0x7fffffff), "2^31 - 1 maps");
	kit_observe_ret(hc_grant_table_op(GNTTABOP_copy | 1U << 12, NULL, 0), "grant operation with restart bits");
}

static long exchange(unsigned long in_nr, unsigned int in_order, unsigned long out_nr, unsigned int out_order, unsigned long done,
		     domid_t in_dom, domid_t out_dom)
{
	static xen_pfn_t frames[4];
	struct xen_memory_exchange e = {
		.in = { .nr_extents = in_nr, .extent_order = in_order, .domid = in_dom },
		.out = { .nr_extents = out_nr, .extent_order = out_order, .domid = out_dom }, .nr_exchanged = done,
	};

	memset(frames, 0, sizeof(frames));
	set_xen_guest_handle(e.in.extent_start, frames);
	set_xen_guest_handle(e.out.extent_start, frames);
	return hc_memory_op(XENMEM_exchange, &e);
}

static long reserve(unsigned int cmd, unsigned long nr, unsigned int order, domid_t dom, void *list)
{
	struct xen_memory_reservation r = { .nr_extents = nr, .extent_order = order, .domid = dom };

	r.extent_start.va = (unsigned long)list;
	return hc_memory_op(cmd, &r);
}

static void memory(void)
{
	struct xen_vnuma_topology_info numa = { .domid = 77 };
	struct xen_mem_acquire_resource res = { .domid = DOMID_SELF, .type = XENMEM_resource_grant_table };
	xen_pfn_t frame = 0;

	kit_observe_ret(exchange(0, 0, 0, 0, 0, DOMID_SELF, DOMID_SELF), "exchange nothing");
	kit_observe_ret(exchange(1, 0, 1, 0, 2, DOMID_SELF, DOMID_SELF), "exchanged more than there is");
	kit_observe_ret(exchange(1, 19, 1, 19, 0, DOMID_SELF, DOMID_SELF), "exchange of order 19");
	kit_observe_ret(exchange(1, 19, 1, 18, 0, DOMID_SELF, DOMID_SELF), "exchange of order 19 for 18");
	kit_observe_ret(exchange(1, 64, 1, 64, 0, DOMID_SELF, DOMID_SELF), "exchange of order 64");
	kit_observe_ret(exchange(1, 0, 1, 0, 0, DOMID_SELF, 0), "exchange with two names of the domain");
	kit_observe_ret(exchange(1, 0, 1, 0, 0, 77, 77), "exchange of an absent domain's");
	kit_observe_ret(exchange(1, 0, 1, 0, 0, DOMID_SELF, DOMID_SELF), "exchange of frame 0");
	for (unsigned int cmd = 0; cmd < 7; cmd += cmd ? 5 : 1) {
		kit_observe_ret(reserve(cmd, 1, 0, 77, &frame), "reservation %u of an absent domain", cmd);
		kit_observe_ret(reserve(cmd, 0, 64, DOMID_SELF, &frame), "reservation %u of none", cmd);
		kit_observe_ret(reserve(cmd, 1, 19, DOMID_SELF, &frame), "reservation %u of order 19", cmd);
		kit_observe_ret(reserve(cmd, 1, 64, DOMID_SELF, &frame), "reservation %u of order 64", cmd);
		kit_observe_ret(reserve(cmd, 1UL << 58, 0, DOMID_SELF, &frame), "reservation %u of 2^58", cmd);
		kit_observe_ret(reserve(cmd, 1, 0, DOMID_SELF, (void *)HYPERVISOR_VIRT_START), "reservation %u in the hypervisor", cmd);
	}
	kit_observe_ret(hc_memory_op(XENMEM_get_vnumainfo, &numa), "vnumainfo of an absent domain");
	numa.domid = DOMID_SELF;
	kit_observe_ret(hc_memory_op(XENMEM_get_vnumainfo, &numa), "vnumainfo");
	numa.pad = 1;
	kit_observe_ret(hc_memory_op(XENMEM_get_vnumainfo, &numa), "vnumainfo with padding");
	kit_observe_ret(hc_memory_op(XENMEM_acquire_resource, &res), "resource: own grant table");
	kit_observe("  %u frames", res.nr_frames);
	res.domid = 0;
	kit_observe_ret(hc_memory_op(XENMEM_acquire_resource, &res), "resource: by number");
	res.domid = 77;
	kit_observe_ret(hc_memory_op(XENMEM_acquire_resource, &res), "resource of an absent domain");
	res.pad = 1;
	kit_observe_ret(hc_memory_op(XENMEM_acquire_resource, &res), "resource with padding");
	kit_observe_ret(reserve(XENMEM_claim_pages, 1, 1, 77, NULL), "claim with an order");
	kit_observe_ret(reserve(XENMEM_claim_pages, 1, 0, 77, NULL), "claim for an absent domain");
	kit_observe_ret(reserve(XENMEM_claim_pages, 1, 0, 77, &frame), "claim with a list");
}

static void tables(void)
{
	struct trap_info t[2] = { { .vector = 0xf0, .cs = FLAT_KERNEL_CS64, .address = 0x00007fffffffffffUL }, { 0 } };
	struct callback_register reg = { .type = CALLBACKTYPE_event, .address = LOW_END };

	kit_observe_ret(hc_set_trap_table(t), "handler at the last address of the half");
	t[0].address = LOW_END;
	kit_observe_ret(hc_set_trap_table(t), "behind it");
	t[0].address = HYPERVISOR_VIRT_START - 1;
	kit_observe_ret(hc_set_trap_table(t), "before the hypervisor");
	t[0].address = HYPERVISOR_VIRT_START;
	kit_observe_ret(hc_set_trap_table(t), "in the hypervisor");
	kit_observe_ret(hc_callback_op(CALLBACKOP_register, &reg), "event callback behind the half");
	kit_observe_ret(hypercall2(__HYPERVISOR_stack_switch, 0, 0x8000000000000000UL), "stack non-canonical");
	kit_trap_init();
	kit_observe_ret(hc_set_segment_base(SEGBASE_FS, LOW_END - 1), "fs at the last address of the half");
	kit_observe_ret(hc_set_segment_base(SEGBASE_FS, LOW_END), "behind it");
	kit_observe_ret(hc_set_segment_base(SEGBASE_FS, 0), "fs at 0");
	kit_observe_ret(hc_set_debugreg(0, LOW_END - 1), "dr0 at the last address of the half");
	kit_observe_ret(hc_set_debugreg(0, LOW_END), "behind it");
	kit_observe_ret(hc_set_debugreg(0, ~0UL), "dr0 at the last address of all");
	kit_observe_ret(hc_set_debugreg(0, HYPERVISOR_VIRT_END), "dr0 behind the hypervisor");
	kit_observe_ret(hc_set_debugreg(0, HYPERVISOR_VIRT_END - 1), "dr0 at the hypervisor's end");
	hc_set_debugreg(0, 0);
}

void kit_main(void)
{
	schedule();
	console();
	cut();
	counts();
	memory();
	tables();
	kit_audit();
}
