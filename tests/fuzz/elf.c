/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target for the ELF loader. The input is the file; what is accepted keeps its promises, and is loaded. */
#include <stdlib.h>
#include <string.h>
#include <tenon/elf.h>

#define LOADED_MAX	(1UL << 20)

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct elf_image e;
	const char *why = NULL;
	char *base;

	if (elf_parse(&e, input, size, &why)) {
		check(why && *why);
		return 0;
	}
	check(e.virt_base <= e.virt_start && e.virt_start < e.virt_end);
	check(e.entry >= e.virt_start && e.entry < e.virt_end);
	if (e.notes.has_hypercall_page) {
		uint64_t page = e.notes.hypercall_page;

		check(!(page & 4095) && page >= e.virt_start && page + 4096 > page && page + 4096 <= e.virt_end);
	}
	if (e.notes.has_init_p2m)
		check(!(e.notes.init_p2m & 4095) && (e.notes.init_p2m < e.virt_start || e.notes.init_p2m >= e.virt_end));
	if (e.virt_end - e.virt_base > LOADED_MAX)
		return 0;
	base = malloc(e.virt_end - e.virt_base);
	elf_load(&e, base);
	free(base);
	return 0;
}
