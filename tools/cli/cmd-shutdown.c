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
	if (option == 'w')
		wait_for_end = true;
	else if (option == 'r')
		how = "reboot";
	else
		timeout = timeout_option(value);
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

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, more, "wrt:", take), status = STATUS_DONE;
	time_t begin = time(NULL);
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
	if (wait_for_end)
		watch_ends();
	for (int i = first; wait_for_end && i < argc; i++)
		if (domids[i] && await_end(domids[i], argv[i], timeout, begin) != STATUS_DONE)
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
