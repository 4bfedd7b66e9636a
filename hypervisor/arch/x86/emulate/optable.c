/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opcode tables (SDM 2D appendix A). A row that is not here is not emulated. */
#include "optable.h"

#define RMW	(OPF_MODRM | OPF_MEM | OPF_LOCK)
#define STORE	(OPF_MODRM | OPF_MEM)
#define STRING	OPF_STRING
#define PORT	OPF_NO64

#define ALU(opcode, operation) \
	[opcode] = { operation, RMW | OPF_BYTE }, \
	[(opcode) + 1] = { operation, RMW }

const struct op_desc op_one_byte[256] = {
	ALU(0x00, INSN_ADD),
	ALU(0x08, INSN_OR),
	ALU(0x10, INSN_ADC),
	ALU(0x18, INSN_SBB),
	ALU(0x20, INSN_AND),
	ALU(0x28, INSN_SUB),
	ALU(0x30, INSN_XOR),
	[0x6c] = { INSN_INS, STRING | OPF_BYTE },
	[0x6d] = { INSN_INS, STRING | OPF_NO64 },
	[0x6e] = { INSN_OUTS, STRING | OPF_BYTE },
	[0x6f] = { INSN_OUTS, STRING | OPF_NO64 },
	[0x80] = { GROUP_1, RMW | OPF_GROUP | OPF_BYTE | OPF_IMM8 },
	[0x81] = { GROUP_1, RMW | OPF_GROUP | OPF_IMMZ },
	[0x83] = { GROUP_1, RMW | OPF_GROUP | OPF_IMM8 },
	[0x86] = { INSN_XCHG, RMW | OPF_BYTE },
	[0x87] = { INSN_XCHG, RMW },
	[0x88] = { INSN_MOV, STORE | OPF_BYTE },
	[0x89] = { INSN_MOV, STORE },
	[0xa2] = { INSN_MOV, OPF_MOFFS | OPF_BYTE },
	[0xa3] = { INSN_MOV, OPF_MOFFS },
	[0xa4] = { INSN_MOVS, STRING | OPF_BYTE },
	[0xa5] = { INSN_MOVS, STRING },
	[0xaa] = { INSN_STOS, STRING | OPF_BYTE },
	[0xab] = { INSN_STOS, STRING },
	[0xc6] = { GROUP_11, STORE | OPF_GROUP | OPF_BYTE | OPF_IMM8 },
	[0xc7] = { GROUP_11, STORE | OPF_GROUP | OPF_IMMZ },
	[0xe4] = { INSN_IN, PORT | OPF_BYTE | OPF_IMM8 },
	[0xe5] = { INSN_IN, PORT | OPF_IMM8 },
	[0xe6] = { INSN_OUT, PORT | OPF_BYTE | OPF_IMM8 },
	[0xe7] = { INSN_OUT, PORT | OPF_IMM8 },
	[0xec] = { INSN_IN, PORT | OPF_BYTE },
	[0xed] = { INSN_IN, PORT },
	[0xee] = { INSN_OUT, PORT | OPF_BYTE },
	[0xef] = { INSN_OUT, PORT },
	[0xf4] = { INSN_HLT, 0 },
	[0xf6] = { GROUP_3, RMW | OPF_GROUP | OPF_BYTE },
	[0xf7] = { GROUP_3, RMW | OPF_GROUP },
	[0xfa] = { INSN_CLI, 0 },
	[0xfb] = { INSN_STI, 0 },
	[0xfe] = { GROUP_4, RMW | OPF_GROUP | OPF_BYTE },
	[0xff] = { GROUP_4, RMW | OPF_GROUP },
};

const struct op_desc op_two_byte[256] = {
	[0x01] = { GROUP_7, OPF_MODRM | OPF_GROUP | OPF_NOPFX },
	[0x06] = { INSN_CLTS, 0 },
	[0x08] = { INSN_INVD, 0 },
	[0x09] = { INSN_WBINVD, 0 },
	[0x20] = { INSN_MOV_FROM_CR, OPF_MODRM | OPF_NATIVE },
	[0x21] = { INSN_MOV_FROM_DR, OPF_MODRM | OPF_NATIVE },
	[0x22] = { INSN_MOV_TO_CR, OPF_MODRM | OPF_NATIVE },
	[0x23] = { INSN_MOV_TO_DR, OPF_MODRM | OPF_NATIVE },
	[0x30] = { INSN_WRMSR, 0 },
	[0x31] = { INSN_RDTSC, 0 },
	[0x32] = { INSN_RDMSR, 0 },
	[0x33] = { INSN_RDPMC, 0 },
	[0xa2] = { INSN_CPUID, 0 },
	[0xab] = { INSN_BTS, RMW },
	[0xb0] = { INSN_CMPXCHG, RMW | OPF_BYTE },
	[0xb1] = { INSN_CMPXCHG, RMW },
	[0xb3] = { INSN_BTR, RMW },
	[0xba] = { GROUP_8, RMW | OPF_GROUP | OPF_IMM8 },
	[0xbb] = { INSN_BTC, RMW },
	[0xc0] = { INSN_XADD, RMW | OPF_BYTE },
	[0xc1] = { INSN_XADD, RMW },
	[0xc3] = { INSN_MOV, STORE | OPF_NOPFX },	/* MOVNTI */
	[0xc7] = { GROUP_9, RMW | OPF_GROUP | OPF_NOPFX },
};

const struct op_desc op_groups[NR_OP_GROUPS][8] = {
	[GROUP_1] = {
		{ INSN_ADD, 0 }, { INSN_OR, 0 }, { INSN_ADC, 0 }, { INSN_SBB, 0 },
		{ INSN_AND, 0 }, { INSN_SUB, 0 }, { INSN_XOR, 0 }, { INSN_NONE, 0 },
	},
	[GROUP_3] = { [2] = { INSN_NOT, 0 }, [3] = { INSN_NEG, 0 } },
	[GROUP_4] = { [0] = { INSN_INC, 0 }, [1] = { INSN_DEC, 0 } },
	[GROUP_11] = { [0] = { INSN_MOV, 0 } },
	[GROUP_7] = {
		[2] = { INSN_XSETBV, 0 },	/* 0f 01 d1 only, see decode.c */
		[6] = { INSN_LMSW, 0 },
		[7] = { INSN_INVLPG, 0 },	/* memory; 0f 01 f9 is RDTSCP */
	},
	[GROUP_8] = { [5] = { INSN_BTS, 0 }, [6] = { INSN_BTR, 0 }, [7] = { INSN_BTC, 0 } },
	[GROUP_9] = { [1] = { INSN_CMPXCHG_PAIR, 0 } },
};
