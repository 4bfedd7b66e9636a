/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The decoders of compressed kernels: the distribution's static libraries behind one call. */
#ifndef BOOT_DECODERS_H
#define BOOT_DECODERS_H

#include <tenon/types.h>

struct decoder;

/* By the first bytes. NULL, with *why, when they are of no known format. */
const struct decoder *decoder_find(const uint8_t *in, size_t size, const char **why);

/* Not compressed at all. */
bool decoder_is_plain(const struct decoder *d);
/* The builder of a bzImage writes the unpacked size behind the data; false: it is part of the format. */
bool decoder_size_apart(const struct decoder *d);

/* Unpacks to exactly out_size bytes. NULL, or what is wrong. */
const char *decoder_run(const struct decoder *d, const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size);

#endif
