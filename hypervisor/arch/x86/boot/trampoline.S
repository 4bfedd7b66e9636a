/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where an application processor starts: real mode, at a page below 1 MiB to
 * which trampoline_start..end was copied. It ends in start_secondary() on the stack at
 * ap_stack_top. One processor at a time.
 */
#include <asm/layout.h>

#define PHYS(sym)	(sym - HV_IMAGE_VIRT)
#define TR(sym)		(sym - trampoline_start)

	.section .init.rodata, "a"
	.balign	16
	.globl trampoline_start
trampoline_start:
	.code16
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	movzwl	%ax, %ebx
	shl	$4, %ebx			/* where this copy lies */
	lidtl	TR(tr_idt)
	lgdtl	TR(tr_gdt_ptr)
	mov	$0x11, %eax			/* PE, ET */
	mov	%eax, %cr0
	ljmpl	*TR(tr_jump)
	.balign	4
tr_jump:
	.long	PHYS(ap_start32)
	.short	0x20
	.balign	4
tr_idt:
	.short	0
	.long	0
	.balign	4
tr_gdt_ptr:
	.short	0x27
	.long	PHYS(boot_gdt)
	.globl trampoline_end
trampoline_end:

	.section .text.entry, "ax"
	.code32
ap_start32:
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	$PHYS(ap_start_stack_end), %esp
	call	enable_long_mode
	ljmp	$0x08, $PHYS(ap_start64)
	.code64
ap_start64:
	movabs	$1f, %rax
	jmp	*%rax
1:	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	ap_stack_top(%rip), %rsp
	xor	%ebp, %ebp
	call	start_secondary
	ud2

	.section .data, "aw"
	.balign	8
	.globl ap_stack_top
ap_stack_top:
	.quad	0				/* set by the starter: address of a struct cpu_info, less alignment */
	.section .bss, "aw", @nobits
	.balign	16
	.skip	64
ap_start_stack_end:

	.section .note.GNU-stack, "", @progbits
