// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon mem-set: asks a guest to grow or shrink. */
#include <errno.h>
#include <string.h>

#include "cli.h"

static void refuse_size(uint16_t domid, const char *name, uint64_t size)
{
	uint64_t target, most;

	if (!size || tenon_get_memory_target(need_store(), domid, &target, &most))
		fail("domain %s cannot have that much memory", name);
	fail("domain %s was made for %llu MiB at most (maxmem)", name, (unsigned long long)(most >> 20));
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), error;
	uint16_t domid;
	uint64_t size;

	need_arguments(argc, first, 2, 2);
	size = need_size("SIZE", argv[first + 1]);
	domid = need_domain(argv[first]);
	error = tenon_set_memory_target(need_hypervisor(), need_store(), domid, size);
	if (error == -ERANGE)
		refuse_size(domid, argv[first], size);
	if (error)
		fail("domain %s cannot be told: %s", argv[first], strerror(-error));
	return STATUS_DONE;
}

const struct command command_mem_set = {
	.name = "mem-set", .arguments = "DOMAIN SIZE",
	.summary = "Asks a domain's kernel to have so much memory",
	.options = "SIZE: in MiB, or with b, k, m, g, t behind it.\n", .run = run,
};
