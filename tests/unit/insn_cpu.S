/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * insn_cpu_run(struct cpu_user_regs *regs, void *code): loads all general registers and the
 * arithmetic flags from *regs, jumps to code, which ends in a jump to insn_cpu_return, and
 * stores them back. The offsets are checked in insn_test.c.
 */
	.text
	.globl	insn_cpu_run
insn_cpu_run:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rdi, regs_ptr(%rip)
	mov	%rsi, code_ptr(%rip)
	mov	%rsp, saved_rsp(%rip)
	mov	%rdi, %rax
	pushq	144(%rax)
	popfq
	mov	0(%rax), %r15
	mov	8(%rax), %r14
	mov	16(%rax), %r13
	mov	24(%rax), %r12
	mov	32(%rax), %rbp
	mov	40(%rax), %rbx
	mov	48(%rax), %r11
	mov	56(%rax), %r10
	mov	64(%rax), %r9
	mov	72(%rax), %r8
	mov	88(%rax), %rcx
	mov	96(%rax), %rdx
	mov	104(%rax), %rsi
	mov	112(%rax), %rdi
	mov	152(%rax), %rsp
	mov	80(%rax), %rax
	jmp	*code_ptr(%rip)

	.globl	insn_cpu_return
insn_cpu_return:
	mov	%rsp, test_rsp(%rip)
	mov	saved_rsp(%rip), %rsp
	pushfq
	cld
	push	%rax
	mov	regs_ptr(%rip), %rax
	mov	%r15, 0(%rax)
	mov	%r14, 8(%rax)
	mov	%r13, 16(%rax)
	mov	%r12, 24(%rax)
	mov	%rbp, 32(%rax)
	mov	%rbx, 40(%rax)
	mov	%r11, 48(%rax)
	mov	%r10, 56(%rax)
	mov	%r9, 64(%rax)
	mov	%r8, 72(%rax)
	mov	%rcx, 88(%rax)
	mov	%rdx, 96(%rax)
	mov	%rsi, 104(%rax)
	mov	%rdi, 112(%rax)
	popq	80(%rax)
	popq	144(%rax)
	mov	test_rsp(%rip), %rcx
	mov	%rcx, 152(%rax)
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	.bss
	.balign	8
regs_ptr:	.quad	0
code_ptr:	.quad	0
saved_rsp:	.quad	0
test_rsp:	.quad	0
	.section .note.GNU-stack, "", @progbits
