// SPDX-License-Identifier: GPL-2.0-or-later
/* What the subcommands about devices share. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "nodes.h"

struct record *need_record(const struct ground *ground, const char *name)
{
	uint16_t domid = need_domain(name);
	struct record *record = domid ? guest_record_of(ground, domid, RECORD_WAIT) : NULL;

	if (record)
		return record;
	if (domid && errno == EWOULDBLOCK)
		fail("%s is being changed by another process", name);
	fail("domain %s was not made by 'tenon create': its devices are the business of what made it", name);
}

char *join_arguments(int argc, char **argv, int first)
{
	size_t size = 1;
	char *text;

	for (int i = first; i < argc; i++)
		size += strlen(argv[i]) + 1;
	text = calloc(1, size);
	if (!text)
		fail("out of memory");
	for (int i = first; i < argc; i++) {
		strcat(text, i > first ? "," : "");
		strcat(text, argv[i]);
	}
	return text;
}

static int detach_ms = 20000;

static void take(int option, char *value)
{
	if (option == 'f')
		detach_ms = 0;
	else
		detach_ms = timeout_option(value) * 1000;
}

static const struct option more[] = {
	{ "force", no_argument, NULL, 'f' },
	{ "timeout", required_argument, NULL, 't' },
	{ 0 },
};

int run_detach(int argc, char **argv, enum device_kind kind, struct record_device *(*find)(struct record *record, const char *name))
{
	int first = parse_options(argc, argv, NULL, more, "ft:", take);
	struct ground ground;
	struct record *record;
	struct record_device *device;

	need_arguments(argc, first, 2, 2);
	ground = need_ground();
	record = need_record(&ground, argv[first]);
	device = find(record, argv[first + 1]);
	if (!device)
		fail("domain %s has no %s %s", argv[first], kind == DEVICE_DISK ? "disk" : "network interface", argv[first + 1]);
	if (!guest_take(&ground, record, kind, device->devid, detach_ms))
		fail("%s: %s", argv[first], guest_why());
	record_close(record);
	return STATUS_DONE;
}

/* ---- listing ---- */

const char *device_state(struct tenon_store *store, const char *back)
{
	static const char *const names[] = { "unknown", "initialising", "waiting", "initialised", "connected", "closing", "closed" };
	long state = node_number(store, back, "state");

	return state > 0 && state < 7 ? names[state] : names[0];
}

static void list_one(struct tenon_store *store, const char *back, unsigned long devid, const struct device_column *columns,
		     struct json_object *list)
{
	struct json_object *object = list ? json_object_new_object() : NULL;

	if (object)
		json_object_object_add(object, "devid", json_object_new_int64(devid));
	for (const struct device_column *column = columns; column->node; column++) {
		char *text = strcmp(column->node, "state") ? node_read(store, back, column->node) : strdup(device_state(store, back));

		if (object)
			json_object_object_add(object, column->name, text ? json_object_new_string(text) : NULL);
		else
			printf("%-*s%s", column[1].node ? column->width : 0, text ? text : "-", column[1].node ? " " : "");
		free(text);
	}
	if (object)
		json_object_array_add(list, object);
	else
		putchar('\n');
}

int run_device_list(int argc, char **argv, enum device_kind kind, const struct device_column *columns)
{
	bool json = false;
	int first = parse_options(argc, argv, &json, NULL, NULL, NULL);
	struct json_object *list = json ? json_object_new_array() : NULL;
	struct tenon_store *store = need_store();
	char base[NODE_PATH_SIZE], back[NODE_PATH_SIZE * 2], **names;
	uint16_t domid;

	need_arguments(argc, first, 1, 1);
	domid = need_domain(argv[first]);
	snprintf(base, sizeof(base), "/local/domain/0/backend/%s/%u", device_class(kind), domid);
	names = tenon_store_list(store, 0, base);
	for (const struct device_column *column = columns; !json && column->node; column++)
		printf("%-*s%s", column[1].node ? column->width : 0, column->heading, column[1].node ? " " : "\n");
	for (size_t i = 0; names && names[i]; i++) {
		snprintf(back, sizeof(back), "%s/%.32s", base, names[i]);
		list_one(store, back, strtoul(names[i], NULL, 10), columns, list);
	}
	free(names);
	if (json)
		print_json(list);
	return STATUS_DONE;
}
