// SPDX-License-Identifier: GPL-2.0-or-later
/* Whose a disk is; whether devices can be had. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "devices.h"
#include "host.h"
#include "nodes.h"
#include "why.h"

#define IDENTITY_SIZE 64

/* Equal for two paths of one file or device. */
static void identity_of(const char *path, char out[IDENTITY_SIZE])
{
	unsigned int major = 0, minor = 0;
	struct stat status;
	bool is_block = false;

	*out = '\0';
	if (host_device(path, &is_block, &major, &minor))
		return;
	if (is_block)
		snprintf(out, IDENTITY_SIZE, "b%u:%u", major, minor);
	else if (!stat(path, &status))
		snprintf(out, IDENTITY_SIZE, "f%llx:%llx", (unsigned long long)status.st_dev, (unsigned long long)status.st_ino);
}

/* Two may have it: both only read, or both say that they share it. */
static bool go_together(bool shared, bool read_only, bool other_shared, bool other_read_only)
{
	return (read_only && other_read_only) || (shared && other_shared);
}

/* Among the guests that were made here. */
static bool check_records(const struct config_disk *disk, const char *identity, const char *uuid_text)
{
	char **list = record_list();
	bool good = true;

	for (size_t i = 0; list[i]; i++) {
		struct record *record = strcmp(list[i], uuid_text) ? record_open(list[i], RECORD_READ) : NULL;

		for (unsigned int n = 0; record && good && n < record->device_count; n++) {
			const struct record_device *device = &record->devices[n];

			if (device->kind == DEVICE_DISK && device->identity && !strcmp(device->identity, identity) &&
			    !go_together(disk->shared, !disk->writable, device->shared, device->read_only))
				good = why("%s is in use by guest %s as %s: give access w! (or r!) in both to share it", disk->target,
					   record->name ? record->name : record->uuid_text, device->label);
		}
		record_close(record);
		free(list[i]);
	}
	free(list);
	return good;
}

/* One back end of a domain that others made: by the number of its device, or by the path of its file. */
static bool check_backend(struct tenon_store *store, const struct config_disk *disk, const char *device, const char *domid,
			  const char *base)
{
	char *physical = node_read(store, base, "physical-device"), *params = node_read(store, base, "params");
	char *mode = node_read(store, base, "mode");
	bool same = (physical && !strcmp(physical, device)) || (params && !strcmp(params, disk->target)), good = true;

	if (same && !go_together(disk->shared, !disk->writable, mode && strchr(mode, '!'), mode && *mode == 'r'))
		good = why("%s is in use by domain %s", disk->target, domid);
	free(physical);
	free(params);
	free(mode);
	return good;
}

static bool has_record(struct tenon_store *store, const char *domid)
{
	char base[64], *vm;
	struct record *record;

	snprintf(base, sizeof(base), "/local/domain/%.16s", domid);
	vm = node_read(store, base, "vm");
	record = vm && !strncmp(vm, "/vm/", 4) ? record_open(vm + 4, RECORD_READ) : NULL;
	free(vm);
	record_close(record);
	return record;
}

static bool check_domain(struct tenon_store *store, const struct config_disk *disk, const char *device, const char *domid)
{
	char base[NODE_PATH_SIZE], path[NODE_PATH_SIZE * 2];
	bool good = true;
	char **list;

	snprintf(base, sizeof(base), "/local/domain/0/backend/vbd/%.16s", domid);
	list = tenon_store_list(store, 0, base);
	for (size_t i = 0; list && list[i] && good; i++) {
		snprintf(path, sizeof(path), "%s/%.32s", base, list[i]);
		good = check_backend(store, disk, device, domid, path);
	}
	free(list);
	return good;
}

static bool check_store(struct tenon_store *store, const struct config_disk *disk, const char *device)
{
	char **list = tenon_store_list(store, 0, "/local/domain/0/backend/vbd");
	bool good = true;

	for (size_t i = 0; list && list[i] && good; i++)
		good = has_record(store, list[i]) || check_domain(store, disk, device, list[i]);
	free(list);
	return good;
}

static bool check_format(const struct config_disk *disk, bool is_block)
{
	switch (disk->format) {
	case CONFIG_DISK_RAW:
		return true;
	case CONFIG_DISK_EMPTY:
		return why("%s: a drive without a medium is not made", disk->vdev);
	default:
		if (access(host_nbd_program(), X_OK))
			return why("%s: disks of format %s are served by qemu-nbd, which is not installed (%s, package qemu-utils)",
				   disk->target, config_disk_format_name(disk->format), host_nbd_program());
		return true;
	}
}

bool disk_check(struct tenon_store *store, const struct config_disk *disk, const char *uuid_text)
{
	char identity[IDENTITY_SIZE], device[32];
	unsigned int major = 0, minor = 0;
	bool is_block = false;
	int error;

	if (disk->script)
		return !access(disk->script, X_OK) || why("%s: the script %s: %s", disk->vdev, disk->script, strerror(errno));
	if (!disk->target)
		return why("%s: a drive without a medium is not made", disk->vdev);
	error = host_device(disk->target, &is_block, &major, &minor);
	if (error == -ENOTBLK)
		return why("%s: %s is neither a file nor a block device", disk->vdev, disk->target);
	if (!error && access(disk->target, disk->writable ? R_OK | W_OK : R_OK))
		error = -errno;
	if (error)
		return why("%s: %s: %s", disk->vdev, disk->target, strerror(-error));
	if (!check_format(disk, is_block))
		return false;
	identity_of(disk->target, identity);
	snprintf(device, sizeof(device), is_block ? "%x:%x" : "none", major, minor);
	if (!check_records(disk, identity, uuid_text) || !check_store(store, disk, device))
		return false;
	error = is_block && !disk->shared ? host_block_usable(disk->target, !disk->writable) : 0;
	if (error == -EBUSY)
		return why("%s: %s is in use by this system (mounted, or part of another device)", disk->vdev, disk->target);
	return !error || why("%s: %s: %s", disk->vdev, disk->target, strerror(-error));
}

void disk_claim(struct record *record, const struct config_disk *disk)
{
	struct record_device *device = record_add(record, DEVICE_DISK, disk->number, disk->vdev);
	char identity[IDENTITY_SIZE];
	unsigned int major = 0, minor = 0;
	bool is_block = false;

	device->shared = disk->shared;
	device->read_only = !disk->writable;
	device->target = xstrdup(disk->target ? disk->target : "");
	device->script = disk->script ? xstrdup(disk->script) : NULL;
	identity_of(device->target, identity);
	device->identity = xstrdup(identity);
	if (disk->script)
		device->how = HOW_SCRIPT;
	else if (disk->format != CONFIG_DISK_RAW)
		device->how = HOW_NBD;
	else
		device->how = !host_device(device->target, &is_block, &major, &minor) && !is_block ? HOW_LOOP : HOW_PLAIN;
}

static bool interface_there(const char *name, const char *below)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/class/net/%.32s%s", host_sys(), name, below);
	return !access(path, F_OK);
}

bool nic_check(const struct nic *nic)
{
	if (nic->mode == NIC_SCRIPT)
		return !access(nic->script, X_OK) || why("vif %u: the script %s: %s", nic->handle, nic->script, strerror(errno));
	if (access(host_net_helper(), X_OK))
		return why("vif %u: %s: %s", nic->handle, host_net_helper(), strerror(errno));
	if (nic->mode == NIC_BRIDGE && !interface_there(nic->bridge, ""))
		return why("vif %u: there is no bridge %s", nic->handle, nic->bridge);
	if (nic->mode == NIC_BRIDGE && !interface_there(nic->bridge, "/bridge"))
		return why("vif %u: %s is no bridge", nic->handle, nic->bridge);
	if (nic->spec.gatewaydev && !interface_there(nic->spec.gatewaydev, ""))
		return why("vif %u: there is no interface %s", nic->handle, nic->spec.gatewaydev);
	if (nic->spec.vifname && interface_there(nic->spec.vifname, ""))
		return why("vif %u: there is an interface %s already", nic->handle, nic->spec.vifname);
	return true;
}
