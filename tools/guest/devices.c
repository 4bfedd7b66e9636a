// SPDX-License-Identifier: GPL-2.0-or-later
/* Giving and taking devices. */
#include "devices.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "host.h"
#include "nodes.h"
#include "process.h"
#include "vfb.h"
#include "why.h"

#define LOOP_ATTEMPTS	64
#define NBD_DEVICES	256
#define BACKEND_MS	10000	/* for the kernel's back end to answer */
#define GONE_MS		10000	/* and to be gone */

/* ---- disks ---- */

static void loop_tag(const struct record *record, const struct record_device *device, char out[64])
{
	snprintf(out, 64, "tenon:%s:%.16s", record->uuid_text, device->label);
}

static void set_node(struct record_device *device, const char *format, int number)
{
	char node[32];

	snprintf(node, sizeof(node), format, number);
	free(device->node);
	device->node = xstrdup(node);
}

static int loop_number(const struct record_device *device)
{
	int number;

	return device->node && sscanf(device->node, "/dev/loop%d", &number) == 1 ? number : -1;
}

/* Between asking for a free one and taking it another may be quicker. */
static bool attach_loop(struct record *record, struct record_device *device)
{
	int error = -EBUSY;
	char tag[64];

	loop_tag(record, device, tag);
	for (int i = 0; error == -EBUSY && i < LOOP_ATTEMPTS; i++) {
		int number = host_loop_free();

		if (number < 0)
			return why("%s: no loop device: %s", device->label, strerror(-number));
		set_node(device, "/dev/loop%d", number);
		if (!record_save(record))
			return false;
		error = host_loop_attach(number, device->target, device->read_only, tag);
	}
	return !error || why("%s: %s cannot be put on %s: %s", device->label, device->target, device->node, strerror(-error));
}

static void pid_file(const struct record *record, const struct record_device *device, char out[4096])
{
	snprintf(out, 4096, "%s/nbd-%s", record->path, device->label);
}

/* The process that serves a network block device, if it is the one of this disk. */
static pid_t nbd_process(const struct record *record, const struct record_device *device)
{
	char path[4096 + 64], file[4096];
	unsigned int pid = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/block/%s/pid", host_sys(), device->node + strlen("/dev/"));
	in = fopen(path, "r");
	if (!in)
		return 0;
	if (fscanf(in, "%u", &pid) != 1)
		pid = 0;
	fclose(in);
	pid_file(record, device, file);
	return pid && process_serves(pid, file) ? (pid_t)pid : 0;
}

static bool nbd_taken(int number)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/block/nbd%d/pid", host_sys(), number);
	return !access(path, F_OK);
}

static bool attach_nbd(struct record *record, struct record_device *device, const struct config_disk *disk)
{
	const char *format = disk->format == CONFIG_DISK_VHD ? "vpc" : config_disk_format_name(disk->format);
	char file[4096], connect[64], format_option[32], pid_option[4200], sys[256];

	pid_file(record, device, file);
	snprintf(format_option, sizeof(format_option), "--format=%s", format);
	snprintf(pid_option, sizeof(pid_option), "--pid-file=%s", file);
	snprintf(sys, sizeof(sys), "%s/block/nbd0", host_sys());
	if (access(sys, F_OK))
		host_run((const char *const[]){ "/sbin/modprobe", "-q", "nbd", NULL }, NULL);
	for (int number = 0; number < NBD_DEVICES; number++) {
		const char *argv[] = { host_nbd_program(), connect, format_option, pid_option, "--fork", "--cache=none",
			"--discard=unmap", device->target, device->read_only ? "--read-only" : NULL, NULL };

		snprintf(sys, sizeof(sys), "%s/block/nbd%d", host_sys(), number);
		if (access(sys, F_OK))
			return why("%s: no network block device is free (is the kernel's module nbd loaded?)", device->label);
		if (nbd_taken(number))
			continue;
		set_node(device, "/dev/nbd%d", number);
		if (!record_save(record))
			return false;
		snprintf(connect, sizeof(connect), "--connect=%s", device->node);
		if (!host_run(argv, NULL)) {
			device->pid = nbd_process(record, device);
			return record_save(record);
		}
		if (!nbd_taken(number))
			return why("%s: qemu-nbd cannot serve %s", device->label, device->target);
	}
	return why("%s: all network block devices are taken", device->label);
}

/* The processes of other programs see the device by these variables. */
static bool run_script(const struct record *record, const struct record_device *device, const char *script, const char *verb)
{
	char path[NODE_PATH_SIZE], bus_path[NODE_PATH_SIZE + 16], type[32], script_variable[512], interface[64];
	const char *environment[] = { script_variable, bus_path, type, "XENBUS_BASE_PATH=backend", interface, NULL };
	const char *argv[] = { script, verb, device->kind == DEVICE_NIC ? "type_if=vif" : NULL, NULL };
	int status;

	backend_path(path, device->kind, record->domid, device->devid);
	/* As the kernel tells it, relative to domain 0's home. */
	snprintf(bus_path, sizeof(bus_path), "XENBUS_PATH=%s", path + strlen("/local/domain/0/"));
	snprintf(type, sizeof(type), "XENBUS_TYPE=%s", device_class(device->kind));
	snprintf(script_variable, sizeof(script_variable), "script=%.500s", script);
	snprintf(interface, sizeof(interface), "vif=%s", device->label);
	status = host_run(argv, environment);
	return !status || why("%s: %s %s failed (%d)", device->label, script, verb, status);
}

bool disk_attach(struct tenon_store *store, struct record *record, const struct config_disk *disk)
{
	struct record_device *device = record_find(record, DEVICE_DISK, disk->number);
	unsigned int major = 0, minor = 0;
	const char *node = disk->target;
	bool is_block;
	int error;

	if (device->how == HOW_LOOP && !attach_loop(record, device))
		return false;
	if (device->how == HOW_NBD && !attach_nbd(record, device, disk))
		return false;
	if (device->node)
		node = device->node;
	error = disk->script ? 0 : host_device(node, &is_block, &major, &minor);
	if (error)
		return why("%s: %s: %s", disk->vdev, node, strerror(-error));
	return nodes_disk(store, record->domid, disk, disk->script ? disk->target : node, major, minor);
}

/* ---- the kernel's back ends ---- */

struct backend {
	struct tenon_store *store;
	char path[NODE_PATH_SIZE], error[NODE_PATH_SIZE];
	bool failed;
};

static struct backend backend_of(struct tenon_store *store, const struct record *record, enum device_kind kind, uint32_t devid)
{
	struct backend backend = { .store = store };

	backend_path(backend.path, kind, record->domid, devid);
	error_path(backend.error, kind, record->domid, devid);
	return backend;
}

static bool has_answered(void *arg)
{
	struct backend *backend = arg;
	char *error = node_read(backend->store, backend->error, "error");

	backend->failed = error;
	free(error);
	return backend->failed || node_number(backend->store, backend->path, "state") >= STATE_INIT_WAIT;
}

static bool has_hotplug_status(void *arg)
{
	struct backend *backend = arg;
	char *status = node_read(backend->store, backend->path, "hotplug-status");
	bool there = status;

	backend->failed = status && strcmp(status, "connected");
	free(status);
	return there;
}

static bool await_backend(struct backend *backend, const char *label, const char *module)
{
	char *error;

	if (!nodes_await(backend->store, backend->path, BACKEND_MS, has_answered, backend))
		return why("%s: the kernel's back end does not answer within %d s: is the module %s loaded?", label, BACKEND_MS / 1000,
			   module);
	if (!backend->failed)
		return true;
	error = node_read(backend->store, backend->error, "error");
	why("%s: the kernel's back end refuses it: %s", label, error ? error : "(it does not say why)");
	free(error);
	return false;
}

static bool finish_script(struct backend *backend, const struct record *record, const struct record_device *device,
			  const char *verb)
{
	if (!run_script(record, device, device->script, verb))
		return false;
	if (!nodes_await(backend->store, backend->path, BACKEND_MS, has_hotplug_status, backend))
		return why("%s: %s wrote no hotplug-status", device->label, device->script);
	return !backend->failed || why("%s: %s reports an error", device->label, device->script);
}

bool disk_ready(struct tenon_store *store, struct record *record, const struct config_disk *disk)
{
	struct record_device *device = record_find(record, DEVICE_DISK, disk->number);
	struct backend backend = backend_of(store, record, DEVICE_DISK, disk->number);

	if (!await_backend(&backend, disk->vdev, "xen-blkback"))
		return false;
	return device->how != HOW_SCRIPT || finish_script(&backend, record, device, "add");
}

/* ---- networks ---- */

bool nic_attach(struct tenon_store *store, struct record *record, const struct nic *nic)
{
	static const enum device_how how[] = {
		[NIC_BRIDGE] = HOW_BRIDGE, [NIC_ROUTE] = HOW_ROUTE, [NIC_NAT] = HOW_NAT, [NIC_SCRIPT] = HOW_SCRIPT,
	};
	struct record_device *device;
	char name[32];

	snprintf(name, sizeof(name), "vif%d.%u", record->domid, nic->handle);
	device = record_add(record, DEVICE_NIC, nic->handle, nic->mode == NIC_SCRIPT || !nic->spec.vifname ? name : nic->spec.vifname);
	device->how = how[nic->mode];
	device->script = nic->script ? xstrdup(nic->script) : NULL;
	device->target = xstrdup(nic->bridge ? nic->bridge : "");
	return record_save(record) && nodes_nic(store, record->domid, nic);
}

static bool run_net_helper(const struct record *record, const struct record_device *device, const struct nic *nic)
{
	const char *argv[16 + 2 * CONFIG_VIF_ADDRESSES_MAX] = { host_net_helper(), "up" };
	char kernel_name[32], mtu[16];
	int count = 2, status;

	snprintf(kernel_name, sizeof(kernel_name), "vif%d.%u", record->domid, nic->handle);
	argv[count++] = kernel_name;
	if (strcmp(kernel_name, device->label)) {
		argv[count++] = "--name";
		argv[count++] = device->label;
	}
	if (nic->mode == NIC_BRIDGE) {
		argv[count++] = "--bridge";
		argv[count++] = nic->bridge;
	} else {
		argv[count++] = nic->mode == NIC_NAT ? "--nat" : "--route";
	}
	if (nic->spec.mtu) {
		snprintf(mtu, sizeof(mtu), "%u", nic->spec.mtu);
		argv[count++] = "--mtu";
		argv[count++] = mtu;
	}
	if (nic->spec.address_count) {
		argv[count++] = "--mac";
		argv[count++] = nic->mac;
	}
	for (size_t i = 0; i < nic->spec.address_count; i++) {
		argv[count++] = "--ip";
		argv[count++] = nic->spec.addresses[i];
	}
	status = host_run(argv, NULL);
	return !status || why("vif %u: the interface %s cannot be set up (%s: %d)", nic->handle, device->label, host_net_helper(), status);
}

bool nic_ready(struct tenon_store *store, struct record *record, const struct nic *nic)
{
	struct record_device *device = record_find(record, DEVICE_NIC, nic->handle);
	struct backend backend = backend_of(store, record, DEVICE_NIC, nic->handle);

	if (!await_backend(&backend, device->label, "xen-netback"))
		return false;
	if (device->how == HOW_SCRIPT)
		return finish_script(&backend, record, device, "online");
	return run_net_helper(record, device, nic) && node_write(store, backend.path, "hotplug-status", "connected");
}

/* ---- taking ---- */

struct parting {
	struct tenon_store *store;
	char back[NODE_PATH_SIZE], sys[256];
};

static bool has_closed(void *arg)
{
	const struct parting *parting = arg;
	long state = node_number(parting->store, parting->back, "state");

	return state == STATE_CLOSED || state < 0;
}

static bool has_gone(void *arg)
{
	const struct parting *parting = arg;

	return access(parting->sys, F_OK);
}

static struct parting parting_of(struct tenon_store *store, const struct record *record, const struct record_device *device)
{
	struct parting parting = { .store = store };

	backend_path(parting.back, device->kind, record->domid, device->devid);
	snprintf(parting.sys, sizeof(parting.sys), "%s/bus/xen-backend/devices/%s-%d-%u", host_sys(), device_class(device->kind),
		 record->domid, device->devid);
	return parting;
}

/* The front end's part is played here: the back end lets go of what the guest granted. */
static void close_for_guest(struct tenon_store *store, const struct record *record, const struct record_device *device)
{
	char front[NODE_PATH_SIZE], *there;

	frontend_path(front, device->kind, record->domid, device->devid);
	there = node_read(store, front, "state");
	if (there)
		node_write(store, front, "state", "6");
	free(there);
}

/* A helper that was killed in the middle of its work is called once more: another time does no harm. */
static int run_again(const char *const argv[])
{
	int status = host_run(argv, NULL);

	return status < HOST_RUN_KILLED ? status : host_run(argv, NULL);
}

/* False: it is not undone, and the record must not forget it. */
static bool release_host(struct record *record, const struct record_device *device)
{
	int loop = loop_number(device);
	char tag[64], file[4096];
	pid_t pid;

	switch (device->how) {
	case HOW_LOOP:
		loop_tag(record, device, tag);
		if (loop >= 0 && host_loop_is(loop, tag))
			host_loop_detach(loop);
		break;
	case HOW_NBD:
		pid = device->node ? nbd_process(record, device) : 0;
		if (pid)
			host_run((const char *const[]){ host_nbd_program(), "--disconnect", device->node, NULL }, NULL);
		/* One that was about to take its device when its maker was killed is not told of by the kernel yet. */
		pid_file(record, device, file);
		processes_signal(file, SIGTERM);
		break;
	case HOW_BRIDGE:
	case HOW_ROUTE:
	case HOW_NAT:
		if (run_again((const char *const[]){ host_net_helper(), "down", device->label, NULL }) >= HOST_RUN_KILLED)
			return why("%s: %s was killed before the interface was taken down", device->label, host_net_helper());
		break;
	default:
		break;
	}
	return true;
}

bool device_detach(struct tenon_store *store, struct record *record, enum device_kind kind, uint32_t devid, int ask_ms)
{
	struct record_device *device = record_find(record, kind, devid);
	struct parting parting;

	if (!device)
		return true;
	if (kind == DEVICE_VFB)
		return vfb_detach(store, record, device);
	/* Without a domain there were no nodes, and nothing in the kernel. */
	if (record->domid >= 0) {
		parting = parting_of(store, record, device);
		if (node_number(store, parting.back, "state") >= 0)
			nodes_close(store, kind, record->domid, devid);
		if (!ask_ms)
			close_for_guest(store, record, device);
		if (!nodes_await(store, parting.back, ask_ms ? ask_ms : has_gone(&parting) ? 0 : GONE_MS, has_closed, &parting) &&
		    ask_ms)
			return why("the guest has not let go of %s within %d s: --force takes it all the same", device->label,
				   ask_ms / 1000);
		if (device->how == HOW_SCRIPT)
			run_script(record, device, device->script, kind == DEVICE_NIC ? "offline" : "remove");
		nodes_drop(store, kind, record->domid, devid);
		nodes_await(store, parting.back, GONE_MS, has_gone, &parting);
	}
	if (!release_host(record, device))
		return false;
	record_drop(record, device);
	return record_save(record);
}
