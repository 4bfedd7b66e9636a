/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Start-up on the boot CPU: the steps in their order. */
#include <tenon/arch.h>
#include <tenon/console.h>
#include <tenon/init.h>
#include <tenon/keyhandler.h>
#include <tenon/mm.h>
#include <tenon/sched.h>
#include <tenon/softirq.h>
#include <tenon/version.h>

struct boot_info boot_info;
enum system_state system_state;

static void __init banner(void)
{
#ifdef TENON_DEBUG
	static const char *const build = ", with debugging checks";
#else
	static const char *const build = "";
#endif

	printk("Tenon %s, speaking release %d.%d%s\n", TENON_VERSION, TENON_COMPAT_MAJOR, TENON_COMPAT_MINOR, build);
}

static void __init boot_state(void)
{
	system_state = SYS_BOOT;
	local_irq_enable();
}

static void __init start_dom0(void)
{
	struct vcpu *v = dom0->vcpu[0];

	console_give_screen_to_dom0();
	system_state = SYS_ACTIVE;
	sched_watch_dom0();
	/* Runs as soon as this CPU reaches its idle loop. */
	vcpu_wake(v);
}

/* After this no __init function can be called any more. */
static void __noinline __noreturn setup_end(void)
{
	arch_free_init();
	idle_loop();
}

/* The console's early part ran before us: what fails can be said. */
void __init setup_common(void)
{
	static const struct {
		void (*fn)(void);
		const char *name;
	} steps[] __initconst = {
		{ banner, "greeting" },
		{ arch_memory_init, "memory" },
		{ heap_init, "heap" },
		{ arch_early_init, "processor and clocks" },
		{ timers_init, "timers" },
		{ tasklets_init, "tasklets" },
		{ domains_init, "pseudo domains" },
		{ sched_init, "scheduler" },
		{ boot_state, "interrupts on" },
		{ arch_late_init, "devices" },
		{ console_init, "console" },
		{ keyhandlers_init, "debug keys" },
		{ arch_smp_init, "other processors" },
		{ sched_pool_init, "pool of processors" },
		{ console_init_irq, "console interrupts" },
		{ arch_dom0_build, "dom0" },
		{ start_dom0, "start of dom0" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
		printk(LOG_DEBUG "Boot: %s\n", steps[i].name);
		steps[i].fn();
	}
	setup_end();
}
