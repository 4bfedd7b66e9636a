// SPDX-License-Identifier: GPL-2.0-or-later
/* SipHash with one round a word and three at the end. */
#include "siphash.h"

#include <string.h>
#include <sys/random.h>

#include "log.h"

static inline uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

uint64_t siphash13(const uint64_t key[2], const void *data, size_t size)
{
	uint64_t v[4] = {
		key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
		key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573,
	};
	const uint8_t *p = data;
	uint64_t word, last = (uint64_t)size << 56;
	size_t left = size;

	for (; left >= 8; p += 8, left -= 8) {
		memcpy(&word, p, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = 0;
	memcpy(&word, p, left);
	last |= word;
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t hash_bytes(const void *data, size_t size)
{
	static uint64_t key[2];

	if (!key[0] && getrandom(key, sizeof(key), 0) != sizeof(key))
		log_fatal("no random numbers from the kernel");
	key[0] |= 1;
	return siphash13(key, data, size);
}
