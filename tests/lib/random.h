/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that look random and are the same each time (splitmix64). */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>

static __thread uint64_t random_state = 1;

static inline uint64_t random_next(void)
{
	uint64_t x = random_state += 0x9e3779b97f4a7c15UL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
	return x ^ x >> 31;
}

static inline unsigned int random_below(unsigned int n)
{
	return (unsigned int)(random_next() % n);
}

#endif
