/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest as its configuration describes it: what `tenon create` makes, and what must be taken down again. Nothing here
 * looks at the host.
 */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "device.h"
#include "tenon.h"

#define GUEST_DISKS_MAX	128
#define GUEST_NICS_MAX	64
#define GUEST_VCPUS_MAX	512
#define GUEST_NAME_MAX	128

/* What is done when a guest has ended. */
enum guest_action {
	ACTION_DESTROY, ACTION_RESTART, ACTION_RENAME_RESTART, ACTION_PRESERVE, ACTION_COREDUMP_DESTROY, ACTION_COREDUMP_RESTART,
};

enum nic_mode { NIC_BRIDGE, NIC_ROUTE, NIC_NAT, NIC_SCRIPT };

struct nic {
	struct config_vif spec;
	uint32_t handle;
	char mac[18];
	enum nic_mode mode;
	const char *bridge;		/* of NIC_BRIDGE; the specification's, or the default */
	char *script;			/* of NIC_SCRIPT: its path */
};

struct cpu_set {
	struct tenon_cpus cpus;
	bool given;
};

struct guest {
	struct config *config;		/* what all this was read from; its strings are used here */
	const char *name;
	uint8_t uuid[16];
	char uuid_text[37];
	uint64_t memory_kib, memory_max_kib;
	uint32_t vcpus, vcpus_max;
	const char *kernel, *ramdisk;
	struct own_kernel *own;		/* kernel and ramdisk are in its first disk (kernel.h); NULL: they are files here */
	char *command_line;
	const char *pool;		/* name or number of a pool of processors; NULL: Pool-0 */
	struct cpu_set *cpus, *cpus_soft;	/* one for each of vcpus_max vCPUs */
	uint32_t weight, cap;		/* 0: as they are */
	uint32_t event_channels, grant_version;
	int32_t grant_frames, maptrack_frames;	/* -1: the default */
	unsigned int tsc_mode;
	enum guest_action on_poweroff, on_reboot, on_crash, on_watchdog;
	struct config_disk disks[GUEST_DISKS_MAX];
	unsigned int disk_count;
	struct nic nics[GUEST_NICS_MAX];
	unsigned int nic_count;
	struct config_vfb vfb;
	bool vfb_given;
};

/*
 * Reads a guest from its configuration, which becomes part of it. A guest without uuid gets one, which is put into the
 * configuration, too. NULL: something is wrong, and was reported as the configuration's other errors are. @nodes: of the machine's
 * processors (tenon_get_nodes), for cpus="nodes:0"; NULL: the sets of processors are not going to be used.
 */
struct guest *guest_read(struct config *config, const uint8_t nodes[]);
void guest_free(struct guest *guest);

/*
 * An item of disk= or vif=. False: @why (SPEC_WHY_SIZE) says what is wrong with it, or that nobody here serves it. @uuid: the
 * guest's, of which a MAC address is made if none is given: it stays the same for each handle. @handle: what it has if none is
 * given.
 */
#define SPEC_WHY_SIZE 256
bool disk_read(struct config_disk *disk, const char *spec, char why[SPEC_WHY_SIZE]);
bool nic_read(struct nic *nic, const char *spec, uint32_t handle, const uint8_t uuid[16], char why[SPEC_WHY_SIZE]);
void nic_clear(struct nic *nic);

bool uuid_parse(const char *text, uint8_t uuid[16]);
void uuid_format(const uint8_t uuid[16], char out[37]);

/* May a guest have that name? */
bool guest_name_good(const char *name);

/* The configuration as text that reads back the same. To be freed. */
char *config_text(const struct config *config);

#endif
