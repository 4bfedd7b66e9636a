/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target for the command line. The input is the line. */
#include "../../hypervisor/common/init/cmdline.c"
#include "../lib/host_log.h"

void *malloc(size_t n);
void free(void *p);
void abort(void) __attribute__((noreturn));

static bool flag;
static unsigned int number;
static uint64_t size;
static char text[8];

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n);

static int parse_custom(const char *s)
{
	const char *end;

	cmdline_parse_size(s, &end);
	if (end < s || end > s + strlen(s))
		abort();
	return *end ? -22 : 0;
}

BOOT_OPTION_BOOL("f", flag, "");
BOOT_OPTION_UINT("n", number, "");
BOOT_OPTION_SIZE("s", size, "");
BOOT_OPTION_STR("t", text, "");
BOOT_OPTION_CUSTOM("c", parse_custom, "");

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t n)
{
	char *line = malloc(n + 1);

	memcpy(line, input, n);
	line[n] = '\0';
	nr_problems = 0;
	cmdline_parse(line);
	if (!memchr(text, '\0', sizeof(text)) || size > INT64_MAX)
		abort();
	cmdline_report();
	host_log_clear();
	free(line);
	return 0;
}
