/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest kernels in ELF: what their headers and notes say (interface: xen/elfnote.h), and putting their segments
 * in place. Numbers in the file are checked before use; the file must not change meanwhile.
 */
#ifndef TENON_ELF_H
#define TENON_ELF_H

#include <tenon/types.h>

enum elf_pae { PAE_NO, PAE_YES, PAE_EXTENDED_CR3, PAE_BIMODAL };

struct elf_notes {
	bool found;				/* any at all */
	bool has_entry, has_hypercall_page, has_virt_base, has_paddr_offset, has_init_p2m, has_hv_start_low;
	uint64_t entry, hypercall_page, virt_base, paddr_offset, init_p2m, hv_start_low;
	bool mod_start_pfn;			/* takes an initrd outside the initial mapping */
	bool suspend_cancel;
	enum elf_pae pae_mode;
	uint32_t supported, required;		/* bits XENFEAT_* */
	bool has_supported;			/* the note that lists features by number is there */
	char guest_os[16], guest_version[16], xen_version[16], loader[16];
};

struct elf_image {
	const uint8_t *data;
	size_t size;
	uint64_t phoff;
	unsigned int phnum;
	uint64_t entry;				/* addresses as the kernel will see them: */
	uint64_t virt_base;			/* of guest frame 0 */
	uint64_t virt_start, virt_end;		/* of all that is loaded; end is exclusive and does not wrap */
	struct elf_notes notes;
};

/*
 * 0, or -ENOEXEC with *why saying what is wrong in words for the user. On success: virt_base <= virt_start <=
 * entry < virt_end, a hypercall page lies aligned inside, and an init_p2m is page-aligned and outside.
 */
int elf_parse(struct elf_image *image, const void *data, size_t size, const char **why);

/* Puts the segments where they belong; base is where virt_base is mapped, writable up to virt_end. */
void elf_load(const struct elf_image *image, void *base);

#endif
