/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Building dom0: the steps share this context. See doc/dom0-builder.md. */
#ifndef DOM0_DOM0_H
#define DOM0_DOM0_H

#include <tenon/domain.h>
#include <tenon/elf.h>
#include <asm/page.h>

struct range {
	unsigned long start, end;	/* guest addresses; end is exclusive */
};

struct dom0_build {
	struct domain *d;
	struct elf_image elf;		/* the unpacked kernel, in hypervisor memory */
	void *elf_buffer;		/* to be freed with elf_order, or NULL */
	unsigned int elf_order;
	size_t elf_bytes;

	/* Guest addresses, in this order from v_start on; all 4 KiB aligned. */
	unsigned long v_start;
	struct range kernel, initrd, p2m, start_info, tables, stack;	/* initrd: empty if it is not mapped */
	unsigned long v_end;
	bool p2m_apart;			/* the p2m lies at an address of the kernel's choice */

	/* Frames by guest frame number as they are allocated. */
	unsigned long nr_pages;		/* dom0 is to have */
	unsigned long nr_assigned;	/* pfns given so far */
	unsigned long *pfn_to_mfn;	/* nr_pages entries, hypervisor memory */
	unsigned int p2m_order;
	unsigned long nr_table_pages;	/* in .tables */
	unsigned long next_table;	/* used so far */
	unsigned long initrd_pfn, initrd_pages, initrd_bytes;
	unsigned long first_p2m_pfn, nr_p2m_frames;
	mfn_t root;
};

/* dom0's size in pages, from dom0_mem= and what is free. */
unsigned long dom0_memory_pages(unsigned long free_pages);
/* How far it may grow: what dom0_mem= says with max:. */
unsigned long dom0_max_pages(unsigned long free_pages);
unsigned int dom0_vcpus(void);
extern bool dom0_vcpus_pin;

void dom0_load_kernel(struct dom0_build *b);		/* kernel.c */
void dom0_free_kernel(struct dom0_build *b);
void dom0_layout(struct dom0_build *b);			/* layout.c */
void dom0_alloc_region(struct dom0_build *b);		/* memory.c: with the initrd */
void dom0_alloc_rest(struct dom0_build *b);
/* Next frame of dom0's, with the next pfn. */
mfn_t dom0_next_frame(struct dom0_build *b);
void dom0_build_tables(struct dom0_build *b);		/* pagetables.c */
void dom0_map_p2m(struct dom0_build *b);
void dom0_validate_tables(struct dom0_build *b);
void dom0_fill_start_info(struct dom0_build *b);	/* start_info.c */
void dom0_permissions(struct domain *d);		/* permissions.c */

#endif
