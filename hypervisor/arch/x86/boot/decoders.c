/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <lz4.h>
#include <lzma.h>
#include <tenon/lib.h>
#include <zlib.h>
#include <zstd.h>
#include "decoders.h"

#define XZ_MEMORY_MAX		(160UL << 20)
#define LZ4_BLOCK_MAX		(8U << 20)	/* unpacked; fixed in the "legacy" format */
#define LZ4_LEGACY_MAGIC	0x184c2102U

#define CORRUPT		"its compressed data is damaged, or the file is truncated"
#define WRONG_SIZE	"its compressed data has not the size that its header claims"
#define NO_MEMORY	"there is not enough memory"

struct decoder {
	const char *magic;
	unsigned int magic_len;
	bool size_apart;
	const char *(*run)(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size);
};

static const char *__init run_plain(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	if (in_size != out_size)
		return WRONG_SIZE;
	memcpy(out, in, in_size);
	return NULL;
}

static const char *__init run_gzip(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	z_stream s = { .next_in = (uint8_t *)in, .avail_in = (uInt)in_size, .next_out = out, .avail_out = (uInt)out_size };
	int rc;

	/* 16: the gzip header, with its check sum. */
	if (inflateInit2(&s, 16 + MAX_WBITS) != Z_OK)
		return NO_MEMORY;
	rc = inflate(&s, Z_FINISH);
	inflateEnd(&s);
	if (rc == Z_STREAM_END)
		return s.avail_out ? WRONG_SIZE : NULL;
	return rc == Z_MEM_ERROR ? NO_MEMORY : rc == Z_BUF_ERROR && !s.avail_out ? WRONG_SIZE : CORRUPT;
}

static const char *__init run_xz(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	uint64_t memory = XZ_MEMORY_MAX;
	size_t in_at = 0, out_at = 0;

	switch (lzma_stream_buffer_decode(&memory, 0, NULL, in, &in_at, in_size, out, &out_at, out_size)) {
	case LZMA_OK:
		return out_at == out_size ? NULL : WRONG_SIZE;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return NO_MEMORY;
	case LZMA_BUF_ERROR:
		return WRONG_SIZE;
	case LZMA_OPTIONS_ERROR:
		return "its xz data needs a filter that is not known here";
	default:
		return CORRUPT;
	}
}

static const char *__init run_zstd(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	ZSTD_DCtx *ctx = ZSTD_createDCtx();
	size_t n;

	if (!ctx)
		return NO_MEMORY;
	n = ZSTD_decompressDCtx(ctx, out, out_size, in, in_size);
	ZSTD_freeDCtx(ctx);
	if (ZSTD_isError(n))
		return CORRUPT;
	return n == out_size ? NULL : WRONG_SIZE;
}

/* The old frame of lz4 -l: a magic number, then blocks, each behind its compressed size. */
static const char *__init run_lz4(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	size_t at = 4, done = 0;

	while (at < in_size) {
		uint32_t n;
		int got;

		if (in_size - at < sizeof(n))
			return CORRUPT;
		memcpy(&n, in + at, sizeof(n));
		at += sizeof(n);
		if (n == LZ4_LEGACY_MAGIC)
			continue;
		if (n > in_size - at || n > LZ4_COMPRESSBOUND(LZ4_BLOCK_MAX))
			return CORRUPT;
		got = LZ4_decompress_safe((const char *)in + at, (char *)out + done, (int)n,
					  (int)min(out_size - done, (size_t)LZ4_BLOCK_MAX));
		if (got < 0)
			return CORRUPT;
		at += n;
		done += (size_t)got;
	}
	return done == out_size ? NULL : WRONG_SIZE;
}

static const struct decoder decoders[] __initconst = {
	{ "\177ELF", 4, false, run_plain },
	{ "\x1f\x8b", 2, false, run_gzip },
	{ "\xfd" "7zXZ\0", 6, true, run_xz },
	{ "\x28\xb5\x2f\xfd", 4, true, run_zstd },
	{ "\x02\x21\x4c\x18", 4, true, run_lz4 },
};

const struct decoder *__init decoder_find(const uint8_t *in, size_t size, const char **why)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(decoders); i++)
		if (size >= decoders[i].magic_len && !memcmp(in, decoders[i].magic, decoders[i].magic_len))
			return &decoders[i];
	*why = "its bzImage holds nothing known: a kernel compressed with gzip, xz, zstd or lz4 is wanted";
	return NULL;
}

bool __init decoder_is_plain(const struct decoder *d)
{
	return d->run == run_plain;
}

bool __init decoder_size_apart(const struct decoder *d)
{
	return d->size_apart;
}

const char *__init decoder_run(const struct decoder *d, const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	return d->run(in, in_size, out, out_size);
}
