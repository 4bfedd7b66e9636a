/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console's two users: dom0 (input, console_io) and the debug keys. */
#include <tenon/cmdline.h>
#include <tenon/console.h>
#include <tenon/domain.h>
#include <tenon/event.h>
#include <tenon/hypercall.h>
#include <tenon/init.h>
#include <tenon/keyhandler.h>
#include "console.h"

#define ESCAPE_CHAR	0x01		/* control-A, three times */
#define ESCAPE_COUNT	3
#define INPUT_SIZE	128

static char input[INPUT_SIZE];
static uint32_t input_prod, input_cons;
static spinlock_t input_lock = SPINLOCK_INIT;
static bool keys_are_ours;

void __init console_init_early(void)
{
	serial_init_early();
	screen_init_early();
}

static void input_to_dom0(char c)
{
	unsigned long flags = spin_lock_irqsave(&input_lock);

	if (input_prod - input_cons < INPUT_SIZE)
		input[input_prod++ % INPUT_SIZE] = c;
	spin_unlock_irqrestore(&input_lock, flags);
	if (dom0)
		send_global_virq(VIRQ_CONSOLE);
}

static void receive(char c)
{
	static unsigned int escapes;

	if (c == ESCAPE_CHAR && ++escapes == ESCAPE_COUNT) {
		escapes = 0;
		keys_are_ours = !keys_are_ours;
		printk("*** Serial input to %s (type Ctrl-A three times to switch)\n",
		       keys_are_ours ? "Tenon" : "DOM0");
		return;
	}
	if (c != ESCAPE_CHAR)
		escapes = 0;
	if (keys_are_ours)
		keyhandler_press((unsigned char)c);
	else
		input_to_dom0(c);
}

void __init console_init(void)
{
	console_ring_init();
	screen_init();
	serial_set_receiver(receive);
}

/* Softirq. */
static void tell_dom0(void)
{
	send_global_virq(VIRQ_CON_RING);
}

void __init console_init_irq(void)
{
	softirq_open(SOFTIRQ_CONSOLE, tell_dom0);
	serial_init_irq();
}

void console_notify_dom0(void)
{
	/* Later: the caller may hold any lock. */
	if (dom0)
		softirq_raise(SOFTIRQ_CONSOLE);
}

/* ---- console_io hypercall ---- */

#define WRITE_CHUNK	128

static long console_guest_write(struct vcpu *curr, unsigned long va, unsigned long count)
{
	char buf[WRITE_CHUNK];

	while (count) {
		unsigned long n = min(count, (unsigned long)sizeof(buf));

		if (copy_from_guest_va(buf, va, n))
			return -EFAULT;
		/* The ring is for messages; dom0's own console text goes to the line alone. */
		serial_write(buf, n);
		va += n;
		count -= n;
		if (count && hypercall_preempt_check())
			return hypercall_restart(curr, __HYPERVISOR_console_io, 3,
						 (unsigned long)CONSOLEIO_write, count, va);
	}
	return 0;
}

static long console_guest_read(unsigned long va, unsigned long count)
{
	char buf[INPUT_SIZE];
	unsigned long n = 0, flags = spin_lock_irqsave(&input_lock);

	while (n < count && n < sizeof(buf) && input_cons != input_prod)
		buf[n++] = input[input_cons++ % INPUT_SIZE];
	spin_unlock_irqrestore(&input_lock, flags);
	return n && copy_to_guest_va(va, buf, n) ? -EFAULT : (long)n;
}

long do_console_io(struct vcpu *curr, unsigned long cmd, unsigned long count, unsigned long va,
		   unsigned long a4, unsigned long a5)
{
	if (!curr->domain->is_privileged)
		return -EPERM;
	count = (uint32_t)count;
	switch ((uint32_t)cmd) {
	case CONSOLEIO_write:
		return console_guest_write(curr, va, count);
	case CONSOLEIO_read:
		/* The result is a C int. */
		return count > INT32_MAX ? -E2BIG : console_guest_read(va, count);
	}
	return -ENOSYS;
}
