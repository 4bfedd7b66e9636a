// SPDX-License-Identifier: GPL-2.0-or-later
/* tenon top: who uses processors, disks and networks now. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "screen.h"

static struct {
	bool batch, reverse;
	enum view view;
	const char *sort;
	double delay;
	uint64_t count;			/* of samples shown; 0: no end */
} wish = { .delay = 3 };

static double need_seconds(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0.1 && value <= 3600))
		fail_usage("--delay is a number of seconds from 0.1 to 3600, not '%s'", text);
	return value;
}

static void take(int option, char *value)
{
	switch (option) {
	case 'b': wish.batch = true; break;
	case 'd': wish.delay = need_seconds(value); break;
	case 'n': wish.count = need_number("--iterations", value, 1, UINT32_MAX); break;
	case 's': wish.sort = value; break;
	case 'r': wish.reverse = true; break;
	case 'v': wish.view = VIEW_VCPUS; break;
	case 'x': wish.view = VIEW_DEVICES; break;
	}
}

static const struct option more[] = {
	{ "batch", no_argument, NULL, 'b' },
	{ "delay", required_argument, NULL, 'd' },
	{ "iterations", required_argument, NULL, 'n' },
	{ "sort", required_argument, NULL, 's' },
	{ "reverse", no_argument, NULL, 'r' },
	{ "vcpus", no_argument, NULL, 'v' },
	{ "devices", no_argument, NULL, 'x' },
	{ 0 },
};

static int need_sort(void)
{
	const struct column *columns = view_columns(wish.view);
	int column = wish.sort ? table_find_column(columns, wish.sort) : view_first_sort(wish.view);
	char all[200] = "";

	if (column >= 0)
		return column;
	for (int i = 0; columns[i].title; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? ", " : "", columns[i].title);
	fail_usage("--sort is one of %s, not '%s'", all, wish.sort);
}

/* ---- for scripts ---- */

static void print_sample(const struct sample *before, const struct sample *now, int sort)
{
	char line[TABLE_LINE_MAX];
	struct table table;

	view_fill(&table, wish.view, before, now);
	table_sort(&table, sort, wish.reverse);
	view_summary(before, now, line);
	puts(line);
	table_head(&table, line);
	puts(line);
	for (size_t i = 0; i < table.row_count; i++) {
		table_line(&table, i, line);
		puts(line);
	}
	table_clear(&table);
}

static void wait_delay(void)
{
	struct timespec time = { .tv_sec = (time_t)wish.delay, .tv_nsec = (wish.delay - (time_t)wish.delay) * 1e9 };

	nanosleep(&time, NULL);
}

static int run_batch(int argc, char **argv, int first)
{
	int sort = need_sort();
	struct sample *before = sample_take(argc, argv, first), *now;

	for (uint64_t i = 0; !wish.count || i < wish.count; i++) {
		wait_delay();
		now = sample_take(argc, argv, first);
		if (i)
			putchar('\n');
		print_sample(before, now, sort);
		sample_free(before);
		before = now;
		if (fflush(stdout))
			break;
	}
	sample_free(before);
	return STATUS_DONE;
}

/* ---- on a terminal ---- */

static int run_screen(int argc, char **argv, int first)
{
	struct screen screen = { .view = wish.view, .reverse = wish.reverse, .delay = wish.delay };
	struct sample *before = NULL, *now = sample_take(argc, argv, first);
	enum screen_wish next = SCREEN_DRAW;
	uint64_t shown = 0;

	for (int i = 0; i < VIEW_COUNT; i++)
		screen.sort[i] = view_first_sort(i);
	screen.sort[wish.view] = need_sort();
	if (!isatty(STDOUT_FILENO) || !screen_begin())
		fail("this is no terminal: give --batch");
	while (next != SCREEN_QUIT) {
		if (next == SCREEN_SAMPLE) {
			if (wish.count && ++shown == wish.count)
				break;
			sample_free(before);
			before = now;
			now = sample_take(argc, argv, first);
		}
		screen_draw(&screen, before, now);
		next = screen_wait(&screen);
	}
	screen_end();
	sample_free(before);
	sample_free(now);
	return STATUS_DONE;
}

static int run(int argc, char **argv)
{
	int first = parse_options(argc, argv, NULL, more, "bd:n:s:rvx", take);

	return wish.batch ? run_batch(argc, argv, first) : run_screen(argc, argv, first);
}

const struct command command_top = {
	.name = "top", .arguments = "[-b] [-v|-x] [-s COLUMN] [-r] [-d SECONDS] [-n N] [DOMAIN]...",
	.summary = "Shows who uses processors, disks and networks",
	.options = "  -b, --batch          print tables, for scripts\n"
		   "  -v, --vcpus          a row for each vCPU\n"
		   "  -x, --devices        a row for each disk and network device\n"
		   "  -s, --sort=COLUMN    sort by that column [CPU%]\n"
		   "  -r, --reverse        the other way round\n"
		   "  -d, --delay=SECONDS  time between samples [3]\n"
		   "  -n, --iterations=N   end after that many\n",
	.run = run,
};
