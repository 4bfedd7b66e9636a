// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon info DOMAIN: one domain. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "nodes.h"
#include "vnc.h"

struct about {
	struct tenon_domain domain;
	char uuid[37];
	char *name, *kernel, *command_line, *console;	/* NULL: nobody knows */
	struct vnc vnc;
	bool has_vnc;
};

static struct about ask(uint16_t domid)
{
	struct tenon_store *store = want_store();
	struct about about = { 0 };
	char home[32], vm[64];
	int error = tenon_get_domain(need_hypervisor(), domid, &about.domain);

	if (error)
		fail("domain %u cannot be asked for: %s", domid, strerror(-error));
	uuid_text(about.domain.uuid, about.uuid);
	about.name = domain_label(domid);
	about.has_vnc = vnc_of(domid, &about.vnc);
	if (!store)
		return about;
	snprintf(home, sizeof(home), "/local/domain/%u", domid);
	snprintf(vm, sizeof(vm), "/vm/%s", about.uuid);
	about.kernel = node_read(store, vm, "image/kernel");
	about.command_line = node_read(store, vm, "image/cmdline");
	about.console = node_read(store, home, "console/tty");
	return about;
}

static void print_text(const struct about *about)
{
	const struct tenon_domain *domain = &about->domain;
	char text[80];

	printf("name          %s\nnumber        %u\nuuid          %s\nstate         %s\n", about->name, domain->domid, about->uuid,
	       state_name(domain));
	printf("memory        %llu MiB, at most %llu MiB\nvcpus         %u, %u online\ncpu time      %.1f s\n",
	       (unsigned long long)(domain->memory_bytes >> 20), (unsigned long long)(domain->memory_max_bytes >> 20), domain->vcpus,
	       domain->vcpus_online, domain->cpu_ns / 1e9);
	if (about->kernel)
		printf("kernel        %s\n", about->kernel);
	if (about->command_line)
		printf("command line  %s\n", about->command_line);
	if (about->console && *about->console)
		printf("console       %s\n", about->console);
	if (!about->has_vnc)
		return;
	vnc_text(&about->vnc, text);
	printf("framebuffer   VNC at %s\n", text);
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, text ? json_object_new_string(text) : NULL);
}

static struct json_object *json_of(const struct about *about)
{
	const struct tenon_domain *domain = &about->domain;
	struct json_object *object = json_domain(domain->domid);

	add_text(object, "uuid", about->uuid);
	add_text(object, "state", state_name(domain));
	json_object_object_add(object, "memory_bytes", json_object_new_uint64(domain->memory_bytes));
	json_object_object_add(object, "memory_max_bytes", json_object_new_uint64(domain->memory_max_bytes));
	json_object_object_add(object, "vcpus", json_object_new_int(domain->vcpus));
	json_object_object_add(object, "vcpus_online", json_object_new_int(domain->vcpus_online));
	json_object_object_add(object, "cpu_ns", json_object_new_uint64(domain->cpu_ns));
	add_text(object, "kernel", about->kernel);
	add_text(object, "command_line", about->command_line);
	add_text(object, "console", about->console && *about->console ? about->console : NULL);
	json_object_object_add(object, "vnc", json_vnc(domain->domid));
	return object;
}

int info_domain(uint16_t domid, bool json)
{
	struct about about = ask(domid);

	if (json)
		print_json(json_of(&about));
	else
		print_text(&about);
	free(about.name);
	free(about.kernel);
	free(about.command_line);
	free(about.console);
	return STATUS_DONE;
}
