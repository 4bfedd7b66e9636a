/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console: console_io: text of all lengths and bytes, reading when nothing was typed, bad pointers
 * and counts.
 */

#include <guestkit/event.h>
#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <xen/sysctl.h>

static char big[8192];

/* The hypervisor's own messages, of which dom0 is told: the list of debug keys makes some. */
static void messages(void)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_debug_keys, .interface_version = XEN_SYSCTL_INTERFACE_VERSION };
	char key = 'h';
	int port;

	kit_event_init();
	port = kit_evtchn_bind_virq(VIRQ_CON_RING, 0);
	kit_check(port > 0, "bind VIRQ_CON_RING");
	kit_events_unmask();
	op.u.debug_keys.keys.va = (unsigned long)&key;
	op.u.debug_keys.nr_keys = 1;
	kit_observe_ret(hc_sysctl(&op), "press a debug key");
	kit_check(kit_evtchn_count((uint32_t)port) > 0, "the virtual interrupt tells of new text");
}

void kit_main(void)
{
	char small[16];

	kit_observe_ret(hc_console_io(CONSOLEIO_read, sizeof(small), small), "read");
	kit_observe_ret(hc_console_io(CONSOLEIO_read, 0, small), "read 0 bytes");
	kit_observe_ret(hc_console_io(CONSOLEIO_write, 0, small), "write 0 bytes");
	kit_observe_ret(hc_console_io(CONSOLEIO_write, 5, (char *)0x10), "write from unmapped");
	kit_observe_ret(hc_console_io(CONSOLEIO_write, 5, (char *)HYPERVISOR_VIRT_START),
			"write from the hypervisor");
	kit_observe_ret(hc_console_io(CONSOLEIO_write, 5, (char *)0x8000000000000000UL),
			"write from non-canonical");
	kit_observe_ret(hc_console_io(2, 0, small), "command 2");
	kit_observe_ret(hc_console_io(-1, 0, small), "command -1");
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i % 64 == 63 ? '\n' : '.');
	kit_observe_ret(hc_console_io(CONSOLEIO_write, sizeof(big), big), "write 8 KiB");
	big[0] = 0;
	kit_check_eq(hc_console_io(CONSOLEIO_write, 1, big), 0, "write a zero byte");
	kit_check_eq(hc_console_io(CONSOLEIO_write, 6, "hello\n"), 0, "write a line");
	messages();
}
