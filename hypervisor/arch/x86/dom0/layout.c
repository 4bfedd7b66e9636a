/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things lie in dom0's initial address space. The interface (start of xen.h
 * on struct start_info) fixes the order: kernel, initrd unless the kernel takes it by
 * frame number, p2m unless the kernel wants it elsewhere, start info, page tables, stack;
 * then padding to a multiple of 4 MiB with at least 512 KiB to spare.
 */
#include <asm/page.h>
#include <tenon/init.h>
#include "dom0.h"

#define REGION_ALIGN	(4UL << 20)
#define REGION_SPARE	(512UL << 10)

static unsigned long __init place(struct range *r, unsigned long at, unsigned long bytes)
{
	r->start = at;
	r->end = at + ROUNDUP(bytes, PAGE_SIZE);
	return r->end;
}

/* Tables of one level that a range of addresses needs. */
static unsigned long __init tables_at(unsigned int level, unsigned long start, unsigned long end)
{
	unsigned int shift = PT_SHIFT(level + 1);

	return ((end - 1) >> shift) - (start >> shift) + 1;
}

static unsigned long __init tables_for(unsigned long start, unsigned long end)
{
	return 1 + tables_at(3, start, end) + tables_at(2, start, end) + tables_at(1, start, end);
}

void __init dom0_layout(struct dom0_build *b)
{
	unsigned long at, nr = 0, p2m_bytes = (b->nr_pages + 1) * sizeof(unsigned long);

	b->v_start = b->elf.virt_base;
	b->kernel.start = b->elf.virt_start & PAGE_MASK;
	b->kernel.end = ROUNDUP(b->elf.virt_end, PAGE_SIZE);
	b->p2m_apart = b->elf.notes.has_init_p2m;
	at = b->kernel.end;
	if (b->initrd_pages && !b->elf.notes.mod_start_pfn)
		at = place(&b->initrd, at, b->initrd_bytes);
	if (b->p2m_apart)
		place(&b->p2m, b->elf.notes.init_p2m, p2m_bytes);
	else
		at = place(&b->p2m, at, p2m_bytes);
	at = place(&b->start_info, at, 2 * PAGE_SIZE);
	/* The tables map themselves: their number follows from the end, which follows from their number. */
	do {
		b->nr_table_pages = nr;
		place(&b->stack, place(&b->tables, at, nr * PAGE_SIZE), PAGE_SIZE);
		b->v_end = ROUNDUP(b->stack.end, REGION_ALIGN);
		if (b->v_end - b->stack.end < REGION_SPARE)
			b->v_end += REGION_ALIGN;
		nr = tables_for(b->v_start, b->v_end);
	} while (nr > b->nr_table_pages);

	if (!guest_range_ok(b->v_start, b->v_end - b->v_start) ||
	    (b->p2m_apart && !guest_range_ok(b->p2m.start, b->p2m.end - b->p2m.start)))
		panic("dom0 kernel wants addresses that belong to the hypervisor");
	printk("Dom0: kernel %016lx-%016lx entry %016lx, region ends %016lx\n", b->kernel.start,
	       b->kernel.end, (unsigned long)b->elf.entry, b->v_end);
}
