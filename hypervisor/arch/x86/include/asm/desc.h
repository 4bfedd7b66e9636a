/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors and tables of the processor (SDM 3A chapters 3, 6, 7). */
#ifndef ASM_DESC_H
#define ASM_DESC_H

#include <tenon/types.h>

struct desc_ptr {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

struct idt_gate {
	uint16_t off_lo, sel;
	uint8_t ist, type;		/* type: 0x8e interrupt gate, | dpl << 5 */
	uint16_t off_mid;
	uint32_t off_hi, zero;
};

struct tss64 {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, iomap_base;
} __attribute__((packed, aligned(8)));

enum { IST_NONE, IST_DF, IST_NMI, IST_MCE, IST_DB };	/* stack pages 0 to 3 of each CPU's stack */

#define TRAP_DE	0
#define TRAP_DB	1
#define TRAP_NMI 2
#define TRAP_BP	3
#define TRAP_OF	4
#define TRAP_BR	5
#define TRAP_UD	6
#define TRAP_NM	7
#define TRAP_DF	8
#define TRAP_TS	10
#define TRAP_NP	11
#define TRAP_SS	12
#define TRAP_GP	13
#define TRAP_PF	14
#define TRAP_SPURIOUS 15
#define TRAP_MF	16
#define TRAP_AC	17
#define TRAP_MC	18
#define TRAP_XM	19

#define PFEC_present	0x01
#define PFEC_write	0x02
#define PFEC_user	0x04
#define PFEC_reserved	0x08
#define PFEC_fetch	0x10

extern struct idt_gate idt_table[256];
void idt_set_gate(unsigned int vector, void (*handler)(void), unsigned int dpl, unsigned int ist);
/*
 * Which stack external interrupts take from here on, IST_*; IST_NONE: the one in use. Another is wanted while code runs that
 * keeps values below the stack pointer (the red zone of the x86-64 ABI). Only before there are guests.
 */
void irq_gates_stack(unsigned int ist);
/* Handlers of external vectors, entry.S: one small stub each. */
extern char irq_entry_stubs[];		/* vectors 0x20..0xff, IRQ_STUB_SIZE bytes apart */
#define IRQ_STUB_SIZE	16
#define FIRST_IRQ_VECTOR 0x20
#define LEGACY_SYSCALL_VECTOR 0x80
#define HYPERCALL_VECTOR 0x82

#endif
