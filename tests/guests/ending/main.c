/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ending: ways to end dom0, of which the row's arguments name one: how=poweroff, reboot, crash, watchdog, triple (a fault
 * whose handler cannot be entered). The row says what the hypervisor makes of it.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

static bool is_way(const char *name)
{
	return strstr((const char *)kit_start_info->cmd_line, name);
}

static void shut_down(unsigned int reason)
{
	struct sched_shutdown s = { .reason = reason };

	hc_sched_op(SCHEDOP_shutdown, &s);
}

/* One that is fed lives; one that was taken away does nothing. */
static void starve_watchdog(void)
{
	struct sched_watchdog w = { .timeout = 1 };
	long id = hc_sched_op(SCHEDOP_watchdog, &w);

	kit_check(id > 0, "a watchdog");
	for (int i = 0; i < 3; i++) {
		kit_time_spin(500000000UL);
		w = (struct sched_watchdog){ .id = (uint32_t)id, .timeout = 1 };
		kit_check_eq(hc_sched_op(SCHEDOP_watchdog, &w), 0, "fed in time");
	}
	w = (struct sched_watchdog){ .id = (uint32_t)id };
	kit_check_eq(hc_sched_op(SCHEDOP_watchdog, &w), 0, "taken away");
	kit_time_spin(1500000000UL);
	w = (struct sched_watchdog){ .timeout = 1 };
	kit_check(hc_sched_op(SCHEDOP_watchdog, &w) > 0, "another, which is not fed");
}

void kit_main(void)
{
	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	if (is_way("watchdog"))
		starve_watchdog();
	kit_check(true, "the end begins");
	kit_result();
	if (is_way("poweroff"))
		shut_down(SHUTDOWN_poweroff);
	if (is_way("reboot"))
		shut_down(SHUTDOWN_reboot);
	if (is_way("crash"))
		shut_down(SHUTDOWN_crash);
	if (is_way("triple")) {
		hc_set_trap_table(NULL);
		asm volatile("ud2");
	}
	for (;;)
		kit_pause();
}
