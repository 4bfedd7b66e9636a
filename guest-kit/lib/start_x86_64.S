/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Entry of a 64-bit paravirtual guest.
 * At entry RSI holds the address of start_info, the page tables map the image, and RSP is a
 * builder-made stack of one page.
 */

#define STACK_SIZE	16384

	.section .text.start, "ax"
	.globl _start
	.type _start, @function
_start:
	mov	%rax, kit_boot_regs + 0(%rip)
	mov	%rbx, kit_boot_regs + 8(%rip)
	mov	%rcx, kit_boot_regs + 16(%rip)
	mov	%rdx, kit_boot_regs + 24(%rip)
	mov	%rsi, kit_boot_regs + 32(%rip)
	mov	%rdi, kit_boot_regs + 40(%rip)
	mov	%rbp, kit_boot_regs + 48(%rip)
	mov	%rsp, kit_boot_regs + 56(%rip)
	mov	%r8, kit_boot_regs + 64(%rip)
	mov	%r9, kit_boot_regs + 72(%rip)
	mov	%r10, kit_boot_regs + 80(%rip)
	mov	%r11, kit_boot_regs + 88(%rip)
	mov	%r12, kit_boot_regs + 96(%rip)
	mov	%r13, kit_boot_regs + 104(%rip)
	mov	%r14, kit_boot_regs + 112(%rip)
	mov	%r15, kit_boot_regs + 120(%rip)
	pushf
	popq	kit_boot_regs + 128(%rip)
	mov	%cs, kit_boot_regs + 136(%rip)
	mov	%ss, kit_boot_regs + 138(%rip)
	mov	%ds, kit_boot_regs + 140(%rip)
	mov	%es, kit_boot_regs + 142(%rip)
	mov	%fs, kit_boot_regs + 144(%rip)
	mov	%gs, kit_boot_regs + 146(%rip)

	cld
	lea	kit_stacks + STACK_SIZE(%rip), %rsp
	mov	%rsi, %rdi
	xor	%ebp, %ebp
	call	kit_start
	ud2
	.size _start, . - _start

	/* The hypervisor fills this page; until then a call into it is a fault. */
	.section .text.hypercall_page, "ax"
	.balign 4096
	.globl hypercall_page
hypercall_page:
	.fill	4096, 1, 0xcc
	.size hypercall_page, 4096

	.section .note.GNU-stack, "", @progbits
