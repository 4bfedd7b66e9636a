/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hypervisor that does not work: GRUB takes it for one (multiboot 2), it says so on the first serial line, and then resets the
 * machine as a panic does, or hangs (-DHANGS).
 */
	.section .multiboot, "a"
	.balign 8
header:
	.long 0xe85250d6, 0, header_end - header, -(0xe85250d6 + (header_end - header))
	.short 0, 0
	.long 8
header_end:

	.text
	.code32
	.globl _start
_start:
	cli
	mov $text, %esi
1:	lodsb
	test %al, %al
	jz 3f
	mov %al, %bl
	mov $0x3fd, %dx
2:	in %dx, %al
	test $0x20, %al
	jz 2b
	mov $0x3f8, %dx
	mov %bl, %al
	out %al, %dx
	jmp 1b
3:
#ifdef HANGS
	hlt
	jmp 3b
text:	.asciz "\r\n@@broken hangs\r\n"
#else
	mov $0xcf9, %dx
	mov $6, %al
	out %al, %dx
	jmp 3b
text:	.asciz "\r\n@@broken panics\r\n"
#endif
	.section .note.GNU-stack, "", @progbits
