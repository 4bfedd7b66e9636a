// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Of the hypervisor made of a file: the memory of its domains, and their registers. The machine's frames that a domain has are the
 * pages of the file beside the domains', with ".memory.DOMID"; others cannot be mapped.
 */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096

static int open_memory(uint16_t domid, bool write)
{
	char path[300];

	snprintf(path, sizeof(path), "%s.memory.%u", getenv("TENON_FAKE_DOMAINS"), domid);
	return open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
}

void *fake_map(void *context, uint16_t domid, const uint64_t frames[], size_t count, bool write, int errors[])
{
	int fd = open_memory(domid, write), protection = PROT_READ | (write ? PROT_WRITE : 0);
	char *memory = mmap(NULL, count * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct stat status = { 0 };
	int error = 0;

	if (fd >= 0)
		fstat(fd, &status);
	for (size_t i = 0; i < count && !error; i++) {
		bool there = frames[i] < (uint64_t)status.st_size / PAGE;

		if (there && mmap(memory + i * PAGE, PAGE, protection, MAP_SHARED | MAP_FIXED, fd, frames[i] * PAGE) == MAP_FAILED)
			abort();
		if (errors)
			errors[i] = there ? 0 : -EINVAL;
		else if (!there)
			error = EINVAL;
	}
	if (fd >= 0)
		close(fd);
	if (!error)
		return memory;
	munmap(memory, count * PAGE);
	errno = error;
	return NULL;
}

void fake_unmap(void *context, void *memory, size_t count)
{
	munmap(memory, count * PAGE);
}

/* The last vCPU was never started. */
long fake_vcpu_context(const struct xen_domctl *op, unsigned int vcpus)
{
	struct vcpu_guest_context *context = (struct vcpu_guest_context *)op->u.vcpucontext.ctxt.va;

	if (op->u.vcpucontext.vcpu >= vcpus)
		return -EINVAL;
	if (op->u.vcpucontext.vcpu && op->u.vcpucontext.vcpu == vcpus - 1)
		return -ENODATA;
	*context = (struct vcpu_guest_context){ .flags = op->u.vcpucontext.vcpu + 1, .ctrlreg = { [3] = 0x1234000 } };
	return 0;
}
