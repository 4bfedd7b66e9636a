/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine memory: the frame table, references and types of frames, the heap.
 * The rules of page types stand in doc/page-types.md.
 */
#ifndef TENON_MM_H
#define TENON_MM_H

#include <tenon/addr.h>
#include <tenon/list.h>
#include <tenon/spinlock.h>

struct domain;
struct vcpu;

/*
 * One entry per machine frame, 32 bytes. Who may write what:
 *  - refs and type change by compare-and-swap alone;
 *  - owner changes while the frame has no reference but the allocator's, or
 *    under the owner's page_lock together with moving it between page lists;
 *  - link belongs to the allocator while the frame is free, and to the owner's
 *    page_lock while it is owned.
 */
struct page_info {
	uint64_t refs;		/* PGC_*: state bits and number of references */
	uint64_t type;		/* PGT_*: type, state bits and number of users as that type */
	struct {
		uint32_t next, prev;	/* frame numbers plus one; 0 ends the list */
	} link;
	union {
		uint32_t owner;		/* in use: domid plus one, 0 = the hypervisor's own */
		uint32_t order;		/* free: head of a block of 2^order frames */
	};
	union {
		uint32_t flush_stamp;	/* free: TLB clock when last mapped, see flush.h */
		struct {		/* page table of level 2 to 4, see doc/page-types.md */
			uint16_t nr_validated;	/* PGT_partial: entries [0, nr) hold references; PGT_NR_* */
			int16_t linear;		/* > 0: its entries for tables of its own level; < 0: such entries for it */
		};
	};
};
_Static_assert(sizeof(struct page_info) == 32, "frame table entry");

/* refs */
#define PGC_allocated	(1UL << 63)	/* the owner's own reference, dropped once to free the frame */
#define PGC_hypervisor	(1UL << 62)	/* a page of the hypervisor's that it shares with a domain */
#define PGC_broken	(1UL << 61)
#define PGC_state_mask	(3UL << 59)
#define PGC_state_inuse	(0UL << 59)
#define PGC_state_free	(1UL << 59)
#define PGC_state_reserved (2UL << 59)	/* never given out: firmware, image */
#define PGC_need_scrub	(1UL << 58)
#define PGC_hole	(1UL << 55)	/* no RAM: see mfn_valid() */
#define PGC_relinquished (1UL << 54)	/* its domain has ended; others still use it */
#define PGC_count_mask	((1UL << 54) - 1)

/* type */
#define PGT_none	(0UL << 60)	/* no special use */
#define PGT_l1_table	(1UL << 60)
#define PGT_l2_table	(2UL << 60)
#define PGT_l3_table	(3UL << 60)
#define PGT_l4_table	(4UL << 60)
#define PGT_seg_desc	(5UL << 60)	/* in use as a GDT or LDT page */
#define PGT_writable	(7UL << 60)	/* has writable mappings */
#define PGT_type_mask	(7UL << 60)
#define PGT_pinned	(1UL << 59)	/* the owner holds it to this type */
#define PGT_validated	(1UL << 58)	/* contents were checked for this type */
#define PGT_partial	(1UL << 57)	/* checking or unchecking was interrupted */
#define PGT_locked	(1UL << 63)	/* somebody checks, unchecks or changes the contents */
#define PGT_foreign	(1UL << 56)	/* another than the owner had it mapped writable since the type began */
#define PGT_uncached	(1UL << 55)	/* writable, and mapped with other than write-back caching since the type began */
#define PGT_stamp_shift	32		/* the TLB clock's low bits when the last user left, see flush.h */
#define PGT_stamp_bits	23
#define PGT_stamp_mask	(((1UL << PGT_stamp_bits) - 1) << PGT_stamp_shift)
#define PGT_count_mask	((1UL << 32) - 1)

/* The frame table is a virtual array: each frame below max_page has an entry, those of holes have PGC_hole and are read-only. */
extern unsigned long max_page;		/* highest RAM frame plus one */
extern unsigned long total_pages;	/* RAM frames there are */
#define frame_table	((struct page_info *)FRAMETABLE_VIRT_START)
/* Of any number: what is beyond max_page is not looked at. */
static inline struct page_info *mfn_to_page(mfn_t mfn)
{
	return (struct page_info *)(FRAMETABLE_VIRT_START + mfn.m * sizeof(struct page_info));
}
/* RAM that may have an owner. Device memory is not; nor is what firmware keeps, of any type. */
static inline bool mfn_valid(mfn_t mfn)
{
	return mfn.m < max_page && !(mfn_to_page(mfn)->refs & PGC_hole);
}
static inline mfn_t page_to_mfn(const struct page_info *pg) { return _mfn(pg - frame_table); }

/*
 * Access to a frame's contents. The pair costs nothing where all memory is
 * mapped; other builds map a slot, so at most eight are held at once per CPU.
 * The port supplies, perhaps inline:
 *	void *map_domain_page(mfn_t mfn);
 *	void unmap_domain_page(const void *va);
 *	void clear_domain_page(mfn_t mfn);
 *	void copy_domain_page(mfn_t dst, mfn_t src);
 */
#include <asm/domain_page.h>

/* ---- lists of pages, linked by frame number ---- */
struct page_list {
	uint32_t head, tail;		/* frame number plus one */
};
static inline bool page_list_empty(const struct page_list *l) { return !l->head; }
static inline struct page_info *page_list_first(const struct page_list *l)
{
	return l->head ? mfn_to_page(_mfn(l->head - 1)) : NULL;
}
static inline struct page_info *page_list_next(const struct page_info *pg)
{
	return pg->link.next ? mfn_to_page(_mfn(pg->link.next - 1)) : NULL;
}
void page_list_add(struct page_info *pg, struct page_list *l);
void page_list_add_tail(struct page_info *pg, struct page_list *l);
void page_list_del(struct page_info *pg, struct page_list *l);
struct page_info *page_list_pop(struct page_list *l);

/* ---- the heap (common/mm) ---- */
#define MEMF_node_shift		8
#define MEMF_node(n)		((((n) & 0xff) + 1) << MEMF_node_shift)
#define MEMF_node_mask		(0xffU << MEMF_node_shift)
#define MEMF_exact_node		(1U << 0)
#define MEMF_no_scrub		(1U << 1)	/* caller overwrites all of it */
#define MEMF_no_owner		(1U << 2)	/* for a domain, but not yet assigned to it */
#define MEMF_bits_shift		24
#define MEMF_bits(n)		((unsigned int)(n) << MEMF_bits_shift)	/* below 2^n bytes */

/* Before the heap: carves from the firmware's map. Returns machine addresses. */
void boot_pages_add(uint64_t start, uint64_t end);
mfn_t boot_pages_alloc(unsigned long nr, unsigned long align_pages);
/* Until the port has mapped all memory: only frames below end are given out. */
void boot_pages_limit(mfn_t end);
/* Gives all that is left to the heap. */
void heap_init(void);
void heap_add_range(mfn_t first, unsigned long nr, unsigned int node);

/* 2^order contiguous frames with no owner, aligned to their size; NULL if none. Zeroed unless MEMF_no_scrub. */
struct page_info *heap_alloc(unsigned int order, unsigned int memflags);
void heap_free(struct page_info *pg, unsigned int order);
/* The same for frames that a guest had mapped: the next owner gets them after processors have forgotten them. */
void heap_free_mapped(struct page_info *pg, unsigned int order);
/* Idle work: clears some freed frames; false when there are none. */
bool heap_scrub_idle(void);
unsigned long heap_free_pages(void);		/* all zones, for tools */
unsigned long heap_free_pages_node(unsigned int node);

/* Hypervisor memory by address (through the direct map). Zeroed. */
void *alloc_hv_pages(unsigned int order, unsigned int memflags);
void free_hv_pages(void *va, unsigned int order);
static inline void *alloc_hv_page(void) { return alloc_hv_pages(0, 0); }
static inline void free_hv_page(void *va) { free_hv_pages(va, 0); }

/* Small objects. Any size, 16-byte aligned; zalloc zeroes. Sizes above a page go to the heap. */
void *xmalloc_bytes(size_t size);
void *xzalloc_bytes(size_t size);
/* n elements, with overflow check. */
void *xzalloc_array_bytes(size_t n, size_t size);
void xfree(void *p);
#define xzalloc(type)		((type *)xzalloc_bytes(sizeof(type)))
#define xzalloc_array(type, n)	((type *)xzalloc_array_bytes(n, sizeof(type)))

/*
 * Frames for a domain: taken from the heap, owned by d, one allocation
 * reference each, counted in d->tot_pages and on d->pages. NULL when the heap or
 * d's limit refuses.
 */
struct page_info *domain_alloc_pages(struct domain *d, unsigned int order, unsigned int memflags);
/* Drops the allocation reference's frames: called by put_page() at the last reference. */
void domain_free_page(struct page_info *pg);
/* Sets memory aside for d until it has so many pages in all; 0 gives up the claim. -EINVAL, -ENOMEM. */
int domain_claim_pages(struct domain *d, unsigned long pages);
/* Pages that are set aside in all. */
unsigned long domain_claims(void);
/* Makes a frame without owner d's (limit checked). */
int domain_assign_pages(struct domain *d, struct page_info *pg, unsigned int order, unsigned int memflags);
/* Takes a frame away from d that only d's allocation reference holds; 0, or -EINVAL/-EBUSY. */
int domain_steal_page(struct domain *d, struct page_info *pg);
/* Drops the allocation reference, if not dropped already. */
void put_page_alloc_ref(struct page_info *pg);

/* ---- references (tenon/page_ref.h: they are inline) and types ---- */

/*
 * Makes pg of that type, or adds a user if it is already. The caller holds a reference. For page
 * tables and descriptor pages the contents are checked. 0, -EINVAL (other type in use), -EBUSY, -EPERM ...:
 * what the contents are refused for. Only when preemptible: -EINTR, to be called again; -ERESTART, the same, but the user
 * is counted already: its next call must be followed by a put_page_type() for this one. Interrupts on.
 */
int __must_check get_page_type(struct page_info *pg, uint64_t type, bool preemptible);
/* Drops a user; at the last, what the contents refer to is given up. -ERESTART, only when preemptible: call again. */
int put_page_type(struct page_info *pg, bool preemptible);
int __must_check get_page_and_type(struct page_info *pg, struct domain *d, uint64_t type);
void put_page_and_type(struct page_info *pg);

/* Maps a page of the hypervisor's into a domain's reach (shared info, grant frames): owner d, PGC_hypervisor. */
void share_hv_page_with_guest(void *va, struct domain *d, bool writable);
/* d, which dies, is not held by the pages that are shared with it any more; those that others have mapped stay until they let go. */
int domain_release_hv_pages(struct domain *d);
/* Undo, and frees it; the page must have no user left but this one. */
void unshare_hv_page(void *va);

void memory_dump(void);

#endif
