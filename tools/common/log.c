// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages: one write a line, so that lines of several processes do not mix. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *log_name = "tenon";
static enum log_level log_highest = LOG_LEVEL_INFO;
static bool log_prefix_level;

void log_setup(const char *name, enum log_level highest)
{
	log_name = name;
	log_highest = highest;
	log_prefix_level = getenv("JOURNAL_STREAM") != NULL;
}

bool log_wanted(enum log_level level)
{
	return level <= log_highest;
}

static void log_line(enum log_level level, const char *format, va_list args)
{
	char line[1024];
	int head = log_prefix_level ? snprintf(line, sizeof(line), "<%d>", level)
				    : snprintf(line, sizeof(line), "%s: ", log_name);
	int body = vsnprintf(line + head, sizeof(line) - head - 1, format, args);
	int used = head + body;

	if (body < 0)
		return;
	if (used > (int)sizeof(line) - 2)
		used = sizeof(line) - 2;
	line[used] = '\n';
	if (write(STDERR_FILENO, line, used + 1) < 0)
		return;	/* nobody listens: there is nothing better to do */
}

void log_at(enum log_level level, const char *format, ...)
{
	va_list args;

	if (!log_wanted(level))
		return;
	va_start(args, format);
	log_line(level, format, args);
	va_end(args);
}

void log_fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_line(LOG_LEVEL_ERROR, format, args);
	va_end(args);
	exit(1);
}
