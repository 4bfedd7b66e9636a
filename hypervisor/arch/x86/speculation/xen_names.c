/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who comes from Xen may have its options in the boot loader's configuration. What they ask for there has another name here, or is done always,
 * or never. Nothing is guessed of what was meant: the log says what to write.
 */
#include <tenon/cmdline.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include "xen_names.h"

/* Options of their own come first, then names in spec-ctrl=. */
enum { XPTI, PV_L1TF, PCIDS, NR_OPTIONS };
static const struct { const char *name, *here; } names[] __initconst = {
	[XPTI]    = { "xpti", "write spec-ctrl=isolation or no-isolation" },
	[PV_L1TF] = { "pv-l1tf", "write spec-ctrl=l1tf or no-l1tf" },
	[PCIDS]   = { "pcid", "write spec-ctrl=pcid or no-pcid; they are there for isolation" },
	{ "xen", "write spec-ctrl=no-isolation, no-retpoline or no-ibrs, or all of them" },
	{ "pv", "write spec-ctrl=no-md-clear or no-ibpb, or both" },
	{ "hvm", "there are no such guests" },
	{ "msr-sc", "a guest's own value is always in force while it runs" },
	{ "rsb", "the return stack is never filled" },
	{ "ibpb-entry", "write spec-ctrl=ibpb; that is at a change of vCPU" },
	{ "bti-thunk", "write spec-ctrl=retpoline or no-retpoline" },
	{ "ssbd", "guests choose it for themselves" },
	{ "psfd", "guests choose it for themselves" },
	{ "eager-fpu", "registers are never loaded late" },
	{ "branch-harden", "numbers that guests give are always guarded" },
	{ "srb-lock", "it stays as firmware left it" },
	{ "unpriv-mmio", "write spec-ctrl=md-clear or no-md-clear" },
	{ "gds-mit", "it stays as firmware left it" },
	{ "div-scrub", "it is not done" },
};
static bool seen[ARRAY_SIZE(names)] __initdata;

bool __init xen_name_noted(const char *name)
{
	for (unsigned int i = NR_OPTIONS; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i].name, name)) {
			seen[i] = true;
			return true;
		}
	return false;
}

static int __init note_xpti(const char *value __unused)
{
	seen[XPTI] = true;
	return 0;
}
BOOT_OPTION_CUSTOM("xpti", note_xpti, "Xen's option: the log says what to write here");

static int __init note_pv_l1tf(const char *value __unused)
{
	seen[PV_L1TF] = true;
	return 0;
}
BOOT_OPTION_CUSTOM("pv-l1tf", note_pv_l1tf, "Xen's option: the log says what to write here");

static int __init note_pcid(const char *value __unused)
{
	seen[PCIDS] = true;
	return 0;
}
BOOT_OPTION_CUSTOM("pcid", note_pcid, "Xen's option: the log says what to write here");

void __init xen_names_report(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (seen[i])
			printk(LOG_WARN "Command line: \"%s\" is Xen's, and has no effect: %s\n", names[i].name, names[i].here);
}
