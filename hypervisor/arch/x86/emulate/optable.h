/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The opcode tables of the decoder: optable.c describes, decode.c interprets. */
#ifndef EMULATE_OPTABLE_H
#define EMULATE_OPTABLE_H

#include <asm/emulate.h>

#define OPF_MODRM	0x0001
#define OPF_BYTE	0x0002	/* operand of one byte */
#define OPF_IMM8	0x0004	/* followed by a sign-extended byte */
#define OPF_IMMZ	0x0008	/* followed by a word or double word, sign-extended */
#define OPF_MOFFS	0x0010	/* followed by an address */
#define OPF_MEM		0x0020	/* the r/m operand must be memory */
#define OPF_LOCK	0x0040	/* LOCK is allowed */
#define OPF_GROUP	0x0080	/* op: a group; the reg field of ModRM tells the operation */
#define OPF_STRING	0x0100
#define OPF_NO64	0x0200	/* no 8-byte operand: REX.W has no meaning */
#define OPF_NATIVE	0x0400	/* operand as wide as the mode; r/m is a register whatever mod is */
#define OPF_NOPFX	0x0800	/* 66, F2 and F3 make it something else */

struct op_desc {
	uint8_t op;		/* enum insn_op or enum op_group */
	uint16_t flags;
};

enum op_group { GROUP_1, GROUP_3, GROUP_4, GROUP_11, GROUP_7, GROUP_8, GROUP_9, NR_OP_GROUPS };

extern const struct op_desc op_one_byte[256], op_two_byte[256];
/* Operation by reg field; flags are added to those of the opcode. */
extern const struct op_desc op_groups[NR_OP_GROUPS][8];

#endif
