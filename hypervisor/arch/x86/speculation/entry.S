/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry from guests and the way back while the hypervisor's memory is hidden from them: doc/speculation.md. The code, the stack,
 * and all else that is touched here before CR3 is the hypervisor's is mapped in guests' views, too (view.c).
 *
 * info.away is the root to return to, from before the view is loaded until after it is left: whoever finds it set
 * loads it, also who interrupts these lines themselves.
 */
#include <asm/layout.h>
#include <asm/asm-offsets.h>
#include <asm/asm_entry.h>
#include "sites.h"

/* Of struct cpu_info, from the last byte of a stack. */
#define INFO(member)	(CPUINFO_##member + 1 - CPUINFO_sizeof)
#define PERDOMAIN_SKIP	(PERDOMAIN_SLOT - HV_FIRST_SLOT - 1)
#define GUEST_SLOTS_SKIP (HV_LAST_SLOT - HV_FIRST_SLOT)

	.section .text.entry, "ax"

.macro	LAST_BYTE reg
	mov	%rsp, \reg
	or	$STACK_SIZE - 1, \reg
.endm

/* Changes flags alone. */
.macro	ENTER_HYPERVISOR
	push	%rax
	push	%rcx
	LAST_BYTE %rcx
	mov	INFO(away)(%rcx), %rax
	test	%rax, %rax
	jz	1f
	mov	%rax, %cr3
	movq	$0, INFO(away)(%rcx)
1:	pop	%rcx
	pop	%rax
.endm

.macro	ISOLATED name, head
	.balign	16
	.globl	isolated_\name
isolated_\name:
	ENTER_HYPERVISOR
	\head
	jmp	\name\()_go_on
.endm
	ISOLATED entry_syscall, SYSCALL64_HEAD
	ISOLATED entry_syscall32, SYSCALL32_HEAD
	ISOLATED entry_sysenter_saved, SYSENTER_HEAD
	ISOLATED entry_page_fault, EXCEPTION_HEAD
	ISOLATED bounce_to_kernel, EXCEPTION_HEAD
	ISOLATED exception_common, SAVE_HEAD
	ISOLATED irq_common, SAVE_HEAD

/*
 * What may come at any instruction, between two of ENTER_HYPERVISOR and LEAVE, too, and has saved all registers. r12 and r13 keep what was
 * in force, for the way back to the hypervisor.
 */
	.globl	isolated_ist_saved, isolated_ist_back
isolated_ist_saved:
	LAST_BYTE %rcx
	mov	INFO(away)(%rcx), %r12
	mov	%cr3, %r13
	test	%r12, %r12
	jz	1f
	mov	%r12, %cr3
	movq	$0, INFO(away)(%rcx)
1:	IST_HEAD
	jmp	ist_saved_go_on

isolated_ist_back:
	testb	$3, UREGS_cs(%rsp)
	jnz	ret_to_guest
	test	%r12, %r12
	jz	restore_all_hypervisor
	LAST_BYTE %rcx
	mov	%r12, INFO(away)(%rcx)
	mov	%r13, %cr3
	jmp	restore_all_hypervisor

/*
 * Loads the view that belongs to the root in force, which becomes info.away; clears buffers (VERW with MD_CLEAR). rsp: the frame for
 * IRET, its rip first. Interrupts are off. Changes flags alone.
 */
.macro	LEAVE
	push	%rax
	push	%rcx
	cmpb	$0, leave_isolated(%rip)
	je	3f
	LAST_BYTE %rcx
	mov	%cr3, %rax
	cmp	INFO(source)(%rcx), %rax
	jne	2f
	or	leave_keep(%rip), %rax
	mov	%rax, INFO(away)(%rcx)
	mov	INFO(view)(%rcx), %rax
	mov	%rax, %cr3
	jmp	3f
2:	cmp	INFO(source) + 8(%rcx), %rax
	jne	4f
	or	leave_keep(%rip), %rax
	mov	%rax, INFO(away)(%rcx)
	mov	INFO(view) + 8(%rcx), %rax
	mov	%rax, %cr3
3:	cmpb	$0, leave_clears(%rip)
	je	5f
	verw	leave_selector(%rip)
	jmp	5f
4:	call	fill_view
	jmp	3b
5:	pop	%rcx
	pop	%rax
.endm

	.balign	32
	.globl	leave_sysret_regs, leave_sysret_error, leave_sysret_rip
leave_sysret_regs:
	add	$UREGS_error_code, %rsp
leave_sysret_error:
	add	$UREGS_rip - UREGS_error_code, %rsp
leave_sysret_rip:
	LEAVE
	mov	UREGS_rsp - UREGS_rip(%rsp), %rsp
	sysretq

	.balign	32
	.globl	leave_iret
leave_iret:
	LEAVE
.Lleave_iret:
	iretq
.Lleave_iret_end:
	EXTABLE(.Lleave_iret, .Lleave_iret_end, iretq_failed)

/*
 * Makes the view that was used longer ago that of the root rax, as CR3 has it: the guest's slots, the machine-to-physical table's if it
 * is shown, the domain's own; and loads it as LEAVE does, but nothing is kept of what it was before. rcx: the stack's last byte; clobbers rax.
 * The exchange is a barrier: who changes an entry of the root and then finds another source here knows that it is read
 * afterwards (isolation_root_changed()).
 */
fill_view:
	push	%rdx
	push	%rsi
	push	%rdi
	push	%rax
	push	%rcx
	mov	INFO(newest)(%rcx), %rdx
	xor	$1, %edx
	mov	%rdx, INFO(newest)(%rcx)
	mov	%rax, %rsi
	xchg	%rsi, INFO(source)(%rcx, %rdx, 8)
	mov	INFO(view)(%rcx, %rdx, 8), %rdi
	/* The addresses of both, in the direct map, without what else CR3 has. */
	movabs	$DIRECTMAP_VIRT_START, %rdx
	mov	%rax, %rsi
	btr	$63, %rdi
	and	$~0xfff, %rsi
	and	$~0xfff, %rdi
	add	%rdx, %rsi
	add	%rdx, %rdi
	cld
	mov	$HV_FIRST_SLOT + 1, %ecx
	rep movsq
	mov	8 * PERDOMAIN_SKIP(%rsi), %rax
	mov	%rax, 8 * PERDOMAIN_SKIP(%rdi)
	add	$8 * GUEST_SLOTS_SKIP, %rsi
	add	$8 * GUEST_SLOTS_SKIP, %rdi
	mov	$512 - HV_LAST_SLOT - 1, %ecx
	rep movsq
	pop	%rcx
	pop	%rax
	or	leave_keep(%rip), %rax
	mov	%rax, INFO(away)(%rcx)
	mov	INFO(newest)(%rcx), %rdx
	mov	INFO(view)(%rcx, %rdx, 8), %rax
	btr	$63, %rax
	mov	%rax, %cr3
	pop	%rdi
	pop	%rsi
	pop	%rdx
	ret

/* Here, where they are mapped; written at boot. */
	.globl	leave_keep, leave_isolated, leave_clears
	.balign	8
leave_keep:
	.quad	0
leave_isolated:
	.byte	0
leave_clears:
	.byte	0
leave_selector:
	.word	HV_DS

	.section .note.GNU-stack, "", @progbits
