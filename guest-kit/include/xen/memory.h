/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* memory_op(cmd, arg): memory reservations and maps. */
#ifndef XEN_MEMORY_H
#define XEN_MEMORY_H

#include <xen/physdev.h>

#define XENMEM_increase_reservation	0	/* struct xen_memory_reservation; extents are out */
#define XENMEM_decrease_reservation	1	/* likewise, in */
#define XENMEM_maximum_ram_page		2	/* returns a frame number */
#define XENMEM_current_reservation	3	/* struct xen_memory_domain; returns pages */
#define XENMEM_maximum_reservation	4	/* likewise */
#define XENMEM_machphys_mfn_list	5
#define XENMEM_populate_physmap		6	/* struct xen_memory_reservation; extents: guest frames, then machine frames */
#define XENMEM_add_to_physmap		7
#define XENMEM_memory_map		9	/* struct xen_memory_map: the caller's e820 */
#define XENMEM_machine_memory_map	10	/* struct xen_memory_map: the machine's; dom0 */
#define XENMEM_exchange			11
#define XENMEM_machphys_mapping		12
#define XENMEM_set_memory_map		13	/* struct xen_foreign_memory_map */
#define XENMEM_maximum_gpfn		14	/* struct xen_memory_domain; returns a frame number */
#define XENMEM_remove_from_physmap	15
#define XENMEM_set_pod_target		16
#define XENMEM_get_pod_target		17
#define XENMEM_get_sharing_freed_pages	18
#define XENMEM_get_sharing_shared_pages	19
#define XENMEM_paging_op		20
#define XENMEM_access_op		21
#define XENMEM_sharing_op		22
#define XENMEM_add_to_physmap_batch	23
#define XENMEM_claim_pages		24	/* struct xen_memory_reservation */
#define XENMEM_machphys_compat_mfn_list	25	/* struct xen_machphys_mfn_list */
#define XENMEM_get_vnumainfo		26
#define XENMEM_reserved_device_memory_map 27
#define XENMEM_acquire_resource		28

/* xen_memory_reservation.mem_flags: width of the addresses (0: any), memory node plus one, wishes */
#define XENMEMF_address_bits(bits)	(bits)
#define XENMEMF_get_address_bits(flags)	((flags) & 0xffu)
#define XENMEMF_node(node)		(((node) + 1) << 8)
#define XENMEMF_get_node(flags)		((((flags) >> 8) - 1) & 0xffu)
#define XENMEMF_populate_on_demand	(1 << 16)
#define XENMEMF_exact_node_request	(1 << 17)
#define XENMEMF_exact_node(node)	(XENMEMF_node(node) | XENMEMF_exact_node_request)
#define XENMEMF_vnode			(1 << 18)

/* What add_to_physmap maps */
#define XENMAPSPACE_shared_info		0
#define XENMAPSPACE_grant_table		1
#define XENMAPSPACE_gmfn		2
#define XENMAPSPACE_gmfn_range		3
#define XENMAPSPACE_gmfn_foreign	4
#define XENMAPSPACE_dev_mmio		5
#define XENMAPIDX_grant_table_status	0x80000000

#define XENMEM_resource_ioreq_server			0
#define XENMEM_resource_grant_table			1
#define XENMEM_resource_vmtrace_buf			2
#define XENMEM_resource_grant_table_id_shared		0
#define XENMEM_resource_grant_table_id_status		1
#define XENMEM_resource_ioreq_server_frame_bufioreq	0
#define XENMEM_resource_ioreq_server_frame_ioreq(n)	(1 + (n))

#define XENMEM_RDM_ALL	1

/* Types in a memory map */
#define E820_RAM	1
#define E820_RESERVED	2
#define E820_ACPI	3
#define E820_NVS	4
#define E820_UNUSABLE	5

/* An entry of a memory map, as firmware of PCs gives it. */
struct e820entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
} __attribute__((packed));

/* A list of blocks of 2^extent_order frames each. */
struct xen_memory_reservation {
	XEN_GUEST_HANDLE(xen_pfn_t) extent_start;
	xen_ulong_t nr_extents;
	unsigned int extent_order;
	unsigned int mem_flags;
	domid_t domid;
};

struct xen_memory_exchange {
	struct xen_memory_reservation in;	/* frames given back */
	struct xen_memory_reservation out;	/* guest frames, replaced by the machine frames they got */
	xen_ulong_t nr_exchanged;		/* in and out: extents of `in` that are done */
};

struct xen_memory_domain {
	domid_t domid;
};

/* Frames that hold the machine-to-physical table, one for each 2 MiB. */
struct xen_machphys_mfn_list {
	unsigned int max_extents;
	XEN_GUEST_HANDLE(xen_pfn_t) extent_start;
	unsigned int nr_extents;		/* out */
};

struct xen_machphys_mapping {
	xen_ulong_t v_start, v_end;
	xen_ulong_t max_mfn;
};

struct xen_add_to_physmap {
	domid_t domid;
	uint16_t size;			/* of a gmfn_range */
	unsigned int space;		/* XENMAPSPACE_* */
	xen_ulong_t idx;
	xen_pfn_t gpfn;
};

union xen_add_to_physmap_batch_extra {
	domid_t foreign_domid;
	uint16_t res0;
};

struct xen_add_to_physmap_batch {
	domid_t domid;
	uint16_t space;
	uint16_t size;
	union xen_add_to_physmap_batch_extra u;
	XEN_GUEST_HANDLE(xen_ulong_t) idxs;
	XEN_GUEST_HANDLE(xen_pfn_t) gpfns;
	XEN_GUEST_HANDLE(int) errs;
};

struct xen_remove_from_physmap {
	domid_t domid;
	xen_pfn_t gpfn;
};

struct xen_memory_map {
	unsigned int nr_entries;	/* in: room; out: entries */
	XEN_GUEST_HANDLE(struct e820entry) buffer;
};

struct xen_foreign_memory_map {
	domid_t domid;
	struct xen_memory_map map;
};

struct xen_pod_target {
	uint64_t target_pages;		/* in */
	uint64_t tot_pages;		/* out, from here */
	uint64_t pod_cache_pages;
	uint64_t pod_entries;
	domid_t domid;			/* in */
};

struct xen_reserved_device_memory {
	xen_pfn_t start_pfn;
	xen_ulong_t nr_pages;
};

struct xen_reserved_device_memory_map {
	uint32_t flags;			/* XENMEM_RDM_ALL: of every device */
	unsigned int nr_entries;
	XEN_GUEST_HANDLE(struct xen_reserved_device_memory) buffer;
	union {
		struct physdev_pci_device pci;
	} dev;
};

struct xen_mem_acquire_resource {
	domid_t domid;
	uint16_t type;			/* XENMEM_resource_* */
	uint32_t id;
	uint32_t nr_frames;
	uint32_t pad;
	uint64_t frame;			/* the first one */
	XEN_GUEST_HANDLE(xen_pfn_t) frame_list;
};

struct xen_vmemrange {
	uint64_t start, end;
	unsigned int flags;
	unsigned int nid;
};

struct xen_vnuma_topology_info {
	domid_t domid;
	uint16_t pad;
	unsigned int nr_vnodes;		/* in: room; out: how many there are */
	unsigned int nr_vcpus;
	unsigned int nr_vmemranges;
	union {
		XEN_GUEST_HANDLE(unsigned int) h;
		uint64_t pad;
	} vdistance;
	union {
		XEN_GUEST_HANDLE(unsigned int) h;
		uint64_t pad;
	} vcpu_to_vnode;
	union {
		XEN_GUEST_HANDLE(struct xen_vmemrange) h;
		uint64_t pad;
	} vmemrange;
};

#endif
