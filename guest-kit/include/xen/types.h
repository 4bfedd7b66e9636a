/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What every header of the guest interface builds on. The interface is that of Xen 4.17; its
 * structures have the layout that the compiler's target gives them, 32 or 64 bits wide, except
 * where a member is aligned explicitly.
 */
#ifndef XEN_TYPES_H
#define XEN_TYPES_H

#ifdef __ASSEMBLER__
#define XEN_U(x)	x
#define XEN_UL(x)	x
#define XEN_ULL(x)	x
#else
#include <stdint.h>

#define XEN_U(x)	x##U
#define XEN_UL(x)	x##UL
#define XEN_ULL(x)	x##ULL

typedef uint16_t domid_t;
/* In the control interface 64-bit words are aligned also where the compiler would not. */
typedef uint64_t __attribute__((aligned(8))) uint64_aligned_t;
typedef int64_t __attribute__((aligned(8))) int64_aligned_t;
typedef unsigned long xen_pfn_t;	/* number of a 4 KiB frame */
typedef unsigned long xen_ulong_t;
typedef uint8_t xen_domain_handle_t[16];	/* UUID */

/*
 * An address in the caller's memory, which only the caller may follow: the hypervisor copies. The
 * type in parentheses says what lies there. Handles of the control interface have 64 bits in every caller.
 */
struct xen_guest_handle {
	unsigned long va;
};
struct xen_guest_handle_64 {
	uint64_t va __attribute__((aligned(8)));
};
#define XEN_GUEST_HANDLE(type)		struct xen_guest_handle
#define XEN_GUEST_HANDLE_64(type)	struct xen_guest_handle_64
#define set_xen_guest_handle(handle, pointer)	((handle).va = (unsigned long)(pointer))

/* A set of numbers below nr_bits, as bytes, lowest number in the lowest bit. */
struct xenctl_bitmap {
	XEN_GUEST_HANDLE_64(uint8_t) bitmap;
	uint32_t nr_bits;
};
#endif

#endif
