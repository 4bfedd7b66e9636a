// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A kernel's file: ELF, ELF in gzip, or a bzImage with a (mostly packed) ELF file inside. The latter's layout: "The
 * Linux/x86 Boot Protocol", fields payload_offset and payload_length of version 2.08; all but gzip have the unpacked
 * size in four bytes behind their data, gzip has it there by its own format.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

#define SECTOR		512
#define SETUP_SECTS	0x1f1
#define BOOT_FLAG	0x1fe
#define MAGIC		0x202
#define VERSION_AT	0x206
#define PAYLOAD		0x248		/* offset, length */
#define HEADER_END	0x250
#define SIZE_FIELD	4

static const struct format {
	const char *name;
	uint8_t magic[6];
	uint8_t magic_size;
	decoder *decode;	/* NULL: it is not read here */
	uint8_t behind;		/* bytes of the size that are not the decoder's */
} formats[] = {
	{ "gzip", { 0x1f, 0x8b }, 2, decode_gzip, 0 },
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6, decode_xz, SIZE_FIELD },
	{ "lzma", { 0x5d, 0, 0 }, 3, decode_lzma, SIZE_FIELD },
	{ "lz4", { 0x02, 0x21, 0x4c, 0x18 }, 4, decode_lz4, SIZE_FIELD },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, 4, decode_zstd, SIZE_FIELD },
	{ "bzip2", { 'B', 'Z', 'h' }, 3, NULL, SIZE_FIELD },
	{ "lzo", { 0x89, 'L', 'Z', 'O', 0, 0x0d }, 6, NULL, SIZE_FIELD },
};

bool kernel_is_elf(const uint8_t *data, size_t size)
{
	return size >= 4 && !memcmp(data, "\177ELF", 4);
}

static uint32_t le32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static const struct format *find_format(const uint8_t *in, size_t size)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (size >= formats[i].magic_size && !memcmp(in, formats[i].magic, formats[i].magic_size))
			return &formats[i];
	return NULL;
}

/* Unpacks @in, a part of @file, into a block that takes @file's place. */
static int replace(const struct why *why, struct bytes *file, const uint8_t *in, size_t in_size)
{
	const struct format *format = find_format(in, in_size);
	struct bytes out = { 0 };
	const char *wrong;

	if (!format)
		return refuse(why, -ENOEXEC, "its kernel is packed in a form that is not known here");
	if (!format->decode)
		return refuse(why, -ENOEXEC, "its kernel is packed with %s, which is not read here", format->name);
	if (in_size < 2 * SIZE_FIELD)
		return refuse(why, -ENOEXEC, "it is truncated");
	out.size = le32(in + in_size - SIZE_FIELD);
	if (!out.size || out.size > TENON_KERNEL_MAX)
		return refuse(why, -ENOEXEC, "its kernel claims to have %zu bytes unpacked; 1 to %lu are possible",
			      out.size, TENON_KERNEL_MAX);
	out.data = malloc(out.size);
	if (!out.data)
		return refuse(why, -ENOMEM, "no memory for the %zu bytes of its kernel", out.size);
	wrong = format->decode(in, in_size - format->behind, out.data, out.size);
	if (wrong) {
		free(out.data);
		return refuse(why, -ENOEXEC, "its packed kernel (%s) %s", format->name, wrong);
	}
	free(file->data);
	*file = out;
	return 0;
}

static int unpack_bzimage(const struct why *why, struct bytes *file)
{
	const uint8_t *data = file->data;
	unsigned int version = data[VERSION_AT] | data[VERSION_AT + 1] << 8,
		     sectors = data[SETUP_SECTS] ? data[SETUP_SECTS] : 4;
	uint64_t start = (sectors + 1) * SECTOR + (uint64_t)le32(data + PAYLOAD);
	uint32_t size = le32(data + PAYLOAD + 4);

	if (version < 0x208)
		return refuse(why, -ENOEXEC, "its boot protocol, %u.%u, is older than 2.8", version >> 8,
			      version & 0xff);
	if (!lies_in(file->size, start, size))
		return refuse(why, -ENOEXEC, "it is truncated: its kernel would end at byte %llu of %zu",
			      (unsigned long long)start + size, file->size);
	if (!kernel_is_elf(data + start, size))
		return replace(why, file, data + start, size);
	memmove(file->data, data + start, size);
	file->size = size;
	return 0;
}

int kernel_unpack(const struct why *why, struct bytes *file)
{
	const uint8_t *data = file->data;
	int error;

	if (kernel_is_elf(data, file->size))
		return 0;
	if (file->size >= 2 && data[0] == 0x1f && data[1] == 0x8b)
		error = replace(why, file, data, file->size);
	else if (file->size >= HEADER_END && data[BOOT_FLAG] == 0x55 && data[BOOT_FLAG + 1] == 0xaa &&
		 !memcmp(data + MAGIC, "HdrS", 4))
		error = unpack_bzimage(why, file);
	else
		return refuse(why, -ENOEXEC, "it is no kernel: neither a bzImage nor an ELF file");
	if (!error && !kernel_is_elf(file->data, file->size))
		error = refuse(why, -ENOEXEC, "what is packed in it is not an ELF file");
	return error;
}
