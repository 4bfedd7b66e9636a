// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon destroy: ends domains at once. */
#include <string.h>

#include "cli.h"

/* What of it is in the store goes too. A daemon that has noticed its end already did that. */
static void forget(uint16_t domid)
{
	struct tenon_store *store = want_store();
	char path[48];

	if (!store)
		return;
	tenon_store_release(store, domid);
	snprintf(path, sizeof(path), "/local/domain/%u", domid);
	tenon_store_remove(store, 0, path);
}

static int destroy(const char *name)
{
	uint16_t domid = need_domain(name);
	int error;

	if (!domid) {
		complain("domain 0 is this one: it is not destroyed");
		return STATUS_FAILED;
	}
	error = tenon_destroy_domain(need_hypervisor(), domid);
	if (error) {
		complain("domain %s cannot be destroyed: %s", name, strerror(-error));
		return STATUS_FAILED;
	}
	forget(domid);
	return STATUS_DONE;
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), status = STATUS_DONE;

	need_arguments(argc, first, 1, -1);
	for (int i = first; i < argc; i++)
		if (destroy(argv[i]) != STATUS_DONE)
			status = STATUS_FAILED;
	return status;
}

const struct command command_destroy = {
	.name = "destroy", .arguments = "DOMAIN...",
	.summary = "Ends domains at once, as if their power were cut", .run = run,
};
