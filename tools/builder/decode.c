// SPDX-License-Identifier: LGPL-2.1-or-later
/* The compressions of kernels, each by its own library. What unpacks to another size than was said is broken. */
#include <lz4.h>
#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "kernel.h"

#define LZMA_MEMORY	(256UL << 20)		/* that a dictionary may take */
#define LZ4_BLOCK	(8UL << 20)
#define WRONG_SIZE	"unpacks to another size than it says"

const char *decode_gzip(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	z_stream stream = { .next_in = (uint8_t *)in, .avail_in = in_size, .next_out = out, .avail_out = out_size };
	int result;

	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		return "cannot be unpacked: no memory";
	result = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	if (result == Z_BUF_ERROR)
		return stream.avail_out ? "is truncated" : WRONG_SIZE;
	if (result != Z_STREAM_END)
		return "has broken gzip data";
	return stream.avail_out ? WRONG_SIZE : NULL;
}

static const char *lzma_run(lzma_stream *stream, const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	lzma_ret result;

	stream->next_in = in;
	stream->avail_in = in_size;
	stream->next_out = out;
	stream->avail_out = out_size;
	result = lzma_code(stream, LZMA_FINISH);
	lzma_end(stream);
	switch (result) {
	case LZMA_STREAM_END:
		return stream->avail_out ? WRONG_SIZE : NULL;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return "cannot be unpacked: it wants too much memory";
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return stream->avail_out ? "is truncated" : WRONG_SIZE;
	default:
		return "has broken xz or lzma data";
	}
}

const char *decode_xz(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	lzma_stream stream = LZMA_STREAM_INIT;

	if (lzma_stream_decoder(&stream, LZMA_MEMORY, 0) != LZMA_OK)
		return "cannot be unpacked: no memory";
	return lzma_run(&stream, in, in_size, out, out_size);
}

const char *decode_lzma(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	lzma_stream stream = LZMA_STREAM_INIT;

	if (lzma_alone_decoder(&stream, LZMA_MEMORY) != LZMA_OK)
		return "cannot be unpacked: no memory";
	return lzma_run(&stream, in, in_size, out, out_size);
}

/* The older frame format, which the kernel's build uses: magic, then blocks, each after its packed size. */
const char *decode_lz4(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	size_t at = 4;
	uint32_t packed;

	while (in_size - at >= sizeof(packed)) {
		size_t room = out_size < LZ4_BLOCK ? out_size : LZ4_BLOCK;
		int got;

		memcpy(&packed, in + at, sizeof(packed));
		at += sizeof(packed);
		if (packed > in_size - at || packed > LZ4_COMPRESSBOUND(LZ4_BLOCK))
			return "has broken lz4 data, or is truncated";
		got = LZ4_decompress_safe((const char *)in + at, (char *)out, packed, room);
		if (got < 0)
			return "has broken lz4 data";
		at += packed;
		out += got;
		out_size -= got;
	}
	return at != in_size || out_size ? WRONG_SIZE : NULL;
}

const char *decode_zstd(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size)
{
	size_t got = ZSTD_decompress(out, out_size, in, in_size);

	if (ZSTD_isError(got))
		return "has broken zstd data, or is truncated";
	return got == out_size ? NULL : WRONG_SIZE;
}
