// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon doctor: what stands in the way of running Tenon on this host, and what to do. */
#include <json-c/json.h>
#include <string.h>

#include "cli.h"
#include "doctor.h"

static const char *const severities[] = { "ok", "note", "warning", "error" };

struct findings {
	struct json_object *list;	/* or NULL: they are printed */
	bool quiet;
	unsigned int errors;
};

static const char *root = "";
static bool quiet;

static void report(void *arg, const char *check, enum doctor_severity severity, const char *text, const char *advice)
{
	struct findings *findings = arg;
	struct json_object *object;

	findings->errors += severity == DOCTOR_ERROR;
	if (findings->quiet && severity < DOCTOR_WARNING)
		return;
	if (!findings->list) {
		printf("%-8s %s: %s\n", severities[severity], check, text);
		if (advice)
			printf("         -> %s\n", advice);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "check", json_object_new_string(check));
	json_object_object_add(object, "severity", json_object_new_string(severities[severity]));
	json_object_object_add(object, "text", json_object_new_string(text));
	json_object_object_add(object, "advice", advice ? json_object_new_string(advice) : NULL);
	json_object_array_add(findings->list, object);
}

static void take(int option, char *value)
{
	if (option == 'q')
		quiet = true;
	else
		root = strcmp(value, "/") ? value : "";
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "quiet", no_argument, NULL, 'q' }, { "root", required_argument, NULL, 'r' }, { 0 },
	};
	struct findings findings = { 0 };
	struct doctor doctor = { .report = report, .arg = &findings };
	bool json = false;
	int first = parse_options(argc, argv, &json, options, "qr:", take);

	need_arguments(argc, first, 0, 0);
	doctor.root = root;
	findings.quiet = quiet;
	if (json)
		findings.list = json_object_new_array();
	doctor_run(&doctor);
	if (json)
		print_json(findings.list);
	return findings.errors ? STATUS_FAILED : STATUS_DONE;
}

const struct command command_doctor = {
	.name = "doctor", .arguments = "[--json] [-q] [-r DIRECTORY]",
	.summary = "Checks whether this host is fit, and says what to do",
	.options = "      --json            as JSON: an array of objects\n"
		   "  -q, --quiet           warnings and errors alone\n"
		   "  -r, --root=DIRECTORY  look at the system that is mounted there\n",
	.run = run,
};
