/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of numbers in the caller's memory: bytes, the lowest number in the first one's lowest bit. */
#include "ctl.h"

#define MAX_BYTES	4096		/* more than any set that there is */

static uint8_t byte_of(const unsigned long *bits, unsigned int i)
{
	return (uint8_t)(bits[i / sizeof(long)] >> i % sizeof(long) * 8);
}

int ctl_bitmap_put(const struct xenctl_bitmap *b, const unsigned long *bits, unsigned int nr)
{
	unsigned long bytes = DIV_ROUND_UP((unsigned long)b->nr_bits, 8);
	unsigned int known = DIV_ROUND_UP(nr, 8), i;

	if (bytes > MAX_BYTES)
		return -E2BIG;
	for (i = 0; i < bytes && i < known; i++) {
		uint8_t byte = byte_of(bits, i);

		if (i == nr / 8)
			byte &= (uint8_t)((1U << nr % 8) - 1);
		if (copy_to_guest_offset(b->bitmap, i, &byte, 1))
			return -EFAULT;
	}
	return bytes > i ? clear_guest_va(b->bitmap.va + i, bytes - i) : 0;
}

int ctl_bitmap_get(unsigned long *bits, unsigned int nr, const struct xenctl_bitmap *b)
{
	unsigned int n = min(nr, b->nr_bits);

	memset(bits, 0, BITS_TO_LONGS(nr) * sizeof(long));
	for (unsigned int i = 0; i < n; i += 8) {
		uint8_t byte;

		if (copy_from_guest_offset(&byte, b->bitmap, i / 8, 1))
			return -EFAULT;
		if (n - i < 8)
			byte &= (uint8_t)((1U << (n - i)) - 1);
		bits[i / BITS_PER_LONG] |= (unsigned long)byte << i % BITS_PER_LONG;
	}
	return 0;
}
