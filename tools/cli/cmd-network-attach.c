// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon network-attach: gives a guest a network interface. */
#include <stdlib.h>

#include "cli.h"

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL);
	struct ground ground;
	struct record *record;
	uint32_t handle;
	char *spec;

	need_arguments(argc, first, 1, -1);
	ground = need_ground();
	record = need_record(&ground, argv[first]);
	spec = join_arguments(argc, argv, first + 1);
	if (!guest_give_nic(&ground, record, spec, &handle))
		fail("%s: %s", argv[first], guest_why());
	printf("network interface %u\n", handle);
	record_close(record);
	free(spec);
	return STATUS_DONE;
}

const struct command command_network_attach = {
	.name = "network-attach", .arguments = "DOMAIN [KEY=VALUE]...", .summary = "Gives a guest a network interface (as in vif=)",
	.run = run,
};
