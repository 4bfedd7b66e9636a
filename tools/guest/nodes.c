// SPDX-License-Identifier: GPL-2.0-or-later
#include "nodes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "why.h"

#define ATTEMPTS 100

/* ---- transactions ---- */

/* What is written in one; the first error stays. */
struct batch {
	struct tenon_store *store;
	uint32_t transaction;
	int error;
};

static void put_text(struct batch *batch, const char *base, const char *name, const char *value)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", base, name);
	if (!batch->error)
		batch->error = tenon_store_write(batch->store, batch->transaction, path, value, strlen(value));
}

static void put(struct batch *batch, const char *base, const char *name, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void put(struct batch *batch, const char *base, const char *name, const char *format, ...)
{
	char value[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(value, sizeof(value), format, args);
	va_end(args);
	put_text(batch, base, name, value);
}

/* A directory with permissions, which what is made below inherits. @reader: -1: none. */
static void put_dir(struct batch *batch, const char *base, const char *name, int owner, int reader)
{
	char path[256], owner_text[16], reader_text[16];
	const char *perms[] = { owner_text, reader >= 0 ? reader_text : NULL, NULL };

	snprintf(path, sizeof(path), *name ? "%s/%s" : "%s", base, name);
	snprintf(owner_text, sizeof(owner_text), "n%d", owner);
	snprintf(reader_text, sizeof(reader_text), "r%d", reader);
	if (!batch->error)
		batch->error = tenon_store_mkdir(batch->store, batch->transaction, path);
	if (!batch->error)
		batch->error = tenon_store_set_perms(batch->store, batch->transaction, path, perms);
}

static void drop(struct batch *batch, const char *path)
{
	int error = batch->error ? 0 : tenon_store_remove(batch->store, batch->transaction, path);

	if (error && error != -ENOENT)
		batch->error = error;
}

/* Runs @fill until its transaction is committed. */
static bool run_batch(struct tenon_store *store, void (*fill)(struct batch *batch, const void *arg), const void *arg)
{
	struct batch batch = { .store = store };
	int error = -EAGAIN;

	for (int i = 0; i < ATTEMPTS && error == -EAGAIN; i++) {
		batch.error = 0;
		batch.transaction = tenon_store_begin(store);
		if (!batch.transaction)
			return why("the store refuses a transaction: %s", strerror(errno));
		fill(&batch, arg);
		error = tenon_store_end(store, batch.transaction, !batch.error);
		if (batch.error)
			error = batch.error;
	}
	return !error || why("nodes cannot be written into the store: %s", strerror(-error));
}

/* ---- a guest's home ---- */

struct home {
	uint16_t domid;
	const struct guest *guest;
	const struct tenon_built *built;
	char path[32], vm[48];
};

static struct home home_of(uint16_t domid, const struct guest *guest, const struct tenon_built *built)
{
	struct home home = { .domid = domid, .guest = guest, .built = built };

	snprintf(home.path, sizeof(home.path), "/local/domain/%u", domid);
	snprintf(home.vm, sizeof(home.vm), "/vm/%s", guest->uuid_text);
	return home;
}

static void fill_home(struct batch *batch, const void *arg)
{
	static const char *const read_only[] = { "cpu", "memory", "device", "control", "console", "store" };
	static const char *const own[] = { "control/shutdown", "control/sysrq", "control/feature-poweroff",
		"control/feature-reboot", "control/feature-suspend", "device/suspend/event-channel", "data", "drivers", "feature",
		"attr", "error" };
	const struct home *home = arg;
	const struct guest *guest = home->guest;
	uint16_t domid = home->domid;
	char cpu[32];

	drop(batch, home->path);	/* what a domain of that number may have left */
	put_dir(batch, home->path, "", 0, domid);
	put_dir(batch, home->vm, "", 0, domid);
	put(batch, home->path, "vm", "%s", home->vm);
	put(batch, home->path, "name", "%s", guest->name);
	put(batch, home->path, "domid", "%u", domid);
	put(batch, home->path, "type", "pv");
	for (size_t i = 0; i < sizeof(read_only) / sizeof(read_only[0]); i++)
		put_dir(batch, home->path, read_only[i], 0, domid);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		put_dir(batch, home->path, own[i], domid, -1);
	put(batch, home->path, "control/platform-feature-multiprocessor-suspend", "1");
	put(batch, home->path, "control/platform-feature-xs_reset_watches", "1");
	put(batch, home->path, "memory/static-max", "%llu", (unsigned long long)guest->memory_max_kib);
	put(batch, home->path, "memory/target", "%llu", (unsigned long long)guest->memory_kib);
	for (uint32_t i = 0; i < guest->vcpus_max; i++) {
		snprintf(cpu, sizeof(cpu), "cpu/%u/availability", i);
		put(batch, home->path, cpu, i < guest->vcpus ? "online" : "offline");
	}
	put(batch, home->vm, "name", "%s", guest->name);
	put(batch, home->vm, "uuid", "%s", guest->uuid_text);
	put(batch, home->vm, "start_time", "%lld.00", (long long)time(NULL));
	put(batch, home->vm, "image/ostype", "linux");
	put(batch, home->vm, "image/kernel", "%.2000s", guest->kernel ? guest->kernel : "on its disk");
	put(batch, home->vm, "image/ramdisk", "%.2000s", guest->ramdisk ? guest->ramdisk : "");
	put(batch, home->vm, "image/cmdline", "%.2000s", guest->command_line);
}

bool nodes_make(struct tenon_store *store, uint16_t domid, const struct guest *guest)
{
	const struct home home = home_of(domid, guest, NULL);

	return run_batch(store, fill_home, &home);
}

static void fill_built(struct batch *batch, const void *arg)
{
	const struct home *home = arg;
	const struct tenon_built *built = home->built;

	put(batch, home->path, "store/ring-ref", "%llu", (unsigned long long)built->store_frame);
	put(batch, home->path, "store/port", "%u", built->store_port);
	put(batch, home->path, "console/ring-ref", "%llu", (unsigned long long)built->console_frame);
	put(batch, home->path, "console/port", "%u", built->console_port);
	put(batch, home->path, "console/limit", "1048576");
	put(batch, home->path, "console/type", "xenconsoled");
	put(batch, home->path, "console/output", "pty");
	put(batch, home->path, "console/tty", "%s", "");
}

bool nodes_built(struct tenon_store *store, uint16_t domid, const struct guest *guest, const struct tenon_built *built)
{
	const struct home home = home_of(domid, guest, built);

	return run_batch(store, fill_built, &home);
}

struct removal {
	uint16_t domid;
	char vm[48];
	bool ours;
};

static void fill_removal(struct batch *batch, const void *arg)
{
	const struct removal *removal = arg;
	char path[64];

	drop(batch, removal->vm);
	if (!removal->ours)
		return;
	for (int kind = DEVICE_DISK; kind <= DEVICE_KEYBOARD; kind++) {
		snprintf(path, sizeof(path), "/local/domain/0/backend/%s/%u", device_class(kind), removal->domid);
		drop(batch, path);
	}
	snprintf(path, sizeof(path), "/libxl/%u", removal->domid);
	drop(batch, path);
	snprintf(path, sizeof(path), "/local/domain/%u", removal->domid);
	drop(batch, path);
}

void nodes_remove(struct tenon_store *store, uint16_t domid, const char *uuid_text)
{
	struct removal removal = { .domid = domid };
	char path[64], *vm, *name;

	snprintf(removal.vm, sizeof(removal.vm), "/vm/%s", uuid_text);
	snprintf(path, sizeof(path), "/local/domain/%u", domid);
	vm = node_read(store, path, "vm");
	name = vm ? NULL : node_read(store, path, "name");
	/* The store's daemon takes the home of a domain that is gone down itself. */
	removal.ours = vm ? !strcmp(vm, removal.vm) : !name;
	free(vm);
	free(name);
	run_batch(store, fill_removal, &removal);
}

/* ---- devices ---- */

const char *device_class(enum device_kind kind)
{
	static const char *const classes[] = {
		[DEVICE_DISK] = "vbd", [DEVICE_NIC] = "vif", [DEVICE_VFB] = "vfb", [DEVICE_KEYBOARD] = "vkbd",
	};

	return classes[kind];
}

void backend_path(char out[NODE_PATH_SIZE], enum device_kind kind, uint16_t domid, uint32_t devid)
{
	snprintf(out, NODE_PATH_SIZE, "/local/domain/0/backend/%s/%u/%u", device_class(kind), domid, devid);
}

void frontend_path(char out[NODE_PATH_SIZE], enum device_kind kind, uint16_t domid, uint32_t devid)
{
	snprintf(out, NODE_PATH_SIZE, "/local/domain/%u/device/%s/%u", domid, device_class(kind), devid);
}

void error_path(char out[NODE_PATH_SIZE], enum device_kind kind, uint16_t domid, uint32_t devid)
{
	snprintf(out, NODE_PATH_SIZE, "/local/domain/0/error/backend/%s/%u/%u", device_class(kind), domid, devid);
}

struct ends {
	uint16_t domid;
	enum device_kind kind;
	uint32_t devid;
	char back[NODE_PATH_SIZE], front[NODE_PATH_SIZE];
	const struct config_disk *disk;
	const struct nic *nic;
	const char *params;
	unsigned int major, minor;
};

static struct ends ends_of(enum device_kind kind, uint16_t domid, uint32_t devid)
{
	struct ends ends = { .domid = domid, .kind = kind, .devid = devid };

	backend_path(ends.back, kind, domid, devid);
	frontend_path(ends.front, kind, domid, devid);
	return ends;
}

/* What the kernel's back end said when it failed before: it would pass for an answer about the next device of that number. */
static void drop_error(struct batch *batch, const struct ends *ends)
{
	char path[NODE_PATH_SIZE];

	error_path(path, ends->kind, ends->domid, ends->devid);
	drop(batch, path);
}

/* What devices of all kinds have. The front end's nodes are the guest's own, which the back end may read. */
static void fill_common(struct batch *batch, const struct ends *ends)
{
	drop(batch, ends->front);
	drop(batch, ends->back);
	drop_error(batch, ends);
	put_dir(batch, ends->front, "", ends->domid, 0);
	put_dir(batch, ends->back, "", 0, ends->domid);
	put(batch, ends->front, "backend", "%s", ends->back);
	put(batch, ends->front, "backend-id", "0");
	put(batch, ends->front, "state", "%d", STATE_INITIALISING);
	put(batch, ends->back, "frontend", "%s", ends->front);
	put(batch, ends->back, "frontend-id", "%u", ends->domid);
	put(batch, ends->back, "online", "1");
	put(batch, ends->back, "state", "%d", STATE_INITIALISING);
}

static void fill_disk(struct batch *batch, const void *arg)
{
	const struct ends *ends = arg;
	const struct config_disk *disk = ends->disk;

	fill_common(batch, ends);
	put(batch, ends->front, "virtual-device", "%u", disk->number);
	put(batch, ends->front, "device-type", "%s", disk->cdrom ? "cdrom" : "disk");
	put(batch, ends->back, "params", "%.2000s", ends->params);
	put(batch, ends->back, "dev", "%s", disk->vdev);
	put(batch, ends->back, "type", "phy");
	put(batch, ends->back, "mode", "%s", !disk->writable ? "r" : "w");
	put(batch, ends->back, "device-type", "%s", disk->cdrom ? "cdrom" : "disk");
	put(batch, ends->back, "removable", "%d", disk->cdrom);
	put(batch, ends->back, "bootable", "1");
	put(batch, ends->back, "discard-enable", "%d", !disk->discard_set || disk->discard);
	if (disk->script) {
		put(batch, ends->back, "script", "%s", disk->script);
		return;		/* which says what the device is */
	}
	put(batch, ends->back, "physical-device", "%x:%x", ends->major, ends->minor);
	put(batch, ends->back, "hotplug-status", "connected");
}

bool nodes_disk(struct tenon_store *store, uint16_t domid, const struct config_disk *disk, const char *params, unsigned int major,
		unsigned int minor)
{
	struct ends ends = ends_of(DEVICE_DISK, domid, disk->number);

	ends.disk = disk;
	ends.params = params;
	ends.major = major;
	ends.minor = minor;
	return run_batch(store, fill_disk, &ends);
}

static void fill_addresses(struct batch *batch, const struct ends *ends)
{
	const struct config_vif *spec = &ends->nic->spec;
	char text[1024] = "";
	size_t used = 0;

	for (size_t i = 0; i < spec->address_count && used < sizeof(text); i++)
		used += snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "", spec->addresses[i]);
	if (spec->address_count)
		put(batch, ends->back, "ip", "%s", text);
}

static void fill_nic(struct batch *batch, const void *arg)
{
	const struct ends *ends = arg;
	const struct nic *nic = ends->nic;
	const struct config_vif *spec = &nic->spec;

	fill_common(batch, ends);
	put(batch, ends->front, "handle", "%u", nic->handle);
	put(batch, ends->front, "mac", "%s", nic->mac);
	put(batch, ends->back, "handle", "%u", nic->handle);
	put(batch, ends->back, "mac", "%s", nic->mac);
	put(batch, ends->back, "type", "vif");
	/* Linux's back end does not go on without the node. */
	put(batch, ends->back, "script", "%s", nic->script ? nic->script : "tenon-net");
	if (nic->bridge)
		put(batch, ends->back, "bridge", "%s", nic->bridge);
	fill_addresses(batch, ends);
	if (spec->vifname)
		put(batch, ends->back, "vifname", "%s", spec->vifname);
	if (spec->gatewaydev)
		put(batch, ends->back, "gatewaydev", "%s", spec->gatewaydev);
	if (spec->mtu) {
		put(batch, ends->front, "mtu", "%u", spec->mtu);
		put(batch, ends->back, "mtu", "%u", spec->mtu);
	}
	if (spec->rate_bytes)
		put(batch, ends->back, "rate", "%llu,%u", (unsigned long long)spec->rate_bytes, spec->rate_interval_us);
}

bool nodes_nic(struct tenon_store *store, uint16_t domid, const struct nic *nic)
{
	struct ends ends = ends_of(DEVICE_NIC, domid, nic->handle);

	ends.nic = nic;
	return run_batch(store, fill_nic, &ends);
}

struct screen {
	struct ends vfb, keyboard;
	const struct config_vfb *spec;
	char home[32], model[64];
	const char *address;
	unsigned int port;
};

static struct screen screen_of(uint16_t domid)
{
	struct screen screen = { .vfb = ends_of(DEVICE_VFB, domid, 0), .keyboard = ends_of(DEVICE_KEYBOARD, domid, 0) };

	snprintf(screen.home, sizeof(screen.home), "/local/domain/%u", domid);
	snprintf(screen.model, sizeof(screen.model), "/local/domain/0/device-model/%u", domid);
	return screen;
}

static void fill_vfb(struct batch *batch, const void *arg)
{
	const struct screen *screen = arg;
	const struct config_vfb *spec = screen->spec;
	const char *back = screen->vfb.back;

	fill_common(batch, &screen->vfb);
	fill_common(batch, &screen->keyboard);
	put(batch, back, "vnc", "1");
	put(batch, back, "vnclisten", "%s", spec->listen ? spec->listen : "127.0.0.1");
	put(batch, back, "vncdisplay", "%u", spec->display);
	put(batch, back, "vncunused", "%d", spec->unused);
	put(batch, back, "sdl", "0");
	put(batch, back, "opengl", "0");
}

bool nodes_vfb(struct tenon_store *store, uint16_t domid, const struct config_vfb *vfb)
{
	struct screen screen = screen_of(domid);

	screen.spec = vfb;
	return run_batch(store, fill_vfb, &screen);
}

static void fill_vnc(struct batch *batch, const void *arg)
{
	const struct screen *screen = arg;

	put(batch, screen->home, "console/vnc-listen", "%s", screen->address);
	put(batch, screen->home, "console/vnc-port", "%u", screen->port);
}

bool nodes_vnc(struct tenon_store *store, uint16_t domid, const char *address, unsigned int port)
{
	struct screen screen = screen_of(domid);

	screen.address = address;
	screen.port = port;
	return run_batch(store, fill_vnc, &screen);
}

static void fill_drop(struct batch *batch, const void *arg);

static void fill_drop_vfb(struct batch *batch, const void *arg)
{
	static const char *const vnc[] = { "vnc-listen", "vnc-port" };
	const struct screen *screen = arg;
	char path[64];

	fill_drop(batch, &screen->vfb);
	fill_drop(batch, &screen->keyboard);
	for (size_t i = 0; i < sizeof(vnc) / sizeof(vnc[0]); i++) {
		snprintf(path, sizeof(path), "%s/console/%s", screen->home, vnc[i]);
		drop(batch, path);
	}
	drop(batch, screen->model);
}

void nodes_drop_vfb(struct tenon_store *store, uint16_t domid)
{
	struct screen screen = screen_of(domid);

	run_batch(store, fill_drop_vfb, &screen);
}

static void fill_close(struct batch *batch, const void *arg)
{
	const struct ends *ends = arg;

	put(batch, ends->back, "online", "0");
	put(batch, ends->back, "state", "%d", STATE_CLOSING);
}

bool nodes_close(struct tenon_store *store, enum device_kind kind, uint16_t domid, uint32_t devid)
{
	struct ends ends = ends_of(kind, domid, devid);

	return run_batch(store, fill_close, &ends);
}

static void fill_drop(struct batch *batch, const void *arg)
{
	const struct ends *ends = arg;

	drop(batch, ends->back);
	drop(batch, ends->front);
	drop_error(batch, ends);
}

void nodes_drop(struct tenon_store *store, enum device_kind kind, uint16_t domid, uint32_t devid)
{
	struct ends ends = ends_of(kind, domid, devid);

	run_batch(store, fill_drop, &ends);
}

/* ---- single nodes ---- */

char *node_read(struct tenon_store *store, const char *base, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", base, name);
	return tenon_store_read(store, 0, path, NULL);
}

long node_number(struct tenon_store *store, const char *base, const char *name)
{
	char *text = node_read(store, base, name), *end;
	long number = text ? strtol(text, &end, 10) : -1;

	if (text && (end == text || *end))
		number = -1;
	free(text);
	return number;
}

bool node_write(struct tenon_store *store, const char *base, const char *name, const char *value)
{
	char path[256];
	int error;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	error = tenon_store_write(store, 0, path, value, strlen(value));
	return !error || why("%s cannot be written into the store: %s", path, strerror(-error));
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Not everything that is waited for tells by an event: it is looked at ten times a second at least. */
bool nodes_await(struct tenon_store *store, const char *path, int milliseconds, bool (*wanted)(void *arg), void *arg)
{
	long long end = now_ms() + milliseconds, left;
	char *event, *token;
	bool met;

	if (wanted(arg))
		return true;
	tenon_store_watch(store, path, "await");
	while (!(met = wanted(arg)) && (left = end - now_ms()) > 0)
		if (tenon_store_event(store, left < 100 ? left : 100, &event, &token) > 0)
			free(event);
	tenon_store_unwatch(store, path, "await");
	while (tenon_store_event(store, 0, &event, &token) > 0)
		free(event);
	return met;
}
