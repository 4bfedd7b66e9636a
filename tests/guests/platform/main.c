/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * platform: what only dom0 may ask: platform_op, mca, kexec_op, and the tools' calls in the language of another release.
 * Nothing here changes the machine but the wall clock, which is put back.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/mm.h>
#include <xen/arch-x86/xen-mca.h>
#include <xen/event_channel.h>
#include <xen/platform.h>

static struct xen_platform_op op;

static long platform(unsigned int cmd)
{
	op.cmd = cmd;
	op.interface_version = XENPF_INTERFACE_VERSION;
	return hc_platform_op(&op);
}

static void clear(void)
{
	memset(&op, 0, sizeof(op));
}

static uint64_t wall_clock(void)
{
	uint32_t version;
	uint64_t ns;

	do {
		version = kit_shared->wc_version;
		kit_barrier();
		ns = ((uint64_t)kit_shared->wc_sec_hi << 32 | kit_shared->wc_sec) * 1000000000UL + kit_shared->wc_nsec;
		kit_barrier();
	} while ((version & 1) || version != kit_shared->wc_version);
	return ns;
}

/* The record is of the time at system time 0. */
static void set_clock(unsigned int cmd, uint64_t seconds)
{
	clear();
	if (cmd == XENPF_settime32)
		op.u.settime32 = (struct xenpf_settime32){ (uint32_t)seconds, 500, 1000000000UL };
	else
		op.u.settime64 = (struct xenpf_settime64){ seconds, 500, 0, 1000000000UL };
	kit_check_eq(platform(cmd), 0, "set the wall clock");
	kit_check_eq((int64_t)wall_clock(), (int64_t)((seconds - 1) * 1000000000UL + 500), "the record says so");
}

static void clocks(void)
{
	uint64_t before = wall_clock() / 1000000000UL;
	uint32_t version = kit_shared->wc_version;

	set_clock(XENPF_settime64, 0x1234567890UL);
	kit_check(version != kit_shared->wc_version && !(kit_shared->wc_version & 1), "the record has another version");
	set_clock(XENPF_settime32, 1700000000);
	clear();
	op.u.settime64.mbz = 1;
	kit_observe_ret(platform(XENPF_settime64), "settime64 with its zero set");
	set_clock(XENPF_settime64, before + 1);
}

static void processors(void)
{
	static const uint32_t ids[] = { 0, 1, 5, ~0U };
	static uint64_t idle[4];
	static uint8_t map[1];

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		clear();
		op.u.pcpu_info.xen_cpuid = ids[i];
		kit_observe_ret(platform(XENPF_get_cpuinfo), "get_cpuinfo %x", ids[i]);
		kit_observe("  max %u flags %x", op.u.pcpu_info.max_present, op.u.pcpu_info.flags);
		clear();
		op.u.pcpu_version.xen_cpuid = ids[i];
		kit_observe_ret(platform(XENPF_get_cpu_version), "get_cpu_version %x", ids[i]);
		kit_observe("  max %u vendor '%s'", op.u.pcpu_version.max_present,
			    op.u.pcpu_version.vendor_id[0] ? "there" : "");
		clear();
		op.u.cpu_ol.cpuid = ids[i];
		if (ids[i])
			kit_observe_ret(platform(XENPF_cpu_online), "cpu_online %x", ids[i]);
	}
	clear();
	map[0] = 3;
	op.u.getidletime.cpumap_nr_cpus = 8;
	set_xen_guest_handle(op.u.getidletime.cpumap_bitmap, map);
	set_xen_guest_handle(op.u.getidletime.idletime, idle);
	kit_observe_ret(platform(XENPF_getidletime), "getidletime");
	kit_observe("  of CPUs %x", map[0]);
	clear();
	op.u.core_parking.type = XEN_CORE_PARKING_GET;
	kit_observe_ret(platform(XENPF_core_parking), "core parking, get");
	kit_observe("  %u", op.u.core_parking.idle_nums);
	op.u.core_parking.type = 9;
	kit_observe_ret(platform(XENPF_core_parking), "core parking 9");
}

static void firmware(void)
{
	static uint8_t edid[128];

	for (uint32_t type = 0; type < 7; type++) {
		clear();
		op.u.firmware_info.type = type;
		op.u.firmware_info.index = 200;
		kit_observe_ret(platform(XENPF_firmware_info), "firmware_info %u, index 200", type);
	}
	clear();
	op.u.firmware_info.type = XEN_FW_KBD_SHIFT_FLAGS;
	kit_observe_ret(platform(XENPF_firmware_info), "shift keys");
	kit_observe("  %u", op.u.firmware_info.u.kbd_shift_flags);
	clear();
	op.u.firmware_info.type = XEN_FW_EFI_INFO;
	kit_observe_ret(platform(XENPF_firmware_info), "EFI version, without EFI");
	clear();
	op.u.firmware_info.type = XEN_FW_VBEDDC_INFO;
	set_xen_guest_handle(op.u.firmware_info.u.vbeddc_info.edid, edid);
	kit_check(platform(XENPF_firmware_info) <= 0, "monitor data, or none");
}

static void power(void)
{
	static const char *const names[] = { "idle states", "frequencies", "throttling", "_PDC", "kind 4" };

	for (uint32_t type = 0; type < ARRAY_SIZE(names); type++) {
		clear();
		op.u.set_pminfo.id = 99;		/* no processor */
		op.u.set_pminfo.type = type;
		kit_observe_ret(platform(XENPF_set_processor_pminfo), "%s of no processor", names[type]);
	}
	clear();
	op.u.enter_acpi_sleep.sleep_state = 9;
	kit_observe_ret(platform(XENPF_enter_acpi_sleep), "sleep state 9");
	op.u.enter_acpi_sleep.sleep_state = 3;
	op.u.enter_acpi_sleep.flags = 0xff0;
	kit_observe_ret(platform(XENPF_enter_acpi_sleep), "sleep with unknown flags");
}

static void the_rest(void)
{
	static const unsigned int none[] = { 0, 37, 64, 200, ~0U };

	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		clear();
		kit_observe_ret(platform(none[i]), "platform_op %d", (int)none[i]);
	}
	clear();
	op.u.read_memtype.reg = 0;
	kit_observe_ret(platform(XENPF_read_memtype), "read_memtype 0");
	kit_observe("  type %u", op.u.read_memtype.type);
	clear();
	op.u.read_memtype.reg = 200;
	kit_observe_ret(platform(XENPF_read_memtype), "read_memtype 200");
	clear();
	set_xen_guest_handle(op.u.microcode.data, &op);
	op.u.microcode.length = 16;
	kit_check(platform(XENPF_microcode_update) < 0, "microcode that is none");
	clear();
	op.u.symdata.symnum = ~0U;
	kit_observe_ret(platform(XENPF_get_symbol), "a symbol beyond the last");
	clear();
	op.cmd = XENPF_get_cpuinfo;
	op.interface_version = 0x03000002;
	kit_observe_ret(hc_platform_op(&op), "another interface version");
	op.interface_version = 0;
	kit_observe_ret(hc_platform_op(&op), "version 0");
	kit_observe_ret(hc_platform_op(NULL), "NULL");
	kit_observe_ret(hc_platform_op((void *)HYPERVISOR_VIRT_START), "in the hypervisor");
}

static long mca(struct xen_mc *mc)
{
	return hypercall1(__HYPERVISOR_mca, (unsigned long)mc);
}

static void machine_checks(void)
{
	static struct xen_mc mc;

	mc.cmd = XEN_MC_physcpuinfo;
	mc.interface_version = XEN_MCA_INTERFACE_VERSION;
	kit_observe_ret(mca(&mc), "mca: processors");
	kit_observe("  %u", mc.u.mc_physcpuinfo.ncpus);
	memset(&mc.u, 0, sizeof(mc.u));
	mc.cmd = XEN_MC_fetch;
	mc.u.mc_fetch.flags = XEN_MC_NONURGENT;
	kit_observe_ret(mca(&mc), "mca: records nowhere");
	mc.u.mc_fetch.flags = 0;
	kit_observe_ret(mca(&mc), "mca: records of no kind");
	mc.cmd = 99;
	kit_observe_ret(mca(&mc), "mca 99");
	mc.interface_version = 1;
	kit_observe_ret(mca(&mc), "mca, another version");
	kit_observe_ret(mca(NULL), "mca NULL");
}

static void of_tools(void)
{
	static uint32_t words[64] = { 3, 0x7f };	/* a command, an interface version */

	kit_observe_ret(hc_sysctl(words), "sysctl of another release");
	kit_observe_ret(hc_sysctl(NULL), "sysctl NULL");
	/* Loading and executing are not tried. */
	kit_observe_ret(hc_kexec_op(3, NULL), "kexec: range NULL");
	kit_observe_ret(hc_kexec_op(99, words), "kexec 99");
}

static long old_events(struct evtchn_op *e)
{
	return hypercall1(__HYPERVISOR_event_channel_op_compat, (unsigned long)e);
}

static void old_event_channels(void)
{
	struct evtchn_op e = { .cmd = EVTCHNOP_alloc_unbound, .u.alloc_unbound = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF } };

	kit_observe_ret(old_events(&e), "old form: alloc_unbound");
	kit_check(e.u.alloc_unbound.port, "a port comes");
	e.cmd = EVTCHNOP_close;
	e.u.close.port = e.u.alloc_unbound.port;
	kit_observe_ret(old_events(&e), "old form: close");
	e.cmd = EVTCHNOP_reset;
	kit_observe_ret(old_events(&e), "old form: reset");
	e.cmd = 99;
	kit_observe_ret(old_events(&e), "old form: 99");
	kit_observe_ret(old_events(NULL), "old form: NULL");
}

void kit_main(void)
{
	clocks();
	processors();
	firmware();
	power();
	the_rest();
	machine_checks();
	of_tools();
	old_event_channels();
}
