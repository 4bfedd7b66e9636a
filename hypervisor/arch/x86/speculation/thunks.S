/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Indirect jumps and calls, which the compiler makes by way of these: where guests could train the predictor for them, a return
 * takes the place of the jump, for which the processor guesses the loop behind the call (Intel, "Retpoline: a branch target injection
 * mitigation"). Both compilers' names.
 */
#include <asm/layout.h>
#include "sites.h"

	.section .text.thunks, "ax"

.macro	THUNK reg
	.balign	16
	.globl	__x86_indirect_thunk_\reg, __llvm_retpoline_\reg
__x86_indirect_thunk_\reg:
__llvm_retpoline_\reg:
	jmp	*%\reg
	.skip	PATCH_SIZE - (. - __x86_indirect_thunk_\reg), 0xcc
	PATCH_SITE __x86_indirect_thunk_\reg, retpoline_\reg, PATCH_INDIRECT
	.balign	16
retpoline_\reg:
	call	1f
2:	pause
	lfence
	jmp	2b
1:	mov	%\reg, (%rsp)
	ret
.endm
	.irp	reg, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	THUNK	\reg
	.endr

	.section .note.GNU-stack, "", @progbits
