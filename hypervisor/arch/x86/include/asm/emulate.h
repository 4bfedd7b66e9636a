/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instruction decoder and executor: pure functions over bytes and registers. They know the
 * privileged instructions a PV kernel may trap on, and the instructions that write memory as
 * page-table code uses them; anything else is refused, and the guest takes its fault.
 */
#ifndef ASM_EMULATE_H
#define ASM_EMULATE_H

#include <tenon/types.h>
#include <asm/regs.h>

#define INSN_MAX_LEN	15

enum insn_op {
	INSN_NONE,
	/* Arithmetic on memory; the first eight in the order of their encoding. */
	INSN_ADD, INSN_OR, INSN_ADC, INSN_SBB, INSN_AND, INSN_SUB, INSN_XOR,
	INSN_NOT, INSN_NEG, INSN_INC, INSN_DEC, INSN_BTS, INSN_BTR, INSN_BTC,
	INSN_XADD, INSN_XCHG, INSN_CMPXCHG, INSN_CMPXCHG_PAIR,
	/* Plain stores. */
	INSN_MOV, INSN_STOS, INSN_MOVS,
	/* Privileged. */
	INSN_IN, INSN_OUT, INSN_INS, INSN_OUTS,
	INSN_MOV_FROM_CR, INSN_MOV_TO_CR, INSN_MOV_FROM_DR, INSN_MOV_TO_DR,
	INSN_CLTS, INSN_LMSW, INSN_INVLPG, INSN_RDMSR, INSN_WRMSR, INSN_RDTSC, INSN_RDTSCP,
	INSN_RDPMC, INSN_CPUID, INSN_XSETBV, INSN_WBINVD, INSN_INVD, INSN_HLT, INSN_CLI, INSN_STI,
};

enum insn_mode { INSN_MODE_32 = 4, INSN_MODE_64 = 8 };	/* of the code segment */
enum insn_seg { INSN_SEG_DEFAULT, INSN_SEG_ES, INSN_SEG_CS, INSN_SEG_SS, INSN_SEG_DS,
		INSN_SEG_FS, INSN_SEG_GS };

#define INSN_NO_REG	0xff
#define INSN_REG_RIP	16	/* as base: the address of the next instruction */

struct insn {
	uint8_t op;		/* enum insn_op */
	uint8_t len;		/* bytes, 1..15 */
	uint8_t mode;		/* enum insn_mode */
	uint8_t size;		/* operand bytes: 1, 2, 4, 8, 16 */
	uint8_t addr_size;	/* address bytes: 2, 4, 8 */
	uint8_t seg;		/* enum insn_seg, INSN_SEG_DEFAULT when there is no override */
	bool rex;		/* byte registers 4..7 are SPL..DIL, not AH..BH */
	bool lock;
	bool rep;		/* F2 or F3; of a string instruction */
	bool has_imm;
	bool mem;		/* the r/m operand is memory: base, index, scale, disp */
	uint8_t reg;		/* the reg operand; number of the control or debug register */
	uint8_t rm;		/* the r/m operand when it is a register */
	uint8_t base, index;	/* register numbers, INSN_NO_REG, or INSN_REG_RIP */
	uint8_t scale;		/* log2 */
	int64_t disp;
	uint64_t imm;		/* sign-extended; port number of in and out */
};

/*
 * Decodes the instruction at bytes, of which avail (at most 15 are looked at) can be read.
 * 0: *insn is filled. -EAGAIN: cut off, more bytes are needed. -EINVAL: not an instruction
 * that is known here, or not a valid one (also: longer than 15 bytes). Encodings: SDM 2.
 */
int insn_decode(const uint8_t *bytes, unsigned int avail, enum insn_mode mode, struct insn *insn);

static inline bool insn_is_mem_write(const struct insn *insn)
{
	return insn->op >= INSN_ADD && insn->op <= INSN_MOVS;
}

/* Does the result depend on what is in memory now? Else the store is blind. */
static inline bool insn_reads_dest(const struct insn *insn)
{
	return insn->op >= INSN_ADD && insn->op <= INSN_CMPXCHG_PAIR;
}

/* A general register by its encoding, 0..15; not for byte operands. */
extern const uint8_t insn_gpr_offset[16];
static inline uint64_t *insn_gpr(struct cpu_user_regs *regs, unsigned int nr)
{
	return (uint64_t *)((char *)regs + insn_gpr_offset[nr & 15]);
}
/* The low size bytes of register nr as the instruction names it (AH..BH included). */
uint64_t insn_read_reg(const struct insn *insn, const struct cpu_user_regs *regs,
		       unsigned int nr, unsigned int size);
/* Writes a register as the processor does: 4 bytes clear the upper half, 1 and 2 keep it. */
void insn_write_reg(const struct insn *insn, struct cpu_user_regs *regs, unsigned int nr,
		    unsigned int size, uint64_t val);

/* The arithmetic flags, and ZF, SF and PF of a result. */
#define INSN_FLAGS	0x8d5UL
uint64_t insn_result_flags(uint64_t res, unsigned int size);

/*
 * Offset in its segment of the memory operand that is written (64-bit: the linear address but
 * for an FS or GS base). For a bit instruction with a register the word that holds the bit.
 */
unsigned long insn_dest_offset(const struct insn *insn, const struct cpu_user_regs *regs);

struct insn_operands {
	uint64_t mem[2];	/* what the destination holds; [1]: upper half of 16 bytes */
	uint64_t src;		/* MOVS: what the source holds */
};

struct insn_result {
	uint64_t mem[2];	/* new contents */
	bool write;		/* store mem; false: a comparison failed, or a REP that is done */
	uint64_t rflags;
	unsigned int nr_regs;
	struct { uint8_t nr, size; uint64_t val; } reg[2];
};

/*
 * Computes what a memory-writing instruction does, changing nothing: the caller stores
 * result->mem (if .write) and then commits, or runs this again with newer operands.
 */
void insn_execute(const struct insn *insn, const struct cpu_user_regs *regs,
		  const struct insn_operands *ops, struct insn_result *result);
/*
 * Writes the result's registers and flags, moves string registers on by one element, and
 * rip past the instruction unless a REP has elements left.
 */
void insn_commit(const struct insn *insn, struct cpu_user_regs *regs,
		 const struct insn_result *result);
/* The part of insn_commit() that string instructions share, INS and OUTS too. */
void insn_string_step(const struct insn *insn, struct cpu_user_regs *regs, bool di, bool si);
/* A REP with a count of 0: nothing is to be done but to move on. */
bool insn_rep_done(const struct insn *insn, const struct cpu_user_regs *regs);
/* rip past the instruction; RF is cleared. */
void insn_advance(const struct insn *insn, struct cpu_user_regs *regs);

#endif
