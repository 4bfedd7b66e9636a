/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Force-included, behind host.h, for sources that reach memory through the direct map or the frame table: both are put
 * where a host program can map memory. Below the direct map an address stands for itself.
 */
#ifndef TESTS_HOST_LAYOUT_H
#define TESTS_HOST_LAYOUT_H

#include <asm/layout.h>

#undef HV_IMAGE_VIRT
#define HV_IMAGE_VIRT		0UL
#undef FRAMETABLE_VIRT_START
#define FRAMETABLE_VIRT_START	0x200000000000UL
#undef DIRECTMAP_VIRT_START
#define DIRECTMAP_VIRT_START	0x590000000000UL
#undef DIRECTMAP_VIRT_END
#define DIRECTMAP_VIRT_END	0x5a0000000000UL	/* 1 TiB */

#endif
