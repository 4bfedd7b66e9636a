/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-1-3 (Aumasson, Bernstein 2012): a keyed hash, so that a guest cannot choose names that collide. */
#ifndef COMMON_SIPHASH_H
#define COMMON_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* Of @size bytes, with a key that is random in each process. */
uint64_t hash_bytes(const void *data, size_t size);

/* The algorithm itself. @key: 16 bytes. */
uint64_t siphash13(const uint64_t key[2], const void *data, size_t size);

#endif
