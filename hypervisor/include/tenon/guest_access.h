/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The only ways across to guest memory: copies with fault fix-up. Handles are
 * opaque (struct with a va, see guest-kit/include/xen); each element is read once.
 */
#ifndef TENON_GUEST_ACCESS_H
#define TENON_GUEST_ACCESS_H

#include <tenon/addr.h>
#include <tenon/lib.h>

/* Copy to/from the current vCPU's address space; 0 or -EFAULT. Nothing beyond the hypervisor's border is reached. */
int __must_check copy_from_guest_va(void *dst, unsigned long va, size_t bytes);
/* Two words: what paths that are short read most. */
int __must_check copy_pair_from_guest(uint64_t pair[2], unsigned long va);
int __must_check copy_to_guest_va(unsigned long va, const void *src, size_t bytes);
int __must_check clear_guest_va(unsigned long va, size_t bytes);

/* Arrays of typed elements: n elements, starting at element off of handle h. */
#define copy_from_guest_offset(dst, h, off, n) \
	copy_from_guest_va((dst), (h).va + (unsigned long)(off) * sizeof(*(dst)), \
			   (size_t)(n) * sizeof(*(dst)))
#define copy_to_guest_offset(h, off, src, n) \
	copy_to_guest_va((h).va + (unsigned long)(off) * sizeof(*(src)), (src), \
			 (size_t)(n) * sizeof(*(src)))
#define copy_from_guest(dst, h, n)	copy_from_guest_offset(dst, h, 0, n)
#define copy_to_guest(h, src, n)	copy_to_guest_offset(h, 0, src, n)
#define guest_handle_is_null(h)		((h).va == 0)

#endif
