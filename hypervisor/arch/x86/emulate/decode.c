/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instruction bytes to struct insn. The bytes are a guest's: nothing is taken on trust. */
#include <tenon/errno.h>
#include "optable.h"

struct decoder {
	const uint8_t *bytes;
	unsigned int pos, avail;
	bool cut_off;			/* a byte at or after avail was asked for */
	bool opsize_pfx, addrsize_pfx, rep_pfx;
	uint8_t rex;
	struct insn *insn;
};

#define REX_B	1
#define REX_X	2
#define REX_R	4
#define REX_W	8

/* The next byte; 0 when there is none, which the end of the decoder turns into an error. */
static uint8_t next_byte(struct decoder *dec)
{
	if (dec->pos >= dec->avail) {
		dec->cut_off = true;
		return 0;
	}
	return dec->bytes[dec->pos++];
}

/* A little-endian number of up to 8 bytes, sign-extended. */
static int64_t next_signed(struct decoder *dec, unsigned int bytes)
{
	unsigned int shift = 64 - 8 * bytes;
	uint64_t v = 0;

	for (unsigned int i = 0; i < bytes; i++)
		v |= (uint64_t)next_byte(dec) << (8 * i);
	return (int64_t)(v << shift) >> shift;
}

/* Long mode ignores the overrides whose bases it ignores: an FS or GS before one still holds. */
static void take_segment(struct insn *insn, enum insn_seg seg)
{
	if (insn->mode != INSN_MODE_64 || seg >= INSN_SEG_FS)
		insn->seg = seg;
}

/* True if byte was a prefix, and is noted. A REX counts only directly before the opcode. */
static bool take_prefix(struct decoder *dec, uint8_t byte)
{
	struct insn *insn = dec->insn;

	if (insn->mode == INSN_MODE_64 && (byte & 0xf0) == 0x40) {
		dec->rex = byte;
		return true;
	}
	switch (byte) {
	case 0x66: dec->opsize_pfx = true; break;
	case 0x67: dec->addrsize_pfx = true; break;
	case 0xf0: insn->lock = true; break;
	case 0xf2: case 0xf3: dec->rep_pfx = true; break;
	case 0x26: take_segment(insn, INSN_SEG_ES); break;
	case 0x2e: take_segment(insn, INSN_SEG_CS); break;
	case 0x36: take_segment(insn, INSN_SEG_SS); break;
	case 0x3e: take_segment(insn, INSN_SEG_DS); break;
	case 0x64: take_segment(insn, INSN_SEG_FS); break;
	case 0x65: take_segment(insn, INSN_SEG_GS); break;
	default: return false;
	}
	dec->rex = 0;
	return true;
}

/* The SIB byte after a ModRM with r/m 4. Returns whether a double word follows for the base. */
static bool decode_sib(struct decoder *dec, unsigned int mod)
{
	struct insn *insn = dec->insn;
	uint8_t sib = next_byte(dec);
	unsigned int index = ((sib >> 3) & 7) | (dec->rex & REX_X ? 8 : 0);

	insn->scale = sib >> 6;
	if (index != 4)
		insn->index = index;
	if ((sib & 7) == 5 && mod == 0)
		return true;
	insn->base = (sib & 7) | (dec->rex & REX_B ? 8 : 0);
	return false;
}

static int decode_mem_operand(struct decoder *dec, unsigned int mod, unsigned int rm)
{
	struct insn *insn = dec->insn;
	bool disp32 = mod == 2;

	if (insn->addr_size == 2)
		return -EINVAL;		/* 16-bit addressing: no PV kernel's page-table code */
	insn->mem = true;
	if (rm == 4) {
		disp32 |= decode_sib(dec, mod);
	} else if (rm == 5 && mod == 0) {
		disp32 = true;
		if (insn->mode == INSN_MODE_64)
			insn->base = INSN_REG_RIP;
	} else {
		insn->base = rm | (dec->rex & REX_B ? 8 : 0);
	}
	if (mod == 1)
		insn->disp = next_signed(dec, 1);
	else if (disp32)
		insn->disp = next_signed(dec, 4);
	return 0;
}

/* 0f 01: memory forms by reg field; the register forms are operations of their own. */
static int fix_group7(struct insn *insn, uint8_t modrm)
{
	if (insn->mem)
		return insn->op == INSN_LMSW || insn->op == INSN_INVLPG ? 0 : -EINVAL;
	if (modrm == 0xd1) {
		insn->op = INSN_XSETBV;
		return 0;
	}
	if (modrm == 0xf9) {
		insn->op = INSN_RDTSCP;
		return 0;
	}
	return insn->op == INSN_LMSW ? 0 : -EINVAL;
}

static int decode_modrm(struct decoder *dec, struct op_desc *desc)
{
	struct insn *insn = dec->insn;
	uint8_t modrm = next_byte(dec);
	unsigned int mod = modrm >> 6, group = desc->op;
	int rc = 0;

	insn->reg = (modrm >> 3) & 7;
	if (desc->flags & OPF_GROUP) {
		desc->op = op_groups[group][insn->reg].op;
		desc->flags |= op_groups[group][insn->reg].flags;
	}
	insn->op = desc->op;
	if (dec->rex & REX_R)
		insn->reg |= 8;
	if (mod == 3 || (desc->flags & OPF_NATIVE))
		insn->rm = (modrm & 7) | (dec->rex & REX_B ? 8 : 0);
	else
		rc = decode_mem_operand(dec, mod, modrm & 7);
	if (!rc && (desc->flags & OPF_MEM) && !insn->mem)
		rc = -EINVAL;
	if (!rc && (desc->flags & OPF_GROUP) && group == GROUP_7)
		rc = fix_group7(insn, modrm);
	return rc;
}

static unsigned int operand_size(const struct decoder *dec, unsigned int flags)
{
	if (dec->insn->op == INSN_CMPXCHG_PAIR)
		return dec->rex & REX_W ? 16 : 8;
	if (flags & OPF_BYTE)
		return 1;
	if (flags & OPF_NATIVE)
		return dec->insn->mode;
	if ((dec->rex & REX_W) && !(flags & OPF_NO64))
		return 8;
	return dec->opsize_pfx ? 2 : 4;
}

static void decode_immediate(struct decoder *dec, unsigned int flags)
{
	struct insn *insn = dec->insn;

	if (flags & OPF_MOFFS) {
		insn->mem = true;
		insn->disp = next_signed(dec, insn->addr_size);
	}
	if (flags & OPF_IMM8)
		insn->imm = (uint64_t)next_signed(dec, 1);
	else if (flags & OPF_IMMZ)
		insn->imm = (uint64_t)next_signed(dec, insn->size == 2 ? 2 : 4);
	insn->has_imm = flags & (OPF_IMM8 | OPF_IMMZ);
	if (insn->op == INSN_IN || insn->op == INSN_OUT)
		insn->imm &= 0xff;
}

static const struct op_desc *decode_opcode(struct decoder *dec)
{
	uint8_t byte;

	do {
		byte = next_byte(dec);
	} while (take_prefix(dec, byte));
	return byte == 0x0f ? &op_two_byte[next_byte(dec)] : &op_one_byte[byte];
}

static void set_address_size(struct decoder *dec)
{
	struct insn *insn = dec->insn;

	insn->addr_size = insn->mode;
	if (dec->addrsize_pfx)
		insn->addr_size /= 2;
}

static int decode_body(struct decoder *dec)
{
	struct insn *insn = dec->insn;
	struct op_desc desc = *decode_opcode(dec);
	int rc;

	insn->op = desc.op;
	insn->rex = dec->rex;
	set_address_size(dec);
	if (!desc.flags && desc.op == INSN_NONE)
		return -EINVAL;
	if (desc.flags & OPF_MODRM) {
		rc = decode_modrm(dec, &desc);
		if (rc)
			return rc;
	}
	if (insn->op == INSN_NONE || (insn->lock && !(desc.flags & OPF_LOCK)))
		return -EINVAL;
	if ((desc.flags & OPF_NOPFX) && (dec->rep_pfx || dec->opsize_pfx))
		return -EINVAL;
	insn->size = operand_size(dec, desc.flags);
	insn->rep = (desc.flags & OPF_STRING) && dec->rep_pfx;
	decode_immediate(dec, desc.flags);
	return 0;
}

int insn_decode(const uint8_t *bytes, unsigned int avail, enum insn_mode mode, struct insn *insn)
{
	struct decoder dec = {
		.bytes = bytes,
		.avail = avail < INSN_MAX_LEN ? avail : INSN_MAX_LEN,
		.insn = insn,
	};
	int rc;

	*insn = (struct insn){ .mode = mode, .base = INSN_NO_REG, .index = INSN_NO_REG };
	rc = decode_body(&dec);
	if (dec.cut_off)
		return avail < INSN_MAX_LEN ? -EAGAIN : -EINVAL;
	insn->len = dec.pos;
	return rc;
}
