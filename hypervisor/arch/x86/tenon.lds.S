/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image: linked at HV_IMAGE_VIRT + HV_LOAD_PHYS, loaded at HV_LOAD_PHYS.
 * Order: what stays read-only, what is thrown away after boot, what is written.
 */
#include <asm/layout.h>

OUTPUT_FORMAT(elf64-x86-64)
OUTPUT_ARCH(i386:x86-64)
ENTRY(image_entry)

PHDRS
{
	text PT_LOAD FLAGS(7);
	note PT_NOTE;
}

SECTIONS
{
	. = HV_IMAGE_VIRT + HV_LOAD_PHYS;
	image_start = .;
	text_start = .;
	.text : AT(ADDR(.text) - HV_IMAGE_VIRT) {
		*(.text.head)
		entry_text_start = .;
		*(.text.entry)
		entry_text_end = .;
		*(EXCLUDE_FILE(*libz.a:* *liblzma.a:* *liblz4.a:* *libzstd.a:*) .text
		  EXCLUDE_FILE(*libz.a:* *liblzma.a:* *liblz4.a:* *libzstd.a:*) .text.*)
		. = ALIGN(4096);
		text_end = .;
	} :text

	rodata_start = .;
	.rodata : AT(ADDR(.rodata) - HV_IMAGE_VIRT) {
		*(EXCLUDE_FILE(*libz.a:* *liblzma.a:* *liblz4.a:* *libzstd.a:*) .rodata
		  EXCLUDE_FILE(*libz.a:* *liblzma.a:* *liblz4.a:* *libzstd.a:*) .rodata.*)
		. = ALIGN(8);
		extable_start = .;
		*(.extable)
		extable_end = .;
		smap_sites_start = .;
		*(.smap_sites)
		smap_sites_end = .;
	} :text
	.note : AT(ADDR(.note) - HV_IMAGE_VIRT) {
		note_start = .;
		*(.note.gnu.build-id)
		note_end = .;
	} :text :note
	.data.ro_after_init : AT(ADDR(.data.ro_after_init) - HV_IMAGE_VIRT) {
		. = ALIGN(4096);
		*(.data.ro_after_init)
		*(EXCLUDE_FILE(*libz.a:* *liblzma.a:* *liblz4.a:* *libzstd.a:*) .data.rel.ro
		  EXCLUDE_FILE(*libz.a:* *liblzma.a:* *liblz4.a:* *libzstd.a:*) .data.rel.ro.*)
		*(.got .got.plt)
		. = ALIGN(4096);
	} :text
	rodata_end = .;

	init_start = .;
	.init : AT(ADDR(.init) - HV_IMAGE_VIRT) {
		*(.init.text)
		*(.init.rodata)
		. = ALIGN(8);
		__options_start = .;
		KEEP(*(.init.options))
		__options_end = .;
		patch_sites_start = .;
		*(.init.patch_sites)
		patch_sites_end = .;
		. = ALIGN(8);
		decoder_ctors_start = .;
		KEEP(*(.init_array .init_array.*))
		decoder_ctors_end = .;
		*libz.a:*(.text .text.* .rodata .rodata.* .data .data.*)
		*liblzma.a:*(.text .text.* .rodata .rodata.* .data .data.*)
		*liblz4.a:*(.text .text.* .rodata .rodata.* .data .data.*)
		*libzstd.a:*(.text .text.* .rodata .rodata.* .data .data.*)
		*(.init.data)
		*libz.a:*(.bss .bss.* COMMON)
		*liblzma.a:*(.bss .bss.* COMMON)
		*liblz4.a:*(.bss .bss.* COMMON)
		*libzstd.a:*(.bss .bss.* COMMON)
		. = ALIGN(4096);
	} :text
	init_end = .;

	.data : AT(ADDR(.data) - HV_IMAGE_VIRT) {
		*(.data.read_mostly)
		. = ALIGN(64);
		*(.data .data.*)
		. = ALIGN(16);
	} :text
	image_data_end = .;

	.bss : AT(ADDR(.bss) - HV_IMAGE_VIRT) {
		. = ALIGN(32768);
		*(.bss.page_aligned)
		*(.bss .bss.* COMMON)
		. = ALIGN(4096);
	} :text
	image_end = .;

	/DISCARD/ : {
		*(.eh_frame .eh_frame_hdr .comment .note.GNU-stack .note.gnu.property)
		*(.discard .discard.*)
	}
}

ASSERT(image_end - image_start < 0xe00000, "the image must fit in the 14 MiB that head.S maps")
