/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_MM_H
#define GUESTKIT_MM_H

#include <guestkit/kit.h>

typedef uint64_t kit_pte;

#define PTE_P		0x001UL
#define PTE_W		0x002UL
#define PTE_U		0x004UL
#define PTE_PWT		0x008UL
#define PTE_PCD		0x010UL
#define PTE_A		0x020UL
#define PTE_D		0x040UL
#define PTE_PS		0x080UL
#define PTE_G		0x100UL
#define PTE_NX		(1UL << 63)
#define PTE_FRAME	0x000ffffffffff000UL
#define PTE_RW		(PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)
#define PTE_RO		(PTE_P | PTE_U | PTE_A)
#define PTE_TABLE	(PTE_P | PTE_W | PTE_U | PTE_A)

/* The p2m list of start_info: machine frame of a guest frame. */
unsigned long kit_pfn_to_mfn(unsigned long pfn);
void kit_p2m_set(unsigned long pfn, unsigned long mfn);
unsigned long kit_mfn_to_pfn(unsigned long mfn);	/* through the hypervisor's table */
static inline unsigned long kit_va_to_pfn(const volatile void *va)
{
	return ((unsigned long)va - KIT_VIRT_BASE) >> PAGE_SHIFT;
}
static inline void *kit_pfn_to_va(unsigned long pfn)
{
	return (void *)(KIT_VIRT_BASE + (pfn << PAGE_SHIFT));
}
/* For addresses in the image's linear map. */
static inline unsigned long kit_va_to_mfn(const volatile void *va)
{
	return kit_pfn_to_mfn(kit_va_to_pfn(va));
}
static inline uint64_t kit_va_to_ma(const volatile void *va)
{
	return ((uint64_t)kit_va_to_mfn(va) << PAGE_SHIFT) |
	       ((unsigned long)va & (PAGE_SIZE - 1));
}
static inline kit_pte kit_make_pte(unsigned long mfn, uint64_t flags)
{
	return ((uint64_t)mfn << PAGE_SHIFT) | flags;
}

/*
 * A zeroed page of the image's pool, mapped read-write; never runs out silently: ends the test
 * with an error. kit_page_free() takes it back (it must be writable again and no page table).
 */
void *kit_page_alloc(void);
void kit_page_free(void *page);

/* A guest frame that nothing uses and the initial page tables do not map (0 when there is none). */
unsigned long kit_pfn_spare(void);

/* The kernel's page-table root. */
kit_pte *kit_root(void);
/*
 * The entry of `level` (1..4) that maps va under `root`; NULL when a higher level is absent, or its frame has no number of the guest's (which
 * the guest may have changed itself: MMU_MACHPHYS_UPDATE).
 */
kit_pte *kit_pte_find(kit_pte *root, unsigned long va, int level);
/* The same, making absent tables (below: from the pool). NULL on failure. */
kit_pte *kit_pte_make(kit_pte *root, unsigned long va);

/* One checked page-table write; returns the hypercall's result. `type`: MMU_* in the low bits. */
long kit_pte_write(kit_pte *where, kit_pte value);
long kit_mmu_update(uint64_t ptr_and_type, uint64_t value);

/* Maps a machine frame at va in the kernel's address space. */
long kit_map(unsigned long va, unsigned long mfn, uint64_t flags);
long kit_unmap(unsigned long va);
/* Changes the linear map of one page of the image. */
long kit_set_readonly(void *page);
long kit_set_writable(void *page);

long kit_mmuext(unsigned int cmd, unsigned long mfn);
long kit_pin(void *page, int level);
long kit_unpin(void *page);

/*
 * A free part of the kernel's address space: `pages` pages that nothing maps, 2 MiB aligned start.
 */
unsigned long kit_va_alloc(unsigned long pages);

/* The root that user mode runs on: a copy of the kernel's at the time of the first call. */
kit_pte *kit_user_root(void);

void kit_mm_init(void);

#endif
