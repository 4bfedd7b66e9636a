/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86 memory management: the hypervisor's own mappings, and PV guests' page tables. */
#ifndef ASM_MM_H
#define ASM_MM_H

#include <tenon/mm.h>
#include <tenon/domain.h>
#include <asm/page.h>

/* ---- the hypervisor's own tables: mm/hv_tables.c, hv_map.c, doc/memory-map.md ---- */
extern pte_t idle_l4[PT_ENTRIES];	/* the root when no guest's is loaded; template of slots 256..271 */
/*
 * Maps nr frames at va with PAGE_HV_* flags, replacing what was there; uses superpages where aligned.
 * Flushes nothing. 0, or -ENOMEM when only a first part is mapped.
 */
int map_pages_to_hv(unsigned long va, mfn_t mfn, unsigned long nr, uint64_t flags);
void unmap_pages_from_hv(unsigned long va, unsigned long nr);
/* Device memory, any address and length; NULL when no space. PAGE_HV_UC or _WC. */
void *ioremap(uint64_t maddr, size_t bytes, uint64_t flags);
void iounmap(void *va);
/* Fixed slots usable before the heap is up; slots below FIXMAP_PAGES. */
enum fixmap { FIX_LAPIC, FIX_HPET, FIX_ACPI_FIRST, FIX_ACPI_LAST = FIX_ACPI_FIRST + 63,
	      FIX_IOAPIC_FIRST, FIX_IOAPIC_LAST = FIX_IOAPIC_FIRST + 15, FIXMAP_PAGES };
void *set_fixmap(enum fixmap slot, uint64_t maddr, uint64_t flags);

/* Boot, in this order: fixed slots and the direct map of all memory; frame table; machine-to-physical table. */
void hv_map_init(void);
void frametable_init(void);
void m2p_init(void);
/* Gives dom_xen the table's frames, for tools to map; after domains_init(). */
void m2p_share(void);
/* No part of the image both writable and executable, nor more writable than it must be; by arch_free_init(). */
void hv_protect_image(void);

/* Puts the hypervisor's slots into a guest root (l4 mapped): 256..271, and the domain's own slot. */
void fill_guest_l4(struct domain *d, pte_t *l4);

/* ---- PV guest page tables: doc/page-types.md. Inside: mm/page_type.h ---- */
/* Walks curr's current tables; result: frame and combined rights; false when not mapped. */
bool guest_walk(struct vcpu *curr, unsigned long va, mfn_t *mfn, uint64_t *flags);

/* New kernel root for curr: loads it, and drops the old. 0; -errno; -ERESTART: to be called again with the same. */
int new_guest_cr3(struct vcpu *curr, mfn_t mfn);
/* Drops v's roots (kernel's and user's) and what it has begun to drop; v does not run. 0 or -ERESTART. */
int vcpu_drop_page_tables(struct vcpu *v);
/* Loads CR3 for the mode v is in; no translation from before is left. */
void write_ptbase(struct vcpu *v);
/* guest_table or guest_table_user have changed: what CR3 will hold, and who sees the machine-to-physical table. */
void update_cr3(struct vcpu *v);
/*
 * The first roots of a vCPU that does not run yet; user may be none (m = 0), kernel may not. 0; -EINVAL, and v has none;
 * -ERESTART: to be called again.
 */
int vcpu_set_roots(struct vcpu *v, mfn_t kernel, mfn_t user);

/* Frames for v's GDT; n entries. Replaces the old ones. */
int pv_set_gdt(struct vcpu *v, const unsigned long *frames, unsigned int entries);
void pv_destroy_gdt(struct vcpu *v);
/* Drops the LDT area's mappings; true if there were any. */
bool pv_destroy_ldt(struct vcpu *v);
/* A fault in the LDT area: maps the guest's LDT page at offset if it is one. */
bool pv_map_ldt_page(struct vcpu *curr, unsigned long offset);
/* Descriptor a guest may load into GDT/LDT; may adjust *d (DPL, type). */
bool pv_check_descriptor(const struct domain *d, uint64_t *desc);

/* Per-domain slot: tables for the GDT/LDT areas. */
int perdomain_create(struct domain *d);
int perdomain_add_vcpu(struct vcpu *v);
void perdomain_destroy(struct domain *d);
/* What stands in GDT slots that a guest does not use: a page of null descriptors. */
pte_t perdomain_null_pte(void);
/* The L1 entries of a vCPU's 32 pages. */
static inline pte_t *pv_gdt_ptes(const struct vcpu *v) { return v->arch.pv.gdt_ldt_l1; }
static inline pte_t *pv_ldt_ptes(const struct vcpu *v) { return v->arch.pv.gdt_ldt_l1 + 16; }

/* Gives up all frames of a dying domain. 0 or -ERESTART. */
int relinquish_pages(struct domain *d);

/* Grants: arch_grant_map() and arch_grant_unmap() of tenon/arch.h; extra: caching bits of the entry. 0 or GNTST_general_error. */
int create_grant_host_mapping(struct vcpu *curr, uint64_t addr, mfn_t mfn, unsigned int flags, uint64_t extra);
int replace_grant_host_mapping(struct vcpu *curr, uint64_t addr, mfn_t mfn, uint64_t new_addr, unsigned int flags);

/* May d map MMIO frames mfn..? and which caching. */
bool iomem_access_permitted(const struct domain *d, mfn_t first, mfn_t last);

/*
 * Recounts from scratch who uses d's frames as what, and compares; reports and returns the number of errors. Domains
 * are paused meanwhile. In builds with TENON_DEBUG.
 */
unsigned long page_audit(struct domain *d);
void page_type_dump(struct domain *d);
/* The debug keys of these; once, late in boot. */
void page_types_init(void);

#endif
