// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon events: follows what becomes of the domains. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define DOMAINS_MAX 32768

struct known {
	struct tenon_domain *domains;
	char **names;
	int count;
};

static bool json;

static struct known look(void)
{
	struct known known = { .domains = calloc(DOMAINS_MAX, sizeof(*known.domains)) };

	if (!known.domains)
		fail("out of memory");
	known.count = tenon_list_domains(need_hypervisor(), 0, known.domains, DOMAINS_MAX);
	if (known.count < 0)
		fail("the domains cannot be listed: %s", strerror(-known.count));
	known.names = calloc(known.count + 1, sizeof(*known.names));
	if (!known.names)
		fail("out of memory");
	for (int i = 0; i < known.count; i++)
		known.names[i] = tenon_domain_name(need_store(), known.domains[i].domid);
	return known;
}

static void forget(struct known *known)
{
	for (int i = 0; i < known->count; i++)
		free(known->names[i]);
	free(known->names);
	free(known->domains);
}

static int index_of(const struct known *known, uint16_t domid)
{
	for (int i = 0; i < known->count; i++)
		if (known->domains[i].domid == domid)
			return i;
	return -1;
}

static void tell(const char *what, const struct known *known, int i)
{
	const struct tenon_domain *domain = &known->domains[i];
	const char *name = known->names[i] ? known->names[i] : "-";
	time_t now = time(NULL);
	struct json_object *object;
	char stamp[32];

	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S%z", localtime(&now));
	if (!json) {
		printf("%s %-9s %5u %s\n", stamp, what, domain->domid, name);
		fflush(stdout);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "time", json_object_new_string(stamp));
	json_object_object_add(object, "event", json_object_new_string(what));
	json_object_object_add(object, "domid", json_object_new_int(domain->domid));
	json_object_object_add(object, "name", json_object_new_string(name));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(object);
}

static void compare(const struct known *before, const struct known *now)
{
	for (int i = 0; i < before->count; i++)
		if (index_of(now, before->domains[i].domid) < 0)
			tell("gone", before, i);
	for (int i = 0; i < now->count; i++) {
		int old = index_of(before, now->domains[i].domid);

		if (old < 0)
			tell("new", now, i);
		if ((now->domains[i].state & TENON_DOMAIN_SHUTDOWN) &&
		    (old < 0 || !(before->domains[old].state & TENON_DOMAIN_SHUTDOWN)))
			tell(state_name(&now->domains[i]), now, i);
	}
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, &json, NULL, NULL, NULL), result;
	struct known before, now;
	char *path, *token;

	need_arguments(argc, first, 0, 0);
	if (tenon_store_watch(need_store(), "@introduceDomain", "new") ||
	    tenon_store_watch(need_store(), "@releaseDomain", "end"))
		fail("the domains cannot be watched");
	before = look();
	while ((result = tenon_store_event(need_store(), -1, &path, &token)) > 0) {
		free(path);
		now = look();
		compare(&before, &now);
		forget(&before);
		before = now;
	}
	forget(&before);
	fail("the store's daemon is gone: %s", strerror(-result));
}

const struct command command_events = {
	.name = "events", .arguments = "[--json]",
	.summary = "Follows the domains: which are new, shut down, gone",
	.options = "      --json  as JSON: an object a line\n", .run = run,
};
