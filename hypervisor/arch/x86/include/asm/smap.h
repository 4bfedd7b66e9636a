/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ASM_SMAP_H
#define ASM_SMAP_H

/* Boot CPU, before the image is write-protected and before CR4.SMAP is set anywhere. */
void smap_patch(void);

#endif
