/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page-table entries and the levels they stand on. */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <tenon/addr.h>
#include <tenon/lib.h>

typedef struct { uint64_t e; } pte_t;	/* an entry of any level */

#define PT_ENTRIES	512
#define PT_SHIFT(level)	(12 + 9 * ((level) - 1))	/* level 1..4 */
static inline unsigned int pt_index(unsigned long va, unsigned int level)
{
	return (va >> PT_SHIFT(level)) & (PT_ENTRIES - 1);
}

#define _PAGE_PRESENT	0x001UL
#define _PAGE_RW	0x002UL
#define _PAGE_USER	0x004UL
#define _PAGE_PWT	0x008UL
#define _PAGE_PCD	0x010UL
#define _PAGE_ACCESSED	0x020UL
#define _PAGE_DIRTY	0x040UL
#define _PAGE_PAT	0x080UL		/* level 1 */
#define _PAGE_PSE	0x080UL		/* levels 2, 3 */
#define _PAGE_GLOBAL	0x100UL
#define _PAGE_AVAIL	0xe00UL
/*
 * On a 64-bit PV guest user and kernel pages both are user pages to the processor.
 * The hypervisor marks kernel's with this software bit, to leave _PAGE_GLOBAL off them.
 */
#define _PAGE_GUEST_KERNEL (1UL << 52)
#define _PAGE_NX	(1UL << 63)
#define PTE_MFN_MASK	0x000ffffffffff000UL
#define PTE_FLAGS_MASK	(~PTE_MFN_MASK)

/* _PAGE_NX, or 0 on processors that have no such bit: there it must not be set in any entry. */
extern uint64_t page_nx;
#define PAGE_HV_FLAGS	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_GLOBAL)
#define PAGE_HV		(PAGE_HV_FLAGS | page_nx)
#define PAGE_HV_RO	((PAGE_HV & ~(_PAGE_RW | _PAGE_DIRTY)))
#define PAGE_HV_RX	(_PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_GLOBAL)
#define PAGE_HV_UC	(PAGE_HV | _PAGE_PCD | _PAGE_PWT)
#define PAGE_HV_WC	(PAGE_HV | _PAGE_PAT)	/* PAT entry 4, see HV_MSR_PAT */
/* An entry that points to a table of the hypervisor's. */
#define PAGE_HV_TABLE	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED)

static inline mfn_t pte_mfn(pte_t p) { return _mfn((p.e & PTE_MFN_MASK) >> PAGE_SHIFT); }
static inline uint64_t pte_flags(pte_t p) { return p.e & PTE_FLAGS_MASK; }
static inline bool pte_present(pte_t p) { return p.e & _PAGE_PRESENT; }
static inline pte_t pte_from(mfn_t mfn, uint64_t flags) { return (pte_t){ ((uint64_t)mfn.m << PAGE_SHIFT) | flags }; }

/* The hypervisor's direct map. */
static inline void *maddr_to_virt(uint64_t ma) { return (void *)(DIRECTMAP_VIRT_START + ma); }
static inline void *mfn_to_virt(mfn_t m) { return maddr_to_virt((uint64_t)m.m << PAGE_SHIFT); }
/* Also right for addresses inside the image. */
static inline uint64_t virt_to_maddr(const void *va)
{
	unsigned long a = (unsigned long)va;

	return a - (a >= DIRECTMAP_VIRT_START ? DIRECTMAP_VIRT_START : HV_IMAGE_VIRT);
}
static inline mfn_t virt_to_mfn(const void *va) { return _mfn(virt_to_maddr(va) >> PAGE_SHIFT); }
#define virt_to_page(va)	mfn_to_page(virt_to_mfn(va))
#define page_to_virt(pg)	mfn_to_virt(page_to_mfn(pg))

/* The tables: RW view for us. */
#define m2p_table	((unsigned long *)RW_M2P_VIRT_START)

/* Canonical, and not in the hypervisor's part: a guest may name it. */
static inline bool guest_va_ok(unsigned long va)
{
	return va < (1UL << 47) || va >= HV_VIRT_END;
}
static inline bool is_canonical(unsigned long va)
{
	return ((long)(va << 16) >> 16) == (long)va;
}
/* The whole range is a guest's; no overflow. A kernel's come first: they are most. */
static inline bool guest_range_ok(unsigned long va, unsigned long bytes)
{
	return (va >= HV_VIRT_END && bytes <= 0UL - va) ||
	       (va < (1UL << 47) && bytes <= (1UL << 47) - va);
}

#endif
