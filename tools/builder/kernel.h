/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest's kernel: its file unpacked, its headers and notes checked, its bytes as they are loaded. */
#ifndef BUILDER_KERNEL_H
#define BUILDER_KERNEL_H

#include <elf.h>

#include "cache.h"
#include "file.h"

/* Owned: data comes from malloc(). */
struct bytes {
	uint8_t *data;
	size_t size;
};

/* What the notes of owner "Xen" say (xen/elfnote.h). */
struct kernel_notes {
	bool found;
	bool has_entry, has_hypercall_page, has_virt_base, has_paddr_offset, has_init_p2m, has_supported,
		has_phys32_entry;
	uint64_t entry, hypercall_page, virt_base, paddr_offset, init_p2m, supported, phys32_entry;
	bool mod_start_pfn;		/* takes a ramdisk outside the initial mapping */
	uint32_t required;		/* bits XENFEAT_* */
	bool requires_unknown;
	char guest_os[16], xen_version[16], loader[16];
};

struct kernel {
	struct input input;
	bool in_file;			/* input is the ELF file, and open: of it file has only what was looked at */
	struct cache cache;
	struct bytes file;		/* ELF */
	Elf64_Phdr *segments;		/* as they were checked; owned */
	unsigned int phnum;
	/* Addresses as the guest sees them. */
	uint64_t entry;
	uint64_t virt_base;		/* of guest frame 0; page-aligned */
	uint64_t virt_start, virt_end;	/* of what is loaded; the end is exclusive and does not wrap */
	struct kernel_notes notes;
};

/*
 * Reads, unpacks and checks. @cache: directory for unpacked kernels, or NULL. On success virt_base <= virt_start <= entry < virt_end,
 * and kernel_close() is owed.
 */
int kernel_open(struct kernel *kernel, const struct tenon_file *file, const char *cache, char *why);
void kernel_close(struct kernel *kernel);

/* Gives its memory back; it cannot be copied from afterwards. */
void kernel_forget(struct kernel *kernel);

/*
 * The @size bytes at @offset behind virt_base, as the guest is to find them: segments, and zeros between and
 * behind them. All of @to is written. 0, or a negative errno with the message: the file cannot be read any more.
 */
int kernel_copy(const struct kernel *kernel, uint64_t offset, uint8_t *to, size_t size);

/*
 * The steps of kernel_open(), for tests. Each takes over @file, and leaves in it what there is to free, also when it
 * fails. kernel_unpack(): the ELF file in a bzImage or gzip file.
 */
bool kernel_is_elf(const uint8_t *data, size_t size);
int kernel_unpack(const struct why *why, struct bytes *file);
int kernel_parse(const struct why *why, struct kernel *kernel);

/* unpack: @out is to be filled exactly. NULL, or what is wrong. */
typedef const char *decoder(const uint8_t *in, size_t in_size, uint8_t *out, size_t out_size);
decoder decode_gzip, decode_xz, decode_lzma, decode_lz4, decode_zstd;

/*
 * Notes in a note segment or section; pairs NAME=value in the section of the older form. Broken ones: -ENOEXEC. What
 * they say as a whole is the concern of notes_check().
 */
int notes_read(const struct why *why, struct kernel_notes *notes, const uint8_t *data, size_t size);
int notes_read_string(const struct why *why, struct kernel_notes *notes, const uint8_t *data, size_t size);
int notes_check(const struct why *why, const struct kernel_notes *notes);

/* Do the @size bytes at @offset lie in a file, or a part of it, of @whole bytes? */
static inline bool lies_in(uint64_t whole, uint64_t offset, uint64_t size)
{
	return offset <= whole && size <= whole - offset;
}

#endif
