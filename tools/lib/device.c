// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the back ends in this domain's kernel have done for other domains: sysfs. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tenon.h"

#define SECTOR 512

static uint64_t read_number(const char *directory, const char *name)
{
	char path[600];
	uint64_t value = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%" SCNu64, &value) != 1)
		value = 0;
	fclose(file);
	return value;
}

static void read_disk(const char *device, struct tenon_device_stats *stats)
{
	char directory[500];

	snprintf(directory, sizeof(directory), "%s/statistics", device);
	stats->read_requests = read_number(directory, "rd_req");
	stats->write_requests = read_number(directory, "wr_req");
	stats->flush_requests = read_number(directory, "f_req");
	stats->discard_requests = read_number(directory, "ds_req");
	stats->waits = read_number(directory, "oo_req");
	stats->in_bytes = read_number(directory, "rd_sect") * SECTOR;
	stats->out_bytes = read_number(directory, "wr_sect") * SECTOR;
}

/* The network device's name is its own; it stands in the directory "net". */
static bool find_interface(const char *device, char *name, size_t room)
{
	char path[500];
	struct dirent *entry;
	bool found = false;
	DIR *directory;

	snprintf(path, sizeof(path), "%s/net", device);
	directory = opendir(path);
	while (directory && !found && (entry = readdir(directory))) {
		found = entry->d_name[0] != '.' && strlen(entry->d_name) < room;
		if (found)
			strcpy(name, entry->d_name);
	}
	if (directory)
		closedir(directory);
	return found;
}

/* What the interface here receives is what the domain sent. */
static void read_network(const char *device, struct tenon_device_stats *stats)
{
	char directory[560];

	if (!find_interface(device, stats->name, sizeof(stats->name)))
		return;
	snprintf(directory, sizeof(directory), "%s/net/%s/statistics", device, stats->name);
	stats->in_bytes = read_number(directory, "tx_bytes");
	stats->in_packets = read_number(directory, "tx_packets");
	stats->in_drops = read_number(directory, "tx_dropped");
	stats->out_bytes = read_number(directory, "rx_bytes");
	stats->out_packets = read_number(directory, "rx_packets");
	stats->out_drops = read_number(directory, "rx_dropped");
}

/* "vbd-3-51712", "vif-3-0". */
static bool parse_name(const char *name, struct tenon_device_stats *stats)
{
	unsigned int domid, devid;
	char end;

	*stats = (struct tenon_device_stats){ 0 };
	if (sscanf(name, "vbd-%u-%u%c", &domid, &devid, &end) == 2)
		stats->kind = TENON_DEVICE_DISK;
	else if (sscanf(name, "vif-%u-%u%c", &domid, &devid, &end) == 2)
		stats->kind = TENON_DEVICE_NETWORK;
	else
		return false;
	stats->domid = domid;
	stats->devid = devid;
	return domid <= UINT16_MAX;
}

static int compare(const void *left, const void *right)
{
	const struct tenon_device_stats *a = left, *b = right;

	if (a->domid != b->domid)
		return a->domid < b->domid ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->devid < b->devid ? -1 : a->devid > b->devid;
}

static int add(struct tenon_device_stats **list, size_t *count, const char *devices, const char *name)
{
	struct tenon_device_stats stats, *more;
	char device[480];

	if (!parse_name(name, &stats))
		return 0;
	snprintf(device, sizeof(device), "%s/%s", devices, name);
	if (stats.kind == TENON_DEVICE_DISK)
		read_disk(device, &stats);
	else
		read_network(device, &stats);
	more = realloc(*list, (*count + 1) * sizeof(**list));
	if (!more)
		return -ENOMEM;
	*list = more;
	more[(*count)++] = stats;
	return 0;
}

int tenon_get_device_stats(const char *sysfs, struct tenon_device_stats **list)
{
	char devices[200];
	struct dirent *entry;
	size_t count = 0;
	int error = 0;
	DIR *directory;

	*list = NULL;
	if (snprintf(devices, sizeof(devices), "%s/bus/xen-backend/devices", sysfs ? sysfs : "/sys") >= (int)sizeof(devices))
		return -ENAMETOOLONG;
	directory = opendir(devices);
	if (!directory)
		return errno == ENOENT ? 0 : -errno;
	while (!error && (entry = readdir(directory)))
		error = add(list, &count, devices, entry->d_name);
	closedir(directory);
	if (error) {
		free(*list);
		*list = NULL;
		return error;
	}
	if (count)
		qsort(*list, count, sizeof(**list), compare);
	return count;
}
