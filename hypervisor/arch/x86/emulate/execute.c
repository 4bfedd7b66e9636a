/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a decoded memory-writing instruction does: new memory contents, flags, registers. */
#include <tenon/lib.h>
#include <asm/emulate.h>
#include <asm/system.h>

#define FLAG_PF		0x004UL
#define FLAG_AF		0x010UL
#define FLAG_SF		0x080UL
#define FLAG_OF		0x800UL
_Static_assert(INSN_FLAGS == (X86_EFLAGS_CF | FLAG_PF | FLAG_AF | X86_EFLAGS_ZF | FLAG_SF | FLAG_OF), "CF to OF");

enum { REG_AX = 0, REG_CX = 1, REG_DX = 2, REG_BX = 3, REG_SI = 6, REG_DI = 7 };

const uint8_t insn_gpr_offset[16] = {
	offsetof(struct cpu_user_regs, rax), offsetof(struct cpu_user_regs, rcx),
	offsetof(struct cpu_user_regs, rdx), offsetof(struct cpu_user_regs, rbx),
	offsetof(struct cpu_user_regs, rsp), offsetof(struct cpu_user_regs, rbp),
	offsetof(struct cpu_user_regs, rsi), offsetof(struct cpu_user_regs, rdi),
	offsetof(struct cpu_user_regs, r8), offsetof(struct cpu_user_regs, r9),
	offsetof(struct cpu_user_regs, r10), offsetof(struct cpu_user_regs, r11),
	offsetof(struct cpu_user_regs, r12), offsetof(struct cpu_user_regs, r13),
	offsetof(struct cpu_user_regs, r14), offsetof(struct cpu_user_regs, r15),
};

static uint64_t size_mask(unsigned int size)
{
	return size >= 8 ? ~0ULL : (1ULL << (8 * size)) - 1;
}

static int64_t sign_extend(uint64_t v, unsigned int size)
{
	unsigned int shift = 64 - 8 * size;

	return (int64_t)(v << shift) >> shift;
}

static uint64_t read_gpr(const struct cpu_user_regs *regs, unsigned int nr)
{
	return *(const uint64_t *)((const char *)regs + insn_gpr_offset[nr & 15]);
}

static bool is_high_byte(const struct insn *insn, unsigned int nr, unsigned int size)
{
	return size == 1 && !insn->rex && nr >= 4 && nr < 8;
}

uint64_t insn_read_reg(const struct insn *insn, const struct cpu_user_regs *regs,
		       unsigned int nr, unsigned int size)
{
	if (is_high_byte(insn, nr, size))
		return (read_gpr(regs, nr - 4) >> 8) & 0xff;
	return read_gpr(regs, nr) & size_mask(size);
}

void insn_write_reg(const struct insn *insn, struct cpu_user_regs *regs, unsigned int nr,
		    unsigned int size, uint64_t val)
{
	bool high = is_high_byte(insn, nr, size);
	uint64_t *reg = insn_gpr(regs, high ? nr - 4 : nr);
	uint64_t mask = size_mask(size);

	if (high)
		*reg = (*reg & ~0xff00ULL) | ((val & 0xff) << 8);
	else if (size >= 4)
		*reg = val & mask;
	else
		*reg = (*reg & ~mask) | (val & mask);
}

unsigned long insn_dest_offset(const struct insn *insn, const struct cpu_user_regs *regs)
{
	bool bit_op = insn->op >= INSN_BTS && insn->op <= INSN_BTC;
	uint64_t off = (uint64_t)insn->disp;

	if (insn->op == INSN_STOS || insn->op == INSN_MOVS || insn->op == INSN_INS)
		return regs->rdi & size_mask(insn->addr_size);
	if (insn->base == INSN_REG_RIP)
		off += regs->rip + insn->len;
	else if (insn->base != INSN_NO_REG)
		off += read_gpr(regs, insn->base);
	if (insn->index != INSN_NO_REG)
		off += read_gpr(regs, insn->index) << insn->scale;
	if (bit_op && !insn->has_imm) {
		int64_t bit = sign_extend(read_gpr(regs, insn->reg), insn->size);

		off += (uint64_t)((bit >> 3) & -(int64_t)insn->size);
	}
	return off & size_mask(insn->addr_size);
}

uint64_t insn_result_flags(uint64_t res, unsigned int size)
{
	uint64_t fl = 0;

	res &= size_mask(size);
	if (!res)
		fl |= X86_EFLAGS_ZF;
	if (res >> (8 * size - 1))
		fl |= FLAG_SF;
	if (!__builtin_parity((unsigned int)(res & 0xff)))
		fl |= FLAG_PF;
	return fl;
}

/* carries: bit n is the carry (borrow) out of bit n. overflow: in the sign bit. */
static uint64_t flags_carry(uint64_t carries, uint64_t overflow, unsigned int size)
{
	unsigned int sign = 8 * size - 1;
	uint64_t fl = 0;

	if ((carries >> sign) & 1)
		fl |= X86_EFLAGS_CF;
	if ((carries >> 3) & 1)
		fl |= FLAG_AF;
	if ((overflow >> sign) & 1)
		fl |= FLAG_OF;
	return fl;
}

static uint64_t alu_add(uint64_t a, uint64_t b, unsigned int carry, unsigned int size, uint64_t *fl)
{
	uint64_t r = a + b + carry;

	*fl = insn_result_flags(r, size) |
	      flags_carry((a & b) | ((a | b) & ~r), (a ^ r) & (b ^ r), size);
	return r;
}

static uint64_t alu_sub(uint64_t a, uint64_t b, unsigned int carry, unsigned int size, uint64_t *fl)
{
	uint64_t r = a - b - carry;

	*fl = insn_result_flags(r, size) |
	      flags_carry((~a & b) | (~(a ^ b) & r), (a ^ b) & (a ^ r), size);
	return r;
}

static void set_arith_flags(struct insn_result *res, uint64_t fl, uint64_t which)
{
	res->rflags = (res->rflags & ~which) | (fl & which);
}

static void add_reg(struct insn_result *res, unsigned int nr, unsigned int size, uint64_t val)
{
	res->reg[res->nr_regs].nr = nr;
	res->reg[res->nr_regs].size = size;
	res->reg[res->nr_regs++].val = val;
}

static void exec_alu(const struct insn *insn, uint64_t mem, uint64_t src, struct insn_result *res)
{
	unsigned int size = insn->size, carry = res->rflags & X86_EFLAGS_CF;
	uint64_t fl = 0, which = INSN_FLAGS;

	switch (insn->op) {
	case INSN_ADD: mem = alu_add(mem, src, 0, size, &fl); break;
	case INSN_ADC: mem = alu_add(mem, src, carry, size, &fl); break;
	case INSN_SUB: mem = alu_sub(mem, src, 0, size, &fl); break;
	case INSN_SBB: mem = alu_sub(mem, src, carry, size, &fl); break;
	case INSN_NEG: mem = alu_sub(0, mem, 0, size, &fl); break;
	case INSN_OR: mem |= src; fl = insn_result_flags(mem, size); break;
	case INSN_AND: mem &= src; fl = insn_result_flags(mem, size); break;
	case INSN_XOR: mem ^= src; fl = insn_result_flags(mem, size); break;
	case INSN_NOT: mem = ~mem; which = 0; break;
	case INSN_INC:
		mem = alu_add(mem, 1, 0, size, &fl);
		which &= ~X86_EFLAGS_CF;
		break;
	case INSN_DEC:
		mem = alu_sub(mem, 1, 0, size, &fl);
		which &= ~X86_EFLAGS_CF;
		break;
	default:
		BUG();
	}
	res->mem[0] = mem;
	set_arith_flags(res, fl, which);
}

static void exec_bit(const struct insn *insn, uint64_t mem, uint64_t src, struct insn_result *res)
{
	uint64_t bit = 1ULL << (src & (8 * insn->size - 1));

	set_arith_flags(res, mem & bit ? X86_EFLAGS_CF : 0, X86_EFLAGS_CF);
	if (insn->op == INSN_BTS)
		res->mem[0] = mem | bit;
	else if (insn->op == INSN_BTR)
		res->mem[0] = mem & ~bit;
	else
		res->mem[0] = mem ^ bit;
}

static void exec_cmpxchg(const struct insn *insn, const struct cpu_user_regs *regs,
			 uint64_t mem, struct insn_result *res)
{
	uint64_t acc = read_gpr(regs, REG_AX), fl;

	alu_sub(acc, mem, 0, insn->size, &fl);
	set_arith_flags(res, fl, INSN_FLAGS);
	res->write = fl & X86_EFLAGS_ZF;
	if (res->write)
		res->mem[0] = insn_read_reg(insn, regs, insn->reg, insn->size);
	else
		add_reg(res, REG_AX, insn->size, mem);
}

/* CMPXCHG8B and 16B: DX:AX against memory, then CX:BX into it. */
static void exec_cmpxchg_pair(const struct insn *insn, const struct cpu_user_regs *regs,
			      const uint64_t *mem, struct insn_result *res)
{
	unsigned int half = insn->size / 2;
	uint64_t mask = size_mask(half);
	uint64_t lo = mem[0] & mask, hi = half == 8 ? mem[1] : mem[0] >> 32;

	res->write = (regs->rax & mask) == lo && (regs->rdx & mask) == hi;
	set_arith_flags(res, res->write ? X86_EFLAGS_ZF : 0, X86_EFLAGS_ZF);
	if (!res->write) {
		add_reg(res, REG_AX, half, lo);
		add_reg(res, REG_DX, half, hi);
	} else if (half == 8) {
		res->mem[0] = regs->rbx;
		res->mem[1] = regs->rcx;
	} else {
		res->mem[0] = (regs->rbx & mask) | (regs->rcx << 32);
	}
}

void insn_execute(const struct insn *insn, const struct cpu_user_regs *regs,
		  const struct insn_operands *ops, struct insn_result *res)
{
	uint64_t mem = ops->mem[0] & size_mask(insn->size);
	uint64_t src = insn->has_imm ? insn->imm & size_mask(insn->size) :
		       insn_read_reg(insn, regs, insn->reg, insn->size);

	*res = (struct insn_result){ .write = !insn_rep_done(insn, regs), .rflags = regs->rflags };
	switch (insn->op) {
	case INSN_MOV:
		res->mem[0] = src;
		break;
	case INSN_STOS:
		res->mem[0] = read_gpr(regs, REG_AX);
		break;
	case INSN_MOVS:
		res->mem[0] = ops->src;
		break;
	case INSN_XCHG:
		res->mem[0] = src;
		add_reg(res, insn->reg, insn->size, mem);
		break;
	case INSN_XADD: {
		uint64_t fl;

		res->mem[0] = alu_add(mem, src, 0, insn->size, &fl);
		set_arith_flags(res, fl, INSN_FLAGS);
		add_reg(res, insn->reg, insn->size, mem);
		break;
	}
	case INSN_BTS:
	case INSN_BTR:
	case INSN_BTC:
		exec_bit(insn, mem, src, res);
		break;
	case INSN_CMPXCHG:
		exec_cmpxchg(insn, regs, mem, res);
		break;
	case INSN_CMPXCHG_PAIR:
		exec_cmpxchg_pair(insn, regs, ops->mem, res);
		break;
	default:
		exec_alu(insn, mem, src, res);
		break;
	}
	res->mem[0] &= size_mask(insn->size);
}

bool insn_rep_done(const struct insn *insn, const struct cpu_user_regs *regs)
{
	return insn->rep && !(regs->rcx & size_mask(insn->addr_size));
}

void insn_advance(const struct insn *insn, struct cpu_user_regs *regs)
{
	regs->rip += insn->len;
	if (insn->mode == INSN_MODE_32)
		regs->rip &= 0xffffffff;
	regs->rflags &= ~X86_EFLAGS_RF;
}

static void step_index(const struct insn *insn, struct cpu_user_regs *regs, unsigned int nr)
{
	uint64_t step = insn->size;

	if (regs->rflags & X86_EFLAGS_DF)
		step = 0 - step;
	insn_write_reg(insn, regs, nr, insn->addr_size, read_gpr(regs, nr) + step);
}

void insn_string_step(const struct insn *insn, struct cpu_user_regs *regs, bool di, bool si)
{
	if (insn_rep_done(insn, regs)) {
		insn_advance(insn, regs);
		return;
	}
	if (di)
		step_index(insn, regs, REG_DI);
	if (si)
		step_index(insn, regs, REG_SI);
	if (insn->rep)
		insn_write_reg(insn, regs, REG_CX, insn->addr_size, regs->rcx - 1);
	if (!insn->rep || insn_rep_done(insn, regs))
		insn_advance(insn, regs);
}

void insn_commit(const struct insn *insn, struct cpu_user_regs *regs,
		 const struct insn_result *res)
{
	for (unsigned int i = 0; i < res->nr_regs; i++)
		insn_write_reg(insn, regs, res->reg[i].nr, res->reg[i].size, res->reg[i].val);
	regs->rflags = res->rflags;
	if (insn->op == INSN_STOS || insn->op == INSN_MOVS)
		insn_string_step(insn, regs, true, insn->op == INSN_MOVS);
	else
		insn_advance(insn, regs);
}
