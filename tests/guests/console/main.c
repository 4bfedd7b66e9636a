/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console: console_io: text of all lengths and bytes, reading when nothing was typed, bad pointers
 * and counts.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>

static char big[8192];

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
}
