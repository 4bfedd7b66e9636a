/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extended state as XSAVE stores it (SDM 1 13.4). */
#ifndef ASM_XSTATE_H
#define ASM_XSTATE_H

#include <tenon/lib.h>

#define XSTATE_X87	0x01UL
#define XSTATE_SSE	0x02UL
#define XSTATE_AVX	0x04UL
#define XSTATE_AVX512	0xe0UL		/* masks, upper halves, upper registers: all or none */

#define XCOMP_COMPACT	(1UL << 63)	/* in xcomp_bv: components follow each other without gaps */

/* What all areas begin with. All known components end below a page, so that a page holds one area. */
struct xsave_area {
	uint16_t fcw, fsw;
	uint8_t ftw, reserved0;
	uint16_t fop;
	uint64_t fip, fdp;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t registers[480];
	uint64_t xstate_bv, xcomp_bv;
	uint64_t reserved1[6];
};
_Static_assert(sizeof(struct xsave_area) == 576, "XSAVE area");

#endif
