/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ELF loader: a small kernel built here, then bent in every way that must be noticed. */
#include <stdlib.h>
#include <string.h>
#include <elf.h>
#include <tenon/elf.h>
#include <xen/elfnote.h>
#include "../lib/tap.h"

#define BASE	0xffffffff80000000UL
#define START	0x1000000UL
#define TEXT	0x2000UL	/* offset of the segment in the file */
#define NOTES	0x1000UL

struct kernel {
	Elf64_Ehdr h;
	Elf64_Phdr p[3];
	uint8_t notes[1024];
	size_t nr;
	bool string_form;
};

static void note(struct kernel *k, uint32_t type, const void *desc, uint32_t size)
{
	const Elf64_Nhdr n = { 4, size, type };

	memcpy(k->notes + k->nr, &n, sizeof(n));
	memcpy(k->notes + k->nr + sizeof(n), "Xen", 4);
	memcpy(k->notes + k->nr + sizeof(n) + 4, desc, size);
	k->nr += sizeof(n) + 4 + ((size + 3) & ~3u);
}

static void note64(struct kernel *k, uint32_t type, uint64_t v)
{
	note(k, type, &v, sizeof(v));
}

static void note_text(struct kernel *k, uint32_t type, const char *s)
{
	note(k, type, s, (uint32_t)strlen(s) + 1);
}

/* Two segments, 8 KiB of text and data with 4 KiB of bss, as Linux places them. */
static void kernel_init(struct kernel *k)
{
	memset(k, 0, sizeof(*k));
	memcpy(k->h.e_ident, ELFMAG, SELFMAG);
	k->h.e_ident[EI_CLASS] = ELFCLASS64;
	k->h.e_ident[EI_DATA] = ELFDATA2LSB;
	k->h.e_ident[EI_VERSION] = EV_CURRENT;
	k->h.e_type = ET_EXEC;
	k->h.e_machine = EM_X86_64;
	k->h.e_entry = START;
	k->h.e_phoff = sizeof(k->h);
	k->h.e_phentsize = sizeof(Elf64_Phdr);
	k->h.e_phnum = 3;
	k->p[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = TEXT, .p_vaddr = BASE + START, .p_paddr = START,
				.p_filesz = 0x1000, .p_memsz = 0x1000 };
	k->p[1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_offset = TEXT + 0x1000, .p_paddr = START + 0x2000,
				.p_filesz = 0x1000, .p_memsz = 0x2000 };
	k->p[2] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = NOTES };
}

static void kernel_notes(struct kernel *k)
{
	note_text(k, XEN_ELFNOTE_GUEST_OS, "linux");
	note_text(k, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	note64(k, XEN_ELFNOTE_VIRT_BASE, BASE);
	note64(k, XEN_ELFNOTE_ENTRY, BASE + START + 0x10);
	note64(k, XEN_ELFNOTE_HYPERCALL_PAGE, BASE + START);
	note_text(k, XEN_ELFNOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb");
	note64(k, XEN_ELFNOTE_INIT_P2M, 0x8000000000UL);
	note_text(k, XEN_ELFNOTE_LOADER, "generic");
	note_text(k, XEN_ELFNOTE_PAE_MODE, "yes");
}

static struct elf_image image;
static const char *why;

/* A heap block of exactly the file's size: a sanitizer sees a read behind it. */
static int parse_cut(struct kernel *k, size_t size)
{
	static uint8_t file[TEXT + 0x2000];
	uint8_t *exact = malloc(size ? size : 1);
	int rc;

	if (!k->string_form)
		k->p[2].p_filesz = k->nr;
	memset(file, 0x11, sizeof(file));
	memset(file + TEXT + 0x1000, 0x22, 0x1000);
	memcpy(file, &k->h, sizeof(k->h));
	memcpy(file + sizeof(k->h), k->p, sizeof(k->p));
	memcpy(file + NOTES, k->notes, sizeof(k->notes));
	memcpy(exact, file, size);
	why = "";
	rc = elf_parse(&image, exact, size, &why);
	if (rc) {
		free(exact);
	} else {
		/* Kept for elf_load() until the next call. */
		static uint8_t *last;

		free(last);
		last = exact;
	}
	return rc;
}

static int parse(struct kernel *k)
{
	return parse_cut(k, TEXT + 0x2000);
}

static void test_good(void)
{
	struct kernel k;
	uint8_t *memory = malloc(START + 0x4000);
	int rc;

	kernel_init(&k);
	kernel_notes(&k);
	rc = parse(&k);
	ok(!rc, "a kernel like Linux is accepted (%s)", why);
	ok(image.virt_base == BASE && image.virt_start == BASE + START && image.virt_end == BASE + START + 0x4000,
	   "its addresses");
	ok(image.entry == BASE + START + 0x10, "its entry comes from the note");
	ok(image.notes.has_hypercall_page && image.notes.hypercall_page == BASE + START, "its hypercall page");
	ok(image.notes.has_init_p2m && image.notes.init_p2m == 0x8000000000UL, "its frame list");
	ok(image.notes.required == 1 && image.notes.supported == 0x11, "its features");
	ok(image.notes.pae_mode == PAE_EXTENDED_CR3 && !strcmp(image.notes.loader, "generic"), "its texts");
	memset(memory, 0x33, START + 0x4000);
	elf_load(&image, memory);
	ok(memory[START - 1] == 0x33 && memory[START] == 0x11 && memory[START + 0xfff] == 0x11, "first segment");
	ok(memory[START + 0x1000] == 0x33 && memory[START + 0x2000] == 0x22, "a hole, then the second");
	ok(memory[START + 0x3000] == 0 && memory[START + 0x3fff] == 0, "bss is cleared");
	free(memory);
}

#define REFUSED(what, change) do { \
	struct kernel k; \
	kernel_init(&k); \
	kernel_notes(&k); \
	change; \
	ok(parse(&k) == -8 && *why, "refused: %s (%s)", what, why); \
} while (0)

static void test_headers(void)
{
	REFUSED("no magic number", k.h.e_ident[0] = 0);
	REFUSED("32 bits", k.h.e_ident[EI_CLASS] = ELFCLASS32);
	REFUSED("big endian", k.h.e_ident[EI_DATA] = ELFDATA2MSB);
	REFUSED("another machine", k.h.e_machine = EM_PPC64);
	REFUSED("an object file", k.h.e_type = ET_REL);
	REFUSED("entry size", k.h.e_phentsize = 32);
	REFUSED("headers outside", k.h.e_phoff = 0x3fff);
	REFUSED("headers outside, wrapping", k.h.e_phoff = UINT64_MAX - 8);
	REFUSED("too many headers", k.h.e_phnum = 0xffff);
	REFUSED("no headers", k.h.e_phnum = 0);
	REFUSED("segment outside", k.p[0].p_offset = 0x3001);
	REFUSED("segment outside, wrapping", k.p[0].p_offset = UINT64_MAX);
	REFUSED("file size above memory size", k.p[0].p_memsz = 0xfff);
	REFUSED("addresses wrap", k.p[0].p_paddr = UINT64_MAX - 0x10);
	REFUSED("memory wraps", k.p[1].p_memsz = UINT64_MAX);
	REFUSED("nothing to load", k.p[0].p_type = k.p[1].p_type = PT_NULL);
	REFUSED("notes outside", { k.p[2].p_offset = 0x4000; });
	REFUSED("end wraps in virtual addresses", k.p[1].p_memsz = 0x80000000);
}

static void test_notes(void)
{
	struct kernel k;

	REFUSED("entry below", note64(&k, XEN_ELFNOTE_ENTRY, BASE));
	REFUSED("entry behind", note64(&k, XEN_ELFNOTE_ENTRY, BASE + START + 0x4000));
	REFUSED("hypercall page below", note64(&k, XEN_ELFNOTE_HYPERCALL_PAGE, 0));
	REFUSED("hypercall page unaligned", note64(&k, XEN_ELFNOTE_HYPERCALL_PAGE, BASE + START + 8));
	REFUSED("hypercall page behind", note64(&k, XEN_ELFNOTE_HYPERCALL_PAGE, BASE + START + 0x4000));
	REFUSED("hypercall page at the top", note64(&k, XEN_ELFNOTE_HYPERCALL_PAGE, -0x1000UL));
	REFUSED("frame list inside", note64(&k, XEN_ELFNOTE_INIT_P2M, BASE + START));
	REFUSED("frame list unaligned", note64(&k, XEN_ELFNOTE_INIT_P2M, 0x8000000001UL));
	REFUSED("base that wraps", note64(&k, XEN_ELFNOTE_VIRT_BASE, -0x1000UL));
	REFUSED("offset above the segments", note64(&k, XEN_ELFNOTE_PADDR_OFFSET, START + 1));
	REFUSED("a number of three bytes", note(&k, XEN_ELFNOTE_VIRT_BASE, "abc", 3));
	REFUSED("a number of no bytes", note(&k, XEN_ELFNOTE_VIRT_BASE, "", 0));
	REFUSED("an unknown feature required", note_text(&k, XEN_ELFNOTE_FEATURES, "a|!brand_new"));
	REFUSED("an HVM feature required", note_text(&k, XEN_ELFNOTE_FEATURES, "!hvm_callback_vector"));
	REFUSED("ring 0 required", note_text(&k, XEN_ELFNOTE_FEATURES, "dom0|!supervisor_mode_kernel"));
	REFUSED("a lone mark", note_text(&k, XEN_ELFNOTE_FEATURES, "!"));
	REFUSED("no dom0", note64(&k, XEN_ELFNOTE_SUPPORTED_FEATURES, 0x13));
	REFUSED("another interface", note_text(&k, XEN_ELFNOTE_XEN_VERSION, "xen-4.0"));
	REFUSED("another loader", { note_text(&k, XEN_ELFNOTE_LOADER, "odd"); note_text(&k, XEN_ELFNOTE_GUEST_OS, "plan9"); });
	REFUSED("no notes", k.nr = 0);
	REFUSED("a note longer than all", { uint32_t n = 0x7ffffff0; memcpy(k.notes + k.nr - 8 - 16 + 4, &n, 4); });

	kernel_init(&k);
	kernel_notes(&k);
	note_text(&k, XEN_ELFNOTE_FEATURES, "some_new_thing|dom0");
	note64(&k, XEN_ELFNOTE_SUPPORTED_FEATURES, 0x801);
	note_text(&k, XEN_ELFNOTE_GUEST_VERSION, "a version much longer than there is room for");
	note64(&k, XEN_ELFNOTE_MOD_START_PFN, 1);
	note(&k, 77, "??", 2);
	ok(!parse(&k), "unknown features and notes are passed over (%s)", why);
	ok(image.notes.mod_start_pfn && strlen(image.notes.guest_version) == 15, "further notes");
}

static void test_offsets(void)
{
	struct kernel k;

	kernel_init(&k);
	kernel_notes(&k);
	k.p[0].p_paddr += BASE;
	k.p[1].p_paddr += BASE;
	note64(&k, XEN_ELFNOTE_PADDR_OFFSET, BASE);
	ok(!parse(&k) && image.virt_start == BASE + START, "virtual addresses in the file's physical ones (%s)", why);
	kernel_init(&k);
	note_text(&k, XEN_ELFNOTE_LOADER, "generic");
	note_text(&k, XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
	ok(!parse(&k) && image.virt_start == START && image.virt_base == 0 && image.entry == START,
	   "a kernel with few notes runs where its file says (%s)", why);
	kernel_init(&k);
	kernel_notes(&k);
	note64(&k, XEN_ELFNOTE_VIRT_BASE, BASE - 8);
	ok(parse(&k) && strstr(why, "page-aligned"), "a base within a page is refused (%s)", why);
}

/* No note segment, but the old section with one text. */
static void test_string(const char *text, bool accepted)
{
	struct kernel k;
	const Elf64_Shdr s[2] = {
		{ .sh_name = 1, .sh_type = SHT_PROGBITS, .sh_offset = NOTES + 0x200, .sh_size = strlen(text) },
		{ .sh_type = SHT_STRTAB, .sh_offset = NOTES + 0x1f0, .sh_size = 13 },
	};

	kernel_init(&k);
	k.string_form = true;
	k.p[2].p_type = PT_NULL;
	k.h.e_shoff = NOTES;
	k.h.e_shentsize = sizeof(s[0]);
	k.h.e_shnum = 2;
	k.h.e_shstrndx = 1;
	memcpy(k.notes, s, sizeof(s));
	memcpy(k.notes + 0x1f0, "\0__xen_guest", 13);
	memcpy(k.notes + 0x200, text, strlen(text));
	ok(!parse(&k) == accepted, "%.40s... (%s)", text, why);
}

static void test_cut(void)
{
	bool all = true;
	struct kernel k;

	kernel_init(&k);
	kernel_notes(&k);
	for (size_t n = 0; n < TEXT + 0x2000; n++)
		all &= parse_cut(&k, n) == -8;
	ok(all, "refused when cut anywhere");
}

int main(void)
{
	test_good();
	test_headers();
	test_notes();
	test_offsets();
	test_string("GUEST_OS=netbsd,GUEST_VER=1,XEN_VER=xen-3.0,LOADER=generic,VIRT_BASE=0x100000,ELF_PADDR_OFFSET=0x100000,"
		    "VIRT_ENTRY=0x1000100,HYPERCALL_PAGE=0xf01,PAE=yes[extended-cr3],BSD_SYMTAB=yes", true);
	test_string("LOADER=generic,XEN_VER=xen-3.0,VIRT_BASE=zero", false);
	test_string("LOADER=generic,XEN_VER=xen-3.0,FEATURES=!nothing", false);
	test_cut();
	return tap_end();
}
