// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon sysrq: a magic SysRq for a Linux guest. */
#include <string.h>

#include "cli.h"

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), error;
	const char *letter;
	uint16_t domid;
	char path[64];

	need_arguments(argc, first, 2, 2);
	letter = argv[first + 1];
	if (strlen(letter) != 1)
		fail_usage("give one letter, not '%s'", letter);
	domid = need_domain(argv[first]);
	snprintf(path, sizeof(path), "/local/domain/%u/control/sysrq", domid);
	error = tenon_store_write(need_store(), 0, path, letter, 1);
	if (error)
		fail("domain %s cannot be sent a SysRq: %s", argv[first], strerror(-error));
	return STATUS_DONE;
}

const struct command command_sysrq = {
	.name = "sysrq", .arguments = "DOMAIN LETTER", .summary = "Sends a magic SysRq to a Linux guest", .run = run,
};
