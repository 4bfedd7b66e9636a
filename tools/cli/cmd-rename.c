// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon rename: gives a domain another name. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "cli.h"

#define NAME_MAX_SIZE 128

/* Not a number, which would mean a domain's; no character that a path or a terminal takes for something else. */
static bool is_name(const char *name)
{
	size_t size = strlen(name);

	if (!size || size > NAME_MAX_SIZE || strspn(name, "0123456789") == size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-_.+:", name[i]))
			return false;
	return true;
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, NULL, NULL, NULL), other, error;
	struct ground ground;
	struct record *record;
	const char *name;
	uint16_t domid;
	char path[48];

	need_arguments(argc, first, 2, 2);
	name = argv[first + 1];
	if (!is_name(name))
		fail_usage("'%s' is no name: letters, digits and -_.+: make one, digits alone do not", name);
	domid = need_domain(argv[first]);
	other = tenon_find_domain(need_hypervisor(), need_store(), name);
	if (other == domid)
		return STATUS_DONE;
	if (other >= 0 || other == -ENOTUNIQ)
		fail("the name %s is taken", name);
	ground = need_ground();
	record = guest_record_of(&ground, domid, RECORD_WAIT);
	if (!record && errno == EWOULDBLOCK)
		fail("%s is being changed by another process", argv[first]);
	snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
	error = tenon_store_write(need_store(), 0, path, name, strlen(name));
	if (error)
		fail("domain %s cannot be renamed: %s", argv[first], strerror(-error));
	if (record && !guest_rename(&ground, record, name))
		fail("domain %s is renamed, but not in its record: %s", argv[first], guest_why());
	record_close(record);
	return STATUS_DONE;
}

const struct command command_rename = {
	.name = "rename", .arguments = "DOMAIN NAME", .summary = "Gives a domain another name", .run = run,
};
