/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <tenon/lib.h>

static unsigned int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	c |= 0x20;
	if (c >= 'a' && c <= 'z')
		return (unsigned int)(c - 'a') + 10;
	return 99;
}

/* Too large values stop at the largest; a sign is not taken. */
unsigned long strtoul(const char *s, const char **end, unsigned int base)
{
	unsigned long v = 0;
	unsigned int d;

	while (*s == ' ' || *s == '\t')
		s++;
	if ((!base || base == 16) && s[0] == '0' && (s[1] | 0x20) == 'x' && digit_value(s[2]) < 16) {
		base = 16;
		s += 2;
	} else if (!base) {
		base = s[0] == '0' ? 8 : 10;
	}
	for (; (d = digit_value(*s)) < base; s++)
		if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, d, &v))
			v = ~0UL;
	if (end)
		*end = s;
	return v;
}
