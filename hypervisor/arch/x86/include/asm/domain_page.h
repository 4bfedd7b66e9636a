/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Access to frames: all memory is mapped, for good. */
#ifndef ASM_DOMAIN_PAGE_H
#define ASM_DOMAIN_PAGE_H

#include <asm/page.h>

static inline void *map_domain_page(mfn_t mfn)
{
	return mfn_to_virt(mfn);
}

static inline void unmap_domain_page(const void *va)
{
}

static inline void clear_domain_page(mfn_t mfn)
{
	void *p = mfn_to_virt(mfn);
	unsigned long words = PAGE_SIZE / 8;

	__asm__ volatile("rep stosq" : "+D"(p), "+c"(words) : "a"(0UL) : "memory");
}

static inline void copy_domain_page(mfn_t dst, mfn_t src)
{
	void *to = mfn_to_virt(dst);
	const void *from = mfn_to_virt(src);
	unsigned long words = PAGE_SIZE / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) :: "memory");
}

#endif
