// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where things lie in a guest's initial memory. */
#include "layout.h"

#include <errno.h>

#include <xen/xen.h>

#define MAPPING_ALIGN	(4ULL << 20)
#define MAPPING_SPARE	(512ULL << 10)
#define LOW_END		0x800000000000ULL	/* of canonical addresses in the lower half */

/* Is it a guest's to use, whole? */
static bool is_guest_range(uint64_t start, uint64_t end)
{
	return start < end && (end <= LOW_END || start >= HYPERVISOR_VIRT_END);
}

static uint64_t place(struct range *range, uint64_t start, uint64_t bytes)
{
	*range = (struct range){ start, start + pages_for(bytes) * PAGE_BYTES };
	return range->end;
}

/* ---- how many tables ---- */

/* The tables of one level for an address range, as a range of their numbers. */
static struct range table_numbers(unsigned int level, struct range addresses)
{
	unsigned int shift = PAGE_SHIFT + 9 * level;

	return (struct range){ addresses.start >> shift, ((addresses.end - 1) >> shift) + 1 };
}

static uint64_t tables_of(struct range mapping)
{
	uint64_t count = 1;

	for (unsigned int level = 1; level <= 3; level++) {
		struct range numbers = table_numbers(level, mapping);

		count += numbers.end - numbers.start;
	}
	return count;
}

/* Those that @more needs beside the ones for @mapping. */
static uint64_t tables_beside(struct range mapping, struct range more)
{
	uint64_t count = 0;

	for (unsigned int level = 1; level <= 3; level++) {
		struct range have = table_numbers(level, mapping), want = table_numbers(level, more);

		count += want.end - want.start;
		if (have.start < want.start)
			have.start = want.start;
		if (have.end > want.end)
			have.end = want.end;
		if (have.start < have.end)
			count -= have.end - have.start;
	}
	return count;
}

/* ---- the plan ---- */

/* Tables, stack and the end. The tables map themselves: their number follows from the end, which follows from it. */
static void plan_end(struct layout *layout, uint64_t at)
{
	uint64_t needed = 0;

	do {
		layout->nr_tables = needed;
		place(&layout->stack, place(&layout->tables, at, needed * PAGE_BYTES), PAGE_BYTES);
		layout->v_end = (layout->stack.end + MAPPING_SPARE + MAPPING_ALIGN - 1) & ~(MAPPING_ALIGN - 1);
		needed = tables_of((struct range){ layout->v_start, layout->v_end });
	} while (needed > layout->nr_tables);
}

/*
 * What has no place in the mapping of its own gets frames behind it: ramdisk, list, the list's tables. Linux takes the list's first
 * frame for the end of what is mapped, and would leave mappings behind it that can be written and executed. Returns the end.
 */
static uint64_t plan_apart(struct layout *layout)
{
	uint64_t pfn = layout_pfn(layout, layout->v_end);

	if (layout->ramdisk_apart) {
		layout->ramdisk_pfn = pfn;
		pfn += pages_for(layout->ramdisk_bytes);
	}
	if (layout->p2m_apart) {
		layout->p2m_pfn = pfn;
		layout->p2m_tables_pfn = pfn + layout->p2m_pages;
		layout->nr_p2m_tables = tables_beside((struct range){ layout->v_start, layout->v_end }, layout->p2m);
		pfn = layout->p2m_tables_pfn + layout->nr_p2m_tables;
	}
	return pfn;
}

static void plan_mapping(struct layout *layout, const struct kernel *kernel)
{
	uint64_t at;

	layout->v_start = kernel->virt_base;
	at = place(&layout->kernel, kernel->virt_start & ~(PAGE_BYTES - 1),
		   kernel->virt_end - (kernel->virt_start & ~(PAGE_BYTES - 1)));
	if (!layout->ramdisk_apart && layout->ramdisk_bytes) {
		layout->ramdisk_pfn = layout_pfn(layout, at);
		at = place(&layout->ramdisk, at, layout->ramdisk_bytes);
	}
	if (layout->p2m_apart) {
		place(&layout->p2m, kernel->notes.init_p2m, layout->p2m_pages * PAGE_BYTES);
	} else {
		layout->p2m_pfn = layout_pfn(layout, at);
		at = place(&layout->p2m, at, layout->p2m_pages * PAGE_BYTES);
	}
	at = place(&layout->start_info, at, PAGE_BYTES);
	at = place(&layout->store, at, PAGE_BYTES);
	at = place(&layout->console, at, PAGE_BYTES);
	plan_end(layout, at);
}

static int too_small(const struct why *why, uint64_t pages, uint64_t nr_pages)
{
	const struct why memory = { why->text, NULL };

	return refuse(&memory, -ENOMEM, "its kernel and files need at least %llu MiB of memory, it has %llu",
		      (unsigned long long)(pages * PAGE_BYTES + (1 << 20) - 1) >> 20,
		      (unsigned long long)(nr_pages * PAGE_BYTES) >> 20);
}

/* Does the mapping end before the addresses do? An estimate from above, so that no sum of the plan wraps. */
static bool mapping_fits(const struct layout *layout, const struct kernel *kernel)
{
	uint64_t bytes = kernel->virt_end - kernel->virt_base, end;

	bytes += layout->ramdisk_apart ? 0 : layout->ramdisk_bytes;
	bytes += layout->p2m_apart ? 0 : layout->p2m_pages * PAGE_BYTES;
	bytes += bytes / 256 + 4 * MAPPING_ALIGN;
	return !__builtin_add_overflow(kernel->virt_base, bytes, &end);
}

static bool addresses_are_guests(const struct layout *layout)
{
	if (!is_guest_range(layout->v_start, layout->v_end))
		return false;
	return !layout->p2m_apart || (is_guest_range(layout->p2m.start, layout->p2m.end) &&
				      (layout->p2m.end <= layout->v_start || layout->p2m.start >= layout->v_end));
}

int layout_plan(const struct why *why, struct layout *layout, const struct kernel *kernel, uint64_t ramdisk_bytes,
		uint64_t nr_pages)
{
	uint64_t least = pages_for(kernel->virt_end - kernel->virt_base), used;

	*layout = (struct layout){
		.nr_pages = nr_pages,
		.ramdisk_bytes = ramdisk_bytes,
		.ramdisk_apart = ramdisk_bytes && kernel->notes.mod_start_pfn,
		.p2m_apart = kernel->notes.has_init_p2m,
		.p2m_pages = pages_for(nr_pages * sizeof(uint64_t)),
	};
	/* Also keeps sums and loops within bounds, whatever the kernel says. */
	if (least > nr_pages || pages_for(ramdisk_bytes) > nr_pages - least)
		return too_small(why, least + pages_for(ramdisk_bytes), nr_pages);
	if (!mapping_fits(layout, kernel))
		return refuse(why, -ENOEXEC, "there are not enough addresses behind its base address");
	plan_mapping(layout, kernel);
	if (!addresses_are_guests(layout))
		return refuse(why, -ENOEXEC, "it wants addresses that are not a guest's, or the same for two things");
	used = plan_apart(layout);
	return used > nr_pages ? too_small(why, used, nr_pages) : 0;
}
