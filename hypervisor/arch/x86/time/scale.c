/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversions between ticks and nanoseconds. */
#include <asm/time.h>

uint64_t muldiv64(uint64_t a, uint64_t b, uint64_t c)
{
	unsigned __int128 p = (unsigned __int128)a * b;
	uint64_t hi = (uint64_t)(p >> 64), q, rem;

	/* The divide instruction itself: a 128-bit division would call a library. */
	if (hi >= c)
		return UINT64_MAX;
	__asm__("divq %4" : "=a"(q), "=d"(rem) : "a"((uint64_t)p), "d"(hi), "r"(c) : "cc");
	return q;
}

struct time_scale time_scale_from_rate(uint64_t *rate)
{
	struct time_scale s = { 0, 0 };
	uint64_t m = *rate;

	while (m > UINT32_MAX) {
		m >>= 1;
		s.shift++;
	}
	if (s.shift > 0)
		*rate = m << s.shift;
	while (!(m >> 31)) {
		m <<= 1;
		s.shift--;
	}
	s.mul = (uint32_t)m;
	return s;
}

struct time_scale time_scale_from_pair(uint64_t ticks, uint64_t ns)
{
	struct time_scale s = { 0, 0 };

	/* mul in [2^31, 2^32): the quotient in [1/2, 1). */
	while (ns >= ticks) {
		if (ticks >> 63)
			ns >>= 1;
		else
			ticks <<= 1;
		s.shift++;
	}
	while (ns < ticks - ns) {
		if (ns >> 63)
			ticks >>= 1;
		else
			ns <<= 1;
		s.shift--;
	}
	s.mul = (uint32_t)muldiv64(ns, 1UL << 32, ticks);
	return s;
}
