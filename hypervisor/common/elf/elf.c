/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel's ELF file: headers checked, addresses worked out, segments loaded. */
#include <asm/elf.h>
#include <tenon/addr.h>
#include "elf.h"

#define ET_EXEC		2
#define ET_DYN		3
#define GUEST_SECTION	"__xen_guest"

int __init elf_refuse(const char **why, const char *reason)
{
	*why = reason;
	return -ENOEXEC;
}

static void __init segment_get(const struct elf_image *image, unsigned int i, struct elf64_segment *s)
{
	memcpy(s, image->data + image->phoff + i * sizeof(*s), sizeof(*s));
}

static int __init header_check(struct elf_image *image, struct elf64_header *h, const char **why)
{
	if (image->size < sizeof(*h) || memcmp(image->data, "\177ELF", 4))
		return elf_refuse(why, "it is not an ELF file");
	memcpy(h, image->data, sizeof(*h));
	if (h->ident[4] != 2 || h->ident[5] != 1 || h->machine != ELF_ARCH_MACHINE)
		return elf_refuse(why, "it is not a kernel for " ELF_ARCH_NAME);
	if (h->ident[6] != 1 || (h->type != ET_EXEC && h->type != ET_DYN))
		return elf_refuse(why, "its ELF file is not an executable");
	if (h->phentsize != sizeof(struct elf64_segment) ||
	    !elf_in_file(image->size, h->phoff, (uint64_t)h->phnum * h->phentsize))
		return elf_refuse(why, "its program headers lie outside the file: truncated?");
	image->phoff = h->phoff;
	image->phnum = h->phnum;
	return 0;
}

/* Checks the segments, reads the notes among them, and finds the range that is loaded, in the file's addresses. */
static int __init segments_check(struct elf_image *image, uint64_t *start, uint64_t *end, const char **why)
{
	*start = UINT64_MAX;
	*end = 0;
	for (unsigned int i = 0; i < image->phnum; i++) {
		struct elf64_segment s;
		uint64_t s_end;
		int rc;

		segment_get(image, i, &s);
		if (s.type != PT_LOAD && s.type != PT_NOTE)
			continue;
		if (!elf_in_file(image->size, s.offset, s.filesz))
			return elf_refuse(why, "a segment lies outside the file: truncated?");
		if (s.type == PT_NOTE) {
			rc = elf_notes_read(&image->notes, image->data + s.offset, s.filesz, why);
			if (rc)
				return rc;
			continue;
		}
		if (s.filesz > s.memsz || __builtin_add_overflow(s.paddr, s.memsz, &s_end))
			return elf_refuse(why, "a segment's size is wrong");
		if (!s.memsz)
			continue;
		*start = min(*start, s.paddr);
		*end = max(*end, s_end);
	}
	return *start < *end ? 0 : elf_refuse(why, "it has nothing to load");
}

/* Only for files whose notes are not in a segment. Broken section headers mean that there are none. */
static int __init sections_search(struct elf_image *image, const struct elf64_header *h, const char **why)
{
	struct elf64_section s, names;
	uint64_t table = h->shoff;
	int rc = 0;

	if (h->shentsize != sizeof(s) || h->shstrndx >= h->shnum ||
	    !elf_in_file(image->size, table, (uint64_t)h->shnum * sizeof(s)))
		return 0;
	memcpy(&names, image->data + table + h->shstrndx * sizeof(s), sizeof(s));
	for (unsigned int i = 0; i < h->shnum && !rc; i++) {
		const uint8_t *body;

		memcpy(&s, image->data + table + i * sizeof(s), sizeof(s));
		if (!elf_in_file(image->size, s.offset, s.size))
			continue;
		body = image->data + s.offset;
		if (s.type == SHT_NOTE)
			rc = elf_notes_read(&image->notes, body, s.size, why);
		else if (elf_in_file(names.size, s.name, sizeof(GUEST_SECTION)) &&
			 elf_in_file(image->size, names.offset, names.size) &&
			 !memcmp(image->data + names.offset + s.name, GUEST_SECTION, sizeof(GUEST_SECTION)))
			rc = elf_guest_string_read(&image->notes, body, s.size, why);
	}
	return rc;
}

static int __init addresses_check(struct elf_image *image, uint64_t start, uint64_t end, const char **why)
{
	const struct elf_notes *n = &image->notes;

	image->virt_base = n->virt_base;
	image->virt_start = start - n->paddr_offset + n->virt_base;
	if (PAGE_OFFSET(n->virt_base) || start < n->paddr_offset || image->virt_start < image->virt_base ||
	    __builtin_add_overflow(image->virt_start, end - start, &image->virt_end))
		return elf_refuse(why, "its segments do not lie behind a page-aligned base address in its notes");
	if (image->entry < image->virt_start || image->entry >= image->virt_end)
		return elf_refuse(why, "its entry point lies outside its segments");
	if (n->has_hypercall_page && (PAGE_OFFSET(n->hypercall_page) || n->hypercall_page < image->virt_start ||
				      image->virt_end - image->virt_start < PAGE_SIZE ||
				      n->hypercall_page > image->virt_end - PAGE_SIZE))
		return elf_refuse(why, "its hypercall page lies outside its segments");
	if (n->has_init_p2m && (PAGE_OFFSET(n->init_p2m) ||
				(n->init_p2m >= image->virt_start && n->init_p2m < image->virt_end)))
		return elf_refuse(why, "the place of its frame list is not aligned, or inside its segments");
	return 0;
}

int __init elf_parse(struct elf_image *image, const void *data, size_t size, const char **why)
{
	struct elf64_header h;
	uint64_t start, end;
	int rc;

	memset(image, 0, sizeof(*image));
	image->data = data;
	image->size = size;
	rc = header_check(image, &h, why);
	if (!rc)
		rc = segments_check(image, &start, &end, why);
	if (!rc && !image->notes.found)
		rc = sections_search(image, &h, why);
	if (!rc)
		rc = elf_notes_check(&image->notes, why);
	if (rc)
		return rc;
	image->entry = image->notes.has_entry ? image->notes.entry : h.entry;
	return addresses_check(image, start, end, why);
}

void __init elf_load(const struct elf_image *image, void *base)
{
	for (unsigned int i = 0; i < image->phnum; i++) {
		struct elf64_segment s;
		char *to;

		segment_get(image, i, &s);
		if (s.type != PT_LOAD || !s.memsz)
			continue;
		to = (char *)base + (s.paddr - image->notes.paddr_offset);
		memcpy(to, image->data + s.offset, s.filesz);
		memset(to + s.filesz, 0, s.memsz - s.filesz);
	}
}
