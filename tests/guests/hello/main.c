/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hello: the framework itself. The guest reaches C code, prints through the console hypercall,
 * and a probe sees a trap from kernel mode, a trap from user mode, and a function that returns.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>

static void do_ud2(void *arg)
{
	(void)arg;
	asm volatile("ud2");
}

static void do_nothing(void *arg)
{
	*(int *)arg = 42;
}

static unsigned long user_add(void *arg)
{
	return (unsigned long)arg + 1;
}

static unsigned long user_ud2(void *arg)
{
	asm volatile("ud2");
	return (unsigned long)arg;
}

void kit_main(void)
{
	struct kit_fault f;
	unsigned long result = 0;
	int n = 0;

	kit_printf("Hello from a paravirtual guest: %.32s\n", kit_start_info->magic);
	kit_check(!kit_probe(do_ud2, NULL, &f) && f.vector == KIT_VEC_UD && !f.user,
		  "a kernel mode trap is seen");
	kit_check(kit_probe(do_nothing, &n, &f) && n == 42, "a probe without a trap returns");
	kit_check(kit_user_probe(user_add, (void *)41, &f, &result) && result == 42,
		  "user mode runs and returns");
	kit_check(!kit_user_probe(user_ud2, NULL, &f, NULL) && f.vector == KIT_VEC_UD && f.user,
		  "a user mode trap is seen");
}
