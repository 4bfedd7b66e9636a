// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The smallest toolstack: makes a guest with a console and nothing else, for tests of the builder under a real
 *hypervisor. makeguest NAME KERNEL RAMDISK COMMAND_LINE MEMORY_KIB MAX_MEMORY_KIB VCPUS RAMDISK "": none. Prints its
 *number, and how long building took.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "call.h"
#include "tenon-build.h"

static struct tenon *tenon;
static struct tenon_store *store;
static uint16_t domid;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "makeguest: %s: %s\n", what, why);
	if (domid)
		tenon_destroy_domain(tenon, domid);
	exit(1);
}

static void set(const char *owner, const char *path, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* One node below the domain's; @owner: "n0" or "r0" and the like: NULL: the domain reads it. */
static void set(const char *owner, const char *path, const char *format, ...)
{
	char full[128], value[128], reader[16], own[16];
	const char *perms[3] = { owner ? owner : "n0", reader, NULL };
	va_list arguments;
	int error;

	va_start(arguments, format);
	vsnprintf(value, sizeof(value), format, arguments);
	va_end(arguments);
	snprintf(full, sizeof(full), "/local/domain/%u%s", domid, path);
	snprintf(reader, sizeof(reader), "r%u", domid);
	if (owner && !strcmp(owner, "own")) {
		snprintf(own, sizeof(own), "n%u", domid);
		perms[0] = own;
		perms[1] = NULL;
	}
	error = tenon_store_write(store, 0, full, value, strlen(value));
	if (!error)
		error = tenon_store_set_perms(store, 0, full, perms);
	if (error)
		fail(full, strerror(-error));
}

static void create(unsigned int vcpus)
{
	struct xen_domctl *domctl = domctl_begin(tenon, XEN_DOMCTL_createdomain, 0);
	int error;

	domctl->u.createdomain = (struct xen_domctl_createdomain){
		.max_vcpus = vcpus, .max_evtchn_port = 1023, .max_grant_frames = 32, .max_maptrack_frames = 1024,
		.grant_opts = XEN_DOMCTL_GRANT_version(1),
	};
	memset(domctl->u.createdomain.handle, 0x5a, 16);
	error = domctl_run(tenon);
	if (error < 0)
		fail("createdomain", strerror(-error));
	domid = domctl->domain;
}

static void introduce(const char *name, const struct tenon_built *built, const struct tenon_build *what)
{
	int error;

	set(NULL, "", "%s", "");
	set(NULL, "/name", "%s", name);
	set(NULL, "/domid", "%u", domid);
	set(NULL, "/memory/target", "%llu", (unsigned long long)what->memory_kib);
	set(NULL, "/memory/static-max", "%llu", (unsigned long long)what->max_memory_kib);
	for (unsigned int i = 0; i < what->vcpus; i++) {
		char path[40];

		snprintf(path, sizeof(path), "/cpu/%u/availability", i);
		set(NULL, path, "online");
	}
	set("own", "/control/shutdown", "%s", "");
	set("own", "/control/feature-poweroff", "%s", "");
	set("own", "/control/feature-reboot", "%s", "");
	set("own", "/device", "%s", "");
	set("own", "/data", "%s", "");
	set(NULL, "/store/port", "%u", built->store_port);
	set(NULL, "/store/ring-ref", "%llu", (unsigned long long)built->store_frame);
	set(NULL, "/console/port", "%u", built->console_port);
	set(NULL, "/console/ring-ref", "%llu", (unsigned long long)built->console_frame);
	set(NULL, "/console/type", "xenconsoled");
	set(NULL, "/console/limit", "1048576");
	set(NULL, "/console/output", "pty");
	error = tenon_store_introduce(store, domid, built->store_frame, built->store_port);
	if (error)
		fail("introduce", strerror(-error));
}

static double now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct tenon_build what = { 0 };
	struct tenon_builder *builder;
	struct tenon_built built;
	char why[TENON_WHY_SIZE];
	double start;

	if (argc != 8)
		fail("usage", "makeguest NAME KERNEL RAMDISK COMMAND_LINE MEMORY_KIB MAX_MEMORY_KIB VCPUS");
	what.kernel.path = argv[2];
	what.ramdisk.path = *argv[3] ? argv[3] : NULL;
	what.command_line = argv[4];
	what.memory_kib = strtoull(argv[5], NULL, 10);
	what.max_memory_kib = strtoull(argv[6], NULL, 10);
	what.vcpus = strtoul(argv[7], NULL, 10);
	tenon = tenon_open();
	if (!tenon)
		fail("hypervisor", strerror(errno));
	store = tenon_store_open(NULL);
	if (!store)
		fail("store", strerror(errno));
	builder = tenon_builder_new(&what, why);
	if (!builder)
		fail("check", why);
	create(what.vcpus);
	start = now();
	if (tenon_builder_run(builder, tenon, domid, &built, why))
		fail("build", why);
	tenon_builder_free(builder);
	printf("domain %u built in %.3f s\n", domid, now() - start);
	introduce(argv[1], &built, &what);
	if (tenon_unpause_domain(tenon, domid))
		fail("unpause", "failed");
	return 0;
}
