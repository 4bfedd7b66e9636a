/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sweep: every number of every call's operations, those that do not exist too, with an argument that is absent and one
 * that is all zeros: what each says.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/mm.h>
#include <xen/platform.h>
#include <xen/vcpu.h>
#include <xen/version.h>

static uint64_t zeros[512] __attribute__((aligned(PAGE_SIZE)));

static void *clear(void)
{
	return memset(zeros, 0, sizeof(zeros));
}

static void numbers(void)
{
	static const unsigned char unused[] = { 11, 27, 38, 39, 43, 45, 46, 47, 50, 55, 56, 60, 63 };

	for (size_t i = 0; i < ARRAY_SIZE(unused); i++)
		kit_observe_ret(hypercall5(unused[i], ~0UL, 0, 0, 0, 0), "hypercall %u", unused[i]);
}

static void two(const char *name, unsigned int nr, unsigned int cmd)
{
	kit_observe_ret(hypercall2(nr, cmd, 0), "%s %u NULL", name, cmd);
	kit_observe_ret(hypercall2(nr, cmd, (unsigned long)clear()), "%s %u zeros", name, cmd);
}

static void memory(void)
{
	for (unsigned int cmd = 0; cmd < 34; cmd++)
		/* 16 and 17: memory populated on demand, which PV guests have not; 21, 27: of other kinds of guests. */
		if (cmd != 2 && cmd != 3 && cmd != 4 && cmd != 14 && cmd != 16 && cmd != 17 && cmd != 21 && cmd != 27)
			two("memory_op", __HYPERVISOR_memory_op, cmd);
}

static void events(void)
{
	for (unsigned int cmd = 0; cmd < 17; cmd++)
		two("event_channel_op", __HYPERVISOR_event_channel_op, cmd);
}

static void grants(void)
{
	for (unsigned int cmd = 0; cmd < 15; cmd++) {
		kit_observe_ret(hc_grant_table_op(cmd, NULL, 0), "grant %u none", cmd);
		kit_observe_ret(hc_grant_table_op(cmd, NULL, 1), "grant %u NULL", cmd);
		if (cmd == 8 || cmd == 10)	/* version 2 */
			continue;
		kit_observe_ret(hc_grant_table_op(cmd, clear(), 1), "grant %u zeros", cmd);
		kit_observe_ret(hc_grant_table_op(cmd, clear(), 2), "grant %u two", cmd);
	}
}

static void physdev(void)
{
	for (unsigned int cmd = 0; cmd < 36; cmd++)
		if (cmd == 21)		/* of a pin that the hypervisor may or may not use */
			kit_observe_ret(hc_physdev_op(21, NULL), "physdev_op 21 NULL");
		else
			two("physdev_op", __HYPERVISOR_physdev_op, cmd);
}

static void vcpu(void)
{
	for (unsigned int cmd = 0; cmd < 18; cmd++)
		if (cmd != VCPUOP_up && cmd != VCPUOP_down && cmd != VCPUOP_send_nmi) {
			kit_observe_ret(hc_vcpu_op((int)cmd, 0, NULL), "vcpu_op %u NULL", cmd);
			kit_observe_ret(hc_vcpu_op((int)cmd, 5, clear()), "vcpu_op %u of vCPU 5", cmd);
		}
	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
}

static void extended(void)
{
	for (unsigned int cmd = 0; cmd < 24; cmd++) {
		struct mmuext_op op = { .cmd = cmd };

		kit_observe_ret(hc_mmuext_op(&op, 1, NULL, DOMID_SELF), "mmuext_op %u", cmd);
	}
}

static void versions(void)
{
	for (unsigned int cmd = 0; cmd < 13; cmd++) {
		long ret = hc_xen_version((int)cmd, NULL);

		kit_observe("version %u NULL: %s", cmd, ret < 0 ? kit_errno_name(ret) : "some");
	}
}

static void platform(void)
{
	static const unsigned char cmds[] = { 0, 1, 16, 17, 50, 51, 52, 53, 65, 66 };
	struct xen_platform_op *op;

	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		op = clear();
		op->cmd = cmds[i];
		op->interface_version = XENPF_INTERFACE_VERSION;
		kit_observe_ret(hc_platform_op(op), "platform_op %u", cmds[i]);
	}
}

static void others(void)
{
	for (unsigned int cmd = 0; cmd < 3; cmd++) {
		two("nmi_op", __HYPERVISOR_nmi_op, cmd);
		two("callback_op", __HYPERVISOR_callback_op, cmd + 1);
	}
	for (unsigned int cmd = 3; cmd < 9; cmd++)
		kit_observe_ret(hypercall2(__HYPERVISOR_sched_op, cmd, 0), "sched_op %u NULL", cmd);
}

void kit_main(void)
{
	numbers();
	memory();
	events();
	grants();
	physdev();
	vcpu();
	extended();
	versions();
	platform();
	others();
}
