// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon shutdown: asks domains to shut down. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"

static bool wait_for_end;
static int timeout = -1;
static const char *how = "poweroff";

static void take(int option, char *value)
{
	char *end;

	if (option == 'w')
		wait_for_end = true;
	else if (option == 'r')
		how = "reboot";
	if (option != 't')
		return;
	timeout = strtol(value, &end, 10);
	if (*end || end == value || timeout < 0)
		fail_usage("--timeout=%s: give a number of seconds, from 0 on", value);
}

static const struct option more[] = {
	{ "wait", no_argument, NULL, 'w' },
	{ "reboot", no_argument, NULL, 'r' },
	{ "timeout", required_argument, NULL, 't' },
	{ 0 },
};

static int ask(const char *name)
{
	int error = tenon_ask_shutdown(need_store(), need_domain(name), how);

	if (!error)
		return STATUS_DONE;
	if (error == -ENOENT)
		complain("domain %s does not listen for it (no node control/shutdown): 'tenon destroy' ends it", name);
	else
		complain("domain %s cannot be asked to shut down: %s", name, strerror(-error));
	return STATUS_FAILED;
}

/* 1: it has shut down, 0: not yet. */
static int has_ended(uint16_t domid)
{
	struct tenon_domain domain;
	int error = tenon_get_domain(need_hypervisor(), domid, &domain);

	if (error && error != -ESRCH)
		fail("domain %u cannot be asked for: %s", domid, strerror(-error));
	return error == -ESRCH || (domain.state & (TENON_DOMAIN_SHUTDOWN | TENON_DOMAIN_DYING));
}

/* The store's daemon says when a domain shuts down; now and then it is asked for all the same. */
static int await(uint16_t domid, const char *name, time_t deadline)
{
	while (!has_ended(domid)) {
		char *path, *token;

		if (timeout >= 0 && time(NULL) >= deadline) {
			complain("domain %s has not shut down within %d s", name, timeout);
			return STATUS_FAILED;
		}
		if (tenon_store_event(need_store(), 500, &path, &token) > 0)
			free(path);
	}
	return STATUS_DONE;
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, more, "wrt:", take), status = STATUS_DONE;
	time_t deadline = time(NULL) + timeout;
	uint16_t *domids = calloc(argc, sizeof(*domids));

	need_arguments(argc, first, 1, -1);
	if (!domids)
		fail("out of memory");
	for (int i = first; i < argc; i++) {
		domids[i] = need_domain(argv[i]);
		if (ask(argv[i]) == STATUS_DONE)
			continue;
		domids[i] = 0;		/* not waited for */
		status = STATUS_FAILED;
	}
	if (wait_for_end && tenon_store_watch(need_store(), "@releaseDomain", "end"))
		fail("the end of domains cannot be watched for");
	for (int i = first; wait_for_end && i < argc; i++)
		if (domids[i] && await(domids[i], argv[i], deadline) != STATUS_DONE)
			status = STATUS_FAILED;
	free(domids);
	return status;
}

const struct command command_shutdown = {
	.name = "shutdown", .arguments = "[-w] [-r] [-t SECONDS] DOMAIN...",
	.summary = "Asks the kernels of domains to shut down",
	.options = "  -w, --wait          wait until they have\n"
		   "  -r, --reboot        ask them to reboot instead\n"
		   "  -t, --timeout=N     with --wait: give up after that many seconds\n",
	.run = run,
};
