/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef PVD_TOEPLITZ_H
#define PVD_TOEPLITZ_H

#include "os.h"

/* The Toeplitz hash of bytes under a key; what the key lacks is zero. */
uint32_t pvd_toeplitz(const uint8_t *key, uint32_t key_bytes, const uint8_t *data, uint32_t bytes);

#endif
