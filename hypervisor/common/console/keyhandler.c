/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debug keys: a table by character. */
#include <tenon/arch.h>
#include <tenon/domain.h>
#include <tenon/event.h>
#include <tenon/grant.h>
#include <tenon/init.h>
#include <tenon/irq.h>
#include <tenon/bitops.h>
#include <tenon/keyhandler.h>
#include <tenon/lib.h>
#include <tenon/sched.h>
#include <tenon/softirq.h>

static struct {
	keyhandler_fn fn;
	const char *desc;
} handlers[128];

void keyhandler_register(unsigned char key, keyhandler_fn fn, const char *desc)
{
	BUG_ON(key >= ARRAY_SIZE(handlers));
	handlers[key].fn = fn;
	handlers[key].desc = desc;
}

void keyhandler_run(unsigned char key)
{
	if (key >= ARRAY_SIZE(handlers) || !handlers[key].fn)
		return;
	printk("'%c' pressed: %s\n", key, handlers[key].desc);
	handlers[key].fn(key);
}

/* Keys that wait for the tasklet, which may be busy printing for another. */
static unsigned long pressed[ARRAY_SIZE(handlers) / BITS_PER_LONG];

static void run_pressed(void *unused)
{
	for (unsigned int key = 0; key < ARRAY_SIZE(handlers); key++)
		if (test_and_clear_bit(key, pressed))
			keyhandler_run((unsigned char)key);
}

static struct tasklet key_tasklet = { .fn = run_pressed };

void keyhandler_press(unsigned char key)
{
	if (key >= ARRAY_SIZE(handlers) || !handlers[key].fn)
		return;
	set_bit(key, pressed);
	tasklet_schedule(&key_tasklet);
}

static void show_help(unsigned char key)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(handlers); i++)
		if (handlers[i].fn)
			printk(" key '%c': %s\n", i, handlers[i].desc);
}

static void key_reboot(unsigned char key)
{
	machine_end(MACHINE_REBOOT);
}

static void key_registers(unsigned char key)
{
	show_execution_state(NULL);
}

static void key_memory(unsigned char key)
{
	memory_dump();
}

static void key_timers(unsigned char key)
{
	timers_dump();
}

void __init keyhandlers_init(void)
{
	static const struct {
		char key;
		keyhandler_fn fn;
		const char *desc;
	} table[] __initconst = {
		{ 'h', show_help, "show this list" },
		{ 'R', key_reboot, "reboot the machine" },
		{ 'd', key_registers, "show registers and stack" },
		{ 'q', domain_dump_all, "show domains and vCPUs" },
		{ 'r', sched_dump, "show run queues" },
		{ 'e', evtchn_dump, "show event channels" },
		{ 'g', grant_table_dump, "show grant tables" },
		{ 'm', key_memory, "show memory" },
		{ 'a', key_timers, "show timers" },
		{ 'i', irq_dump, "show interrupts" },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(table); i++)
		keyhandler_register(table[i].key, table[i].fn, table[i].desc);
}
