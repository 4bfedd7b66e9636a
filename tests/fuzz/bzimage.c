/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fuzz target for kernel files. The input: one byte that chooses a compression, the claimed size (two bytes), the
 * payload; or, with the first byte 255, a whole file.
 */
#include <stdlib.h>
#include <string.h>
#include <tenon/bzimage.h>

#define SETUP		1024
#define OUT_MAX		(1UL << 22)

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);
void decode_env_enter(void);
void decode_env_leave(void);

void decode_env_enter(void)
{
}

void decode_env_leave(void)
{
}

static void try(const uint8_t *file, size_t size)
{
	const char *why = NULL;
	size_t out = 0, room;
	uint8_t *dest;
	int rc = kernel_image_size(file, size, &out, &why);

	if (rc && !(why && *why))
		abort();
	if (rc || !out || out > OUT_MAX)
		return;
	room = out;
	dest = malloc(room);
	rc = kernel_image_decode(file, size, dest, &out, &why);
	if (rc ? !why : out != room)
		abort();
	free(dest);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	static const struct { const char *magic; unsigned int n; } kinds[] = {
		{ "\x1f\x8b\x08\0", 4 }, { "\xfd" "7zXZ\0\0", 7 }, { "\x28\xb5\x2f\xfd", 4 }, { "\x02\x21\x4c\x18", 4 },
	};
	unsigned int kind = size ? input[0] & 3 : 0;
	uint32_t start = 0, bytes;
	uint8_t *file;

	if (size < 3 || input[0] == 255) {
		if (size)
			try(input + 1, size - 1);
		return 0;
	}
	bytes = kinds[kind].n + (uint32_t)size - 3 + 4;
	file = calloc(1, SETUP + bytes);
	file[0x1f1] = 1;
	memcpy(file + 0x1fe, "\x55\xaa", 2);
	memcpy(file + 0x202, "HdrS\x08\x02", 6);
	memcpy(file + 0x248, &start, 4);
	memcpy(file + 0x24c, &bytes, 4);
	memcpy(file + SETUP, kinds[kind].magic, kinds[kind].n);
	memcpy(file + SETUP + kinds[kind].n, input + 3, size - 3);
	memcpy(file + SETUP + bytes - 4, input + 1, 2);
	try(file, SETUP + bytes);
	free(file);
	return 0;
}
