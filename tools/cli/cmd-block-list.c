// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon block-list: a domain's disks. */
#include "cli.h"

static const struct device_column columns[] = {
	{ "dev", "device", "DEVICE", 8 }, { "mode", "mode", "MODE", 4 }, { "state", "state", "STATE", 12 },
	{ "physical-device", "physical_device", "NUMBERS", 8 }, { "params", "target", "TARGET", 0 }, { 0 },
};

static int run(int argc, char **argv)
{
	return run_device_list(argc, argv, DEVICE_DISK, columns);
}

const struct command command_block_list = {
	.name = "block-list", .arguments = "[--json] DOMAIN", .summary = "Lists a domain's disks",
	.options = "      --json  as JSON: an array of objects\n", .run = run,
};
