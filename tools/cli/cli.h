/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tenon command: one table of subcommands, a file for each. A subcommand parses its own options, and opens what it
 * needs with need_*(), which end the program with a message if it cannot be had.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "life.h"
#include "open.h"
#include "tenon.h"
#include "why.h"

struct json_object;

struct command {
	const char *name;
	const char *arguments;		/* for the synopsis */
	const char *summary;
	const char *options;		/* lines of help; or NULL */
	int (*run)(int argc, char **argv);	/* argv[0] is the subcommand; returns the exit status */
};

#define COMMAND(name) extern const struct command command_##name;
#include "commands.def"
#undef COMMAND

/* Exit statuses, as the manual has them */
enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

/* "tenon list: " and the message. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* The message, and where to find the help. */
void fail_usage(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* The hypervisor; the store. Opened once. */
struct tenon *need_hypervisor(void);
struct tenon_store *need_store(void);

/* Both; what guests are made on. */
struct ground need_ground(void);

/* Guests that were left half made or half taken down by commands that were killed go, as far as the store's daemon runs. */
void tidy_up(void);

/* The store, or NULL if its daemon does not run: names are then unknown. */
struct tenon_store *want_store(void);

/*
 * devices.c: the record of a guest that is to be changed, locked; arguments joined by commas, to be freed; detaching, with its
 * options and arguments; listing what nodes of a back end say.
 */
struct record *need_record(const struct ground *ground, const char *name);
char *join_arguments(int argc, char **argv, int first);
int run_detach(int argc, char **argv, enum device_kind kind, struct record_device *(*find)(struct record *record, const char *name));
#define DETACH_OPTIONS \
	"  -f, --force         take it without asking the guest\n" \
	"  -t, --timeout=N     how many seconds the guest may take to let go [20]\n"

struct device_column {
	const char *node, *name, *heading;
	int width;
};
int run_device_list(int argc, char **argv, enum device_kind kind, const struct device_column *columns);
const char *device_state(struct tenon_store *store, const char *back);

/* cmd-console.c: this terminal becomes the console of a domain, until the escape. @name: for messages. */
int console_of(uint16_t domid, const char *name);

/* info-domain.c: all about one domain; the exit status. */
int info_domain(uint16_t domid, bool json);

/* The number of a domain given by name or number. */
uint16_t need_domain(const char *name);

/*
 * Options of a subcommand: --json if @json is not NULL, --help, and those of @more (ended by a zero entry), each given to
 * @take. Returns the index of the first argument.
 */
int parse_options(int argc, char **argv, bool *json, const struct option *more, const char *letters,
		  void (*take)(int option, char *value));

/* At least @least and at most @most (-1: any number) arguments from @first on. */
void need_arguments(int argc, int first, int least, int most);

/* await.c. Before the first await_end(): watch_ends(). @since: when waiting began; @timeout in seconds, or -1. */
void watch_ends(void);
int await_end(uint16_t domid, const char *name, int timeout, time_t since);
int timeout_option(const char *value);

/*
 * domains.c. The name of a domain to show, never NULL; to be freed. The domains that argv[first...] name, or all if it names
 * none, by number; *domains is to be freed. Returns how many.
 */
char *domain_label(uint16_t domid);
int need_domains(int argc, char **argv, int first, struct tenon_domain **domains);

/* An object with the domain's number and name, to be filled further. */
struct json_object *json_domain(uint16_t domid);

/* values.c. What arguments say; the program ends with a message if it is not that. */
uint64_t need_number(const char *what, const char *text, uint64_t least, uint64_t most);
uint64_t need_size(const char *what, const char *text);	/* in bytes: with b, k, m, g or t behind it, else in MiB */
/* The node of each processor there can be (tenon_get_nodes). */
const uint8_t *need_nodes(void);
struct tenon_cpus need_cpus(const char *text, unsigned int count);

/* A set as "0-3,7", or "all" if it is all of @count; to be freed. And as an array of numbers. */
char *cpus_text(const struct tenon_cpus *cpus, unsigned int count);
struct json_object *json_cpus(const struct tenon_cpus *cpus, unsigned int count);

/* Possible processors: their numbers are below that. */
unsigned int need_processors(void);

/* One word for what a domain does, as `list` shows it. */
const char *state_name(const struct tenon_domain *domain);
const char *vcpu_state_name(const struct tenon_vcpu *vcpu);
void uuid_text(const uint8_t uuid[16], char out[37]);

/* Prints a json-c object and gives it up. */
void print_json(struct json_object *object);

#endif
