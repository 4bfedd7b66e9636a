// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon network-detach: takes a network interface from a guest. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "nodes.h"

/* By number, MAC address, or the name of this end. */
static struct record_device *find(struct record *record, const char *name)
{
	char *end, back[NODE_PATH_SIZE];
	unsigned long handle = strtoul(name, &end, 10);

	if (!*end && end != name)
		return record_find(record, DEVICE_NIC, handle);
	for (unsigned int i = 0; i < record->device_count; i++) {
		struct record_device *device = &record->devices[i];
		char *mac;
		bool same;

		if (device->kind != DEVICE_NIC)
			continue;
		backend_path(back, DEVICE_NIC, record->domid, device->devid);
		mac = node_read(need_store(), back, "mac");
		same = !strcmp(device->label, name) || (mac && !strcasecmp(mac, name));
		free(mac);
		if (same)
			return device;
	}
	return NULL;
}

static int run(int argc, char **argv)
{
	return run_detach(argc, argv, DEVICE_NIC, find);
}

const struct command command_network_detach = {
	.name = "network-detach", .arguments = "[-f] [-t SECONDS] DOMAIN INTERFACE",
	.summary = "Takes a network interface (number, MAC or name) from a guest", .options = DETACH_OPTIONS, .run = run,
};
