/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside the ELF loader. Layouts: System V ABI, chapter 4 and 5; notes of the guest interface: xen/elfnote.h. */
#ifndef COMMON_ELF_H
#define COMMON_ELF_H

#include <tenon/elf.h>
#include <tenon/lib.h>

struct elf64_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf64_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
#define PT_LOAD		1
#define PT_NOTE		4

struct elf64_section {
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t addralign, entsize;
};
#define SHT_NOTE	7

static inline bool elf_in_file(size_t size, uint64_t offset, uint64_t bytes)
{
	return offset <= size && bytes <= size - offset;
}

/* -ENOEXEC, and the reason. */
int elf_refuse(const char **why, const char *reason);

/* A run of notes; those not of the interface are passed over. */
int elf_notes_read(struct elf_notes *n, const uint8_t *p, size_t size, const char **why);
/* The older form: one text of NAME=value pairs with commas (section __xen_guest). */
int elf_guest_string_read(struct elf_notes *n, const uint8_t *p, size_t size, const char **why);
/* What they say fits what we are. */
int elf_notes_check(const struct elf_notes *n, const char **why);

#endif
