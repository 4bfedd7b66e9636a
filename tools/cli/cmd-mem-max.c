// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon mem-max: the most that a domain may have. */
#include <errno.h>
#include <string.h>

#include "cli.h"

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), error;
	uint64_t size, target, most;
	uint16_t domid;

	need_arguments(argc, first, 2, 2);
	size = need_size("SIZE", argv[first + 1]);
	domid = need_domain(argv[first]);
	if (want_store() && !tenon_get_memory_target(want_store(), domid, &target, &most) && size < target)
		fail("domain %s is to have %llu MiB: 'tenon mem-set' first", argv[first], (unsigned long long)(target >> 20));
	error = tenon_set_memory_max(need_hypervisor(), domid, size);
	if (error)
		fail("the limit of domain %s cannot be set: %s", argv[first], strerror(-error));
	return STATUS_DONE;
}

const struct command command_mem_max = {
	.name = "mem-max", .arguments = "DOMAIN SIZE",
	.summary = "Sets the most memory that a domain may have",
	.options = "SIZE: in MiB, or with b, k, m, g, t behind it.\n", .run = run,
};
