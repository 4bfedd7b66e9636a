/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The places of entry.S where a guest is entered or left, and indirect jumps. On processors that need it a jump is written over them at boot
 * (patch.c), to code that does more (entry.S and thunks.S here); the others execute nothing for it.
 */
#ifndef X86_SPECULATION_SITES_H
#define X86_SPECULATION_SITES_H

#define PATCH_ENTRY	0	/* with isolation */
#define PATCH_EXIT	1	/* with isolation, or when buffers are cleared */
#define PATCH_INDIRECT	2	/* with retpolines */
#define PATCH_SIZE	5	/* of a jump */

#ifdef __ASSEMBLER__

.macro	PATCH_SITE at, to, kind
	.pushsection .init.patch_sites, "a"
	.balign	4
	.long	\at - ., \to - ., \kind
	.popsection
.endm

/* An entry whose first instructions are those of the macro head; with isolation, isolated_name comes before them. */
.macro	GUEST_ENTRY name, head
	.globl	\name, \name\()_go_on
\name:
	\head
\name\()_go_on:
	.if	\name\()_go_on - \name < PATCH_SIZE
	.error	"no room for a jump"
	.endif
	PATCH_SITE \name, isolated_\name, PATCH_ENTRY
.endm

/* Ways out. The stack pointer is at the frame's member at base; the way that takes the place of this is called by frame. */
.macro	EXIT_SYSRET frame, base
8:	mov	UREGS_rsp - \base(%rsp), %rsp
	sysretq
	PATCH_SITE 8b, leave_sysret_\frame, PATCH_EXIT
.endm

.macro	EXIT_IRET
8:	iretq
	.skip	PATCH_SIZE - 2, 0xcc
	PATCH_SITE 8b, leave_iret, PATCH_EXIT
.endm

/* The first instructions of entries. */
.macro	SAVE_HEAD
	cld
	push	%rdi
	push	%rsi
	push	%rdx
	push	%rcx
.endm

.macro	SYSCALL64_HEAD
	push	%r11
	push	$FLAT_RING3_CS64
.endm

.macro	SYSCALL32_HEAD
	push	%r11
	push	$FLAT_RING3_CS32
.endm

.macro	SYSENTER_HEAD
	push	$FLAT_RING3_CS32
.endm

.macro	EXCEPTION_HEAD
	testb	$3, 16(%rsp)
.endm

.macro	IST_HEAD
	mov	%rsp, %rdi
	testb	$3, UREGS_cs(%rsp)
.endm

#endif
#endif
