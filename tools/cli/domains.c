// SPDX-License-Identifier: GPL-2.0-or-later
/* What subcommands that show domains share. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define DOMAINS_MAX 32768

char *domain_label(uint16_t domid)
{
	struct tenon_store *store = want_store();
	char *name = store ? tenon_domain_name(store, domid) : NULL;

	if (!name)
		name = strdup(domid ? "-" : "Domain-0");
	if (!name)
		fail("out of memory");
	return name;
}

struct json_object *json_domain(uint16_t domid)
{
	struct json_object *object = json_object_new_object();
	char *name = domain_label(domid);

	json_object_object_add(object, "domid", json_object_new_int(domid));
	json_object_object_add(object, "name", json_object_new_string(name));
	free(name);
	return object;
}

static int compare(const void *a, const void *b)
{
	return ((const struct tenon_domain *)a)->domid - ((const struct tenon_domain *)b)->domid;
}

int need_domains(int argc, char **argv, int first, struct tenon_domain **domains)
{
	int count = argc - first;

	*domains = calloc(count ? count : DOMAINS_MAX, sizeof(**domains));
	if (!*domains)
		fail("out of memory");
	if (!count) {
		count = tenon_list_domains(need_hypervisor(), 0, *domains, DOMAINS_MAX);
		if (count < 0)
			fail("the domains cannot be listed: %s", strerror(-count));
		qsort(*domains, count, sizeof(**domains), compare);
		return count;
	}
	for (int i = 0; i < count; i++) {
		int error = tenon_get_domain(need_hypervisor(), need_domain(argv[first + i]), &(*domains)[i]);

		if (error)
			fail("domain %s cannot be asked for: %s", argv[first + i], strerror(-error));
	}
	return count;
}
