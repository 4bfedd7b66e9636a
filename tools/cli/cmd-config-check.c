// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon config-check: what is wrong with guests' configuration files. */
#include <json-c/json.h>

#include "cli.h"
#include "config.h"

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

static int run(int argc, char **argv)
{
	struct findings findings = { 0 };
	bool json = false;
	int first = parse_options(argc, argv, &json, NULL, NULL, NULL), status = STATUS_DONE;

	need_arguments(argc, first, 1, -1);
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
	.name = "config-check", .arguments = "[--json] FILE...",
	.summary = "Says what is wrong with configuration files of guests",
	.options = "      --json  as JSON: an array of objects\n", .run = run,
};
