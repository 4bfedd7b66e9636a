// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon dmesg: the hypervisor's log. */
#include <string.h>
#include <unistd.h>

#include "cli.h"

static bool clear, follow;

static void take(int option, char *value)
{
	if (option == 'c')
		clear = true;
	else
		follow = true;
}

static const struct option more[] = {
	{ "clear", no_argument, NULL, 'c' },
	{ "follow", no_argument, NULL, 'f' },
	{ 0 },
};

/* What there is from @position on. Returns whether there was anything. */
static bool print_from(uint32_t *position, bool incremental)
{
	static char text[32768];
	bool any = false;
	int got;

	do {
		got = tenon_read_log(need_hypervisor(), clear, incremental, position, text, sizeof(text));
		if (got < 0)
			fail("the log cannot be read: %s", strerror(-got));
		fwrite(text, 1, got, stdout);
		any |= got > 0;
		incremental = true;
	} while (got == (int)sizeof(text));
	return any;
}

static int run(int argc, char **argv)
{
	uint32_t position = 0;
	int first = parse_options(argc, argv, NULL, more, "cf", take);

	need_arguments(argc, first, 0, 0);
	print_from(&position, false);
	clear = false;
	while (follow && !fflush(stdout)) {
		if (!print_from(&position, true))
			usleep(200000);
	}
	return STATUS_DONE;
}

const struct command command_dmesg = {
	.name = "dmesg", .arguments = "[-c] [-f]", .summary = "Prints the hypervisor's log",
	.options = "  -c, --clear   forget the log afterwards\n  -f, --follow  go on with what is added\n", .run = run,
};
