// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon wait: until domains have ended. */
#include <stdlib.h>

#include "cli.h"

static int timeout = -1;

static void take(int option, char *value)
{
	timeout = timeout_option(value);
}

static const struct option more[] = {
	{ "timeout", required_argument, NULL, 't' },
	{ 0 },
};

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, more, "t:", take), status = STATUS_DONE;
	uint16_t *domids = calloc(argc, sizeof(*domids));
	time_t begin = time(NULL);

	need_arguments(argc, first, 1, -1);
	if (!domids)
		fail("out of memory");
	for (int i = first; i < argc; i++)
		domids[i] = need_domain(argv[i]);
	watch_ends();
	for (int i = first; i < argc; i++)
		if (await_end(domids[i], argv[i], timeout, begin) != STATUS_DONE)
			status = STATUS_FAILED;
	free(domids);
	return status;
}

const struct command command_wait = {
	.name = "wait", .arguments = "[-t SECONDS] DOMAIN...", .summary = "Waits until domains have shut down",
	.options = "  -t, --timeout=N     give up after that many seconds\n", .run = run,
};
