// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon info: the hypervisor and the machine. */
#include <json-c/json.h>
#include <string.h>

#include "cli.h"

static void print_json_info(const struct tenon_version *version, const struct tenon_host *host)
{
	struct json_object *object = json_object_new_object();
	char number[64];

	snprintf(number, sizeof(number), "%u.%u%s", version->major, version->minor, version->extra);
	json_object_object_add(object, "version", json_object_new_string(number));
	json_object_object_add(object, "changeset", json_object_new_string(version->changeset));
	json_object_object_add(object, "compiler", json_object_new_string(version->compiler));
	json_object_object_add(object, "capabilities", json_object_new_string(version->capabilities));
	json_object_object_add(object, "command_line", json_object_new_string(version->command_line));
	json_object_object_add(object, "processors", json_object_new_int(host->processors));
	json_object_object_add(object, "highest_processor", json_object_new_int(host->highest_processor));
	json_object_object_add(object, "nodes", json_object_new_int(host->nodes));
	json_object_object_add(object, "threads_per_core", json_object_new_int(host->threads_per_core));
	json_object_object_add(object, "cores_per_socket", json_object_new_int(host->cores_per_socket));
	json_object_object_add(object, "processor_khz", json_object_new_uint64(host->processor_khz));
	json_object_object_add(object, "memory_bytes", json_object_new_uint64(host->total_bytes));
	json_object_object_add(object, "memory_free_bytes", json_object_new_uint64(host->free_bytes));
	print_json(object);
}

static int run(int argc, char **argv)
{
	struct tenon_version version;
	struct tenon_host host;
	bool json = false;
	int first = parse_options(argc, argv, &json, NULL, NULL, NULL), error;

	need_arguments(argc, first, 0, 0);
	error = tenon_get_version(need_hypervisor(), &version);
	if (error)
		fail("the hypervisor's version cannot be asked for: %s", strerror(-error));
	error = tenon_get_host(need_hypervisor(), &host);
	if (error)
		fail("the machine cannot be asked for: %s", strerror(-error));
	if (json) {
		print_json_info(&version, &host);
		return STATUS_DONE;
	}
	printf("version       %u.%u%s\n", version.major, version.minor, version.extra);
	printf("changeset     %s\ncompiler      %s\ncapabilities  %s\ncommand line  %s\n", version.changeset, version.compiler,
	       version.capabilities, version.command_line);
	printf("processors    %u (%u threads a core, %u cores a socket, %u nodes), %llu MHz\n", host.processors,
	       host.threads_per_core, host.cores_per_socket, host.nodes, (unsigned long long)host.processor_khz / 1000);
	printf("memory        %llu MiB, %llu MiB free\n", (unsigned long long)(host.total_bytes >> 20),
	       (unsigned long long)(host.free_bytes >> 20));
	return STATUS_DONE;
}

const struct command command_info = {
	.name = "info", .arguments = "[--json]", .summary = "Shows the hypervisor and the machine",
	.options = "      --json  as JSON: an object\n", .run = run,
};
