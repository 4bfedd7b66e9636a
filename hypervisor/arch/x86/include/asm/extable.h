/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fix-ups and SMAP windows for inline assembly; asm_entry.h has the same for assembly files. */
#ifndef ASM_EXTABLE_H
#define ASM_EXTABLE_H

/* Faults between local labels from and to continue at fix. */
#define EXTABLE_ASM(from, to, fix)		\
	".pushsection .extable, \"a\"\n\t"	\
	".balign 4\n\t"				\
	".long " from " - ., " to " - ., " fix " - .\n\t" \
	".popsection\n\t"

#define SMAP_SITE_ASM(kind)			\
	".pushsection .smap_sites, \"a\"\n\t"	\
	".balign 4\n\t"				\
	".long 9f - ., " kind "\n\t"		\
	".popsection\n"				\
	"9:	.byte 0x0f, 0x1f, 0x00\n\t"
#define STAC_ASM	SMAP_SITE_ASM("0")
#define CLAC_ASM	SMAP_SITE_ASM("1")

#endif
