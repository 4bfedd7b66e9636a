/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small kernels for tests: ELF files with notes, and what may be around them. */
#ifndef TESTS_MAKE_KERNEL_H
#define TESTS_MAKE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KERNEL_BASE	0xffffffff80000000ULL	/* as a kernel's own usually is */
#define KERNEL_PHYS	0x200000ULL		/* where it lies behind that */
#define TEXT_BYTES	0x3210U
#define DATA_AT		0x6000U			/* behind KERNEL_PHYS */
#define DATA_BYTES	0x1804U
#define DATA_MEMORY	0x9008U
#define HYPERCALL_AT	0x1000U
#define ENTRY_AT	0x40U

struct kernel_form {
	uint64_t base;
	bool hypercall_page, mod_start_pfn;
	uint64_t init_p2m;		/* 0: no such note */
	const char *features;		/* or NULL */
};

struct made {
	uint8_t *data;			/* from malloc() */
	size_t size;
};

/* The byte of the kernel's text or data at an offset behind KERNEL_PHYS; 0 between and behind them. */
uint8_t kernel_byte(size_t at);

struct made make_kernel(const struct kernel_form *form);

/* A bzImage around it. @packing: "gzip", "xz", "lzma", "lz4", "zstd", "none", "bzip2" (its magic alone). */
struct made make_bzimage(struct made elf, const char *packing);

/* The file alone, packed. */
struct made make_gzip(struct made elf);

#endif
