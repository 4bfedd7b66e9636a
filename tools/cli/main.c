// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon: finds the subcommand. */
#include <errno.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define OPTIONS_MAX 32	/* of a subcommand, --help and --json included */

static const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "commands.def"
#undef COMMAND
};

static const struct command *current;

/* ---- messages ---- */

static void say(const char *format, va_list args)
{
	fprintf(stderr, "tenon%s%s: ", current ? " " : "", current ? current->name : "");
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	exit(STATUS_FAILED);
}

void fail_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	fprintf(stderr, "Try 'tenon %s%s--help'.\n", current ? current->name : "", current ? " " : "");
	exit(STATUS_USAGE);
}

static void help_of(const struct command *command)
{
	printf("Usage: tenon %s%s%s\n%s.\n", command->name, command->arguments[0] ? " " : "", command->arguments,
	       command->summary);
	if (command->options)
		printf("\n%s", command->options);
}

static void help(void)
{
	printf("Usage: tenon COMMAND [ARGUMENT]...\nShows and changes the domains of a Tenon host.\n\n");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		printf("  %-13s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n'tenon COMMAND --help' says more; the manual is tenon(1).\n");
}

/* ---- what subcommands need ---- */

struct tenon *need_hypervisor(void)
{
	static struct tenon *tenon;

	if (!tenon)
		tenon = open_hypervisor();
	if (tenon)
		return tenon;
	if (errno == ENOENT)
		fail("no hypervisor: this kernel does not run on one, or the module xen-privcmd is not loaded");
	if (errno == EACCES || errno == EPERM)
		fail("the hypervisor may not be asked: only root may (/dev/xen/privcmd)");
	fail("the hypervisor cannot be asked: %s", strerror(errno));
}

struct tenon_store *want_store(void)
{
	static struct tenon_store *store;
	static bool tried;

	if (!tried)
		store = tenon_store_open(store_path());
	tried = true;
	return store;
}

struct tenon_store *need_store(void)
{
	struct tenon_store *store = want_store();

	if (!store)
		fail("the store's daemon does not answer: is tenon-stored running?");
	return store;
}

struct ground need_ground(void)
{
	return (struct ground){ .tenon = need_hypervisor(), .store = need_store() };
}

void tidy_up(void)
{
	struct ground ground = { .tenon = need_hypervisor(), .store = want_store() };

	if (ground.store)
		guest_sweep(&ground);
}

uint16_t need_domain(const char *name)
{
	struct tenon_store *store = want_store();
	int domid = tenon_find_domain(need_hypervisor(), store, name);

	if (domid >= 0)
		return domid;
	if (domid == -ENOTUNIQ)
		fail("several domains have the name %s: give a number ('tenon list' shows them)", name);
	if (domid != -ESRCH)
		fail("domain %s cannot be looked for: %s", name, strerror(-domid));
	fail("there is no domain %s%s", name, store ? "" : " (the store's daemon does not run: names are unknown)");
}

/* ---- options ---- */

enum { OPTION_JSON = 1000, OPTION_HELP };

int parse_options(int argc, char **argv, bool *json, const struct option *more, const char *letters,
		  void (*take)(int option, char *value))
{
	struct option all[OPTIONS_MAX + 1] = { { "help", no_argument, NULL, OPTION_HELP } };
	int count = 1, option;
	char short_options[32];

	if (json)
		all[count++] = (struct option){ "json", no_argument, NULL, OPTION_JSON };
	for (; more && more->name; more++) {
		if (count == OPTIONS_MAX)
			abort();
		all[count++] = *more;
	}
	snprintf(short_options, sizeof(short_options), ":h%s", letters ? letters : "");
	opterr = 0;
	while ((option = getopt_long(argc, argv, short_options, all, NULL)) >= 0) {
		switch (option) {
		case OPTION_HELP:
		case 'h':
			help_of(current);
			exit(STATUS_DONE);
		case OPTION_JSON:
			*json = true;
			break;
		case ':':
			fail_usage("%s needs a value", argv[optind - 1]);
		case '?':
			fail_usage("%s is no option of it", argv[optind - 1]);
		default:
			take(option, optarg);
		}
	}
	return optind;
}

void need_arguments(int argc, int first, int least, int most)
{
	if (argc - first < least)
		fail_usage("something is missing: %s", current->arguments);
	if (most >= 0 && argc - first > most)
		fail_usage("too many arguments");
}

/* ---- output ---- */

const char *state_name(const struct tenon_domain *domain)
{
	static const char *const reasons[] = { "off", "reboot", "suspended", "crashed", "watchdog" };

	if (domain->state & TENON_DOMAIN_DYING)
		return "dying";
	if (domain->state & TENON_DOMAIN_SHUTDOWN)
		return domain->shutdown_reason < 5 ? reasons[domain->shutdown_reason] : "shut-down";
	if (domain->state & TENON_DOMAIN_PAUSED)
		return "paused";
	return domain->state & TENON_DOMAIN_RUNNING ? "running" : "idle";
}

const char *vcpu_state_name(const struct tenon_vcpu *vcpu)
{
	if (!vcpu->online)
		return "offline";
	if (vcpu->running)
		return "running";
	return vcpu->blocked ? "idle" : "ready";
}

void uuid_text(const uint8_t uuid[16], char out[37])
{
	char *at = out;

	for (int i = 0; i < 16; i++)
		at += sprintf(at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

void print_json(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
							   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

int main(int argc, char **argv)
{
	int status;

	if (argc < 2) {
		help();
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		help();
		return STATUS_DONE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("tenon (Tenon) %s\n", TENON_VERSION);
		return STATUS_DONE;
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i]->name))
			current = commands[i];
	if (!current)
		fail_usage("there is no subcommand '%s'", argv[1]);
	if (record_dir()) {
		record_place(record_dir());
		guest_kernel_cache(NULL);
	}
	status = current->run(argc - 1, argv + 1);
	if (fflush(stdout) || ferror(stdout))
		fail("the output cannot be written: %s", strerror(errno));
	return status;
}
