/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ASM_NOSPEC_H
#define ASM_NOSPEC_H

#include <tenon/types.h>

static inline uint32_t index_nospec(uint32_t index, uint32_t size)
{
	return index < size ? index : 0;
}

#endif
