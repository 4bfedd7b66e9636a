/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry from guests and the way back. The frame at the top of each CPU's stack
 * is the guest's struct cpu_user_regs; the processor pushes its upper part, the code
 * here the rest. See doc/entry.md.
 *
 * Four paths are written out by hand because they decide the cost of a PV guest:
 * a system call of guest user code, the return from it (the iret hypercall), a
 * page fault that is the guest's own business, and its user code's simple exceptions. They touch only
 * what they need and build no complete frame. All of them run with interrupts off from entry to exit:
 * whoever wants this CPU's attention has sent it an interrupt, which arrives as
 * soon as the guest runs, so they need not look at softirqs.
 */
#include <asm/layout.h>
#include <asm/asm-offsets.h>
#include <asm/asm_entry.h>
#include "../speculation/sites.h"

#define NR_CPUS			128
#define NR_HYPERCALLS		64
#define HYPERVISOR_iret		23
#define VGCF_in_syscall		0x100
#define EFLAGS_IF		0x200
/* Cleared when a guest's handler starts: TF NT RF VM AC (SDM 3A 6.12.1), and IOPL, which is never the guest's. */
#define EFLAGS_BOUNCE_CLEAR	(0x100 | 0x4000 | 0x10000 | 0x20000 | 0x40000 | 0x3000)
/* A system call clears DF, too: no kernel leaves it to its users. */
#define EFLAGS_SYSCALL_CLEAR	(EFLAGS_BOUNCE_CLEAR | 0x400)
#define TRAP_NMI		2
/* Bits of rflags that the iret hypercall cannot set: IOPL and VM. */
#define EFLAGS_IRET_CLEAR	(0x3000 | 0x20000)
#define PFEC_write_protect	0x3
#define PFEC_user		0x4
#define PFEC_reserved		0x8

	.section .text.entry, "ax"

/*
 * System-call entry, one stub per CPU: the only place, but for the last instruction of
 * a return, where the stack pointer is the guest's while we are in ring 0.
 * syscall_slots[cpu] = { guest's rsp, our stack }, each in a cache line of its own.
 */
.macro	SYSCALL_STUBS name, target
	.balign	32
	.globl	\name
\name:
	.set	i, 0
	.rept	NR_CPUS
	.balign	32
	mov	%rsp, syscall_slots + SYSCALL_SLOT_SIZE * i(%rip)
	mov	syscall_slots + SYSCALL_SLOT_SIZE * i + 8(%rip), %rsp
	push	$FLAT_RING3_SS32
	push	syscall_slots + SYSCALL_SLOT_SIZE * i(%rip)
	jmp	\target
	.set	i, i + 1
	.endr
.endm
	SYSCALL_STUBS syscall_stubs, entry_syscall
	SYSCALL_STUBS syscall32_stubs, entry_syscall32

/* The frame is complete below error_code: saves the general registers. */
.macro	SAVE_ALL
	SAVE_HEAD
	SAVE_TAIL
.endm

.macro	SAVE_TAIL
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
.endm

.macro	RESTORE_ALL
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
.endm

/* The same after a system call that is not dealt with here: rip .. ss are there. */
.macro	SAVE_SYSCALL
	push	$0
	movl	$TRAP_syscall, 4(%rsp)
	SAVE_ALL
.endm

/* With a complete frame: fn(vcpu, frame), and back to the guest. */
.macro	CALL_AND_RETURN fn
	mov	CPUINFO_current(%rsp), %rdi
	mov	%rsp, %rsi
	sti
	call	\fn
	jmp	ret_to_guest
.endm

/* What the fast paths of exceptions need; r11 becomes the vCPU. */
.macro	PUSH_SCRATCH
	push	%r11
	push	%rcx
	push	%rax
	push	%rdi
	push	%rdx
	mov	CPUINFO_current - UREGS_error_code + 40(%rsp), %r11
.endm

.macro	POP_SCRATCH
	pop	%rdx
	pop	%rdi
	pop	%rax
	pop	%rcx
	pop	%r11
.endm

/* From the user mode of the vCPU at r11 to its kernel mode: rdi becomes its kernel's stack. */
.macro	TO_KERNEL_MODE
	movb	$1, VCPU_kernel_mode(%r11)
	swapgs
	mov	VCPU_cr3(%r11), %rdi
	mov	%rdi, %cr3
	mov	VCPU_kernel_sp(%r11), %rdi
	and	$~15, %rdi
.endm

/* ZF set if the address in reg is in the hypervisor's part; clobbers tmp. */
.macro	TEST_HV_ADDRESS reg, tmp
	movabs	$-HV_VIRT_START, \tmp
	add	\reg, \tmp
	shr	$43, \tmp
.endm

/*
 * Fills the upper part of a bounce frame on the guest kernel's stack at rdi:
 * rip, cs with the upcall mask in its upper half, rflags, rsp, ss. In: the processor's frame at
 * frame(%rsp); edx: upcall mask; r11: vcpu; cs bits to clear in csmask. Clobbers rax (out: rip), rdx, r11
 * (out: the guest's rflags). A guest runs with IF set; what it is shown of it is the mask. A fault here is a guest
 * without a stack.
 */
.macro	BOUNCE_FRAME frame, csmask
	mov	VCPU_bounce_flags(%r11), %rax
	mov	\frame + 16(%rsp), %r11
	or	%r11, %rax
	test	%dl, %dl
	jz	7f
	and	$~EFLAGS_IF, %rax
7:	mov	%rax, -24(%rdi)
	shl	$32, %rdx
	or	\frame + 8(%rsp), %rdx
	.if	\csmask
	and	$~\csmask, %rdx
	.endif
	mov	%rdx, -32(%rdi)
	mov	\frame + 32(%rsp), %rax
	mov	%rax, -8(%rdi)
	mov	\frame + 24(%rsp), %rax
	mov	%rax, -16(%rdi)
	mov	\frame(%rsp), %rax
	mov	%rax, -40(%rdi)
.endm

	.balign	64
	GUEST_ENTRY entry_syscall, SYSCALL64_HEAD
	push	%rcx
	mov	CPUINFO_current - UREGS_rip(%rsp), %r11
	cmpb	$0, VCPU_kernel_mode(%r11)
	jne	entry_hypercall

/*
 * A system call of guest user code. The guest's kernel finds rcx, r11 and the
 * frame on its stack.
 */
	mov	VCPU_syscall_eip(%r11), %rcx
	test	%rcx, %rcx
	jz	syscall_no_handler
	push	%rax
	push	%rdi
	push	%rdx
	TO_KERNEL_MODE
	mov	VCPU_vcpu_info(%r11), %rax
	movzbl	VCPUINFO_upcall_mask(%rax), %edx
	cmpb	$0, VCPU_syscall_masks(%r11)
	je	1f
	movb	$1, VCPUINFO_upcall_mask(%rax)
1:	STAC
.Lsyscall_store:
	BOUNCE_FRAME 24, 0
	mov	%r11, -48(%rdi)
	mov	%rax, -56(%rdi)		/* rcx: the processor left rip in it */
.Lsyscall_stored:
	CLAC
	EXTABLE(.Lsyscall_store, .Lsyscall_stored, bounce_failed)
	lea	-56(%rdi), %rax
	mov	%rax, 48(%rsp)
	and	$~EFLAGS_SYSCALL_CLEAR, %r11d
	pop	%rdx
	pop	%rdi
	pop	%rax
	EXIT_SYSRET rip, UREGS_rip

/*
 * The iret hypercall: on the guest's stack, from its rsp: rax, r11, rcx, flags,
 * rip, cs, rflags, rsp, ss. Return to user code with nothing pending goes straight
 * out; all else through C. Each word is read once, but for the flags that choose the way.
 */
	.balign	32
hypercall_iret:
	mov	UREGS_rsp - UREGS_rip(%rsp), %rcx
	TEST_HV_ADDRESS %rcx, %rax
	jz	iret_slow
	cmpq	$0, VCPU_cr3_user(%r11)
	je	iret_slow
	cmpb	$0, VCPU_nmi_masked(%r11)	/* the end of its NMI handler */
	jne	iret_slow
	cmpq	$0, VCPU_bounce_flags(%r11)	/* virtual IOPL: to be taken over */
	jne	iret_slow
	push	%rdx
	STAC
.Liret_load:
	movzwl	40(%rcx), %eax
	mov	48(%rcx), %edx
	mov	%rax, UREGS_cs - UREGS_rip + 8(%rsp)
	and	$3, %eax
	cmp	$3, %eax
	jne	iret_slow_pop
	mov	%edx, %eax
	and	$EFLAGS_IF | EFLAGS_IRET_CLEAR, %eax
	cmp	$EFLAGS_IF, %eax
	jne	iret_slow_pop
	mov	VCPU_vcpu_info(%r11), %rax
	movb	$0, VCPUINFO_upcall_mask(%rax)
	cmpb	$0, VCPUINFO_upcall_pending(%rax)
	jne	iret_slow_pop
	testl	$VGCF_in_syscall, 24(%rcx)
	jnz	iret_fast_sysret
	movzwl	64(%rcx), %eax
	or	$3, %eax
	mov	%rdx, UREGS_rflags - UREGS_rip + 8(%rsp)
	mov	%rax, UREGS_ss - UREGS_rip + 8(%rsp)
	mov	56(%rcx), %rdx
	mov	32(%rcx), %rax
	mov	%rdx, UREGS_rsp - UREGS_rip + 8(%rsp)
	mov	%rax, 8(%rsp)
	push	8(%rcx)
	mov	(%rcx), %rax
	mov	16(%rcx), %rcx
.Liret_loaded:
	CLAC
	EXTABLE(.Liret_load, .Liret_loaded, iret_failed)
	movb	$0, VCPU_kernel_mode(%r11)
	swapgs
	mov	VCPU_cr3_user(%r11), %rdx
	mov	%rdx, %cr3
	pop	%r11
	pop	%rdx
.Liretq_fast:
	EXIT_IRET
.Liretq_fast_end:
	EXTABLE(.Liretq_fast, .Liretq_fast_end, iretq_failed)

/* The same where rcx and r11 need not be restored, and 64-bit code is returned to whatever cs says, unless it says 32-bit. */
iret_fast_sysret:
.Lsysret_load:
	cmpw	$FLAT_RING3_CS32, UREGS_cs - UREGS_rip + 8(%rsp)
	je	iret_slow_pop
	push	%rdi
	mov	32(%rcx), %rdi
	/* rip must be canonical, or sysret faults in ring 0 with the guest's stack. */
	mov	%rdi, %rax
	sar	$47, %rax
	jz	1f
	cmp	$-1, %rax
	jne	iret_slow_pop2
1:	mov	56(%rcx), %rax
	mov	%rax, UREGS_rsp - UREGS_rip + 16(%rsp)
	mov	(%rcx), %rax
.Lsysret_loaded:
	CLAC
	EXTABLE(.Lsysret_load, .Lsysret_loaded, iret_failed)
	movb	$0, VCPU_kernel_mode(%r11)
	swapgs
	mov	VCPU_cr3_user(%r11), %rcx
	mov	%rcx, %cr3
	mov	%rdx, %r11
	mov	%rdi, %rcx
	pop	%rdi
	pop	%rdx
	EXIT_SYSRET rip, UREGS_rip

iret_slow_pop2:
	pop	%rdi
iret_slow_pop:
	pop	%rdx
	CLAC
iret_slow:
	/* rcx and r11 as the instruction left them: nothing of ours may reach the guest. */
	mov	(%rsp), %rcx
	mov	UREGS_rflags - UREGS_rip(%rsp), %r11
	SAVE_SYSCALL
	mov	CPUINFO_current(%rsp), %rdi
	sti
	call	do_iret
	mov	%rax, UREGS_rax(%rsp)
	jmp	ret_to_guest

/*
 * Hypercalls. The callee-saved registers are in place until somebody needs the
 * whole frame: then hypercall_slow_exit stores them, and rcx and r11 as the instruction left them.
 */
	.balign	32
entry_hypercall:
	cmp	$HYPERVISOR_iret, %eax
	je	hypercall_iret
	sub	$UREGS_rip, %rsp
	movl	$TRAP_syscall, UREGS_entry_vector(%rsp)
	mov	%rdi, UREGS_rdi(%rsp)
	mov	%rsi, UREGS_rsi(%rsp)
	mov	%rdx, UREGS_rdx(%rsp)
	mov	%rax, UREGS_rax(%rsp)
	mov	%r8, UREGS_r8(%rsp)
	mov	%r9, UREGS_r9(%rsp)
	mov	%r10, UREGS_r10(%rsp)
	sti
	mov	%eax, %eax
	cmp	$NR_HYPERCALLS, %eax
	jae	hypercall_bad
	lea	hypercall_table(%rip), %r9
	mov	(%r9, %rax, 8), %rax
	mov	%r8, %r9
	mov	%r10, %r8
	mov	%rdx, %rcx
	mov	%rsi, %rdx
	mov	%rdi, %rsi
	mov	%r11, %rdi
	call	__x86_indirect_thunk_rax
	mov	%rax, UREGS_rax(%rsp)
hypercall_exit:
	mov	CPUINFO_percpu(%rsp), %rcx
	mov	CPUINFO_current(%rsp), %rdi
	cli
	cmpl	$0, PERCPU_softirq_pending(%rcx)
	jne	hypercall_slow_exit
	mov	VCPU_vcpu_info(%rdi), %rdx
	cmpb	$0, VCPU_nmi_pending(%rdi)
	jne	hypercall_slow_exit
	cmpb	$0, VCPUINFO_upcall_pending(%rdx)
	je	1f
	cmpb	$0, VCPUINFO_upcall_mask(%rdx)
	je	hypercall_slow_exit
1:	testl	$TRAP_syscall, UREGS_entry_vector(%rsp)
	jz	hypercall_slow_exit
	mov	UREGS_rip(%rsp), %rcx
	shl	$16, %rcx
	sar	$16, %rcx
	cmp	UREGS_rip(%rsp), %rcx		/* canonical? */
	jne	hypercall_slow_exit
	mov	UREGS_rdi(%rsp), %rdi
	mov	UREGS_rsi(%rsp), %rsi
	mov	UREGS_rdx(%rsp), %rdx
	mov	UREGS_rax(%rsp), %rax
	mov	UREGS_r8(%rsp), %r8
	mov	UREGS_r9(%rsp), %r9
	mov	UREGS_r10(%rsp), %r10
	mov	UREGS_rflags(%rsp), %r11
	EXIT_SYSRET regs, 0

hypercall_bad:
	movq	$-38, UREGS_rax(%rsp)		/* -ENOSYS */
	jmp	hypercall_exit

hypercall_slow_exit:
	testl	$TRAP_syscall, UREGS_entry_vector(%rsp)
	jz	1f				/* an iret in a list of calls has put its own there */
	mov	UREGS_rip(%rsp), %rcx
	mov	UREGS_rflags(%rsp), %rdx
	mov	%rcx, UREGS_rcx(%rsp)
	mov	%rdx, UREGS_r11(%rsp)
1:	movl	$0, UREGS_error_code(%rsp)
	mov	%rbx, UREGS_rbx(%rsp)
	mov	%rbp, UREGS_rbp(%rsp)
	mov	%r12, UREGS_r12(%rsp)
	mov	%r13, UREGS_r13(%rsp)
	mov	%r14, UREGS_r14(%rsp)
	mov	%r15, UREGS_r15(%rsp)

/*
 * The way back to a guest with a complete frame at the stack pointer. Loops
 * until there is nothing to do with interrupts off.
 */
	.globl	ret_to_guest
ret_to_guest:
	xor	%ebp, %ebp
	mov	CPUINFO_percpu(%rsp), %rcx
	mov	CPUINFO_current(%rsp), %rdi
	cli
	cmpl	$0, PERCPU_softirq_pending(%rcx)
	jne	process_softirqs
	mov	VCPU_vcpu_info(%rdi), %rdx
	cmpb	$0, VCPU_nmi_pending(%rdi)
	jne	process_nmi
	cmpb	$0, VCPUINFO_upcall_mask(%rdx)
	jne	restore_all_guest
	cmpb	$0, VCPUINFO_upcall_pending(%rdx)
	jne	process_event

restore_all_guest:
	testl	$TRAP_syscall, UREGS_entry_vector(%rsp)
	jz	restore_iretq
	cmpw	$FLAT_RING3_CS64, UREGS_cs(%rsp)
	jne	restore_iretq
	mov	UREGS_rip(%rsp), %rdx
	sar	$47, %rdx
	jz	1f
	cmp	$-1, %rdx
	jne	restore_iretq
1:	RESTORE_ALL
	mov	UREGS_rip - UREGS_error_code(%rsp), %rcx
	mov	UREGS_rflags - UREGS_error_code(%rsp), %r11
	EXIT_SYSRET error, UREGS_error_code

restore_iretq:
	RESTORE_ALL
	add	$8, %rsp
.Liretq:
	EXIT_IRET
.Liretq_end:
	EXTABLE(.Liretq, .Liretq_end, iretq_failed)

process_softirqs:
	sti
	call	softirq_run
	jmp	ret_to_guest

process_nmi:
	mov	%rsp, %rsi
	sti
	call	pv_deliver_nmi
	jmp	ret_to_guest

process_event:
	mov	%rsp, %rsi
	sti
	call	pv_deliver_event
	jmp	ret_to_guest

/* The iretq above faulted on what the guest gave us: the stack holds rip .. ss, the registers are the guest's. */
	.globl	iretq_failed
iretq_failed:
	push	$0
	SAVE_ALL
	CALL_AND_RETURN pv_iret_failed

/* A fast path could not write to the guest kernel's stack. */
bounce_failed:
iret_failed:
	CLAC
	mov	%rsp, %rdi
	or	$STACK_SIZE - 1, %rdi
	lea	1 - CPUINFO_sizeof(%rdi), %rsp
	movl	$0, UREGS_entry_vector(%rsp)
	CALL_AND_RETURN pv_stack_failed

/* System call of a guest that has no handler for it: #UD, as on a processor without system calls. */
syscall_no_handler:
	mov	16(%rsp), %r11
	mov	(%rsp), %rcx
	SAVE_SYSCALL
	CALL_AND_RETURN pv_syscall_no_handler

/* SYSCALL in 32-bit user code. */
	GUEST_ENTRY entry_syscall32, SYSCALL32_HEAD
	push	%rcx
	SAVE_SYSCALL
	CALL_AND_RETURN pv_syscall32

/* SYSENTER: the processor tells neither where from nor which stack. */
	.globl	entry_sysenter
entry_sysenter:
	push	$FLAT_RING3_SS32
	push	$0
	pushfq
	GUEST_ENTRY entry_sysenter_saved, SYSENTER_HEAD
	push	$0
	CLAC
	SAVE_SYSCALL
	pushq	$2			/* NT, TF and the like do not stay in force here */
	popfq
	CALL_AND_RETURN pv_sysenter

/*
 * Page fault. Fast when guest code faulted on an address of its own, unless its
 * kernel wrote to a present page: that may be a page table.
 */
	.balign	64
	GUEST_ENTRY entry_page_fault, EXCEPTION_HEAD
	jz	page_fault_slow
	PUSH_SCRATCH
	mov	VCPU_pf_handler(%r11), %rcx
	mov	%cr2, %rdi
	test	%rcx, %rcx
	jz	page_fault_pop
	TEST_HV_ADDRESS %rdi, %rax
	jz	page_fault_pop
	testb	$PFEC_reserved, 40(%rsp)
	jnz	page_fault_pop
	mov	VCPU_vcpu_info(%r11), %rax
	cmpb	$0, VCPU_kernel_mode(%r11)
	jne	page_fault_in_kernel
	mov	%rdi, VCPUINFO_cr2(%rax)
	TO_KERNEL_MODE
	movzbl	VCPUINFO_upcall_mask(%rax), %edx
	cmpb	$0, VCPU_pf_masks(%r11)
	je	1f
	movb	$1, VCPUINFO_upcall_mask(%rax)
1:	STAC
.Lpf_store:
	BOUNCE_FRAME 48, 0
.Lpf_bounce_tail:
	mov	40(%rsp), %eax			/* error code */
	mov	%rax, -48(%rdi)
	mov	32(%rsp), %rax			/* r11 */
	mov	%rax, -56(%rdi)
	mov	24(%rsp), %rax			/* rcx */
	mov	%rax, -64(%rdi)
.Lpf_stored:
	CLAC
	EXTABLE(.Lpf_store, .Lpf_stored, bounce_failed)
	mov	CPUINFO_current - UREGS_error_code + 40(%rsp), %rax
	sub	$64, %rdi
	movzwl	VCPU_pf_cs(%rax), %eax
/*
 * To the handler at eax:rcx, its stack at rdi, the guest's rflags in r11. The code segment is the guest's
 * own choice, which only IRET can load.
 */
bounce_iret:
	and	$~EFLAGS_BOUNCE_CLEAR, %r11d
	mov	%rcx, 48(%rsp)
	mov	%rax, 56(%rsp)
	mov	%r11, 64(%rsp)
	mov	%rdi, 72(%rsp)
	movq	$FLAT_RING3_SS32, 80(%rsp)
	POP_SCRATCH
	add	$8, %rsp
.Lbounce_iretq:
	EXIT_IRET
.Lbounce_iretq_end:
	EXTABLE(.Lbounce_iretq, .Lbounce_iretq_end, iretq_failed)

/* The processor's view is that both guest modes are user mode; the guest's kernel is told the difference. */
page_fault_in_kernel:
	mov	40(%rsp), %edx
	and	$PFEC_write_protect, %edx
	cmp	$PFEC_write_protect, %edx
	je	page_fault_pop
	mov	72(%rsp), %rdi			/* its stack */
	and	$~15, %rdi
	/* The frame's lowest word decides: below our part nothing is canonical. */
	lea	-64(%rdi), %rcx
	TEST_HV_ADDRESS %rcx, %rdx
	jz	page_fault_pop
	mov	%cr2, %rdx
	mov	%rdx, VCPUINFO_cr2(%rax)
	mov	VCPU_pf_handler(%r11), %rcx
	andl	$~PFEC_user, 40(%rsp)
	movzbl	VCPUINFO_upcall_mask(%rax), %edx
	cmpb	$0, VCPU_pf_masks(%r11)
	je	1f
	movb	$1, VCPUINFO_upcall_mask(%rax)
1:	STAC
.Lpfk_store:
	BOUNCE_FRAME 48, 3
.Lpfk_stored:
	EXTABLE(.Lpfk_store, .Lpfk_stored, bounce_failed)
	jmp	.Lpf_bounce_tail

page_fault_pop:
	POP_SCRATCH
page_fault_slow:
	movl	$14, 4(%rsp)
	jmp	exception_common

/*
 * Exceptions without error code that are always the guest's own business. Fast when its user code
 * caused one that its kernel has a handler for.
 */
	.balign	64
	GUEST_ENTRY bounce_to_kernel, EXCEPTION_HEAD
	jz	exception_common
	PUSH_SCRATCH
	mov	44(%rsp), %edx			/* vector */
	cmpb	$0, VCPU_kernel_mode(%r11)
	jne	bounce_pop
	shl	$TRAPINFO_shift, %edx
	add	VCPU_trap_ctxt(%r11), %rdx
	mov	TRAPINFO_address(%rdx), %rcx
	test	%rcx, %rcx
	jz	bounce_pop
	TO_KERNEL_MODE
	mov	VCPU_vcpu_info(%r11), %rax
	testb	$TRAPINFO_masks, TRAPINFO_flags(%rdx)
	movzwl	TRAPINFO_cs(%rdx), %edx
	push	%rdx
	movzbl	VCPUINFO_upcall_mask(%rax), %edx
	jz	1f
	movb	$1, VCPUINFO_upcall_mask(%rax)
1:	STAC
.Lexc_store:
	BOUNCE_FRAME 56, 0
	mov	40(%rsp), %rax			/* r11 */
	mov	%rax, -48(%rdi)
	mov	32(%rsp), %rax			/* rcx */
	mov	%rax, -56(%rdi)
.Lexc_stored:
	CLAC
	EXTABLE(.Lexc_store, .Lexc_stored, bounce_failed)
	pop	%rax
	sub	$56, %rdi
	or	$3, %eax
	jmp	bounce_iret

bounce_pop:
	POP_SCRATCH
	jmp	exception_common

/* Exceptions: vector and error code, then C, or what tries to do without it. */
.macro	EXCEPTION name, vector, error_code, then=exception_common
	.balign	16
	.globl	\name
\name:
	.if	!\error_code
	push	$0
	.endif
	movl	$\vector, 4(%rsp)
	jmp	\then
.endm
	EXCEPTION entry_divide_error, 0, 0, bounce_to_kernel
	EXCEPTION entry_int3, 3, 0, bounce_to_kernel
	EXCEPTION entry_overflow, 4, 0, bounce_to_kernel
	EXCEPTION entry_bounds, 5, 0, bounce_to_kernel
	EXCEPTION entry_invalid_op, 6, 0
	EXCEPTION entry_no_device, 7, 0
	EXCEPTION entry_invalid_tss, 10, 1
	EXCEPTION entry_no_segment, 11, 1
	EXCEPTION entry_stack_segment, 12, 1
	EXCEPTION entry_general_protection, 13, 1
	EXCEPTION entry_coprocessor_error, 16, 0, bounce_to_kernel
	EXCEPTION entry_alignment_check, 17, 1
	EXCEPTION entry_simd_error, 19, 0, bounce_to_kernel
	EXCEPTION entry_int80, 0x80, 0

	.balign	16
	GUEST_ENTRY exception_common, SAVE_HEAD
	SAVE_TAIL
	CLAC
	mov	%rsp, %rdi
	call	do_exception
ret_from_exception:
	testb	$3, UREGS_cs(%rsp)
	jnz	ret_to_guest
	.globl	restore_all_hypervisor
restore_all_hypervisor:
	RESTORE_ALL
	add	$8, %rsp
	iretq

/* On stacks of their own: #DB, NMI, #DF, #MC may arrive with the guest's stack pointer in force. */
	EXCEPTION entry_debug, 1, 0, ist_common
	EXCEPTION entry_nmi, 2, 0, ist_common
	EXCEPTION entry_double_fault, 8, 1, ist_common
	EXCEPTION entry_machine_check, 18, 0, ist_common

ist_common:
	CLAC
	SAVE_ALL
	GUEST_ENTRY ist_saved, IST_HEAD
	jz	1f
	/* From a guest: on with the ordinary stack, which is empty. */
	mov	%rsp, %rsi
	mov	%rsp, %rdi
	or	$STACK_SIZE - 1, %rdi
	sub	$CPUINFO_sizeof - 1, %rdi
	mov	%rdi, %rbx
	mov	$UREGS_kernel_sizeof / 8, %ecx
	rep movsq
	mov	%rbx, %rsp
	mov	%rbx, %rdi
	/* The way out may be a sysret, and only an iret lets further NMIs in. */
	cmpb	$TRAP_NMI, UREGS_entry_vector(%rsp)
	jne	1f
	mov	%rsp, %rax
	push	$HV_DS
	push	%rax
	pushfq
	push	$HV_CS
	lea	1f(%rip), %rax
	push	%rax
	iretq
1:	call	do_exception
	GUEST_ENTRY ist_back, IST_HEAD
	jnz	ret_to_guest
	jmp	restore_all_hypervisor

/* External interrupts. */
	.balign	16
	.globl	irq_entry_stubs
irq_entry_stubs:
	.set	i, 0x20
	.rept	0x100 - 0x20
	.balign	16
	push	$0
	movl	$i, 4(%rsp)
	jmp	irq_common
	.set	i, i + 1
	.endr

	.balign	16
	GUEST_ENTRY irq_common, SAVE_HEAD
	SAVE_TAIL
	CLAC
	mov	%rsp, %rdi
	call	do_IRQ
	jmp	ret_from_exception

/* void reset_stack_and_jump(void (*fn)(void)). Interrupts may be on: the stack pointer never points into struct cpu_info. */
	.globl	reset_stack_and_jump
reset_stack_and_jump:
	mov	%rsp, %rax
	or	$STACK_SIZE - 1, %rax
	lea	1 - CPUINFO_sizeof(%rax), %rsp
	xor	%ebp, %ebp
	jmp	__x86_indirect_thunk_rdi

	.section .bss.page_aligned, "aw", @nobits
	.balign	4096
	.globl	syscall_slots, syscall_slots_end
syscall_slots:
	.skip	SYSCALL_SLOT_SIZE * NR_CPUS
syscall_slots_end:

	.section .note.GNU-stack, "", @progbits
