/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of frames. */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <tenon/addr.h>
#include <tenon/lib.h>

extern char *fake_bank[2];

static inline void *mfn_to_virt(mfn_t m)
{
	return m.m < FAKE_BANK0_END ? fake_bank[0] + (m.m << PAGE_SHIFT) :
	       fake_bank[1] + ((m.m - FAKE_BANK1_START) << PAGE_SHIFT);
}

static inline mfn_t virt_to_mfn(const void *va)
{
	const char *p = va;

	return _mfn(p >= fake_bank[0] ? (unsigned long)(p - fake_bank[0]) >> PAGE_SHIFT :
		    ((unsigned long)(p - fake_bank[1]) >> PAGE_SHIFT) + FAKE_BANK1_START);
}

/* The whole range is a guest's; no overflow. */
bool guest_range_ok(unsigned long va, unsigned long bytes);

#define virt_to_page(va)	mfn_to_page(virt_to_mfn(va))
#define page_to_virt(pg)	mfn_to_virt(page_to_mfn(pg))

#endif
