// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon list: the domains. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define DOMAINS_MAX 32768

/* To be freed. */
static char *name_of(uint16_t domid)
{
	struct tenon_store *store = want_store();
	char *name = store ? tenon_domain_name(store, domid) : NULL;

	return name ? name : strdup(domid ? "-" : "Domain-0");
}

static struct json_object *json_of(const struct tenon_domain *domain, const char *name)
{
	struct json_object *object = json_object_new_object();
	char uuid[37];

	uuid_text(domain->uuid, uuid);
	json_object_object_add(object, "domid", json_object_new_int(domain->domid));
	json_object_object_add(object, "name", json_object_new_string(name));
	json_object_object_add(object, "uuid", json_object_new_string(uuid));
	json_object_object_add(object, "state", json_object_new_string(state_name(domain)));
	json_object_object_add(object, "memory_bytes", json_object_new_uint64(domain->memory_bytes));
	json_object_object_add(object, "memory_max_bytes", json_object_new_uint64(domain->memory_max_bytes));
	json_object_object_add(object, "vcpus", json_object_new_int(domain->vcpus));
	json_object_object_add(object, "vcpus_online", json_object_new_int(domain->vcpus_online));
	json_object_object_add(object, "cpu_ns", json_object_new_uint64(domain->cpu_ns));
	json_object_object_add(object, "pool", json_object_new_int(domain->pool));
	return object;
}

static void print_row(const struct tenon_domain *domain, const char *name)
{
	printf("%-24s %5u %8llu %5u  %-9s %12.1f\n", name, domain->domid,
	       (unsigned long long)(domain->memory_bytes >> 20), domain->vcpus_online, state_name(domain),
	       domain->cpu_ns / 1e9);
}

static int compare(const void *a, const void *b)
{
	return ((const struct tenon_domain *)a)->domid - ((const struct tenon_domain *)b)->domid;
}

/* Those that were named, or all. Returns how many; *@domains is to be freed. */
static int collect(int argc, char **argv, int first, struct tenon_domain **domains)
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

static int run(int argc, char **argv)
{
	struct json_object *list;
	struct tenon_domain *domains;
	bool json = false;
	int first = parse_options(argc, argv, &json, NULL, NULL, NULL);
	int count = collect(argc, argv, first, &domains);

	list = json ? json_object_new_array() : NULL;
	if (!json)
		printf("%-24s %5s %8s %5s  %-9s %12s\n", "NAME", "ID", "MEM/MiB", "VCPUS", "STATE", "CPU/s");
	for (int i = 0; i < count; i++) {
		char *name = name_of(domains[i].domid);

		if (json)
			json_object_array_add(list, json_of(&domains[i], name));
		else
			print_row(&domains[i], name);
		free(name);
	}
	if (json)
		print_json(list);
	free(domains);
	return STATUS_DONE;
}

const struct command command_list = {
	.name = "list", .arguments = "[--json] [DOMAIN]...", .summary = "Lists all domains, or those named",
	.options = "      --json  as JSON: an array of objects\n", .run = run,
};
