// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon debug-keys: presses debug keys. */
#include <string.h>

#include "cli.h"

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), error;

	need_arguments(argc, first, 1, 1);
	error = tenon_debug_keys(need_hypervisor(), argv[first]);
	if (error)
		fail("the keys '%s' cannot be pressed: %s", argv[first], strerror(-error));
	return STATUS_DONE;
}

const struct command command_debug_keys = {
	.name = "debug-keys", .arguments = "KEYS",
	.summary = "Presses debug keys, whose output is in the hypervisor's log ('h' lists them)", .run = run,
};
