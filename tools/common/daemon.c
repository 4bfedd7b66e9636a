// SPDX-License-Identifier: GPL-2.0-or-later
/* The start of daemons. */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"
#include "service.h"

/* False: it is none of those that all daemons have. */
static bool take_common(struct daemon *daemon, int option)
{
	switch (option) {
	case DAEMON_OPTION_DETACH:
		daemon->detach = true;
		return true;
	case DAEMON_OPTION_PIDFILE:
		daemon->pidfile = optarg;
		return true;
	case 'v':
		daemon->verbose = true;
		return true;
	case 'h':
		fputs(daemon->usage, stdout);
		exit(0);
	case 'V':
		printf("%s (Tenon) %s\n", daemon->name, TENON_VERSION);
		exit(0);
	case '?':
		exit(2);
	}
	return false;
}

void daemon_options(struct daemon *daemon, int argc, char **argv, const struct option *options, void (*take)(int option))
{
	int option;

	log_setup(daemon->name, LOG_LEVEL_INFO);
	while ((option = getopt_long(argc, argv, DAEMON_LETTERS, options, NULL)) >= 0)
		if (!take_common(daemon, option))
			take(option);
	if (optind < argc)
		log_fatal("%s: not an option; see --help", argv[optind]);
	if (daemon->verbose)
		log_setup(daemon->name, LOG_LEVEL_DEBUG);
}

unsigned long daemon_number(const char *name, unsigned long least)
{
	char *end;
	unsigned long value = strtoul(optarg, &end, 10);

	if (*end || end == optarg || value < least || value > INT32_MAX)
		log_fatal("--%s=%s: give a number from %lu to %d", name, optarg, least, INT32_MAX);
	return value;
}

void daemon_begin(const struct daemon *daemon, mode_t mask)
{
	signal(SIGPIPE, SIG_IGN);
	umask(mask);
	if (daemon->detach)
		service_detach();
}

struct ev_loop *daemon_loop(void)
{
	struct ev_loop *loop = ev_default_loop(0);

	if (!loop)
		log_fatal("no event loop: %s", strerror(errno));
	return loop;
}

static void on_stop(struct ev_loop *loop, ev_signal *watcher, int revents)
{
	ev_break(loop, EVBREAK_ALL);
}

void daemon_serve(const struct daemon *daemon, struct ev_loop *loop)
{
	static ev_signal stop_int, stop_term;

	service_pidfile(daemon->pidfile);
	ev_signal_init(&stop_int, on_stop, SIGINT);
	ev_signal_init(&stop_term, on_stop, SIGTERM);
	ev_signal_start(loop, &stop_int);
	ev_signal_start(loop, &stop_term);
	service_notify("READY=1");
	service_detached();
	ev_run(loop, 0);
	service_notify("STOPPING=1");
}
