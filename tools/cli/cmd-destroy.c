// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon destroy: ends domains at once. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "why.h"

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

/* A guest that was made here: all that its record names goes, and the record. */
static int destroy_guest(const struct ground *ground, struct record *record, const char *name)
{
	if (guest_destroy(ground, record))
		return STATUS_DONE;
	complain("%s: %s", name, guest_why());
	return STATUS_FAILED;
}

/* A domain that others made. */
static int destroy_domain(uint16_t domid, const char *name)
{
	int error = tenon_destroy_domain(need_hypervisor(), domid);

	if (error) {
		complain("domain %s cannot be destroyed: %s", name, strerror(-error));
		return STATUS_FAILED;
	}
	forget(domid);
	return STATUS_DONE;
}

static int destroy(const char *name)
{
	struct ground ground = { .tenon = need_hypervisor(), .store = want_store() };
	char *uuid = ground.store ? guest_uuid_by_name(name) : NULL;
	int domid = tenon_find_domain(ground.tenon, ground.store, name);
	struct record *record = NULL;

	/* One that is between two lives has no domain. */
	if (domid < 0 && uuid)
		record = record_open(uuid, RECORD_WAIT);
	else if (need_domain(name) && ground.store)
		record = guest_record_of(&ground, domid, RECORD_WAIT);
	free(uuid);
	if (record)
		return destroy_guest(&ground, record, name);
	if (!domid) {
		complain("domain 0 is this one: it is not destroyed");
		return STATUS_FAILED;
	}
	if (errno == EWOULDBLOCK && ground.store) {
		complain("%s is being changed by another process", name);
		return STATUS_FAILED;
	}
	return destroy_domain(need_domain(name), name);
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), status = STATUS_DONE;

	need_arguments(argc, first, 1, -1);
	tidy_up();
	for (int i = first; i < argc; i++)
		if (destroy(argv[i]) != STATUS_DONE)
			status = STATUS_FAILED;
	return status;
}

const struct command command_destroy = {
	.name = "destroy", .arguments = "DOMAIN...",
	.summary = "Ends domains at once, as if their power were cut", .run = run,
};
