/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Grant tables: the entries that a domain writes, and grant_table_op(cmd, list, count). */
#ifndef XEN_GRANT_TABLE_H
#define XEN_GRANT_TABLE_H

#include <xen/xen.h>

#define GNTTABOP_map_grant_ref		0
#define GNTTABOP_unmap_grant_ref	1
#define GNTTABOP_setup_table		2
#define GNTTABOP_dump_table		3
#define GNTTABOP_transfer		4
#define GNTTABOP_copy			5
#define GNTTABOP_query_size		6
#define GNTTABOP_unmap_and_replace	7
#define GNTTABOP_set_version		8
#define GNTTABOP_get_status_frames	9
#define GNTTABOP_get_version		10
#define GNTTABOP_swap_grant_ref		11
#define GNTTABOP_cache_flush		12

/* The first entries are filled in by whoever builds the domain. */
#define GNTTAB_NR_RESERVED_ENTRIES	8
#define GNTTAB_RESERVED_CONSOLE		0
#define GNTTAB_RESERVED_XENSTORE	1

/* Flags of an entry. Type: written last, so that the rest is valid by then. */
#define GTF_invalid		0U
#define GTF_permit_access	1U
#define GTF_accept_transfer	2U
#define GTF_transitive		3U	/* version 2 */
#define GTF_type_mask		3U
/* Access: the two in the middle are set by the hypervisor while a mapping or copy lasts. */
#define _GTF_readonly		2
#define _GTF_reading		3
#define _GTF_writing		4
#define _GTF_PWT		5
#define _GTF_PCD		6
#define _GTF_PAT		7
#define _GTF_sub_page		8
#define GTF_readonly		(1U << _GTF_readonly)
#define GTF_reading		(1U << _GTF_reading)
#define GTF_writing		(1U << _GTF_writing)
#define GTF_PWT			(1U << _GTF_PWT)
#define GTF_PCD			(1U << _GTF_PCD)
#define GTF_PAT			(1U << _GTF_PAT)
#define GTF_sub_page		(1U << _GTF_sub_page)	/* version 2, copies only */
/* Transfer: set by the hypervisor. */
#define _GTF_transfer_committed	2
#define _GTF_transfer_completed	3
#define GTF_transfer_committed	(1U << _GTF_transfer_committed)
#define GTF_transfer_completed	(1U << _GTF_transfer_completed)

/* Flags of a mapping */
#define _GNTMAP_device_map	0
#define _GNTMAP_host_map	1
#define _GNTMAP_readonly	2
#define _GNTMAP_application_map	3
#define _GNTMAP_contains_pte	4
#define _GNTMAP_guest_avail0	16
#define GNTMAP_device_map	(1 << _GNTMAP_device_map)	/* for DMA */
#define GNTMAP_host_map		(1 << _GNTMAP_host_map)		/* for the processor, at host_addr */
#define GNTMAP_readonly		(1 << _GNTMAP_readonly)
#define GNTMAP_application_map	(1 << _GNTMAP_application_map)	/* user mode, too */
#define GNTMAP_contains_pte	(1 << _GNTMAP_contains_pte)	/* host_addr is the machine address of an entry */
#define GNTMAP_guest_avail_mask	((uint32_t)~0 << _GNTMAP_guest_avail0)

/* Flags of a copy: that side is a grant, not a frame */
#define _GNTCOPY_source_gref	0
#define _GNTCOPY_dest_gref	1
#define GNTCOPY_source_gref	(1 << _GNTCOPY_source_gref)
#define GNTCOPY_dest_gref	(1 << _GNTCOPY_dest_gref)

#define GNTTAB_CACHE_CLEAN		(1U << 0)
#define GNTTAB_CACHE_INVAL		(1U << 1)
#define GNTTAB_CACHE_SOURCE_GREF	(1U << 31)

/* The status of each operation of a list */
#define GNTST_okay		0
#define GNTST_general_error	(-1)
#define GNTST_bad_domain	(-2)
#define GNTST_bad_gntref	(-3)
#define GNTST_bad_handle	(-4)
#define GNTST_bad_virt_addr	(-5)
#define GNTST_bad_dev_addr	(-6)
#define GNTST_no_device_space	(-7)
#define GNTST_permission_denied	(-8)
#define GNTST_bad_page		(-9)
#define GNTST_bad_copy_arg	(-10)
#define GNTST_address_too_big	(-11)
#define GNTST_eagain		(-12)
#define GNTST_no_space		(-13)

typedef uint32_t grant_ref_t;
typedef uint32_t grant_handle_t;
typedef uint16_t grant_status_t;	/* version 2: GTF_reading and GTF_writing, apart from the entry */

struct grant_entry_v1 {
	uint16_t flags;
	domid_t domid;			/* who may */
	uint32_t frame;			/* a transfer: number of the frame that came */
};

struct grant_entry_header {
	uint16_t flags;
	domid_t domid;
};

union grant_entry_v2 {
	struct grant_entry_header hdr;
	struct {
		struct grant_entry_header hdr;
		uint32_t pad0;
		uint64_t frame;
	} full_page;
	struct {
		struct grant_entry_header hdr;
		uint16_t page_off;
		uint16_t length;
		uint64_t frame;
	} sub_page;
	struct {
		struct grant_entry_header hdr;
		domid_t trans_domid;	/* the grant that this one passes on */
		uint16_t pad0;
		grant_ref_t gref;
	} transitive;
	uint32_t words[4];
};

struct gnttab_map_grant_ref {
	uint64_t host_addr;
	uint32_t flags;
	grant_ref_t ref;
	domid_t dom;
	int16_t status;			/* out, from here */
	grant_handle_t handle;
	uint64_t dev_bus_addr;
};

struct gnttab_unmap_grant_ref {
	uint64_t host_addr;		/* 0: not this part of the mapping */
	uint64_t dev_bus_addr;
	grant_handle_t handle;
	int16_t status;			/* out */
};

struct gnttab_setup_table {
	domid_t dom;
	uint32_t nr_frames;
	int16_t status;			/* out */
	XEN_GUEST_HANDLE(xen_pfn_t) frame_list;
};

struct gnttab_dump_table {
	domid_t dom;
	int16_t status;			/* out */
};

struct gnttab_transfer {
	xen_pfn_t mfn;
	domid_t domid;
	grant_ref_t ref;
	int16_t status;			/* out */
};

struct gnttab_copy_ptr {
	union {
		grant_ref_t ref;
		xen_pfn_t gmfn;
	} u;
	domid_t domid;
	uint16_t offset;
};

struct gnttab_copy {
	struct gnttab_copy_ptr source, dest;
	uint16_t len;
	uint16_t flags;
	int16_t status;			/* out */
};

struct gnttab_query_size {
	domid_t dom;
	uint32_t nr_frames;		/* out, from here */
	uint32_t max_nr_frames;
	int16_t status;
};

/* The entry that maps new_addr takes the place of the mapping, and is cleared there. */
struct gnttab_unmap_and_replace {
	uint64_t host_addr;
	uint64_t new_addr;
	grant_handle_t handle;
	int16_t status;			/* out */
};

struct gnttab_set_version {
	uint32_t version;		/* out: the one in force */
};

struct gnttab_get_status_frames {
	uint32_t nr_frames;
	domid_t dom;
	int16_t status;			/* out */
	XEN_GUEST_HANDLE(uint64_t) frame_list;
};

struct gnttab_get_version {
	domid_t dom;
	uint16_t pad;
	uint32_t version;		/* out */
};

struct gnttab_swap_grant_ref {
	grant_ref_t ref_a;
	grant_ref_t ref_b;
	int16_t status;			/* out */
};

struct gnttab_cache_flush {
	union {
		uint64_t dev_bus_addr;
		grant_ref_t ref;
	} a;
	uint16_t offset;
	uint16_t length;
	uint32_t op;			/* GNTTAB_CACHE_* */
};

#endif
