/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's memory map made trustworthy, and what of it is free. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <asm/smp.h>
#include <tenon/init.h>
#include <tenon/mm.h>
#include "mbi.h"

#define LOW_MEMORY_END	0x100000UL

uint32_t trampoline_phys;

static struct memmap_entry sorted[BOOT_MAX_MEMMAP] __initdata;

/* Which type holds where entries overlap: the one that forbids more. */
static unsigned int __init rank(uint32_t type)
{
	switch (type) {
	case MEMMAP_RAM: return 0;
	case MEMMAP_ACPI: return 1;
	case MEMMAP_NVS: return 2;
	case MEMMAP_UNUSABLE: return 4;
	default: return 3;
	}
}

static uint64_t __init entry_end(const struct memmap_entry *e)
{
	return e->start + e->size;
}

static bool __init next_boundary(uint64_t from, uint64_t *next)
{
	bool found = false;

	for (unsigned int i = 0; i < boot_info.nr_memmap; i++) {
		const struct memmap_entry *e = &boot_info.memmap[i];
		uint64_t edge[2] = { e->start, entry_end(e) };

		for (unsigned int k = 0; k < 2; k++)
			if (edge[k] > from && (!found || edge[k] < *next)) {
				*next = edge[k];
				found = true;
			}
	}
	return found;
}

/* The type in force at an address; 0 if no entry covers it. */
static uint32_t __init type_at(uint64_t a)
{
	uint32_t type = 0;

	for (unsigned int i = 0; i < boot_info.nr_memmap; i++) {
		const struct memmap_entry *e = &boot_info.memmap[i];

		if (a >= e->start && a < entry_end(e) && (!type || rank(e->type) > rank(type)))
			type = e->type;
	}
	return type;
}

/* Memory that the processor cannot address is nonsense, and so is memory around the end of all addresses. */
static void __init drop_nonsense(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < boot_info.nr_memmap; i++) {
		struct memmap_entry e = boot_info.memmap[i];
		bool ram = e.type == MEMMAP_RAM;
		uint64_t limit = ram ? 1UL << boot_cpu.phys_bits : UINT64_MAX;

		if (e.start >= limit || (ram && entry_end(&e) < e.start))
			continue;
		e.size = min(e.size, limit - e.start);
		boot_info.memmap[n++] = e;
	}
	boot_info.nr_memmap = n;
}

void __init memmap_sanitise(void)
{
	unsigned int out = 0;
	uint64_t at = 0, next = 0;

	drop_nonsense();
	while (next_boundary(at, &next) || at == 0) {
		uint32_t type = type_at(at);

		if (next <= at)
			break;
		if (type && out && sorted[out - 1].type == type && entry_end(&sorted[out - 1]) == at)
			sorted[out - 1].size += next - at;
		else if (type && out < BOOT_MAX_MEMMAP)
			sorted[out++] = (struct memmap_entry){ at, next - at, type };
		at = next;
	}
	memcpy(boot_info.memmap, sorted, out * sizeof(sorted[0]));
	boot_info.nr_memmap = out;
}

static bool __init in_ram(uint64_t start, uint64_t end)
{
	for (unsigned int i = 0; i < boot_info.nr_memmap; i++) {
		const struct memmap_entry *e = &boot_info.memmap[i];

		if (e->type == MEMMAP_RAM && start >= e->start && end <= entry_end(e))
			return true;
	}
	return false;
}

static bool __init ranges_overlap(uint64_t s1, uint64_t e1, uint64_t s2, uint64_t e2)
{
	return s1 < e2 && s2 < e1;
}

void __init modules_check(void)
{
	uint64_t image_s = virt_to_maddr(image_start), image_e = virt_to_maddr(image_end);

	if (memmap_ignored)
		printk(LOG_WARN "The memory map is longer than %u entries: the last %u are not used\n", BOOT_MAX_MEMMAP,
		       memmap_ignored);
	if (modules_ignored)
		printk(LOG_WARN "More than %u boot modules: the last %u are not used\n", BOOT_MAX_MODULES, modules_ignored);
	if (!boot_info.nr_modules)
		panic("No dom0 kernel: the boot loader gave no module. Add the kernel as the first module "
		      "(module2 /boot/vmlinuz...) and its initrd as the second");
	for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
		const struct boot_module *m = &boot_info.modules[i];

		if (m->end <= m->start)
			panic("Boot module %u is empty (%#lx to %#lx): the file is missing or was cut short",
			      i, (unsigned long)m->start, (unsigned long)m->end);
		if (!in_ram(m->start, m->end))
			panic("Boot module %u (%#lx to %#lx) does not lie in usable memory: truncated, or the memory map is wrong",
			      i, (unsigned long)m->start, (unsigned long)m->end);
		if (ranges_overlap(m->start, m->end, image_s, image_e))
			panic("Boot module %u (%#lx to %#lx) overlaps the hypervisor's image", i,
			      (unsigned long)m->start, (unsigned long)m->end);
		for (unsigned int k = 0; k < i; k++)
			if (ranges_overlap(m->start, m->end, boot_info.modules[k].start, boot_info.modules[k].end))
				panic("Boot modules %u and %u overlap", k, i);
	}
	if (boot_info.nr_modules == 1)
		printk(LOG_WARN "No initrd: the boot loader gave the kernel alone; a distribution's kernel needs one as the second module\n");
}

/* Calls give() for what of [start, end) no module and not the image occupies. */
static void __init give_free_parts(uint64_t start, uint64_t end)
{
	uint64_t at = start;

	while (at < end) {
		uint64_t stop = end, skip = end;

		for (int i = -1; i < (int)boot_info.nr_modules; i++) {
			uint64_t s = i < 0 ? virt_to_maddr(image_start) : boot_info.modules[i].start & PAGE_MASK;
			uint64_t e = i < 0 ? virt_to_maddr(image_end) : ROUNDUP(boot_info.modules[i].end, PAGE_SIZE);

			if (e <= at || s >= stop)
				continue;
			stop = max(s, at);
			skip = e;
		}
		if (stop > at)
			boot_pages_add(at, stop);
		at = stop < end ? skip : end;
	}
}

void __init memory_register(void)
{
	for (unsigned int i = 0; i < boot_info.nr_memmap; i++) {
		const struct memmap_entry *e = &boot_info.memmap[i];
		uint64_t start = ROUNDUP(e->start, PAGE_SIZE);
		uint64_t end = min(entry_end(e), DIRECTMAP_VIRT_END - DIRECTMAP_VIRT_START) & PAGE_MASK;

		if (e->type != MEMMAP_RAM || end <= start)
			continue;
		/* Below 1 MiB firmware leaves things lying about: one page for the trampoline, no more. */
		if (start < LOW_MEMORY_END) {
			uint64_t low_end = min(end, 0x9f000UL);

			if (low_end > start + PAGE_SIZE && low_end - PAGE_SIZE >= 0x1000)
				trampoline_phys = (uint32_t)(low_end - PAGE_SIZE);
			start = LOW_MEMORY_END;
		}
		if (end > start)
			give_free_parts(start, end);
	}
}
