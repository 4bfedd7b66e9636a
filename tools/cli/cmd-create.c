// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon create: makes a guest. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "cli.h"
#include "config.h"
#include "guest.h"
#include "life.h"
#include "vfb_show.h"
#include "why.h"

static const struct config_place nowhere;

static bool paused, console, dry_run, quiet, json;
static const char *again;
static struct config *options;		/* what options and arguments say */

static void report(void *arg, enum config_severity severity, const char *file, struct config_place place, const char *text)
{
	const char *kind = severity == CONFIG_ERROR ? "error" : "warning";

	if (severity == CONFIG_WARNING && quiet)
		return;
	if (place.line)
		fprintf(stderr, "%s:%d:%d: %s: %s\n", file, place.line, place.column, kind, text);
	else
		fprintf(stderr, "%s: %s: %s\n", file, kind, text);
}

/* ---- options that are settings ---- */

enum { OPTION_SETTING = 2000, OPTION_AGAIN = 3000 };

static const struct setting_option {
	const char *name;
	enum config_kind kind;		/* of a list: one item */
} settings[] = {
	{ "name", CONFIG_STRING }, { "kernel", CONFIG_STRING }, { "ramdisk", CONFIG_STRING }, { "extra", CONFIG_STRING },
	{ "memory", CONFIG_NUMBER }, { "vcpus", CONFIG_NUMBER }, { "disk", CONFIG_LIST }, { "vif", CONFIG_LIST },
	{ "vfb", CONFIG_LIST },
};

static struct config_value *text_value(const char *text)
{
	struct config_value *value = config_value_new(CONFIG_STRING, nowhere);

	value->string = xstrdup(text);
	return value;
}

static void take_setting(const struct setting_option *option, const char *text)
{
	struct config_value *value;
	char *end;

	if (option->kind == CONFIG_NUMBER) {
		value = config_value_new(CONFIG_NUMBER, nowhere);
		value->number = strtoll(text, &end, 0);
		if (*end || end == text)
			fail_usage("--%s=%s: give a number", option->name, text);
	} else if (option->kind == CONFIG_LIST) {
		value = config_value_new(CONFIG_LIST, nowhere);
		config_list_add(value, text_value(text));
	} else {
		value = text_value(text);
	}
	config_set(options, xstrdup(option->name), nowhere, value, option->kind == CONFIG_LIST);
}

static void take(int option, char *value)
{
	switch (option) {
	case 'p': paused = true; break;
	case 'c': console = true; break;
	case 'n': dry_run = true; break;
	case 'q': quiet = true; break;
	case OPTION_AGAIN: again = value; break;
	default: take_setting(&settings[option - OPTION_SETTING], value);
	}
}

static const struct option more[] = {
	{ "paused", no_argument, NULL, 'p' },
	{ "console", no_argument, NULL, 'c' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "again", required_argument, NULL, OPTION_AGAIN },
	{ "name", required_argument, NULL, OPTION_SETTING },
	{ "kernel", required_argument, NULL, OPTION_SETTING + 1 },
	{ "ramdisk", required_argument, NULL, OPTION_SETTING + 2 },
	{ "extra", required_argument, NULL, OPTION_SETTING + 3 },
	{ "memory", required_argument, NULL, OPTION_SETTING + 4 },
	{ "vcpus", required_argument, NULL, OPTION_SETTING + 5 },
	{ "disk", required_argument, NULL, OPTION_SETTING + 6 },
	{ "vif", required_argument, NULL, OPTION_SETTING + 7 },
	{ "vfb", required_argument, NULL, OPTION_SETTING + 8 },
	{ 0 },
};

/* ---- the configuration ---- */

/* Moves all settings of @from over to @to; lists are joined if @append. They have no place in @to's file. */
static void merge(struct config *to, struct config *from, bool append)
{
	while (from->settings) {
		struct config_setting *setting = from->settings;

		from->settings = setting->next;
		setting->value->place = nowhere;
		config_override(to, setting->name, nowhere, setting->value, append && setting->value->kind == CONFIG_LIST);
		free(setting);
	}
	to->errors += from->errors;
	config_free(from);
}

/* A file, then KEY=VALUE in the file's syntax, then options. */
static struct config *read_config(int argc, char **argv, int first)
{
	struct config *config;

	if (first < argc && !strchr(argv[first], '='))
		config = config_read(argv[first++], report, NULL);
	else
		config = config_parse("tenon create", "", 0, report, NULL);
	for (; first < argc; first++) {
		if (!strchr(argv[first], '='))
			fail_usage("'%s' is no KEY=VALUE, and one configuration file is enough", argv[first]);
		merge(config, config_parse(argv[first], argv[first], strlen(argv[first]), report, NULL), false);
	}
	merge(config, options, true);
	config_check(config);
	return config;
}

static struct guest *read_guest(int argc, char **argv, int first, struct record **record)
{
	struct config *config;
	struct guest *guest;

	if (again) {
		need_arguments(argc, first, 0, 0);
		*record = record_open(again, RECORD_WAIT);
		if (!*record)
			fail("there is no record of a guest %s: %s", again, strerror(errno));
		/* Somebody else, who was asked for the same, has made it. */
		if ((*record)->phase != PHASE_RESTARTING)
			exit(STATUS_DONE);
		config = record_config(*record, report, NULL);
	} else {
		if (first == argc && !options->settings)
			fail_usage("give a configuration file, or at least --name, --kernel and --memory");
		config = read_config(argc, argv, first);
	}
	guest = config->errors ? NULL : guest_read(config, need_nodes());
	if (!guest)
		fail("the configuration has errors");
	return guest;
}

static void tell(const struct guest *guest, uint16_t domid)
{
	struct json_object *object;

	if (json) {
		object = json_domain(domid);
		json_object_object_add(object, "uuid", json_object_new_string(guest->uuid_text));
		print_json(object);
	} else if (!quiet) {
		printf("%s is domain %u\n", guest->name, domid);
		fflush(stdout);
	}
}

static int run(int argc, char **argv)
{
	struct record *record = NULL;
	struct ground ground;
	struct guest *guest;
	uint16_t domid = 0;
	char name[GUEST_NAME_MAX + 1];
	int first;

	options = config_parse("options", "", 0, report, NULL);
	first = parse_options(argc, argv, &json, more, "pcnq", take);
	guest = read_guest(argc, argv, first, &record);
	ground = need_ground();
	tidy_up();
	if (dry_run ? !guest_check(&ground, guest) : !guest_create(&ground, guest, paused, record, &domid))
		fail("%s: %s", guest->name, guest_why());
	if (!dry_run) {
		vfb_show(guest->uuid_text, store_path());
		tell(guest, domid);
	}
	snprintf(name, sizeof(name), "%s", guest->name);
	guest_free(guest);
	return console && !dry_run ? console_of(domid, name) : STATUS_DONE;
}

const struct command command_create = {
	.name = "create", .arguments = "[OPTION]... [FILE] [KEY=VALUE]...", .summary = "Makes a guest and starts it",
	.options = "  -c, --console       be its console then\n"
		   "  -p, --paused        leave it paused\n"
		   "  -n, --dry-run       only see whether it could be made\n"
		   "  -q, --quiet         no warnings, no number\n"
		   "      --json          its number as JSON: an object\n"
		   "      --name=NAME --kernel=FILE --ramdisk=FILE --extra=TEXT --memory=MIB --vcpus=N --disk=SPEC --vif=SPEC --vfb=SPEC\n"
		   "                      settings without a file, or that replace its (devices: are added)\n",
	.run = run,
};
