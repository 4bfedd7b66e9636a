// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon vcpu-list: the vCPUs of domains, and where they run. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

struct row {
	const char *name;
	struct tenon_vcpu vcpu;
	struct tenon_cpus hard, soft;
};

static void print_row(uint16_t domid, const struct row *row, unsigned int cpus)
{
	char *hard = cpus_text(&row->hard, cpus), *soft = cpus_text(&row->soft, cpus);

	printf("%-24s %5u %5u ", row->name, domid, row->vcpu.vcpu);
	if (row->vcpu.online)
		printf("%4u", row->vcpu.cpu);
	else
		printf("%4s", "-");
	printf("  %-8s %12.1f  %s / %s\n", vcpu_state_name(&row->vcpu), row->vcpu.cpu_ns / 1e9, hard, soft);
	free(hard);
	free(soft);
}

static struct json_object *json_of(uint16_t domid, const struct row *row, unsigned int cpus)
{
	struct json_object *object = json_domain(domid);

	json_object_object_add(object, "vcpu", json_object_new_int(row->vcpu.vcpu));
	json_object_object_add(object, "state", json_object_new_string(vcpu_state_name(&row->vcpu)));
	json_object_object_add(object, "cpu", row->vcpu.online ? json_object_new_int(row->vcpu.cpu) : NULL);
	json_object_object_add(object, "cpu_ns", json_object_new_uint64(row->vcpu.cpu_ns));
	json_object_object_add(object, "affinity_hard", json_cpus(&row->hard, cpus));
	json_object_object_add(object, "affinity_soft", json_cpus(&row->soft, cpus));
	return object;
}

/* False: the domain has no such vCPU, or is gone. */
static bool ask(const struct tenon_domain *domain, uint32_t vcpu, struct row *row)
{
	int error = tenon_get_vcpu(need_hypervisor(), domain->domid, vcpu, &row->vcpu);

	if (!error)
		error = tenon_get_affinity(need_hypervisor(), domain->domid, vcpu, &row->hard, &row->soft);
	if (error && error != -ESRCH && error != -EINVAL)
		fail("vCPU %u of domain %u cannot be asked for: %s", vcpu, domain->domid, strerror(-error));
	return !error;
}

static void show(const struct tenon_domain *domain, unsigned int cpus, struct json_object *list)
{
	char *name = domain_label(domain->domid);
	struct row row = { .name = name };

	for (uint32_t vcpu = 0; vcpu < domain->vcpus; vcpu++) {
		if (!ask(domain, vcpu, &row))
			continue;
		if (list)
			json_object_array_add(list, json_of(domain->domid, &row, cpus));
		else
			print_row(domain->domid, &row, cpus);
	}
	free(name);
}

static int run(int argc, char **argv)
{
	bool json = false;
	int first = parse_options(argc, argv, &json, NULL, NULL, NULL);
	unsigned int cpus = need_processors();
	struct tenon_domain *domains;
	int count = need_domains(argc, argv, first, &domains);
	struct json_object *list = json ? json_object_new_array() : NULL;

	if (!json)
		printf("%-24s %5s %5s %4s  %-8s %12s  %s\n", "NAME", "ID", "VCPU", "CPU", "STATE", "TIME/s", "AFFINITY hard / soft");
	for (int i = 0; i < count; i++)
		show(&domains[i], cpus, list);
	if (json)
		print_json(list);
	free(domains);
	return STATUS_DONE;
}

const struct command command_vcpu_list = {
	.name = "vcpu-list", .arguments = "[--json] [DOMAIN]...",
	.summary = "Lists vCPUs, where they run and may run",
	.options = "      --json  as JSON: an array of objects\n", .run = run,
};
