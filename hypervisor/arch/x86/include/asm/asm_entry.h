/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Macros of the entry assembly. */
#ifndef ASM_ASM_ENTRY_H
#define ASM_ASM_ENTRY_H

/* A fault at an instruction in [from, to) continues at fix, the stack as it was. */
#define EXTABLE(from, to, fix)		\
	.pushsection .extable, "a";	\
	.balign	4;			\
	.long	from - ., to - ., fix - .; \
	.popsection

/*
 * Supervisor access to user pages: three-byte no-ops, made stac and clac at
 * boot where the processor has SMAP (see x86_64/smap.c).
 */
#define SMAP_SITE(kind)			\
	.pushsection .smap_sites, "a";	\
	.balign	4;			\
	.long	9f - ., kind;		\
	.popsection;			\
9:	.byte	0x0f, 0x1f, 0x00
#define STAC	SMAP_SITE(0)
#define CLAC	SMAP_SITE(1)

#define SYSCALL_SLOT_SIZE 64
#define TRAP_syscall	0x100	/* entry_vector: rcx and r11 hold nothing the guest still needs */

#endif
