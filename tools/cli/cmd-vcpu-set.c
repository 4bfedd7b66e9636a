// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon vcpu-set: how many of its vCPUs a guest is to use. */
#include <errno.h>
#include <string.h>

#include "cli.h"

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), error;
	struct tenon_domain domain;
	uint32_t count;

	need_arguments(argc, first, 2, 2);
	error = tenon_get_domain(need_hypervisor(), need_domain(argv[first]), &domain);
	if (error)
		fail("domain %s cannot be asked for: %s", argv[first], strerror(-error));
	count = need_number("COUNT", argv[first + 1], 1, domain.vcpus);
	error = tenon_set_vcpus_online(need_hypervisor(), need_store(), domain.domid, count);
	if (error)
		fail("domain %s cannot be told: %s", argv[first], strerror(-error));
	return STATUS_DONE;
}

const struct command command_vcpu_set = {
	.name = "vcpu-set", .arguments = "DOMAIN COUNT",
	.summary = "Asks a domain's kernel to use so many of its vCPUs", .run = run,
};
