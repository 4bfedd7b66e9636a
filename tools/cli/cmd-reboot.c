// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon reboot: asks domains to reboot. */
#include <errno.h>
#include <string.h>

#include "cli.h"

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), status = STATUS_DONE;

	need_arguments(argc, first, 1, -1);
	for (int i = first; i < argc; i++) {
		int error = tenon_ask_shutdown(need_store(), need_domain(argv[i]), "reboot");

		if (!error)
			continue;
		complain("domain %s cannot be asked to reboot: %s", argv[i],
			 error == -ENOENT ? "it does not listen for it (no node control/shutdown)" : strerror(-error));
		status = STATUS_FAILED;
	}
	return status;
}

const struct command command_reboot = {
	.name = "reboot", .arguments = "DOMAIN...", .summary = "Asks the kernels of domains to reboot", .run = run,
};
