/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <tenon/bitops.h>

/* invert is all ones to look for clear bits. */
static unsigned int find_next(const unsigned long *p, unsigned int size, unsigned int from,
			      unsigned long invert)
{
	unsigned int w = BIT_WORD(from);
	unsigned long word;

	if (from >= size)
		return size;
	word = (p[w] ^ invert) & (~0UL << (from % BITS_PER_LONG));
	while (!word) {
		if (++w * BITS_PER_LONG >= size)
			return size;
		word = p[w] ^ invert;
	}
	from = w * BITS_PER_LONG + first_set(word);
	return from < size ? from : size;
}

unsigned int find_next_bit(const unsigned long *p, unsigned int size, unsigned int from)
{
	return find_next(p, size, from, 0);
}

unsigned int find_next_zero_bit(const unsigned long *p, unsigned int size, unsigned int from)
{
	return find_next(p, size, from, ~0UL);
}
