/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where things lie in a guest's initial memory. The interface fixes the order in the initial mapping: kernel, ramdisk
 * (unless the kernel takes it elsewhere), p2m list (likewise), start info, store's page, console's page, page tables,
 * stack; then at least 512 KiB up to a multiple of 4 MiB. Guest frame 0 is mapped at the kernel's base address, the
 * rest behind it in order. What lies elsewhere has frames behind the mapping.
 */
#ifndef BUILDER_LAYOUT_H
#define BUILDER_LAYOUT_H

#include "kernel.h"

#define PAGE_SHIFT	12
#define PAGE_BYTES	4096ULL

struct range {
	uint64_t start, end;		/* addresses of the guest, those of pages; end is exclusive */
};

struct layout {
	uint64_t nr_pages;		/* of the guest's memory */
	uint64_t v_start, v_end;	/* the initial mapping */
	struct range kernel, ramdisk, p2m, start_info, store, console, tables, stack;
	uint64_t nr_tables;		/* page tables in the mapping, from tables.start on, the root first */

	uint64_t ramdisk_bytes;
	uint64_t ramdisk_pfn;
	bool ramdisk_apart;		/* of no address: start info has a frame number */

	uint64_t p2m_pfn, p2m_pages;
	bool p2m_apart;			/* mapped at an address of its own, p2m */
	uint64_t p2m_tables_pfn;	/* the tables of that: they follow the list */
	uint64_t nr_p2m_tables;
};

/*
 * Everything in @layout, or a negative errno with a message. @ramdisk_bytes 0: there is none. On success all frames
 * that are named lie below @nr_pages, and all addresses are a guest's.
 */
int layout_plan(const struct why *why, struct layout *layout, const struct kernel *kernel, uint64_t ramdisk_bytes,
		uint64_t nr_pages);

/* The frame that is mapped at @address of the initial mapping. */
static inline uint64_t layout_pfn(const struct layout *layout, uint64_t address)
{
	return (address - layout->v_start) >> PAGE_SHIFT;
}

static inline uint64_t pages_for(uint64_t bytes)
{
	return (bytes + PAGE_BYTES - 1) >> PAGE_SHIFT;
}

#endif
