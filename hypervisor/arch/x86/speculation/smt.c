/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The threads of a core share its first cache and its buffers. On processors that show these to who guesses ahead (L1TF, MDS) one domain so
 * reads what another one uses on the other thread at the same time, which clearing at a change of domain cannot prevent. With smt=no one
 * thread of each core is used, and the others are never started.
 */
#include <asm/acpi.h>
#include <tenon/cmdline.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include "../ctl/ctl.h"
#include "smt.h"

static bool smt __initdata = true;
BOOT_OPTION_BOOL("smt", smt, "use all threads of a core; no: one of each core alone, so that no two domains are on one at a time");

static unsigned int ignored __initdata;		/* lowest bits of an APIC's number */

bool __init smt_excludes(uint32_t apic_id, uint32_t other)
{
	return apic_id >> ignored == other >> ignored;
}

/* How many of firmware's processors are not the first of their core. */
static unsigned int __init count_further(unsigned int thread_bits)
{
	unsigned int n = 0;

	for (unsigned int i = 1; i < acpi_info.nr_cpus; i++) {
		unsigned int j = 0;

		while (j < i && acpi_info.cpu[j].apic_id >> thread_bits != acpi_info.cpu[i].apic_id >> thread_bits)
			j++;
		n += j < i;
	}
	return n;
}

void __init smt_init(bool shows)
{
	unsigned int thread_bits = arch_cpu_thread_bits(), further = count_further(thread_bits);

	if (!smt)
		ignored = thread_bits;
	if (!further)
		return;
	if (!smt)
		printk("Speculation: of each core one thread is used, %u %s left alone (smt=no)\n", further, further > 1 ? "are" : "is");
	else if (shows)
		printk(LOG_WARN "Speculation: threads that share a core can read what the other one uses (L1TF, MDS): only smt=no keeps domains apart\n");
	else
		printk("Speculation: threads that share a core are used side by side\n");
}
