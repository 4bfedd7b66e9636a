// SPDX-License-Identifier: LGPL-2.1-or-later
/* Handles, and the way hypercalls are made. */
#include "call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "xendev.h"

#define STRUCTURE_SIZE 4096

/* ---- the kernel's device ---- */

static long device_hypercall(void *context, unsigned int number, const uint64_t argument[5])
{
	return xendev_hypercall(*(int *)context, number, argument[0], argument[1], argument[2], argument[3], argument[4]);
}

static void *device_buffer_new(void *context, size_t size)
{
	return xendev_buffer(size);
}

static void device_buffer_free(void *context, void *buffer, size_t size)
{
	munmap(buffer, size);
}

static void *device_map(void *context, uint16_t domid, const uint64_t frames[], size_t count, bool write, int errors[])
{
	return xendev_map_foreign(*(int *)context, domid, frames, count, write, errors);
}

static void device_unmap(void *context, void *memory, size_t count)
{
	xendev_unmap_foreign(memory, count);
}

static void device_close(void *context)
{
	close(*(int *)context);
	free(context);
}

static const struct tenon_backend device_backend = {
	.hypercall = device_hypercall, .buffer_new = device_buffer_new, .buffer_free = device_buffer_free,
	.map = device_map, .unmap = device_unmap, .close = device_close,
};

struct tenon *tenon_open(void)
{
	int fd = xendev_open("privcmd"), *context;
	struct tenon *tenon;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	context = malloc(sizeof(*context));
	if (!context) {
		close(fd);
		return NULL;
	}
	*context = fd;
	tenon = tenon_open_backend(&device_backend, context);
	if (!tenon)
		device_close(context);
	return tenon;
}

/* ---- handles ---- */

struct tenon *tenon_open_backend(const struct tenon_backend *backend, void *context)
{
	struct tenon *tenon = calloc(1, sizeof(*tenon));

	if (!tenon)
		return NULL;
	tenon->backend = backend;
	tenon->context = context;
	tenon->structure = backend->buffer_new(context, STRUCTURE_SIZE);
	tenon->bounce = backend->buffer_new(context, BOUNCE_SIZE);
	if (tenon->structure && tenon->bounce)
		return tenon;
	if (tenon->structure)
		backend->buffer_free(context, tenon->structure, STRUCTURE_SIZE);
	if (tenon->bounce)
		backend->buffer_free(context, tenon->bounce, BOUNCE_SIZE);
	free(tenon);
	errno = ENOMEM;
	return NULL;
}

void tenon_close(struct tenon *tenon)
{
	if (!tenon)
		return;
	tenon->backend->buffer_free(tenon->context, tenon->structure, STRUCTURE_SIZE);
	tenon->backend->buffer_free(tenon->context, tenon->bounce, BOUNCE_SIZE);
	tenon->backend->close(tenon->context);
	free(tenon);
}

/* ---- calls ---- */

long call(struct tenon *tenon, unsigned int number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4)
{
	const uint64_t argument[5] = { a1, a2, a3, a4 };

	return tenon->backend->hypercall(tenon->context, number, argument);
}

struct xen_domctl *domctl_begin(struct tenon *tenon, uint32_t command, uint16_t domid)
{
	struct xen_domctl *domctl = memset(tenon->structure, 0, sizeof(*domctl));

	domctl->cmd = command;
	domctl->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	domctl->domain = domid;
	return domctl;
}

int domctl_run(struct tenon *tenon)
{
	return call(tenon, __HYPERVISOR_domctl, (uintptr_t)tenon->structure, 0, 0, 0);
}

struct xen_sysctl *sysctl_begin(struct tenon *tenon, uint32_t command)
{
	struct xen_sysctl *sysctl = memset(tenon->structure, 0, sizeof(*sysctl));

	sysctl->cmd = command;
	sysctl->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	return sysctl;
}

int sysctl_run(struct tenon *tenon)
{
	return call(tenon, __HYPERVISOR_sysctl, (uintptr_t)tenon->structure, 0, 0, 0);
}
