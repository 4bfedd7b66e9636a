/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor's command line, with options of this test's own. */
#include <stdlib.h>
#include <string.h>
#include <tenon/cmdline.h>
#include "../lib/host_log.h"
#include "../lib/tap.h"

static bool flag, other_flag;
static unsigned int number;
static uint64_t size;
static char text[8];
static char custom[300];
static unsigned int custom_calls;

static int parse_custom(const char *s)
{
	custom_calls++;
	snprintf(custom, sizeof(custom), "%s", s);
	return strcmp(s, "bad") ? 0 : -22;
}

BOOT_OPTION_BOOL("flag", flag, "");
BOOT_OPTION_BOOL("other_flag", other_flag, "");
BOOT_OPTION_BOOL("no-really", other_flag, "");
BOOT_OPTION_UINT("number", number, "");
BOOT_OPTION_SIZE("size", size, "");
BOOT_OPTION_STR("text", text, "");
BOOT_OPTION_CUSTOM("custom", parse_custom, "");

static const char *parse(const char *line)
{
	static char copy[70000];

	flag = other_flag = false;
	number = 7;
	size = 9;
	strcpy(text, "old");
	strcpy(custom, "unset");
	custom_calls = 0;
	snprintf(copy, sizeof(copy), "%s", line);
	host_log_clear();
	cmdline_parse(copy);
	if (strcmp(copy, line))
		return "changed";
	/* Problems add up over calls: only the last one's are of interest. */
	return "";
}

static void test_bool(void)
{
	static const struct { const char *line; bool want; } rows[] = {
		{ "", false }, { "flag", true }, { "flag=yes", true }, { "flag=on", true }, { "flag=1", true },
		{ "flag=true", true }, { "flag=enable", true }, { "flag flag=off", false }, { "flag flag=0", false },
		{ "flag flag=no", false }, { "flag flag=false", false }, { "flag flag=disable", false },
		{ "flag no-flag", false }, { "no-flag=off", true }, { "flag=maybe", false }, { "flag=", false },
		{ "flagx", false }, { "fla", false }, { "-- flag", false }, { "flag -- no-flag", true },
		{ " \t flag \n", true }, { "\"flag\"", true }, { "--flag", false }, { "no-no-flag", false },
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(rows[i].line);
		ok(flag == rows[i].want, "flag, row %u: %s", i, rows[i].want ? "yes" : "no");
	}
	parse("other-flag");
	ok(other_flag, "dash for underscore");
	parse("no-other_flag");
	ok(!other_flag, "negated, with underscore");
	parse("no-really");
	ok(other_flag, "an option whose own name starts with no-");
}

static void test_values(void)
{
	static const struct { const char *line; uint64_t want; } sizes[] = {
		{ "size=1", 1024 }, { "size=1b", 1 }, { "size=2k", 2048 }, { "size=3M", 3 << 20 }, { "size=0x10", 16384 },
		{ "size=4G", 4ULL << 30 }, { "size=1t", 1ULL << 40 }, { "size=1x", 9 }, { "size=", 9 }, { "size", 9 },
		{ "size=-1", 9 }, { "size=99999999999999999999999G", INT64_MAX }, { "size=9007199254740993k", INT64_MAX },
		{ "no-size", 9 }, { "size=1kk", 9 },
	};

	for (unsigned int i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		parse(sizes[i].line);
		ok(size == sizes[i].want, "%s", sizes[i].line);
	}
	parse("number=42");
	ok(number == 42, "decimal");
	parse("number=0x20");
	ok(number == 32, "hexadecimal");
	parse("number=4294967296");
	ok(number == 7, "too large a number is refused");
	parse("number=1x number= number no-number number=-1");
	ok(number == 7, "what is no number is refused");
	parse("text=1234567");
	ok(!strcmp(text, "1234567"), "text fills its array");
	parse("text=12345678");
	ok(!strcmp(text, "old"), "longer text is refused");
	parse("text=\"a b\"");
	ok(!strcmp(text, "a b"), "quotes keep a space");
	parse("text=a\"b c\"d flag");
	ok(!strcmp(text, "ab cd") && flag, "quotes inside a word");
	parse("text=\"a b");
	ok(!strcmp(text, "a b"), "a quote that is not closed ends with the text");
	parse("custom=1,2=3:x");
	ok(!strcmp(custom, "1,2=3:x") && custom_calls == 1, "a custom value as it stands");
	parse("custom");
	ok(!strcmp(custom, ""), "a custom option without a value");
	parse("no-custom");
	ok(!strcmp(custom, "no"), "a custom option negated");
	parse("no-custom=5");
	ok(!strcmp(custom, "unset"), "negated and with a value is refused");
	parse("custom=1 custom=2");
	ok(!strcmp(custom, "2") && custom_calls == 2, "the last one counts");
}

static void test_sizes_direct(void)
{
	const char *end, *s = "12M,rest";

	ok(cmdline_parse_size(s, &end) == 12ULL << 20 && !strcmp(end, ",rest"), "reading stops behind the suffix");
	s = "M";
	ok(cmdline_parse_size(s, &end) == 0 && end == s, "a suffix alone is no size");
	ok(cmdline_parse_size("", NULL) == 0, "no end wanted");
}

static void test_report(void)
{
	static char line[65536];

	parse("placeholder nosuch=1 custom=bad");
	cmdline_report();
	ok(strstr(host_log, "\"nosuch=1\": no such option") != NULL, "an unknown option is reported");
	ok(strstr(host_log, "\"custom=bad\": this value") != NULL, "a refused value is reported");
	ok(!strstr(host_log, "placeholder"), "GRUB's first word is not");
	memset(line, 'x', sizeof(line) - 1);
	parse(line);
	for (unsigned int i = 0; i + 2 < sizeof(line); i += 2)
		memcpy(line + i, "y ", 2);
	line[sizeof(line) - 2] = '\0';
	parse(line);
	host_log_clear();
	cmdline_report();
	ok(strstr(host_log, "more words were not used") != NULL && strlen(host_log) < 10000, "a flood is cut short");
}

int main(void)
{
	/* First: the list of problems has room for few. */
	test_report();
	test_bool();
	test_values();
	test_sizes_direct();
	return tap_end();
}
