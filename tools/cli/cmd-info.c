// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon info: the hypervisor and the machine, or a domain (info-domain.c). */
#include <json-c/json.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli.h"
#include "speculation.h"

struct info {
	struct tenon_version version;
	struct tenon_host host;
	struct utsname kernel;		/* domain 0's */
};

/* The processor's words of features, as xl shows them. */
static void features_text(const struct tenon_host *host, char out[80])
{
	for (int i = 0; i < 8; i++)
		out += sprintf(out, "%s%08x", i ? ":" : "", host->features[i]);
}

static void kinds_text(const struct tenon_host *host, char out[32])
{
	snprintf(out, 32, "%s%s%s", host->pv ? " pv" : "", host->hvm ? " hvm" : "", host->iommu ? " pv_directio" : "");
}

static void print_json_info(const struct info *info)
{
	const struct tenon_version *version = &info->version;
	const struct tenon_host *host = &info->host;
	struct json_object *object = json_object_new_object();
	char text[128];

	snprintf(text, sizeof(text), "%u.%u%s", version->major, version->minor, version->extra);
	json_object_object_add(object, "version", json_object_new_string(text));
	json_object_object_add(object, "changeset", json_object_new_string(version->changeset));
	json_object_object_add(object, "compiler", json_object_new_string(version->compiler));
	json_object_object_add(object, "compile_date", json_object_new_string(version->compile_date));
	json_object_object_add(object, "build_id", json_object_new_string(version->build_id));
	json_object_object_add(object, "capabilities", json_object_new_string(version->capabilities));
	json_object_object_add(object, "command_line", json_object_new_string(version->command_line));
	snprintf(text, sizeof(text), "%#llx", (unsigned long long)version->virtual_start);
	json_object_object_add(object, "virtual_start", json_object_new_string(text));
	json_object_object_add(object, "scheduler", json_object_new_string(host->scheduler));
	json_object_object_add(object, "host", json_object_new_string(info->kernel.nodename));
	json_object_object_add(object, "kernel", json_object_new_string(info->kernel.release));
	json_object_object_add(object, "machine", json_object_new_string(info->kernel.machine));
	json_object_object_add(object, "processors", json_object_new_int(host->processors));
	json_object_object_add(object, "highest_processor", json_object_new_int(host->highest_processor));
	json_object_object_add(object, "processors_free", json_object_new_int(host->free_processors));
	json_object_object_add(object, "nodes", json_object_new_int(host->nodes));
	json_object_object_add(object, "threads_per_core", json_object_new_int(host->threads_per_core));
	json_object_object_add(object, "cores_per_socket", json_object_new_int(host->cores_per_socket));
	json_object_object_add(object, "processor_khz", json_object_new_uint64(host->processor_khz));
	features_text(host, text);
	json_object_object_add(object, "features", json_object_new_string(text));
	json_object_object_add(object, "guests_pv", json_object_new_boolean(host->pv));
	json_object_object_add(object, "guests_hvm", json_object_new_boolean(host->hvm));
	json_object_object_add(object, "iommu", json_object_new_boolean(host->iommu));
	json_object_object_add(object, "memory_bytes", json_object_new_uint64(host->total_bytes));
	json_object_object_add(object, "memory_free_bytes", json_object_new_uint64(host->free_bytes));
	json_object_object_add(object, "memory_scrub_bytes", json_object_new_uint64(host->scrub_bytes));
	json_object_object_add(object, "memory_claimed_bytes", json_object_new_uint64(host->claimed_bytes));
	json_object_object_add(object, "speculation", speculation_lines());
	print_json(object);
}

static void print_speculation(void)
{
	struct json_object *lines = speculation_lines();

	for (size_t i = 0; i < json_object_array_length(lines); i++)
		printf("%-13s %s\n", i ? "" : "speculation", json_object_get_string(json_object_array_get_idx(lines, i)));
	if (!json_object_array_length(lines))
		printf("speculation   not in the hypervisor's log any more\n");
	json_object_put(lines);
}

static void print_text(const struct info *info)
{
	const struct tenon_version *version = &info->version;
	const struct tenon_host *host = &info->host;
	char text[80];

	printf("version       %u.%u%s\n", version->major, version->minor, version->extra);
	printf("changeset     %s\ncompiler      %s, %s\nbuild id      %s\n", version->changeset, version->compiler,
	       version->compile_date, version->build_id[0] ? version->build_id : "none");
	printf("capabilities  %s\ncommand line  %s\naddresses     from %#llx on\nscheduler     %s\n", version->capabilities,
	       version->command_line, (unsigned long long)version->virtual_start, host->scheduler);
	kinds_text(host, text);
	printf("guests       %s\n", text);
	printf("host          %s, %s, %s\n", info->kernel.nodename, info->kernel.release, info->kernel.machine);
	printf("processors    %u (%u threads a core, %u cores a socket, %u nodes), %llu MHz; %u in no pool\n", host->processors,
	       host->threads_per_core, host->cores_per_socket, host->nodes, (unsigned long long)host->processor_khz / 1000,
	       host->free_processors);
	features_text(host, text);
	printf("features      %s\n", text);
	printf("memory        %llu MiB, %llu MiB free, %llu MiB of it claimed\n", (unsigned long long)(host->total_bytes >> 20),
	       (unsigned long long)(host->free_bytes >> 20), (unsigned long long)(host->claimed_bytes >> 20));
	print_speculation();
}

static int run(int argc, char **argv)
{
	struct info info;
	bool json = false;
	int first = parse_options(argc, argv, &json, NULL, NULL, NULL), error;

	need_arguments(argc, first, 0, 1);
	if (first < argc)
		return info_domain(need_domain(argv[first]), json);
	error = tenon_get_version(need_hypervisor(), &info.version);
	if (error)
		fail("the hypervisor's version cannot be asked for: %s", strerror(-error));
	error = tenon_get_host(need_hypervisor(), &info.host);
	if (error)
		fail("the machine cannot be asked for: %s", strerror(-error));
	uname(&info.kernel);
	if (json)
		print_json_info(&info);
	else
		print_text(&info);
	return STATUS_DONE;
}

const struct command command_info = {
	.name = "info", .arguments = "[--json] [DOMAIN]", .summary = "Shows the hypervisor and the machine, or a domain",
	.options = "      --json  as JSON: an object\n", .run = run,
};
