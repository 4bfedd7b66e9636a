// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon config-check: what is wrong with guests' configuration files. */
#include <json-c/json.h>
#include <string.h>

#include "cli.h"
#include "keys.h"

struct findings {
	struct json_object *list;	/* or NULL: they are printed */
};

static void report(void *arg, enum config_severity severity, const char *file, struct config_place place, const char *text)
{
	struct findings *findings = arg;
	const char *name = severity == CONFIG_ERROR ? "error" : "warning";
	struct json_object *object;

	if (!findings->list) {
		if (place.line)
			printf("%s:%d:%d: %s: %s\n", file, place.line, place.column, name, text);
		else
			printf("%s: %s: %s\n", file, name, text);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "file", json_object_new_string(file));
	json_object_object_add(object, "line", json_object_new_int(place.line));
	json_object_object_add(object, "column", json_object_new_int(place.column));
	json_object_object_add(object, "severity", json_object_new_string(name));
	json_object_object_add(object, "text", json_object_new_string(text));
	json_object_array_add(findings->list, object);
}

/* ---- what keys there are ---- */

static bool show_keys;

static void take(int option, char *value)
{
	show_keys = true;
}

static const struct option more[] = {
	{ "keys", no_argument, NULL, 'k' },
	{ 0 },
};

static const char *key_kinds(const struct config_key *key, char out[32])
{
	static const char *const names[] = { [CONFIG_NUMBER] = "number", [CONFIG_STRING] = "string", [CONFIG_LIST] = "list" };

	out[0] = '\0';
	for (int kind = 0; kind < 3; kind++)
		if (key->kinds & 1 << kind)
			snprintf(out + strlen(out), 32 - strlen(out), "%s%s", out[0] ? "|" : "", names[kind]);
	return out;
}

static const char *const key_states[] = {
	[CONFIG_KEY_USED] = "used", [CONFIG_KEY_UNUSED] = "no effect", [CONFIG_KEY_REFUSED] = "refused",
};

static void print_key(const struct config_key *key)
{
	char kinds[32], range[160] = "";

	if (key->least != key->most)
		snprintf(range, sizeof(range), "%lld to %lld", key->least, key->most);
	if (key->words)
		snprintf(range + strlen(range), sizeof(range) - strlen(range), "%s%s", range[0] ? ", or " : "", key->words);
	printf("%-28s %-13s ", key->name, key_kinds(key, kinds));
	if (key->state != CONFIG_KEY_USED)
		printf("%s: %s\n", key_states[key->state], key->why);
	else
		printf("%s%sdefault: %s\n", range, range[0] ? "; " : "", key->otherwise);
}

static struct json_object *json_key(const struct config_key *key)
{
	struct json_object *object = json_object_new_object();
	char kinds[32];

	json_object_object_add(object, "key", json_object_new_string(key->name));
	json_object_object_add(object, "kinds", json_object_new_string(key_kinds(key, kinds)));
	json_object_object_add(object, "state", json_object_new_string(key_states[key->state]));
	if (key->least != key->most) {
		json_object_object_add(object, "least", json_object_new_int64(key->least));
		json_object_object_add(object, "most", json_object_new_int64(key->most));
	}
	if (key->words)
		json_object_object_add(object, "words", json_object_new_string(key->words));
	if (key->otherwise)
		json_object_object_add(object, "default", json_object_new_string(key->otherwise));
	if (key->why)
		json_object_object_add(object, "why", json_object_new_string(key->why));
	return object;
}

static void list_keys(bool json)
{
	struct json_object *list = json ? json_object_new_array() : NULL;

	for (const struct config_key *key = config_keys; key->name; key++)
		if (json)
			json_object_array_add(list, json_key(key));
		else
			print_key(key);
	if (json)
		print_json(list);
}

static int run(int argc, char **argv)
{
	struct findings findings = { 0 };
	bool json = false;
	int first = parse_options(argc, argv, &json, more, NULL, take), status = STATUS_DONE;

	need_arguments(argc, first, show_keys ? 0 : 1, show_keys ? 0 : -1);
	if (show_keys) {
		list_keys(json);
		return STATUS_DONE;
	}
	if (json)
		findings.list = json_object_new_array();
	for (int i = first; i < argc; i++) {
		struct config *config = config_read(argv[i], report, &findings);

		config_check(config);
		if (config->errors)
			status = STATUS_FAILED;
		config_free(config);
	}
	if (json)
		print_json(findings.list);
	return status;
}

const struct command command_config_check = {
	.name = "config-check", .arguments = "[--json] FILE...|--keys",
	.summary = "Says what is wrong with configuration files of guests",
	.options = "      --json  as JSON: an array of objects\n      --keys  list the keys that a file may have, with ranges and defaults\n", .run = run,
};
