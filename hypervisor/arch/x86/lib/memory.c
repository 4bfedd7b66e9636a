/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying and filling by the processor's string instructions, eight bytes at a time. */
#include <tenon/lib.h>

void *memcpy(void *dst, const void *src, size_t n)
{
	void *d = dst;
	size_t words = n / 8, tail = n & 7;

	__asm__ volatile("rep movsq" : "+D"(d), "+S"(src), "+c"(words) :: "memory");
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(src), "+c"(tail) :: "memory");
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (d <= s || d >= s + n)
		return memcpy(dst, src, n);
	for (; n & 7; n--)
		d[n - 1] = s[n - 1];
	if (n) {
		size_t words = n / 8;

		d += n - 8;
		s += n - 8;
		__asm__ volatile("std; rep movsq; cld" : "+D"(d), "+S"(s), "+c"(words) :: "memory");
	}
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	void *d = dst;
	size_t words = n / 8, tail = n & 7;
	uint64_t pattern = (unsigned char)c * 0x0101010101010101UL;

	__asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(tail) : "a"(pattern) : "memory");
	return dst;
}
