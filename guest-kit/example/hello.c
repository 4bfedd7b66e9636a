/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A whole guest: says who it is, counts five seconds with a timer's events, and ends. */

#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define SECOND 1000000000ULL

static volatile unsigned int seconds;

/* Called in the upcall, with events masked. */
static void tick(uint32_t port)
{
	seconds++;
	hc_set_timer_op(kit_time_now() + SECOND);
}

static void introduce(void)
{
	long version = hc_xen_version(XENVER_version, NULL);

	kit_printf("Hello. This is a guest with %lu MiB on interface version %ld.%ld.\n", kit_start_info->nr_pages >> 8,
		   version >> 16, version & 0xffff);
	kit_printf("It was started with: %s\n", (const char *)kit_start_info->cmd_line);
}

void kit_main(void)
{
	unsigned int said = 0;
	int port;

	introduce();
	kit_event_init();
	port = kit_evtchn_bind_virq(VIRQ_TIMER, 0);
	if (port < 0)
		kit_shutdown(SHUTDOWN_crash);
	kit_evtchn_handle(port, tick);
	kit_evtchn_set_mask(port, false);
	/* The first vCPU has a periodic timer until it is stopped. */
	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	hc_set_timer_op(kit_time_now() + SECOND);
	while (said < 5) {
		/* Sleeps until there is an event, and has it delivered. */
		hc_sched_op(SCHEDOP_block, NULL);
		while (said < seconds && said < 5)
			kit_printf("%u\n", ++said);
	}
	kit_printf("Good bye.\n");
	kit_shutdown(SHUTDOWN_poweroff);
}
