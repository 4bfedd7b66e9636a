// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon list: the domains. */
#include <json-c/json.h>
#include <stdlib.h>

#include "cli.h"
#include "vnc.h"

static struct json_object *json_of(const struct tenon_domain *domain)
{
	struct json_object *object = json_domain(domain->domid);
	char uuid[37];

	uuid_text(domain->uuid, uuid);
	json_object_object_add(object, "uuid", json_object_new_string(uuid));
	json_object_object_add(object, "state", json_object_new_string(state_name(domain)));
	json_object_object_add(object, "memory_bytes", json_object_new_uint64(domain->memory_bytes));
	json_object_object_add(object, "memory_max_bytes", json_object_new_uint64(domain->memory_max_bytes));
	json_object_object_add(object, "vcpus", json_object_new_int(domain->vcpus));
	json_object_object_add(object, "vcpus_online", json_object_new_int(domain->vcpus_online));
	json_object_object_add(object, "cpu_ns", json_object_new_uint64(domain->cpu_ns));
	json_object_object_add(object, "pool", json_object_new_int(domain->pool));
	json_object_object_add(object, "vnc", json_vnc(domain->domid));
	return object;
}

static void print_row(const struct tenon_domain *domain, const char *name)
{
	printf("%-24s %5u %8llu %5u  %-9s %12.1f\n", name, domain->domid,
	       (unsigned long long)(domain->memory_bytes >> 20), domain->vcpus_online, state_name(domain),
	       domain->cpu_ns / 1e9);
}

static int run(int argc, char **argv)
{
	struct json_object *list;
	struct tenon_domain *domains;
	bool json = false;
	int first = parse_options(argc, argv, &json, NULL, NULL, NULL), count;

	tidy_up();
	count = need_domains(argc, argv, first, &domains);
	list = json ? json_object_new_array() : NULL;
	if (!json)
		printf("%-24s %5s %8s %5s  %-9s %12s\n", "NAME", "ID", "MEM/MiB", "VCPUS", "STATE", "CPU/s");
	for (int i = 0; i < count; i++) {
		char *name;

		if (json) {
			json_object_array_add(list, json_of(&domains[i]));
			continue;
		}
		name = domain_label(domains[i].domid);
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
