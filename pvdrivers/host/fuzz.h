/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A fuzzer's input as a source of choices. */
#ifndef PVD_FUZZ_H
#define PVD_FUZZ_H

#include "host.h"

struct fuzz_input {
	const uint8_t *at, *end;
};

static inline uint32_t fuzz_byte(struct fuzz_input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static inline uint32_t fuzz_word(struct fuzz_input *in)
{
	uint32_t value = fuzz_byte(in);

	value |= fuzz_byte(in) << 8;
	value |= fuzz_byte(in) << 16;
	return value | fuzz_byte(in) << 24;
}

/* Numbers as they are found in the store: mostly small, at times no number. */
static inline const char *fuzz_text(struct fuzz_input *in, char text[32])
{
	uint32_t kind = fuzz_byte(in);

	if (kind < 160)
		snprintf(text, 32, "%u", kind);
	else if (kind < 200)
		snprintf(text, 32, "%u", fuzz_word(in));
	else if (kind < 210)
		return NULL;
	else if (kind < 220)
		snprintf(text, 32, "%u%010u%010u", 1 + kind % 9, fuzz_word(in), fuzz_word(in));
	else if (kind < 240)
		snprintf(text, 32, "%c%cx", fuzz_byte(in), fuzz_byte(in));
	else
		snprintf(text, 32, "%s", kind < 248 ? "x86_32-abi" : "x86_64-abi");
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
