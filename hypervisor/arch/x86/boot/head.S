/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the boot loader's 32-bit protected mode to C in the hypervisor's half of
 * the address space. The image is a flat binary: its first page carries the
 * multiboot 1 and 2 headers, both with explicit load addresses.
 */
#include <asm/layout.h>

#define PHYS(sym)	(sym - HV_IMAGE_VIRT)

#define MB1_MAGIC	0x1badb002
#define MB1_FLAGS	0x00010003	/* load addresses given; page-aligned modules; memory info */
#define MB2_MAGIC	0xe85250d6

#define CR0_PE		0x00000001
#define CR0_MP		0x00000002
#define CR0_ET		0x00000010
#define CR0_NE		0x00000020
#define CR0_WP		0x00010000
#define CR0_PG		0x80000000
#define CR4_PAE		0x20
#define CR4_PGE		0x80
#define MSR_EFER	0xc0000080
#define EFER_SCE_LME	0x101
#define EFER_NXE	0x800

#define PTE_TABLE	0x23		/* present, writable, accessed */
#define PTE_2M		0x1e3		/* present, writable, accessed, dirty, large, global */

	.section .text.head, "ax"
	.code32
	.globl image_entry
image_entry:
	jmp	start32

	.balign	8
mb1_header:
	.long	MB1_MAGIC
	.long	MB1_FLAGS
	.long	-(MB1_MAGIC + MB1_FLAGS)
	.long	PHYS(mb1_header)
	.long	PHYS(image_start)
	.long	PHYS(image_data_end)
	.long	PHYS(image_end)
	.long	PHYS(image_entry)

	.balign	8
mb2_header:
	.long	MB2_MAGIC
	.long	0			/* i386 protected mode */
	.long	mb2_header_end - mb2_header
	.long	0x100000000 - MB2_MAGIC - (mb2_header_end - mb2_header)
	/* load addresses */
	.short	2, 0
	.long	24
	.long	PHYS(mb2_header)
	.long	PHYS(image_start)
	.long	PHYS(image_data_end)
	.long	PHYS(image_end)
	.balign	8
	/* entry address */
	.short	3, 0
	.long	12
	.long	PHYS(image_entry)
	.balign	8
	/* modules page-aligned */
	.short	6, 0
	.long	8
	/* information wanted if there is any: command line, modules, memory map, frame buffer, RSDPs */
	.short	1, 1
	.long	8 + 7 * 4
	.long	1, 3, 6, 8, 12, 14, 15
	.balign	8
	/* optional: text is understood; a frame buffer of any size and depth, too */
	.short	4, 1
	.long	12
	.long	2
	.balign	8
	.short	5, 1
	.long	20
	.long	0, 0, 0
	.balign	8
	.short	0, 0
	.long	8
mb2_header_end:

start32:
	cld
	cli
	mov	%eax, %ebp		/* loader's magic */
	mov	%ebx, %edi		/* its information */
	lgdt	PHYS(boot_gdt_ptr)
	mov	$PHYS(cpu0_stack) + STACK_SIZE, %esp
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs

	mov	$0x80000000, %eax
	cpuid
	cmp	$0x80000001, %eax
	jb	no_long_mode
	mov	$0x80000001, %eax
	cpuid
	bt	$29, %edx
	jnc	no_long_mode
	mov	%edx, PHYS(boot_efeat)

	call	fill_tables
	call	enable_long_mode
	ljmp	$0x08, $PHYS(start64)

no_long_mode:
	mov	$PHYS(msg_no_long_mode), %esi
1:	lodsb
	test	%al, %al
	jz	2f
	mov	%al, %bl
	mov	$0x3f8 + 5, %dx
	mov	$0x10000, %ecx
3:	in	%dx, %al		/* room in the transmitter? */
	test	$0x20, %al
	loopz	3b
	mov	$0x3f8, %dx
	mov	%bl, %al
	out	%al, %dx
	jmp	1b
2:	hlt
	jmp	2b

/*
 * The low 4 GiB in the direct map; the first 16 MiB, where the image is, at the image's address and, to get
 * there, one to one. The first 2 MiB of these stay out: a null pointer is to fault.
 */
fill_tables:
	mov	$PHYS(boot_l2_low), %ebx
	mov	$PTE_2M, %eax
	xor	%ecx, %ecx
1:	mov	%eax, (%ebx,%ecx,8)
	add	$0x200000, %eax
	inc	%ecx
	cmp	$2048, %ecx
	jb	1b

	mov	$PHYS(boot_l2_low) + PTE_TABLE, %eax
	xor	%ecx, %ecx
1:	mov	%eax, PHYS(boot_l3_low)(,%ecx,8)
	add	$0x1000, %eax
	inc	%ecx
	cmp	$4, %ecx
	jb	1b

	mov	$PTE_2M + HV_LOAD_PHYS, %eax
	mov	$1, %ecx
1:	mov	%eax, PHYS(image_l2)(,%ecx,8)
	add	$0x200000, %eax
	inc	%ecx
	cmp	$8, %ecx
	jb	1b
	movl	$PHYS(image_l2) + PTE_TABLE, PHYS(hv_misc_l3) + ((HV_IMAGE_VIRT >> 30) & 511) * 8

	movl	$PHYS(image_l2) + PTE_TABLE, PHYS(identity_l3)
	movl	$PHYS(identity_l3) + PTE_TABLE, PHYS(idle_l4)
	movl	$PHYS(boot_l3_low) + PTE_TABLE, PHYS(idle_l4) + ((DIRECTMAP_VIRT_START >> 39) & 511) * 8
	movl	$PHYS(hv_misc_l3) + PTE_TABLE, PHYS(idle_l4) + HV_MISC_SLOT * 8
	ret

/* Shared with the application processors' start (trampoline.S): clobbers eax, ecx, edx. */
	.globl enable_long_mode
enable_long_mode:
	mov	$CR4_PAE | CR4_PGE, %eax
	mov	%eax, %cr4
	mov	$PHYS(idle_l4), %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_SCE_LME, %eax
	btl	$20, PHYS(boot_efeat)
	jnc	1f
	or	$EFER_NXE, %eax
1:	wrmsr
	mov	$CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_PG, %eax
	mov	%eax, %cr0
	ret

	.code64
start64:
	movabs	$1f, %rax
	jmp	*%rax
1:	lgdt	boot_gdt_ptr64(%rip)
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	lea	cpu0_stack + STACK_SIZE(%rip), %rsp
	sub	$CPUINFO_SPACE, %rsp
	mov	%edi, %esi
	mov	%ebp, %edi
	xor	%ebp, %ebp
	call	arch_start
	ud2

	.section .rodata
	.balign	8
	.globl boot_gdt
boot_gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* 0x08: 64-bit code */
	.quad	0x00cf93000000ffff	/* 0x10: data */
	.quad	0x00cf93000000ffff	/* 0x18: 32-bit data */
	.quad	0x00cf9b000000ffff	/* 0x20: 32-bit code */
boot_gdt_end:
	.balign	4
	.globl boot_gdt_ptr
boot_gdt_ptr:
	.short	boot_gdt_end - boot_gdt - 1
	.long	PHYS(boot_gdt)
	.balign	8
boot_gdt_ptr64:
	.short	boot_gdt_end - boot_gdt - 1
	.quad	boot_gdt
msg_no_long_mode:
	.asciz	"Tenon: this processor has no 64-bit mode: nothing can be started.\r\n"

	.section .data, "aw"
	.balign	4
	.globl boot_efeat
boot_efeat:
	.long	0

	/* Gone with init memory: mm/image.c. */
	.section .init.data, "aw"
	.balign	4096
identity_l3:
	.skip	4096

	.section .bss.page_aligned, "aw", @nobits
	.balign	STACK_SIZE
	.globl cpu0_stack
cpu0_stack:
	.skip	STACK_SIZE
	.balign	4096
	.globl idle_l4
idle_l4:
	.skip	4096
	.globl hv_misc_l3
hv_misc_l3:
	.skip	4096
	.globl image_l2
image_l2:
	.skip	4096
	.globl boot_l3_low
boot_l3_low:
	.skip	4096
	.globl boot_l2_low
boot_l2_low:
	.skip	4 * 4096

	.section .note.GNU-stack, "", @progbits
