// SPDX-License-Identifier: LGPL-2.1-or-later
/* A kernel's ELF file: headers checked, addresses worked out, segments as they are loaded. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"

#define PAGE_MASK	0xfffULL
#define SEGMENTS_MAX	256
#define SECTIONS_MAX	4096
#define GUEST_SECTION	"__xen_guest"

/* Has bytes that lie in the file in memory. Others of it, which were looked at before, may be read anew by that. */
static int need(const struct kernel *kernel, uint64_t offset, size_t size)
{
	return kernel->in_file ? input_read(&kernel->input, kernel->file.data + offset, size, offset) : 0;
}

static int segments_read(const struct why *why, struct kernel *kernel, const Elf64_Ehdr *header)
{
	size_t size = header->e_phnum * sizeof(Elf64_Phdr);
	int error;

	if (!lies_in(kernel->file.size, header->e_phoff, size))
		return refuse(why, -ENOEXEC, "it is truncated: its program headers lie outside the file");
	error = need(kernel, header->e_phoff, size);
	if (error)
		return error;
	kernel->segments = malloc(size + 1);
	if (!kernel->segments)
		return refuse(why, -ENOMEM, "no memory to read it");
	memcpy(kernel->segments, kernel->file.data + header->e_phoff, size);
	kernel->phnum = header->e_phnum;
	return 0;
}

static int header_check(const struct why *why, struct kernel *kernel, Elf64_Ehdr *header)
{
	const struct bytes *file = &kernel->file;
	int error;

	if (file->size < sizeof(*header))
		return refuse(why, -ENOEXEC, "it is truncated: an ELF file has a header of %zu bytes", sizeof(*header));
	error = need(kernel, 0, sizeof(*header));
	if (error)
		return error;
	memcpy(header, file->data, sizeof(*header));
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
	    header->e_machine != EM_X86_64)
		return refuse(why, -ENOEXEC, "it is no kernel for x86-64 (ELF class %u, machine %u)",
			      header->e_ident[EI_CLASS], header->e_machine);
	if (header->e_ident[EI_VERSION] != EV_CURRENT || (header->e_type != ET_EXEC && header->e_type != ET_DYN))
		return refuse(why, -ENOEXEC, "its ELF file is not an executable");
	if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum > SEGMENTS_MAX)
		return refuse(why, -ENOEXEC, "it has %u program headers of %u bytes; at most %u of %zu are possible",
			      header->e_phnum, header->e_phentsize, SEGMENTS_MAX, sizeof(Elf64_Phdr));
	return segments_read(why, kernel, header);
}

/* Checks the segments, reads the notes among them, and finds the range that is loaded, in the file's own addresses. */
static int segments_check(const struct why *why, struct kernel *kernel, uint64_t *start, uint64_t *end)
{
	uint64_t loaded = 0, noted = 0;

	*start = UINT64_MAX;
	*end = 0;
	for (unsigned int i = 0; i < kernel->phnum; i++) {
		Elf64_Phdr segment = kernel->segments[i];
		uint64_t segment_end;
		int error;

		if (segment.p_type != PT_LOAD && segment.p_type != PT_NOTE)
			continue;
		if (!lies_in(kernel->file.size, segment.p_offset, segment.p_filesz))
			return refuse(why, -ENOEXEC, "it is truncated: segment %u lies outside the file", i);
		if (segment.p_type == PT_NOTE) {
			noted += segment.p_filesz;
			if (noted > kernel->file.size)
				return refuse(why, -ENOEXEC, "its notes overlap");
			error = need(kernel, segment.p_offset, segment.p_filesz);
			if (!error)
				error = notes_read(why, &kernel->notes, kernel->file.data + segment.p_offset, segment.p_filesz);
			if (error)
				return error;
			continue;
		}
		if (segment.p_filesz > segment.p_memsz ||
		    __builtin_add_overflow(segment.p_paddr, segment.p_memsz, &segment_end))
			return refuse(why, -ENOEXEC, "the size of segment %u is wrong", i);
		/* More than there is: they overlap, and loading them would take long. */
		loaded += segment.p_filesz;
		if (loaded > kernel->file.size)
			return refuse(why, -ENOEXEC, "its segments overlap");
		if (!segment.p_memsz)
			continue;
		if (segment.p_paddr < *start)
			*start = segment.p_paddr;
		if (segment_end > *end)
			*end = segment_end;
	}
	return *start < *end ? 0 : refuse(why, -ENOEXEC, "it has nothing to load");
}

/* For files whose notes are in no segment. Broken section headers mean that there are none. */
static int sections_search(const struct why *why, struct kernel *kernel, const Elf64_Ehdr *header)
{
	const struct bytes *file = &kernel->file;
	Elf64_Shdr section, names;
	int error;

	if (header->e_shentsize != sizeof(section) || header->e_shnum > SECTIONS_MAX ||
	    header->e_shstrndx >= header->e_shnum ||
	    !lies_in(file->size, header->e_shoff, header->e_shnum * sizeof(section)))
		return 0;
	error = need(kernel, 0, file->size);
	if (error)
		return error;
	memcpy(&names, file->data + header->e_shoff + header->e_shstrndx * sizeof(names), sizeof(names));
	for (unsigned int i = 0; i < header->e_shnum && !error; i++) {
		const uint8_t *body;

		memcpy(&section, file->data + header->e_shoff + i * sizeof(section), sizeof(section));
		if (section.sh_type == SHT_NOBITS || !lies_in(file->size, section.sh_offset, section.sh_size))
			continue;
		body = file->data + section.sh_offset;
		if (section.sh_type == SHT_NOTE)
			error = notes_read(why, &kernel->notes, body, section.sh_size);
		else if (lies_in(file->size, names.sh_offset, names.sh_size) &&
			 lies_in(names.sh_size, section.sh_name, sizeof(GUEST_SECTION)) &&
			 !memcmp(file->data + names.sh_offset + section.sh_name, GUEST_SECTION, sizeof(GUEST_SECTION)))
			error = notes_read_string(why, &kernel->notes, body, section.sh_size);
	}
	return error;
}

static int hypercall_page_check(const struct why *why, const struct kernel *kernel)
{
	uint64_t page = kernel->notes.hypercall_page;

	if (!kernel->notes.has_hypercall_page || (!(page & PAGE_MASK) && page >= kernel->virt_start &&
						  page < kernel->virt_end && kernel->virt_end - page > PAGE_MASK))
		return 0;
	return refuse(why, -ENOEXEC, "its hypercall page, at %#llx, lies outside its segments",
		      (unsigned long long)page);
}

static int addresses_check(const struct why *why, struct kernel *kernel, uint64_t start, uint64_t end)
{
	const struct kernel_notes *notes = &kernel->notes;

	kernel->virt_base = notes->virt_base;
	if (kernel->virt_base & PAGE_MASK)
		return refuse(why, -ENOEXEC, "its base address in its notes is not that of a page");
	if (start < notes->paddr_offset ||
	    __builtin_add_overflow(kernel->virt_base, start - notes->paddr_offset, &kernel->virt_start) ||
	    __builtin_add_overflow(kernel->virt_start, end - start, &kernel->virt_end))
		return refuse(why, -ENOEXEC, "its segments do not lie behind the base address in its notes");
	if (kernel->entry < kernel->virt_start || kernel->entry >= kernel->virt_end)
		return refuse(why, -ENOEXEC, "its entry point, %#llx, lies outside its segments",
			      (unsigned long long)kernel->entry);
	if (notes->has_init_p2m && (notes->init_p2m & PAGE_MASK))
		return refuse(why, -ENOEXEC, "the place of its frame list is not that of a page");
	return hypercall_page_check(why, kernel);
}

int kernel_parse(const struct why *why, struct kernel *kernel)
{
	uint64_t start, end;
	Elf64_Ehdr header;
	int error = header_check(why, kernel, &header);

	if (!error)
		error = segments_check(why, kernel, &start, &end);
	if (!error && !kernel->notes.found)
		error = sections_search(why, kernel, &header);
	if (!error)
		error = notes_check(why, &kernel->notes);
	if (error)
		return error;
	kernel->entry = kernel->notes.has_entry ? kernel->notes.entry : header.e_entry;
	return addresses_check(why, kernel, start, end);
}

static int copy_part(const struct kernel *kernel, uint64_t offset, uint8_t *to, size_t size)
{
	if (kernel->in_file)
		return input_read(&kernel->input, to, size, offset);
	memcpy(to, kernel->file.data + offset, size);
	return 0;
}

int kernel_copy(const struct kernel *kernel, uint64_t offset, uint8_t *to, size_t size)
{
	int error = 0;

	memset(to, 0, size);
	for (unsigned int i = 0; i < kernel->phnum && !error; i++) {
		Elf64_Phdr segment = kernel->segments[i];
		uint64_t place = segment.p_paddr - kernel->notes.paddr_offset, skip, room, left;

		if (segment.p_type != PT_LOAD || place >= offset + size || place + segment.p_filesz <= offset)
			continue;
		skip = place < offset ? offset - place : 0;
		room = size - (place + skip - offset);
		left = segment.p_filesz - skip;
		error = copy_part(kernel, segment.p_offset + skip, to + (place + skip - offset), left < room ? left : room);
	}
	return error;
}

/* From now on the ELF file is read from @entry, which is taken over. */
static int read_from_entry(struct kernel *kernel, struct cache_entry entry)
{
	struct input *input = &kernel->input;

	input_close(input);
	input->fd = entry.fd;
	input->opened_here = true;
	input->start = entry.start;
	input->size = entry.size;
	kernel->in_file = true;
	free(kernel->file.data);
	kernel->file = (struct bytes){ malloc(entry.size + 1), entry.size };
	return kernel->file.data ? 0 : refuse(&input->why, -ENOMEM, "no memory to read it");
}

/* The ELF file in what was read: unpacked before, or now. */
static int kernel_take_out(struct kernel *kernel)
{
	struct cache_entry entry = cache_find(&kernel->cache, kernel->file.data, kernel->file.size);
	int error;

	if (entry.fd >= 0)
		return read_from_entry(kernel, entry);
	entry = cache_begin(&kernel->cache, kernel->file.data, kernel->file.size);
	error = kernel_unpack(&kernel->input.why, &kernel->file);
	if (entry.fd < 0)
		return error;
	if (!error && cache_add(&kernel->cache, &entry, kernel->file.data, kernel->file.size))
		return read_from_entry(kernel, entry);
	close(entry.fd);
	return error;
}

/* A file that is ELF as it is stays where it is: its segments go from there into the guest's memory, and into none of ours. */
static int kernel_load(struct kernel *kernel)
{
	struct input *input = &kernel->input;
	size_t first = input->size < SELFMAG ? input->size : SELFMAG;
	int error;

	if (input->size > TENON_KERNEL_MAX)
		return refuse(&input->why, -EINVAL, "it has %llu bytes; a kernel has at most %lu", (unsigned long long)input->size,
			      TENON_KERNEL_MAX);
	kernel->file = (struct bytes){ malloc(input->size + 1), input->size };
	if (!kernel->file.data)
		return refuse(&input->why, -ENOMEM, "no memory to read it");
	error = input_read(input, kernel->file.data, first, 0);
	if (error)
		return error;
	kernel->in_file = kernel_is_elf(kernel->file.data, first);
	if (kernel->in_file)
		return 0;
	error = input_read(input, kernel->file.data, input->size, 0);
	return error ? error : kernel_take_out(kernel);
}

int kernel_open(struct kernel *kernel, const struct tenon_file *file, const char *cache, char *why)
{
	int error;

	memset(kernel, 0, sizeof(*kernel));
	cache_open(&kernel->cache, cache);
	error = input_open(&kernel->input, file, "kernel", why);
	if (error) {
		cache_close(&kernel->cache);
		return error;
	}
	error = kernel_load(kernel);
	if (!error)
		error = kernel_parse(&kernel->input.why, kernel);
	if (!kernel->in_file)
		input_close(&kernel->input);
	if (error)
		kernel_close(kernel);
	return error;
}

void kernel_forget(struct kernel *kernel)
{
	free(kernel->segments);
	kernel->segments = NULL;
	free(kernel->file.data);
	kernel->file.data = NULL;
}

void kernel_close(struct kernel *kernel)
{
	kernel_forget(kernel);
	input_close(&kernel->input);
	cache_close(&kernel->cache);
}
