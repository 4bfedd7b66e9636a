/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Trap, system call and event entries. The hypervisor pushes RCX and R11 on top of the frame that
 * hardware would push; every entry turns that into struct kit_regs (guestkit/trap.h), calls
 * kit_trap(), and returns through the iret hypercall.
 */

#define __ASSEMBLY__ 1
#include <xen/xen.h>

	.text

	/* In: the hypervisor's frame with an error code word (or a zero) below RIP, then the vector. */
entry_common:
	push	%rdi
	push	%rsi
	push	%rdx
	push	%rcx
	push	%rax
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	cld
	mov	%rsp, %rdi
	mov	%rsp, %rbp
	and	$-16, %rsp
	call	kit_trap
	mov	%rbp, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rax
	pop	%rcx
	pop	%rdx
	pop	%rsi
	pop	%rdi
	add	$16, %rsp
	push	$0			/* no VGCF_in_syscall: RCX and R11 are restored */
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	/* 256 gates of 16 bytes. Vectors 8, 10-14, 17 and 21 carry an error code. */
	.balign 16
	.globl kit_gates
kit_gates:
	.set	vec, 0
	.rept	256
	.balign 16
	pop	%rcx
	pop	%r11
	.if	(vec == 8) || ((vec >= 10) && (vec <= 14)) || (vec == 17) || (vec == 21)
	.else
	push	$0
	.endif
	.if	vec < 128
	push	$vec
	.else
	.byte	0x68
	.long	vec
	.endif
	jmp	entry_common
	.set	vec, vec + 1
	.endr
	.balign 16

	.macro	special name, vector
	.globl	\name
	.type	\name, @function
\name:
	pop	%rcx
	pop	%r11
	push	$0
	push	$\vector
	jmp	entry_common
	.size	\name, . - \name
	.endm

	special	kit_entry_syscall, 256
	special	kit_entry_event, 257
	special	kit_entry_syscall32, 259
	special	kit_entry_sysenter, 260
	special	kit_entry_nmi, 261

	/* The failsafe frame has DS, ES, FS and GS between R11 and RIP. */
	.globl	kit_entry_failsafe
	.type	kit_entry_failsafe, @function
kit_entry_failsafe:
	pop	%rcx
	pop	%r11
	popq	kit_failsafe_segs(%rip)
	popq	kit_failsafe_segs + 8(%rip)
	popq	kit_failsafe_segs + 16(%rip)
	popq	kit_failsafe_segs + 24(%rip)
	push	$0
	push	$258
	jmp	entry_common
	.size	kit_entry_failsafe, . - kit_entry_failsafe

	/* A second vCPU starts here with RSP at the top of its stack. */
	.globl	kit_entry_vcpu
kit_entry_vcpu:
	cld
	xor	%ebp, %ebp
	call	kit_vcpu_start
	ud2

	/* kit_iret_raw(frame): RDI holds a struct iret_context; the call wants flags on top. */
	.globl	kit_iret_raw
kit_iret_raw:
	lea	8(%rdi), %rsi
	mov	(%rdi), %rax
	pushq	64(%rdi)		/* ss */
	pushq	56(%rdi)		/* rsp */
	pushq	48(%rdi)		/* rflags */
	pushq	40(%rdi)		/* cs */
	pushq	32(%rdi)		/* rip */
	pushq	24(%rdi)		/* VGCF flags */
	mov	16(%rdi), %rcx
	mov	8(%rdi), %r11
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	/* kit_user_iret(start): struct kit_user_start in RDI. */
	.globl	kit_user_iret
kit_user_iret:
	pushq	32(%rdi)		/* ss */
	pushq	24(%rdi)		/* rsp */
	pushq	16(%rdi)		/* rflags */
	pushq	8(%rdi)			/* cs */
	pushq	0(%rdi)			/* rip */
	pushq	40(%rdi)		/* VGCF flags */
	mov	56(%rdi), %rsi
	mov	64(%rdi), %rax
	mov	72(%rdi), %rcx
	mov	80(%rdi), %r11
	mov	48(%rdi), %rdi
	jmp	hypercall_page + __HYPERVISOR_iret * 32

	/* User mode: calls the function in RSI with RDI and hands its result to the kernel. */
	.globl	kit_user_trampoline
kit_user_trampoline:
	call	*%rsi
	mov	%rax, %rdi
	mov	$0x7e7e, %eax		/* KIT_SYS_RETURN */
	syscall
	ud2

	.globl	kit_setjmp
kit_setjmp:
	mov	%rbx, 0(%rdi)
	mov	%rbp, 8(%rdi)
	mov	%r12, 16(%rdi)
	mov	%r13, 24(%rdi)
	mov	%r14, 32(%rdi)
	mov	%r15, 40(%rdi)
	lea	8(%rsp), %rax
	mov	%rax, 48(%rdi)
	mov	(%rsp), %rax
	mov	%rax, 56(%rdi)
	xor	%eax, %eax
	ret

	.globl	kit_longjmp
kit_longjmp:
	mov	0(%rdi), %rbx
	mov	8(%rdi), %rbp
	mov	16(%rdi), %r12
	mov	24(%rdi), %r13
	mov	32(%rdi), %r14
	mov	40(%rdi), %r15
	mov	48(%rdi), %rsp
	mov	$1, %eax
	jmp	*56(%rdi)

	.section .note.GNU-stack, "", @progbits
