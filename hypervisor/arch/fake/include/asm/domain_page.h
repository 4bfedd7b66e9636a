/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access to frames; the number of those held is counted. */
#ifndef ASM_DOMAIN_PAGE_H
#define ASM_DOMAIN_PAGE_H

#include <asm/page.h>

extern int fake_pages_mapped;

static inline void *map_domain_page(mfn_t mfn)
{
	__atomic_fetch_add(&fake_pages_mapped, 1, __ATOMIC_RELAXED);
	return mfn_to_virt(mfn);
}

static inline void unmap_domain_page(const void *va)
{
	__atomic_fetch_sub(&fake_pages_mapped, 1, __ATOMIC_RELAXED);
}

static inline void clear_domain_page(mfn_t mfn)
{
	memset(mfn_to_virt(mfn), 0, PAGE_SIZE);
}

static inline void copy_domain_page(mfn_t dst, mfn_t src)
{
	memcpy(mfn_to_virt(dst), mfn_to_virt(src), PAGE_SIZE);
}

#endif
