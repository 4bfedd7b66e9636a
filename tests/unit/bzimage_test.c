/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel files: bzImages made here with each compression, whole and damaged; and the distribution's kernels, those in
 * $TENON_KERNELS or in the cache of the boot tests, which must also be kernels that can be started.
 */
#include <glob.h>
#include <lz4.h>
#include <lz4hc.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <tenon/bzimage.h>
#include <tenon/elf.h>
#include <zlib.h>
#include <zstd.h>
#include "../lib/tap.h"

#define SETUP		2048
#define LZ4_BLOCK	(8U << 20)

void decode_env_enter(void);
void decode_env_leave(void);
static int env_depth;

void decode_env_enter(void)
{
	env_depth++;
}

void decode_env_leave(void)
{
	env_depth--;
}

struct file {
	uint8_t *data;
	size_t size;
};

/* ---- building a bzImage ---- */
typedef size_t packer(uint8_t *out, size_t room, const uint8_t *in, size_t size);

static size_t append_size(uint8_t *out, size_t n, size_t size)
{
	const uint32_t trailer = (uint32_t)size;

	memcpy(out + n, &trailer, 4);
	return n + 4;
}

static size_t pack_gzip(uint8_t *out, size_t room, const uint8_t *in, size_t size)
{
	z_stream s = { .next_in = (uint8_t *)in, .avail_in = (uInt)size, .next_out = out, .avail_out = (uInt)room };

	deflateInit2(&s, 1, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
	deflate(&s, Z_FINISH);
	deflateEnd(&s);
	return s.total_out;
}

static size_t pack_xz_check(uint8_t *out, size_t room, const uint8_t *in, size_t size, lzma_check check)
{
	lzma_options_lzma opt;
	lzma_filter filters[] = { { LZMA_FILTER_X86, NULL }, { LZMA_FILTER_LZMA2, &opt }, { LZMA_VLI_UNKNOWN, NULL } };
	size_t n = 0;

	lzma_lzma_preset(&opt, 3);
	if (lzma_stream_buffer_encode(filters, check, NULL, in, size, out, &n, room) != LZMA_OK)
		abort();
	return append_size(out, n, size);
}

static size_t pack_xz(uint8_t *out, size_t room, const uint8_t *in, size_t size)
{
	return pack_xz_check(out, room, in, size, LZMA_CHECK_CRC32);
}

static size_t pack_xz_crc64(uint8_t *out, size_t room, const uint8_t *in, size_t size)
{
	return pack_xz_check(out, room, in, size, LZMA_CHECK_CRC64);
}

static size_t pack_zstd(uint8_t *out, size_t room, const uint8_t *in, size_t size)
{
	return append_size(out, ZSTD_compress(out, room, in, size, 3), size);
}

static size_t pack_lz4(uint8_t *out, size_t room, const uint8_t *in, size_t size)
{
	static const uint8_t magic[] = { 0x02, 0x21, 0x4c, 0x18 };
	size_t n = 4;

	memcpy(out, magic, 4);
	for (size_t at = 0; at < size; at += LZ4_BLOCK) {
		int part = (int)(size - at < LZ4_BLOCK ? size - at : LZ4_BLOCK);
		int got = LZ4_compress_HC((const char *)in + at, (char *)out + n + 4, part, (int)(room - n - 4), 3);
		uint32_t bytes = (uint32_t)got;

		memcpy(out + n, &bytes, 4);
		n += 4 + bytes;
	}
	return append_size(out, n, size);
}

static size_t pack_none(uint8_t *out, size_t room, const uint8_t *in, size_t size)
{
	memcpy(out, in, size);
	return size;
}

static struct file build(packer *pack, const uint8_t *in, size_t size)
{
	size_t room = size + size / 8 + 65536, n;
	struct file f = { calloc(1, SETUP + room + 4096), 0 };
	uint32_t offset = 0x123;

	f.data[0x1f1] = SETUP / 512 - 1;
	memcpy(f.data + 0x1fe, "\x55\xaa", 2);
	memcpy(f.data + 0x202, "HdrS", 4);
	memcpy(f.data + 0x206, "\x0f\x02", 2);
	memcpy(f.data + 0x248, &offset, 4);
	n = pack(f.data + SETUP + offset, room, in, size);
	memcpy(f.data + 0x24c, &(uint32_t){ (uint32_t)n }, 4);
	f.size = SETUP + offset + n + 100;
	return f;
}

/* The file in a heap block of just its size. 0 and the content, or the error. */
static int unpack(struct file f, struct file *out, const char **why)
{
	uint8_t *exact = malloc(f.size ? f.size : 1);
	int rc;

	memcpy(exact, f.data, f.size);
	out->data = NULL;
	*why = "";
	rc = kernel_image_size(exact, f.size, &out->size, why);
	if (!rc && out->size) {
		out->data = malloc(out->size);
		rc = kernel_image_decode(exact, f.size, out->data, &out->size, why);
	}
	free(exact);
	return rc;
}

static struct file sample(size_t size)
{
	struct file f = { malloc(size), size };
	uint32_t x = 12345;

	for (size_t i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		f.data[i] = i % 37 < 20 ? (uint8_t)(i / 37) : (uint8_t)(x >> 24 & 15);
	}
	memcpy(f.data, "\177ELF", 4);
	return f;
}

static bool same(struct file a, struct file b)
{
	return b.data && a.size == b.size && !memcmp(a.data, b.data, a.size);
}

static bool refused(struct file f, const char *what)
{
	const char *why;
	struct file out;
	int rc = unpack(f, &out, &why);

	free(out.data);
	if (rc != -8 || !*why)
		printf("# %s: %d \"%s\"\n", what, rc, why);
	return rc == -8 && *why;
}

static const struct { const char *name; packer *pack; bool slow; } packers[] = {
	{ "gzip", pack_gzip, false }, { "xz", pack_xz, true }, { "xz with crc64", pack_xz_crc64, true }, { "zstd", pack_zstd, false },
	{ "lz4", pack_lz4, false }, { "no compression", pack_none, false },
};

static void test_packer(unsigned int i, struct file content)
{
	struct file f = build(packers[i].pack, content.data, content.size), out;
	uint8_t *trailer = f.data + f.size - 104;
	const char *why;
	int rc = unpack(f, &out, &why);
	bool all = true, plain = packers[i].pack == pack_none;
	uint32_t claims[] = { 0, 1, (uint32_t)content.size - 1, (uint32_t)content.size + 1, 0x20000001, UINT32_MAX };

	ok(!rc && same(content, out), "%s (%s)", packers[i].name, why);
	ok(!env_depth, "%s: decoders' surroundings are left", packers[i].name);
	free(out.data);
	for (unsigned int k = 0; k < 6 && !plain; k++) {
		memcpy(trailer, &claims[k], 4);
		all &= refused(f, "claimed size");
	}
	ok(all, "%s: a wrong claim of its size is refused", packers[i].name);
	memcpy(trailer, &(uint32_t){ (uint32_t)content.size }, 4);
	all = true;
	for (size_t n = 0; n < f.size - 100; n += n < 5000 ? 7 : 40009)
		all &= refused((struct file){ f.data, n }, "cut");
	ok(all, "%s: refused when cut", packers[i].name);
	free(f.data);
}

/* Damage must be noticed by formats with a check sum; by all it must be survived. */
static void test_damage(unsigned int i, struct file content)
{
	bool checked = packers[i].pack != pack_none && packers[i].pack != pack_lz4 && packers[i].pack != pack_zstd;
	struct file f = build(packers[i].pack, content.data, content.size), out;
	unsigned int accepted = 0;
	uint32_t x = i + 1;

	for (unsigned int k = 0; k < 200; k++) {
		const char *why;
		size_t at;
		uint8_t old;

		x = x * 1664525 + 1013904223;
		at = SETUP + 0x123 + 16 + (x >> 4) % (f.size - SETUP - 0x123 - 16 - 104);
		old = f.data[at];
		f.data[at] ^= 1 << (x & 7);
		accepted += !unpack(f, &out, &why) && !same(content, out);
		free(out.data);
		f.data[at] = old;
	}
	ok(!checked || !accepted, "%s: damaged in 200 ways", packers[i].name);
	free(f.data);
}

static void test_header(struct file content)
{
	struct file f = build(pack_gzip, content.data, content.size), out;
	uint32_t n;
	const char *why;

	ok(!kernel_image_size(content.data, content.size, &out.size, &why) && !out.size, "a plain ELF file stays as it is");
	f.data[0x206] = 7;
	ok(refused(f, "old"), "an old boot protocol");
	f.data[0x206] = 15;
	f.data[0x202] = 'h';
	ok(refused(f, "magic"), "no magic number");
	f.data[0x202] = 'H';
	f.data[0x1fe] = 0;
	ok(refused(f, "flag"), "no boot flag");
	f.data[0x1fe] = 0x55;
	n = UINT32_MAX;
	memcpy(f.data + 0x24c, &n, 4);
	ok(refused(f, "length"), "a length outside");
	n = 3;
	memcpy(f.data + 0x24c, &n, 4);
	ok(refused(f, "short"), "a length of nearly nothing");
	n = UINT32_MAX;
	memcpy(f.data + 0x248, &n, 4);
	ok(refused(f, "offset"), "an offset outside");
	free(f.data);
}

static void test_real(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct file f = { malloc(64 << 20), 0 }, out;
	const char *why, *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct elf_image e;
	int rc;

	if (file) {
		f.size = fread(f.data, 1, 64 << 20, file);
		fclose(file);
	}
	rc = unpack(f, &out, &why);
	ok(!rc && out.size, "%s: %zu bytes unpack to %zu (%s)", name, f.size, out.size, why);
	rc = !rc && out.size ? elf_parse(&e, out.data, out.size, &why) : -1;
	ok(!rc, "%s is a kernel that can be started (%s)", name, why);
	if (!rc) {
		printf("# %#lx to %#lx, entry %#lx, hypercall page %#lx, features %#x required %#x\n", e.virt_start, e.virt_end,
		       e.entry, e.notes.hypercall_page, e.notes.supported, e.notes.required);
		for (unsigned int i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
			struct file again, out2;

			/* Slow to pack, and what distributions use anyway. */
			if (packers[i].slow)
				continue;
			again = build(packers[i].pack, out.data, out.size);
			ok(!unpack(again, &out2, &why) && same(out, out2), "%s, packed again: %s (%s)", name, packers[i].name, why);
			free(out2.data);
			free(again.data);
		}
	}
	free(out.data);
	free(f.data);
}

int main(void)
{
	const char *dir = getenv("builddir"), *list = getenv("TENON_KERNELS");
	struct file content = sample(300000);
	char pattern[4096];
	glob_t g;

	test_header(content);
	for (unsigned int i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		test_packer(i, content);
		test_damage(i, content);
	}
	free(content.data);
	snprintf(pattern, sizeof(pattern), "%s/cache/*/linux-image-amd64/boot/vmlinuz-*", dir ? dir : ".");
	if (!glob(list ? list : pattern, 0, NULL, &g)) {
		for (size_t i = 0; i < g.gl_pathc; i++)
			test_real(g.gl_pathv[i]);
		globfree(&g);
	}
	return tap_end();
}
