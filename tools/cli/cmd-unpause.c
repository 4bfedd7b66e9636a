// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon unpause */
#include <string.h>

#include "cli.h"

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), status = STATUS_DONE;

	need_arguments(argc, first, 1, -1);
	for (int i = first; i < argc; i++) {
		int error = tenon_unpause_domain(need_hypervisor(), need_domain(argv[i]));

		if (!error)
			continue;
		complain("domain %s cannot be let go on: %s", argv[i], strerror(-error));
		status = STATUS_FAILED;
	}
	return status;
}

const struct command command_unpause = {
	.name = "unpause", .arguments = "DOMAIN...", .summary = "Lets paused domains go on", .run = run,
};
