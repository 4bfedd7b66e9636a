/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ASM_NOSPEC_H
#define ASM_NOSPEC_H

#include <tenon/types.h>

/* index, or 0 where it is not below size, also while the processor only guesses that it is (Spectre, first variant). */
static inline uint32_t index_nospec(uint32_t index, uint32_t size)
{
	uint32_t mask;

	__asm__("cmp %2, %1; sbb %0, %0" : "=r"(mask) : "r"(index), "rm"(size) : "cc");
	return index & mask;
}

#endif
