/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end: panic, bug, and what can be said about it. */
#include <tenon/arch.h>
#include <tenon/cmdline.h>
#include <tenon/console.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include <tenon/sched.h>

bool opt_noreboot;
BOOT_OPTION_BOOL("noreboot", opt_noreboot, "halt after a panic, for its message to be read");

void panic(const char *fmt, ...)
{
	static bool panicking;
	/* What fails before dom0 exists would fail again, unless it is on trial: then the boot loader starts something else. */
	bool halt = opt_noreboot || (system_state < SYS_ACTIVE && !sched_dom0_is_watched());
	va_list ap;

	local_irq_disable();
	console_start_sync();
	if (!__atomic_test_and_set(&panicking, __ATOMIC_SEQ_CST)) {
		printk(LOG_ERR "\n");
		printk(LOG_ERR "****************************************\n");
		printk(LOG_ERR "Panic on CPU:\n");
		va_start(ap, fmt);
		vprintk(fmt, ap);
		va_end(ap);
		printk(LOG_ERR "\n");
		printk(LOG_ERR "****************************************\n");
	}
	machine_end(halt ? MACHINE_HALT : MACHINE_REBOOT);
}

void bug(const char *file, int line, const char *what)
{
	console_start_sync();
	show_execution_state(NULL);
	panic("%s at %s:%d", what, file, line);
}

/*
 * What the compiler puts below the place to return to, in debug builds, and calls when it is not there any more. The decoders'
 * libraries have a guard of their own.
 */
#ifdef TENON_DEBUG
unsigned long __stack_chk_guard __ro_after_init = 0x5af31cd2e6b97400UL;
#endif
void __stack_chk_fail(void) __noreturn;
void __stack_chk_fail(void)
{
	panic("%pS has written beyond its stack frame", __builtin_return_address(0));
}

void warn(const char *file, int line, const char *what)
{
	printk(LOG_WARN "Unexpected: %s at %s:%d\n", what, file, line);
	show_execution_state(NULL);
}
