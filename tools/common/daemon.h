/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every daemon does when it starts and until it ends: the options they share, signals, readiness. */
#ifndef COMMON_DAEMON_H
#define COMMON_DAEMON_H

#include <ev.h>
#include <getopt.h>
#include <stdbool.h>
#include <sys/types.h>

struct daemon {
	const char *name;		/* "tenon-stored" */
	const char *usage;		/* what --help prints; it ends with DAEMON_USAGE */
	/* By options: */
	bool detach, verbose;
	const char *pidfile;
};

enum { DAEMON_OPTION_DETACH = 1000, DAEMON_OPTION_PIDFILE };

/* To be put into a daemon's own long options and letters. */
#define DAEMON_OPTIONS \
	{ "daemon", no_argument, NULL, DAEMON_OPTION_DETACH }, \
	{ "pidfile", required_argument, NULL, DAEMON_OPTION_PIDFILE }, \
	{ "verbose", no_argument, NULL, 'v' }, \
	{ "help", no_argument, NULL, 'h' }, \
	{ "version", no_argument, NULL, 'V' }
#define DAEMON_LETTERS "vhV"
#define DAEMON_USAGE \
	"      --daemon          go to the background once it serves\n" \
	"      --pidfile=FILE    write the number of the process there\n" \
	"  -v, --verbose         say more\n" \
	"  -h, --help            show this text\n" \
	"  -V, --version         show the version\n"

/*
 * Reads the options, and the messages go where they should from then on. @take gets those that are the daemon's own, with
 * optarg. Wrong ones end the process.
 */
void daemon_options(struct daemon *daemon, int argc, char **argv, const struct option *options, void (*take)(int option));

/* A number that an option gives, from @least on. */
unsigned long daemon_number(const char *name, unsigned long least);

/* Files that are made have @mask; nobody is killed for a client that has gone. Goes to the background if it is asked for. */
void daemon_begin(const struct daemon *daemon, mode_t mask);

/* The event loop; after daemon_begin(). */
struct ev_loop *daemon_loop(void);

/* All is ready: tells so, and runs the loop until SIGINT or SIGTERM. */
void daemon_serve(const struct daemon *daemon, struct ev_loop *loop);

#endif
