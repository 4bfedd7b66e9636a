/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: words, their options, and complaints about the others. */
#include <tenon/cmdline.h>
#include <tenon/lib.h>

#define WORD_MAX	256
#define PROBLEMS_MAX	16

extern const struct boot_option __options_start[], __options_end[];

/* Found before there is a console. The text itself stays where the loader's was copied to. */
static struct {
	const char *word, *why;
	unsigned int len;
} problems[PROBLEMS_MAX] __initdata;
static unsigned int nr_problems __initdata;

static void __init complain(const char *word, size_t len, const char *why)
{
	if (nr_problems < PROBLEMS_MAX) {
		problems[nr_problems].word = word;
		problems[nr_problems].len = (unsigned int)min(len, (size_t)WORD_MAX);
		problems[nr_problems].why = why;
	}
	nr_problems++;
}

void __init cmdline_report(void)
{
	unsigned int n = min(nr_problems, (unsigned int)PROBLEMS_MAX);

	for (unsigned int i = 0; i < n; i++)
		printk(LOG_WARN "Command line: \"%.*s\": %s\n", (int)problems[i].len, problems[i].word,
		       problems[i].why);
	if (nr_problems > n)
		printk(LOG_WARN "Command line: %u more words were not used\n", nr_problems - n);
}

uint64_t __init cmdline_parse_size(const char *s, const char **end)
{
	static const char units[] __initconst = "bkmgt";
	const char *p = s, *u;
	unsigned int shift = 10;
	uint64_t v = 0;

	if (*s >= '0' && *s <= '9')
		v = strtoul(s, &p, 0);
	if (p != s && *p) {
		u = strchr(units, *p | 0x20);
		if (u && *u) {
			shift = 10 * (unsigned int)(u - units);
			p++;
		}
	}
	if (end)
		*end = p;
	return v > (uint64_t)INT64_MAX >> shift ? INT64_MAX : v << shift;
}

int __init cmdline_parse_bool(const char *s)
{
	static const char *const words[2][5] = {
		{ "no", "off", "false", "disable", "0" }, { "yes", "on", "true", "enable", "1" },
	};

	for (int v = 0; v < 2; v++)
		for (unsigned int i = 0; i < ARRAY_SIZE(words[v]); i++)
			if (!strcmp(s, words[v][i]))
				return v;
	return -1;
}

/* Users write - and _ as they please. */
static bool __init same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

/* value is NULL for a word without '='. */
static int __init apply(const struct boot_option *o, const char *value, bool negated)
{
	const char *v = value ? value : "", *end;
	unsigned long n;
	int b;

	switch (o->type) {
	case BOOT_BOOL:
		b = value ? cmdline_parse_bool(value) : 1;
		if (b < 0)
			return -EINVAL;
		*(bool *)o->var = (b != 0) != negated;
		return 0;
	case BOOT_UINT:
		n = strtoul(v, &end, 0);
		if (negated || *v < '0' || *v > '9' || *end || n > UINT32_MAX)
			return -EINVAL;
		*(unsigned int *)o->var = (unsigned int)n;
		return 0;
	case BOOT_SIZE:
		n = cmdline_parse_size(v, &end);
		if (negated || end == v || *end)
			return -EINVAL;
		*(uint64_t *)o->var = n;
		return 0;
	case BOOT_STR:
		if (negated || strlen(v) >= o->size)
			return -EINVAL;
		strlcpy(o->var, v, o->size);
		return 0;
	case BOOT_CUSTOM:
		if (negated && value)
			return -EINVAL;
		return o->parse(negated ? "no" : v);
	}
	return -EINVAL;
}

/* One word, quotes removed: name, or name=value. at and len: as it was typed. */
static void __init use_word(char *word, const char *at, size_t len)
{
	bool negated = !strncmp(word, "no-", 3), known = false;
	char *value = strchr(word, '=');

	if (value)
		*value++ = '\0';
	for (const struct boot_option *o = __options_start; o < __options_end; o++) {
		bool plain = same_name(word, o->name);

		if (!plain && !(negated && same_name(word + 3, o->name)))
			continue;
		known = true;
		if (apply(o, value, !plain))
			complain(at, len, "this value cannot be used");
	}
	/* Debian's GRUB scripts write this word first. */
	if (!known && strcmp(word, "placeholder"))
		complain(at, len, "no such option");
}

void __init cmdline_parse(const char *p)
{
	char word[WORD_MAX];

	for (;;) {
		const char *at;
		bool quoted = false;
		size_t n = 0;

		while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
			p++;
		if (!*p || (p[0] == '-' && p[1] == '-' && (!p[2] || p[2] == ' ')))
			return;
		for (at = p; *p && (quoted || (*p != ' ' && *p != '\t' && *p != '\n' && *p != '\r')); p++) {
			if (*p == '"')
				quoted = !quoted;
			else if (n < sizeof(word))
				word[n++] = *p;
		}
		if (n == sizeof(word)) {
			complain(at, (size_t)(p - at), "too long");
		} else {
			word[n] = '\0';
			use_word(word, at, (size_t)(p - at));
		}
	}
}
