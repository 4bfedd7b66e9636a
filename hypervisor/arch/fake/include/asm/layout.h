/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The made-up machine: two banks of memory with a hole between that is aligned to nothing, the
 * lower bank at the higher address, nodes that do not follow the order of frames.
 */
#ifndef ASM_LAYOUT_H
#define ASM_LAYOUT_H

#define PAGE_SHIFT		12

#define FAKE_BANK0_END		0x3005UL	/* frames: 48 MiB */
#define FAKE_BANK1_START	0x5003UL
#define FAKE_NODE5_START	0xa000UL
#define FAKE_MAX_PAGE		0x20007UL	/* 430 MiB more */

#define HV_VIRT_START		0xffff800000000000UL	/* where guests are told that we are */

extern char fake_frame_table[];
#define FRAMETABLE_VIRT_START	((unsigned long)fake_frame_table)

#endif
