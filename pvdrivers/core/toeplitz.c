// SPDX-License-Identifier: MIT OR GPL-2.0-only
#include "toeplitz.h"

uint32_t pvd_toeplitz(const uint8_t *key, uint32_t key_bytes, const uint8_t *data, uint32_t bytes)
{
	uint64_t window = 0;		/* of the key: its upper 32 bits stand over the data's next bit */
	uint32_t hash = 0, next = 0, i, bit;

	for (; next < 4; next++)
		window = window << 8 | (next < key_bytes ? key[next] : 0);
	window <<= 32;
	for (i = 0; i < bytes; i++, next++) {
		window |= (uint64_t)(next < key_bytes ? key[next] : 0) << 24;
		for (bit = 0x80; bit; bit >>= 1) {
			if (data[i] & bit)
				hash ^= window >> 32;
			window <<= 1;
		}
	}
	return hash;
}
