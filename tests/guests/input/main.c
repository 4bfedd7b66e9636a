/* SPDX-License-Identifier: GPL-2.0-or-later */
/* input: what is typed on the serial line comes to dom0: VIRQ_CONSOLE, and console_io's read. The runner types "tenon!". */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <xen/vcpu.h>

#define WAIT 10000000000UL	/* ns, on a busy machine */

static volatile uint32_t told;

static void on_console(uint32_t port)
{
	(void)port;
	told = 1;
}

void kit_main(void)
{
	static const char want[] = "tenon!";
	uint64_t end = kit_time_now() + WAIT;
	char text[32] = "";
	long n = 0, got;
	int port;

	kit_event_init();
	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	port = kit_evtchn_bind_virq(VIRQ_CONSOLE, 0);
	kit_check(port > 0, "a port for the console's input");
	kit_observe("a second one: %d", kit_evtchn_bind_virq(VIRQ_CONSOLE, 0));
	kit_evtchn_handle((uint32_t)port, on_console);
	kit_evtchn_set_mask((uint32_t)port, false);
	kit_events_unmask();
	kit_printf("guest-wants: input\n");
	kit_check(kit_wait_for(&told, 1, WAIT), "an event tells of it");
	while (n < (long)sizeof(want) - 1 && kit_time_now() < end) {
		got = hc_console_io(CONSOLEIO_read, (int)(sizeof(text) - 1 - (size_t)n), text + n);
		if (got < 0)
			break;
		n += got;
	}
	kit_check(!strcmp(text, want), "what was typed can be read");
	kit_check_eq(hc_console_io(CONSOLEIO_read, 8, text), 0, "once");
	kit_observe_ret(hc_console_io(CONSOLEIO_read, 8, (void *)HYPERVISOR_VIRT_START), "read into the hypervisor");
}
