// SPDX-License-Identifier: GPL-2.0-or-later
/* Small kernels for tests. */
#include "make_kernel.h"

#include <elf.h>
#include <lz4hc.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <xen/elfnote.h>

#define LZ4_BLOCK	(8U << 20)
#define SETUP		2048

uint8_t kernel_byte(size_t at)
{
	return at < TEXT_BYTES || (at >= DATA_AT && at < DATA_AT + DATA_BYTES) ? (at * 2654435761U) >> 13 | 1 : 0;
}

static uint8_t *note(uint8_t *at, uint32_t type, const void *value, uint32_t size)
{
	Elf64_Nhdr head = { .n_namesz = 4, .n_descsz = size, .n_type = type };

	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), "Xen", 4);
	memcpy(at + sizeof(head) + 4, value, size);
	return at + sizeof(head) + 4 + ((size + 3) & ~3U);
}

static uint8_t *number(uint8_t *at, uint32_t type, uint64_t value)
{
	return note(at, type, &value, sizeof(value));
}

static uint8_t *text(uint8_t *at, uint32_t type, const char *value)
{
	return note(at, type, value, strlen(value) + 1);
}

static size_t make_notes(uint8_t *start, const struct kernel_form *form)
{
	uint8_t *at = text(start, XEN_ELFNOTE_GUEST_OS, "linux");

	at = text(at, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	at = text(at, XEN_ELFNOTE_LOADER, "generic");
	at = number(at, XEN_ELFNOTE_VIRT_BASE, form->base);
	at = number(at, XEN_ELFNOTE_ENTRY, form->base + KERNEL_PHYS + ENTRY_AT);
	if (form->hypercall_page)
		at = number(at, XEN_ELFNOTE_HYPERCALL_PAGE, form->base + KERNEL_PHYS + HYPERCALL_AT);
	if (form->init_p2m)
		at = number(at, XEN_ELFNOTE_INIT_P2M, form->init_p2m);
	if (form->mod_start_pfn)
		at = number(at, XEN_ELFNOTE_MOD_START_PFN, 1);
	if (form->features)
		at = text(at, XEN_ELFNOTE_FEATURES, form->features);
	return at - start;
}

struct made make_kernel(const struct kernel_form *form)
{
	const size_t notes_at = 0x200, text_at = 0x1000, data_at = 0x5000;
	struct made made = { calloc(1, data_at + DATA_BYTES), data_at + DATA_BYTES };
	Elf64_Ehdr header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(header),
		.e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	};
	Elf64_Phdr segments[3] = {
		{ .p_type = PT_LOAD,
		  .p_offset = text_at,
		  .p_paddr = KERNEL_PHYS,
		  .p_filesz = TEXT_BYTES,
		  .p_memsz = TEXT_BYTES },
		{ .p_type = PT_LOAD,
		  .p_offset = data_at,
		  .p_paddr = KERNEL_PHYS + DATA_AT,
		  .p_filesz = DATA_BYTES,
		  .p_memsz = DATA_MEMORY },
		{ .p_type = PT_NOTE, .p_offset = notes_at },
	};

	segments[2].p_filesz = make_notes(made.data + notes_at, form);
	memcpy(made.data, &header, sizeof(header));
	memcpy(made.data + sizeof(header), segments, sizeof(segments));
	for (size_t i = 0; i < TEXT_BYTES; i++)
		made.data[text_at + i] = kernel_byte(i);
	for (size_t i = 0; i < DATA_BYTES; i++)
		made.data[data_at + i] = kernel_byte(DATA_AT + i);
	return made;
}

/* ---- packing; each returns what it wrote to @out ---- */

static size_t gzip(uint8_t *out, size_t room, struct made in)
{
	z_stream stream = { .next_in = in.data, .avail_in = in.size, .next_out = out, .avail_out = room };

	deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
	deflate(&stream, Z_FINISH);
	deflateEnd(&stream);
	return stream.total_out;
}

static size_t xz(uint8_t *out, size_t room, struct made in)
{
	lzma_options_lzma options;
	lzma_filter filters[] = { { LZMA_FILTER_X86, NULL },
				  { LZMA_FILTER_LZMA2, &options },
				  { LZMA_VLI_UNKNOWN, NULL } };
	size_t size = 0;

	lzma_lzma_preset(&options, 1);
	if (lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, in.data, in.size, out, &size, room) != LZMA_OK)
		abort();
	return size;
}

static size_t lzma(uint8_t *out, size_t room, struct made in)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_options_lzma options;

	lzma_lzma_preset(&options, 1);
	if (lzma_alone_encoder(&stream, &options) != LZMA_OK)
		abort();
	stream.next_in = in.data;
	stream.avail_in = in.size;
	stream.next_out = out;
	stream.avail_out = room;
	if (lzma_code(&stream, LZMA_FINISH) != LZMA_STREAM_END)
		abort();
	lzma_end(&stream);
	return stream.total_out;
}

static size_t lz4(uint8_t *out, size_t room, struct made in)
{
	size_t size = 4;

	memcpy(out, "\x02\x21\x4c\x18", 4);
	for (size_t at = 0; at < in.size; at += LZ4_BLOCK) {
		size_t part = in.size - at < LZ4_BLOCK ? in.size - at : LZ4_BLOCK;
		uint32_t got = LZ4_compress_HC((char *)in.data + at, (char *)out + size + 4, part, room - size - 4, 3);

		memcpy(out + size, &got, 4);
		size += 4 + got;
	}
	return size;
}

static size_t zstd(uint8_t *out, size_t room, struct made in)
{
	return ZSTD_compress(out, room, in.data, in.size, 1);
}

static size_t plain(uint8_t *out, size_t room, struct made in)
{
	memcpy(out, in.data, in.size);
	return in.size;
}

static size_t unread(uint8_t *out, size_t room, struct made in)
{
	memcpy(out, "BZh9 and so on", 14);
	return 14;
}

static const struct packing {
	const char *name;
	size_t (*pack)(uint8_t *out, size_t room, struct made in);
	bool size_behind;
} packings[] = {
	{ "gzip", gzip, false }, { "xz", xz, true },	   { "lzma", lzma, true },    { "lz4", lz4, true },
	{ "zstd", zstd, true },	 { "none", plain, false }, { "bzip2", unread, true },
};

struct made make_gzip(struct made elf)
{
	struct made made = { malloc(elf.size + 65536), 0 };

	made.size = gzip(made.data, elf.size + 65536, elf);
	return made;
}

struct made make_bzimage(struct made elf, const char *packing)
{
	const uint32_t offset = 0x123, elf_size = elf.size;
	size_t room = elf.size + elf.size / 8 + 65536;
	struct made made = { calloc(1, SETUP + room), 0 };
	const struct packing *how = packings;
	uint32_t size;

	while (strcmp(how->name, packing))
		how++;
	size = how->pack(made.data + SETUP + offset, room - offset - 4, elf);
	if (how->size_behind) {
		memcpy(made.data + SETUP + offset + size, &elf_size, 4);
		size += 4;
	}
	made.data[0x1f1] = SETUP / 512 - 1;
	memcpy(made.data + 0x1fe, "\x55\xaa", 2);
	memcpy(made.data + 0x202, "HdrS\x0f\x02", 6);
	memcpy(made.data + 0x248, &offset, 4);
	memcpy(made.data + 0x24c, &size, 4);
	made.size = SETUP + offset + size + 100;
	return made;
}
