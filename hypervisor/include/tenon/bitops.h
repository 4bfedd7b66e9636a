/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bits in arrays of unsigned long. The plain forms are atomic; __forms are not. */
#ifndef TENON_BITOPS_H
#define TENON_BITOPS_H

#include <tenon/types.h>

#define BITS_TO_LONGS(n)	(((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define BIT_WORD(n)		((n) / BITS_PER_LONG)
#define BIT_MASK(n)		(1UL << ((n) % BITS_PER_LONG))

static inline bool test_bit(unsigned int n, const volatile unsigned long *p)
{
	return p[BIT_WORD(n)] & BIT_MASK(n);
}

static inline void set_bit(unsigned int n, volatile unsigned long *p)
{
	__atomic_fetch_or(p + BIT_WORD(n), BIT_MASK(n), __ATOMIC_SEQ_CST);
}

static inline void clear_bit(unsigned int n, volatile unsigned long *p)
{
	__atomic_fetch_and(p + BIT_WORD(n), ~BIT_MASK(n), __ATOMIC_SEQ_CST);
}

static inline bool test_and_set_bit(unsigned int n, volatile unsigned long *p)
{
	return __atomic_fetch_or(p + BIT_WORD(n), BIT_MASK(n), __ATOMIC_SEQ_CST) & BIT_MASK(n);
}

static inline bool test_and_clear_bit(unsigned int n, volatile unsigned long *p)
{
	return __atomic_fetch_and(p + BIT_WORD(n), ~BIT_MASK(n), __ATOMIC_SEQ_CST) & BIT_MASK(n);
}

static inline void __set_bit(unsigned int n, unsigned long *p)
{
	p[BIT_WORD(n)] |= BIT_MASK(n);
}

static inline void __clear_bit(unsigned int n, unsigned long *p)
{
	p[BIT_WORD(n)] &= ~BIT_MASK(n);
}

/* Index of the lowest/highest set bit; x must not be 0. */
static inline unsigned int first_set(unsigned long x)
{
	return (unsigned int)__builtin_ctzl(x);
}

static inline unsigned int last_set(unsigned long x)
{
	return BITS_PER_LONG - 1 - (unsigned int)__builtin_clzl(x);
}

/* Index of the first set (clear) bit at or after from; size if there is none. */
unsigned int find_next_bit(const unsigned long *p, unsigned int size, unsigned int from);
unsigned int find_next_zero_bit(const unsigned long *p, unsigned int size, unsigned int from);

static inline unsigned int find_first_bit(const unsigned long *p, unsigned int size)
{
	return find_next_bit(p, size, 0);
}

#define for_each_set_bit(i, p, size) \
	for (i = find_first_bit(p, size); i < (size); i = find_next_bit(p, size, i + 1))

/* Number of set bits. */
static inline unsigned int hweight_long(unsigned long x)
{
	x -= (x >> 1) & 0x5555555555555555UL;
	x = (x & 0x3333333333333333UL) + ((x >> 2) & 0x3333333333333333UL);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fUL;
	return (x * 0x0101010101010101UL) >> 56;
}

#endif
