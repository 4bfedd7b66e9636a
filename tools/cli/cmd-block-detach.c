// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon block-detach: takes a disk from a guest. */
#include <string.h>

#include "cli.h"

static struct record_device *find(struct record *record, const char *name)
{
	for (unsigned int i = 0; i < record->device_count; i++)
		if (record->devices[i].kind == DEVICE_DISK && !strcmp(record->devices[i].label, name))
			return &record->devices[i];
	return record_find(record, DEVICE_DISK, config_vdev_number(name));
}

static int run(int argc, char **argv)
{
	return run_detach(argc, argv, DEVICE_DISK, find);
}

const struct command command_block_detach = {
	.name = "block-detach", .arguments = "[-f] [-t SECONDS] DOMAIN DEVICE", .summary = "Takes a disk (xvdb) from a guest",
	.options = DETACH_OPTIONS, .run = run,
};
