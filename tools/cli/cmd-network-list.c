// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon network-list: a domain's network interfaces. */
#include "cli.h"

static const struct device_column columns[] = {
	{ "handle", "handle", "NUMBER", 6 }, { "mac", "mac", "MAC", 17 }, { "state", "state", "STATE", 12 },
	{ "vifname", "name", "NAME", 15 }, { "ip", "ip", "IP", 15 }, { "bridge", "bridge", "BRIDGE", 0 }, { 0 },
};

static int run(int argc, char **argv)
{
	return run_device_list(argc, argv, DEVICE_NIC, columns);
}

const struct command command_network_list = {
	.name = "network-list", .arguments = "[--json] DOMAIN", .summary = "Lists a domain's network interfaces",
	.options = "      --json  as JSON: an array of objects\n", .run = run,
};
