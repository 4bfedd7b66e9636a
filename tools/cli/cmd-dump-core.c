// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon dump-core: a domain's memory and registers as a file. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static bool live, quiet;
static volatile sig_atomic_t stopped;

static void take(int option, char *value)
{
	if (option == 'l')
		live = true;
	else
		quiet = true;
}

static const struct option more[] = {
	{ "live", no_argument, NULL, 'l' },
	{ "quiet", no_argument, NULL, 'q' },
	{ 0 },
};

static void stop(int number)
{
	stopped = 1;
}

static bool progress(void *arg, uint64_t done, uint64_t total)
{
	if (!quiet && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%3u %%\r", (unsigned int)(done * 100 / total));
	return !stopped;
}

static void complain_of(int error, const char *name)
{
	switch (error) {
	case -ENODATA:
		complain("domain %s: its kernel has not yet said where its memory is", name);
		break;
	case -EPROTO:
		complain("domain %s: its list of its memory is impossible", name);
		break;
	case -ECANCELED:
		complain("stopped: there is no file");
		break;
	default:
		complain("domain %s: no core file can be written: %s", name, strerror(-error));
	}
}

static int run(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = stop };
	int first = parse_options(argc, argv, NULL, more, "lq", take), error;
	uint16_t domid;

	need_arguments(argc, first, 2, 2);
	domid = need_domain(argv[first]);
	if (!domid)
		fail("domain 0 is this one: it cannot be paused");
	/* Whatever happens, the domain goes on afterwards. */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	error = live ? 0 : tenon_pause_domain(need_hypervisor(), domid);
	if (error)
		fail("domain %s cannot be paused: %s", argv[first], strerror(-error));
	error = tenon_dump_core(need_hypervisor(), domid, argv[first + 1], progress, NULL);
	if (error)
		complain_of(error, argv[first]);
	if (!live && tenon_unpause_domain(need_hypervisor(), domid)) {
		complain("domain %s cannot be let go on: it stays paused", argv[first]);
		return STATUS_FAILED;
	}
	return error ? STATUS_FAILED : STATUS_DONE;
}

const struct command command_dump_core = {
	.name = "dump-core", .arguments = "[-l] [-q] DOMAIN FILE",
	.summary = "Writes a domain's memory and registers to a file",
	.options = "  -l, --live   let it run meanwhile: what is written does not fit together\n"
		   "  -q, --quiet  show no progress on the terminal\n",
	.run = run,
};
