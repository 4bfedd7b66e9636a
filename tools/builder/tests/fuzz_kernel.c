// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The builder over kernels made by the fuzzer. What is refused has a message; what is accepted is built, on a machine
 * that checks what is mapped and pinned, and then nothing may fail but for want of memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_machine.h"
#include "tenon-build.h"

#define FRAMES	4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fake_machine *machine;
	static int fd = -1;
	struct tenon_build what = { .kernel.is_open = true, .memory_kib = 3 * FRAMES, .vcpus = 1 };
	struct tenon_built built;
	char why[TENON_WHY_SIZE];
	struct tenon *tenon;
	int error;

	if (!machine) {
		machine = fake_machine_new(FRAMES);
		fd = memfd_create("kernel", MFD_CLOEXEC);
	}
	check(ftruncate(fd, size) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	what.kernel.fd = fd;
	/* The kernel itself as a ramdisk exercises that, too. */
	if (size & 1)
		what.ramdisk = what.kernel;
	error = tenon_build_check(&what, why);
	check(!error == !why[0]);
	if (error)
		return 0;
	tenon = fake_machine_open(machine);
	error = tenon_build_pv(tenon, FAKE_DOMID, &what, &built, why);
	check(!error && machine->context && fake_walk(machine, machine->context->user_regs.rsi, NULL));
	tenon_close(tenon);
	fake_machine_destroy(machine);
	check(!machine->now_mapped && machine->free_frames == FRAMES - 16);
	return 0;
}
