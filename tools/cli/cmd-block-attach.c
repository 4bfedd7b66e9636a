// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon block-attach: gives a guest a disk. */
#include <stdlib.h>

#include "cli.h"

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL);
	struct ground ground;
	struct record *record;
	char *spec;

	need_arguments(argc, first, 2, -1);
	ground = need_ground();
	record = need_record(&ground, argv[first]);
	spec = join_arguments(argc, argv, first + 1);
	if (!guest_give_disk(&ground, record, spec))
		fail("%s: %s", argv[first], guest_why());
	record_close(record);
	free(spec);
	return STATUS_DONE;
}

const struct command command_block_attach = {
	.name = "block-attach", .arguments = "DOMAIN DISK...", .summary = "Gives a guest a disk (as in disk=)", .run = run,
};
