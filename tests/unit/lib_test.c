/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small library: strings, formatted output, numbers, bits, sorting; against the C library where it has the same. */
#include <limits.h>
#include <string.h>
#include <tenon/arch.h>
#include <tenon/bitops.h>
#include <tenon/lib.h>
#include "../lib/random.h"
#include "../lib/tap.h"

/* Ours under other names. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#define memcmp t_memcmp
#define memchr t_memchr
#define strlen t_strlen
#define strnlen t_strnlen
#define strcmp t_strcmp
#define strncmp t_strncmp
#define strchr t_strchr
#define strstr t_strstr
#undef strlcpy
#define strlcpy t_strlcpy
#undef strlcat
#define strlcat t_strlcat
#define snprintf t_snprintf
#define vsnprintf t_vsnprintf
static size_t strnlen(const char *s, size_t max);
static size_t strlen(const char *s);
static int strncmp(const char *a, const char *b, size_t n);
static size_t strlcpy(char *dst, const char *src, size_t size);
int t_snprintf(char *buf, size_t size, const char *fmt, ...);
#include "../../hypervisor/common/lib/string.c"
#include "../../hypervisor/common/lib/vsnprintf.c"
#undef memcmp
#undef memchr
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strchr
#undef strstr
#undef strlcpy
#undef strlcat
#undef snprintf
#undef vsnprintf

void symbol_format(char *buf, size_t size, unsigned long addr)
{
	t_snprintf(buf, size, "sym+%#lx", addr & 0xff);
}

static int sign(int x)
{
	return x < 0 ? -1 : x > 0;
}

static void test_strings(void)
{
	unsigned int bad = 0;
	char a[12], b[12];

	for (unsigned int i = 0; i < 20000; i++) {
		unsigned int n = random_below(10);
		const char *p;

		for (unsigned int j = 0; j < 11; j++) {
			a[j] = "ab\xff"[random_below(3)];
			b[j] = "ab\xff"[random_below(3)];
		}
		a[random_below(11)] = b[random_below(11)] = '\0';
		a[11] = b[11] = '\0';
		bad += sign(t_strcmp(a, b)) != sign(strcmp(a, b));
		bad += sign(t_strncmp(a, b, n)) != sign(strncmp(a, b, n));
		bad += sign(t_memcmp(a, b, n)) != sign(memcmp(a, b, n));
		bad += t_strlen(a) != strlen(a) || t_strnlen(a, n) != strnlen(a, n);
		bad += t_strchr(a, 0xff) != strchr(a, 0xff) || t_strchr(a, 0) != strchr(a, 0);
		bad += t_memchr(a, 'b', n) != memchr(a, 'b', n);
		b[random_below(3)] = '\0';
		p = strstr(a, b);
		bad += t_strstr(a, b) != p;
	}
	ok(!bad, "strings are as the C library has them");
}

static void test_copies(void)
{
	char buf[8] = "xxxxxxx";

	ok(t_strlcpy(buf, "hello", 0) == 5 && buf[0] == 'x', "strlcpy into nothing");
	ok(t_strlcpy(buf, "hello", 3) == 5 && !strcmp(buf, "he"), "strlcpy cuts");
	ok(t_strlcpy(buf, "hello", 6) == 5 && !strcmp(buf, "hello"), "strlcpy fits");
	ok(t_strlcat(buf, "abc", 8) == 8 && !strcmp(buf, "helloab"), "strlcat cuts");
	ok(t_strlcat(buf, "abc", 4) == 7 && !strcmp(buf, "helloab"), "strlcat with a full buffer");
}

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wformat-invalid-specifier"
#endif

static void test_format_random(void)
{
	static const char *const lengths[] = { "hh", "h", "", "l", "ll", "z" };
	unsigned int bad = 0;

	for (unsigned int i = 0; i < 50000; i++) {
		char fmt[40], want[200], got[200];
		unsigned int n = 0, length = random_below(6), size = random_below(40);
		unsigned long v = random_next() >> random_below(64);
		char conv = "diuxXo"[random_below(6)];
		int x, y;

		fmt[n++] = '[';
		fmt[n++] = '%';
		for (unsigned int j = 0; j < 5; j++)
			if (!random_below(4))
				fmt[n++] = "-0+ #"[j];
		/* Flags that mean nothing for unsigned numbers are undefined there. */
		if (strchr("uxXo", conv))
			for (unsigned int j = 2; j < n; j++)
				if (fmt[j] == '+' || fmt[j] == ' ' || (fmt[j] == '#' && conv == 'u'))
					fmt[j] = '-';
		if (strchr("di", conv))
			for (unsigned int j = 2; j < n; j++)
				if (fmt[j] == '#')
					fmt[j] = '-';
		n += (unsigned int)snprintf(fmt + n, 8, "%.0u", random_below(24));
		if (random_below(2))
			n += (unsigned int)snprintf(fmt + n, 8, ".%u", random_below(24));
		snprintf(fmt + n, 8, "%s%c]", lengths[length], conv);
		x = snprintf(want, size, fmt, v);
		y = t_snprintf(got, size, fmt, v);
		if (x != y || (size && strcmp(want, got))) {
			printf("# %s of %lx: '%s' (%d), not '%s' (%d)\n", fmt, v, got, y, want, x);
			bad++;
		}
	}
	ok(!bad, "numbers are formatted as the C library does");
}

#define FORMATS(want, ...) do { \
	char got_[200]; \
	int n_ = t_snprintf(got_, sizeof(got_), __VA_ARGS__); \
	ok(!strcmp(got_, want) && n_ == (int)strlen(want), "format: '%s'", got_); \
} while (0)

static void test_format(void)
{
	char two[2] = "zz";

	FORMATS("plain", "plain");
	FORMATS("100%", "%d%%", 100);
	FORMATS("[abc]", "[%s]", "abc");
	FORMATS("[  abc]", "[%5s]", "abc");
	FORMATS("[abc  ]", "[%-5s]", "abc");
	FORMATS("[ab]", "[%.2s]", "abc");
	FORMATS("[   ab]", "[%*.*s]", 5, 2, "abc");
	FORMATS("[ab   ]", "[%*.2s]", -5, "abc");
	FORMATS("[x  ]", "[%-3c]", 'x');
	FORMATS("(null)", "%s", (const char *)NULL);
	FORMATS("0000000000001234", "%p", (void *)0x1234);
	FORMATS("sym+0x34 next", "%pS next", (void *)0x1234);
	FORMATS("-9223372036854775808", "%ld", LONG_MIN);
	FORMATS("%k 5", "%k %d", 5);
	FORMATS("end%", "end%");
	ok(t_snprintf(two, 1, "%d", 77) == 2 && !two[0] && two[1] == 'z', "one byte takes the end only");
	ok(t_snprintf(NULL, 0, "%d", 12345) == 5, "no buffer: only counted");
}

static void test_strtoul(void)
{
	static const struct { const char *s; unsigned int base; unsigned long want; size_t used; } rows[] = {
		{ "0", 0, 0, 1 }, { "12x", 0, 12, 2 }, { "0x1fz", 0, 31, 4 }, { "0X1F", 16, 31, 4 }, { "017", 0, 15, 3 },
		{ "0x", 0, 0, 1 }, { "0xg", 0, 0, 1 }, { "08", 0, 0, 1 }, { "  7", 10, 7, 3 }, { "", 10, 0, 0 },
		{ "-1", 10, 0, 0 }, { "zz", 36, 35 * 36 + 35, 2 }, { "18446744073709551615", 10, ULONG_MAX, 20 },
		{ "18446744073709551616", 10, ULONG_MAX, 20 }, { "99999999999999999999999", 10, ULONG_MAX, 23 },
		{ "102", 2, 2, 2 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *end;
		unsigned long v = strtoul(rows[i].s, &end, rows[i].base);

		ok(v == rows[i].want && (size_t)(end - rows[i].s) == rows[i].used, "strtoul '%s'", rows[i].s);
	}
}

static void test_bits(void)
{
	unsigned long p[4];
	unsigned int bad = 0;

	for (unsigned int round = 0; round < 2000; round++) {
		unsigned int size = random_below(256) + 1, from = random_below(260), i, j;

		for (i = 0; i < 4; i++)
			p[i] = random_below(3) ? random_next() & random_next() & random_next() : 0UL - random_below(2);
		for (i = from; i < size && !test_bit(i, p); i++)
			;
		for (j = from; j < size && test_bit(j, p); j++)
			;
		bad += find_next_bit(p, size, from) != (from < size ? i : size);
		bad += find_next_zero_bit(p, size, from) != (from < size ? j : size);
		bad += hweight_long(p[0]) != (unsigned int)__builtin_popcountl(p[0]);
	}
	ok(!bad, "bits are found");
	memset(p, 0, sizeof(p));
	ok(!test_and_set_bit(130, p) && test_and_set_bit(130, p) && p[2] == 4, "test_and_set_bit");
	ok(test_and_clear_bit(130, p) && !test_and_clear_bit(130, p) && !p[2], "test_and_clear_bit");
	ok(first_set(0x10) == 4 && last_set(0x11) == 4 && last_set(1) == 0, "first and last set bit");
}

struct item {
	int key, tag;
	char pad[5];
} __packed;

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static void test_sort(void)
{
	static struct item v[600];
	unsigned int bad = 0;

	for (unsigned int round = 0; round < 300; round++) {
		unsigned int n = random_below(600), range = random_below(1000) + 1;
		long sum = 0;

		for (unsigned int i = 0; i < n; i++) {
			v[i].key = (int)random_below(range) - 500;
			v[i].tag = ~v[i].key;
			sum += v[i].key;
		}
		sort(v, n, sizeof(v[0]), compare);
		for (unsigned int i = 0; i < n; i++) {
			bad += (i && v[i].key < v[i - 1].key) || v[i].tag != ~v[i].key;
			sum -= v[i].key;
		}
		bad += sum != 0;
	}
	ok(!bad, "sort");
}

int main(void)
{
	test_strings();
	test_copies();
	test_format_random();
	test_format();
	test_strtoul();
	test_bits();
	test_sort();
	return tap_end();
}
