/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's address space as it is built at boot: the direct map and fixed slots. See
 * doc/memory-map.md.
 */
#include <asm/cpu.h>
#include <asm/flush.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include "hv_tables.h"

/* What head.S has mapped in the direct map, whatever is there; large, writable, executable pages. */
#define BOOT_MAP_END	(4UL << 30)
#define DIRECTMAP_SIZE	(DIRECTMAP_VIRT_END - DIRECTMAP_VIRT_START)

static void __init map_direct(uint64_t start, uint64_t end)
{
	if (map_pages_to_hv(DIRECTMAP_VIRT_START + start, _mfn(PFN_DOWN(start)), PFN_DOWN(end - start), PAGE_HV))
		BUG();
}

/* Nothing may be cached, not even speculatively, of what is no memory. */
static void __init unmap_boot_map(uint64_t start, uint64_t end)
{
	end = min(end, BOOT_MAP_END);
	if (start < end)
		unmap_pages_from_hv(DIRECTMAP_VIRT_START + start, PFN_DOWN(end - start));
}

/*
 * Maps an entry of the memory map if it is memory, less what lies below at or beyond the end of
 * the direct map; returns where it ends. Firmware's tables may share their first and last page with others.
 */
static uint64_t __init map_entry(const struct memmap_entry *m, uint64_t at)
{
	uint64_t start = m->start, end = min(m->start + m->size, DIRECTMAP_SIZE);

	if (m->type == MEMMAP_RAM) {
		start = ROUNDUP(start, PAGE_SIZE);
		end &= PAGE_MASK;
	} else if (m->type == MEMMAP_ACPI || m->type == MEMMAP_NVS) {
		start &= PAGE_MASK;
		end = ROUNDUP(end, PAGE_SIZE);
	} else {
		return at;
	}
	start = max(start, at);
	if (start >= end)
		return at;
	map_direct(start, end);
	unmap_boot_map(at, start);
	return end;
}

/*
 * The tables come from memory that head.S has mapped. The first MiB is one piece apart,
 * so that small pages map it: its caching is firmware's business.
 */
void __init hv_map_init(void)
{
	uint64_t at = LOW_FRAMES << PAGE_SHIFT;

	page_nx = cpu_has(X86_FEATURE_NX) ? _PAGE_NX : 0;
	boot_pages_limit(_mfn(PFN_DOWN(BOOT_MAP_END)));
	map_direct(0, at);
	for (unsigned int i = 0; i < boot_info.nr_memmap; i++)
		at = map_entry(&boot_info.memmap[i], at);
	unmap_boot_map(at, BOOT_MAP_END);
	boot_pages_limit(_mfn(PFN_DOWN(DIRECTMAP_SIZE)));
	if (!hv_entry(FIXMAP_VIRT_START, 1, PAGE_HV_TABLE))
		BUG();
	BUILD_BUG_ON(FIXMAP_PAGES > PT_ENTRIES);
	flush_local(NULL, FLUSH_TLB_GLOBAL);
}

void *set_fixmap(enum fixmap slot, uint64_t maddr, uint64_t flags)
{
	unsigned long va = FIXMAP_VIRT_START + (unsigned long)slot * PAGE_SIZE;

	*hv_entry(va, 1, 0) = pte_from(_mfn(PFN_DOWN(maddr)), flags);
	flush_local((void *)va, FLUSH_VA);
	return (void *)(va + PAGE_OFFSET(maddr));
}
