// SPDX-License-Identifier: LGPL-2.1-or-later
/* ioctl() and mmap() of /dev/xen. The kernel's own header of privcmd includes one that it does not install. */
#include "xendev.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/xen.h>
#include <xen/grant_table.h>
#include <xen/evtchn.h>
#include <xen/gntdev.h>

struct privcmd_call {
	uint64_t number;
	uint64_t argument[5];
};
#define PRIVCMD_CALL	_IOC(_IOC_NONE, 'P', 0, sizeof(struct privcmd_call))

struct privcmd_map {
	unsigned int count;
	domid_t domid;
	uint64_t address;
	const xen_pfn_t *frames;
	int *errors;
};
#define PRIVCMD_MAP	_IOC(_IOC_NONE, 'P', 4, sizeof(struct privcmd_map))

#define PAGE 4096

int xendev_open(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/xen/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

void *xendev_buffer(size_t size)
{
	void *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);

	if (buffer == MAP_FAILED)
		return NULL;
	madvise(buffer, size, MADV_DONTFORK);
	return buffer;
}

long xendev_hypercall(int privcmd, unsigned int number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	struct privcmd_call call = { .number = number, .argument = { a1, a2, a3, a4, a5 } };
	long result = ioctl(privcmd, PRIVCMD_CALL, &call);

	return result < 0 ? -errno : result;
}

static int map_some(int privcmd, void *memory, uint16_t domid, const uint64_t frames[], size_t count, int errors[])
{
	struct privcmd_map map = {
		.count = count, .domid = domid, .address = (uintptr_t)memory, .frames = (const xen_pfn_t *)frames, .errors = errors,
	};

	/* ENOENT: one of them is paged out; errors[] says it too. */
	return ioctl(privcmd, PRIVCMD_MAP, &map) && errno != ENOENT ? -errno : 0;
}

/* A negative errno if any of the frames was not mapped. */
static int map_all(int privcmd, void *memory, uint16_t domid, const uint64_t frames[], size_t count)
{
	int *errors = calloc(count, sizeof(*errors)), error;

	if (!errors)
		return -ENOMEM;
	error = map_some(privcmd, memory, domid, frames, count, errors);
	for (size_t i = 0; i < count && !error; i++)
		error = errors[i];
	free(errors);
	return error;
}

void *xendev_map_foreign(int privcmd, uint16_t domid, const uint64_t frames[], size_t count, bool write, int errors[])
{
	void *memory = mmap(NULL, count * PAGE, PROT_READ | (write ? PROT_WRITE : 0), MAP_SHARED, privcmd, 0);
	int error;

	if (memory == MAP_FAILED)
		return NULL;
	error = errors ? map_some(privcmd, memory, domid, frames, count, errors) :
			 map_all(privcmd, memory, domid, frames, count);
	if (!error)
		return memory;
	munmap(memory, count * PAGE);
	errno = -error;
	return NULL;
}

void xendev_unmap_foreign(void *memory, size_t count)
{
	munmap(memory, count * PAGE);
}

int xendev_bind(int evtchn, uint16_t domid, uint32_t remote_port)
{
	struct ioctl_evtchn_bind_interdomain bind = { .remote_domain = domid, .remote_port = remote_port };
	int port = ioctl(evtchn, IOCTL_EVTCHN_BIND_INTERDOMAIN, &bind);

	return port < 0 ? -errno : port;
}

int xendev_bind_virq(int evtchn, unsigned int virq)
{
	struct ioctl_evtchn_bind_virq bind = { .virq = virq };
	int port = ioctl(evtchn, IOCTL_EVTCHN_BIND_VIRQ, &bind);

	return port < 0 ? -errno : port;
}

void xendev_unbind(int evtchn, int port)
{
	struct ioctl_evtchn_unbind unbind = { .port = port };

	ioctl(evtchn, IOCTL_EVTCHN_UNBIND, &unbind);
}

void xendev_notify(int evtchn, int port)
{
	struct ioctl_evtchn_notify notify = { .port = port };

	ioctl(evtchn, IOCTL_EVTCHN_NOTIFY, &notify);
}

int xendev_next_event(int evtchn)
{
	uint32_t port;

	return read(evtchn, &port, sizeof(port)) == sizeof(port) ? (int)port : -1;
}

void xendev_unmask(int evtchn, int port)
{
	uint32_t value = port;

	/* It fails for a port that was unbound in the meantime: nothing to unmask. */
	if (write(evtchn, &value, sizeof(value)) < 0)
		return;
}

void *xendev_map_grant(int gntdev, uint16_t domid, uint32_t reference)
{
	struct ioctl_gntdev_map_grant_ref map = { .count = 1, .refs = { { .domid = domid, .ref = reference } } };
	struct ioctl_gntdev_unmap_grant_ref unmap;
	void *page;
	int error;

	if (ioctl(gntdev, IOCTL_GNTDEV_MAP_GRANT_REF, &map))
		return NULL;
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, gntdev, map.index);
	if (page != MAP_FAILED)
		return page;
	error = errno;
	unmap = (struct ioctl_gntdev_unmap_grant_ref){ .index = map.index, .count = 1 };
	ioctl(gntdev, IOCTL_GNTDEV_UNMAP_GRANT_REF, &unmap);
	errno = error;
	return NULL;
}

void xendev_unmap_grant(int gntdev, void *page)
{
	struct ioctl_gntdev_get_offset_for_vaddr where = { .vaddr = (uintptr_t)page };
	struct ioctl_gntdev_unmap_grant_ref unmap = { .count = 1 };

	if (ioctl(gntdev, IOCTL_GNTDEV_GET_OFFSET_FOR_VADDR, &where))
		return;
	munmap(page, PAGE);
	unmap.index = where.offset;
	ioctl(gntdev, IOCTL_GNTDEV_UNMAP_GRANT_REF, &unmap);
}
