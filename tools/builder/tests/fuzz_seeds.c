// SPDX-License-Identifier: GPL-2.0-or-later
/* Writes seeds for the fuzzer of kernels into the directory given. */
#include <stdio.h>
#include <stdlib.h>

#include "make_kernel.h"

static void seed(const char *dir, const char *name, unsigned int number, struct made made)
{
	char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s-%u", dir, name, number);
	file = fopen(path, "w");
	if (!file || fwrite(made.data, 1, made.size, file) != made.size || fclose(file))
		exit(1);
	free(made.data);
}

int main(int argc, char **argv)
{
	static const char *const packings[] = { "gzip", "xz", "lzma", "lz4", "zstd", "none" };
	static const struct kernel_form forms[] = {
		{ KERNEL_BASE, true, true, 0x8000000000, NULL },
		{ KERNEL_BASE, false, false, 0, "!writable_page_tables|dom0" },
		{ 0, true, true, 0xffff880000000000, NULL },
	};

	for (unsigned int i = 0; argc == 2 && i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct made elf = make_kernel(&forms[i]);

		for (unsigned int j = 0; j < sizeof(packings) / sizeof(packings[0]); j++)
			seed(argv[1], packings[j], i, make_bzimage(elf, packings[j]));
		seed(argv[1], "elf-gzip", i, make_gzip(elf));
		seed(argv[1], "elf", i, elf);
	}
	return argc != 2;
}
