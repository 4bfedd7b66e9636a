/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * multicall: several calls in one: results of each, calls that fail among calls that work, calls
 * that may not be in a list, long lists, and vm_assist.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/version.h>
#include <xen/sched.h>

#define MANY 500

static struct multicall_entry calls[MANY];

static void mixed(void)
{
	struct evtchn_close { uint32_t port; } close = { 4000 };

	calls[0] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version,
		.args = { XENVER_version } };
	calls[1] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .args = { 99 } };
	calls[2] = (struct multicall_entry){ .op = 62 };
	calls[3] = (struct multicall_entry){ .op = 9999 };
	calls[4] = (struct multicall_entry){ .op = __HYPERVISOR_event_channel_op,
		.args = { 3, (unsigned long)&close } };
	calls[5] = (struct multicall_entry){ .op = __HYPERVISOR_sched_op,
		.args = { SCHEDOP_yield } };
	calls[6] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version,
		.args = { XENVER_pagesize } };
	kit_observe_ret(hc_multicall(calls, 7), "seven calls");
	kit_check(calls[0].result >> 16 == 4, "version");
	for (int i = 1; i < 7; i++)
		kit_observe_ret((long)calls[i].result, "call %d", i);
	kit_check_eq((int64_t)calls[0].op, __HYPERVISOR_xen_version, "the list is not changed");
	kit_check_eq((int64_t)calls[1].args[0], 99, "its arguments neither");
}

static void many(void)
{
	unsigned int good = 0;

	for (int i = 0; i < MANY; i++)
		calls[i] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = 1,
			.args = { XENVER_pagesize } };
	kit_observe_ret(hc_multicall(calls, MANY), "many calls");
	for (int i = 0; i < MANY; i++)
		good += calls[i].result == 4096;
	kit_check_eq(good, MANY, "all were made");
}

/* Batches of page-table updates in one list are made in order. */
static void in_order(void)
{
	unsigned long va = kit_va_alloc(1);
	char *a = kit_page_alloc(), *b = kit_page_alloc();

	kit_pte_make(kit_root(), va);
	a[0] = 'a';
	b[0] = 'b';
	for (int i = 0; i < 10; i++)
		calls[i] = (struct multicall_entry){
			.op = __HYPERVISOR_update_va_mapping,
			.args = { va, kit_make_pte(kit_va_to_mfn(i & 1 ? b : a), PTE_RW),
				  UVMF_INVLPG },
		};
	kit_check_eq(hc_multicall(calls, 10), 0, "ten updates");
	kit_check_eq(*(volatile char *)va, 'b', "the last one holds");
	kit_unmap(va);
}

static void errors(void)
{
	calls[0] = (struct multicall_entry){ .op = __HYPERVISOR_multicall,
		.args = { (unsigned long)&calls[1], 1 } };
	calls[1] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version };
	kit_observe_ret(hc_multicall(calls, 1), "a multicall in a multicall");
	kit_observe_ret((long)calls[0].result, "  its result");
	calls[0] = (struct multicall_entry){ .op = __HYPERVISOR_iret };
	kit_observe_ret(hc_multicall(calls, 0), "no calls");
	kit_observe_ret(hc_multicall(NULL, 1), "NULL");
	kit_observe_ret(hc_multicall((void *)0x10, 1), "unmapped");
	kit_observe_ret(hc_multicall((void *)HYPERVISOR_VIRT_START, 1), "hypervisor");
	kit_observe_ret(hc_multicall((void *)0x8000000000000000UL, 1), "non-canonical");
}

static void assists(void)
{
	for (unsigned int type = 0; type < 8; type++) {
		kit_observe_ret(hc_vm_assist(VMASST_CMD_enable, type), "enable assist %u", type);
		kit_observe_ret(hc_vm_assist(VMASST_CMD_disable, type), "disable assist %u", type);
	}
	kit_observe_ret(hc_vm_assist(VMASST_CMD_enable, 32), "enable assist 32");
	kit_observe_ret(hc_vm_assist(VMASST_CMD_disable, 32), "disable assist 32");
	kit_observe_ret(hc_vm_assist(VMASST_CMD_enable, 64), "enable assist 64");
	kit_observe_ret(hc_vm_assist(VMASST_CMD_enable, ~0u), "enable assist -1");
	kit_observe_ret(hc_vm_assist(2, 2), "command 2");
}

void kit_main(void)
{
	mixed();
	many();
	in_order();
	errors();
	assists();
}
