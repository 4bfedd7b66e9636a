/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Write faults of a guest's kernel on pages that it has mapped read-only: entries of level 1 tables, which it may
 * write like memory although each is checked, if it has switched that assist on, and device memory that only we
 * write to. Dom0 may do the former in any case.
 */
#include <asm/emulate.h>
#include <asm/extable.h>
#include <asm/pci.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <tenon/guest_access.h>
#include "page_type.h"
#include "../pv/priv_emul.h"

#define LAR_LONG	(1U << 21)	/* the L bit of a code segment, SDM 2A "LAR" */

/*
 * What a kernel nearly always uses, with an operand that is a base register and a displacement: 8-byte MOV of a register
 * or immediate number, XCHG, LOCK CMPXCHG, and LOCK AND of an immediate byte with the entry's first.
 */
enum simple_op { SIMPLE_MOV, SIMPLE_XCHG, SIMPLE_CMPXCHG, SIMPLE_AND_BYTE };
struct simple_write {
	enum simple_op op;
	uint64_t value;
	uint64_t *reg;			/* XCHG: the register */
	unsigned int len;
};

static bool in_64bit_code(const struct cpu_user_regs *regs)
{
	uint32_t rights = 0;

	if (likely(regs->cs == FLAT_RING3_CS64))
		return true;
	/* The page of an LDT may be gone since the segment was loaded: then there is nothing to be read. */
	__asm__ volatile("1:	lar %1, %0\n2:\n" EXTABLE_ASM("1b", "2b", "2b")
			 : "+r"(rights) : "r"((uint32_t)regs->cs) : "cc");
	return rights & LAR_LONG;
}

/* The bytes at rip, read once; how many of INSN_MAX_LEN can be read. */
static always_inline unsigned int fetch(const struct cpu_user_regs *regs, uint8_t *bytes)
{
	unsigned int n = PAGE_SIZE - PAGE_OFFSET(regs->rip);

	if (likely(!copy_from_guest_va(bytes, regs->rip, INSN_MAX_LEN + 1)))
		return INSN_MAX_LEN;
	return n < INSN_MAX_LEN && !copy_from_guest_va(bytes, regs->rip, n) ? n : 0;
}

static always_inline int32_t load_s32(const uint8_t *p)
{
	int32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* What follows ModRM and its displacement (SDM 2A 2.1); NULL if it is not such an operand, or not at addr. */
static always_inline const uint8_t *operand_at(const uint8_t *modrm, unsigned int rex, struct cpu_user_regs *regs,
					       unsigned long addr)
{
	unsigned int mod = *modrm >> 6, rm = *modrm & 7;
	const uint8_t *p = modrm + 1;
	long disp = 0;

	if (mod == 3 || rm == 4 || (mod == 0 && rm == 5))
		return NULL;
	if (mod == 1) {
		disp = (int8_t)*p++;
	} else if (mod == 2) {
		disp = load_s32(p);
		p += 4;
	}
	return *insn_gpr(regs, rm | (rex & 1) << 3) + disp == addr ? p : NULL;
}

static always_inline uint64_t *reg_operand(uint8_t modrm, unsigned int rex, struct cpu_user_regs *regs)
{
	return insn_gpr(regs, (modrm >> 3 & 7) | (rex & 4) << 1);
}

/* 80 /4 ib and 0F B1 /r with REX.W, behind a prefix: LOCK, or DS, which Linux makes of it on one CPU and means nothing. */
static bool decode_locked(const uint8_t *b, struct cpu_user_regs *regs, unsigned long addr, struct simple_write *w)
{
	const uint8_t *p = b + 1, *end;
	unsigned int rex = (*p & 0xf0) == 0x40 ? *p++ : 0;

	w->reg = NULL;
	if (*p == 0x80 && (p[1] >> 3 & 7) == 4) {
		w->op = SIMPLE_AND_BYTE;
		end = operand_at(p + 1, rex, regs, addr);
		if (end)
			w->value = *end++ | ~0xffUL;
	} else if (*p == 0x0f && p[1] == 0xb1 && (rex & 8)) {
		w->op = SIMPLE_CMPXCHG;
		w->value = *reg_operand(p[2], rex, regs);
		end = operand_at(p + 2, rex, regs, addr);
	} else {
		return false;
	}
	if (!end)
		return false;
	w->len = end - b;
	return true;
}

/* 87 /r, 89 /r, C7 /0 id with REX.W, or those. All of b, which has room for any of them, can be read. */
static always_inline bool decode_simple(const uint8_t *b, struct cpu_user_regs *regs, unsigned long addr,
					struct simple_write *w)
{
	unsigned int rex = b[0], opcode = b[1];
	const uint8_t *end;

	if ((rex & 0xf8) != 0x48)
		return (rex == 0xf0 || rex == 0x3e) && decode_locked(b, regs, addr, w);
	if (opcode != 0x87 && opcode != 0x89 && (opcode != 0xc7 || (b[2] >> 3 & 7)))
		return false;
	end = operand_at(b + 2, rex, regs, addr);
	if (!end)
		return false;
	w->op = opcode == 0x87 ? SIMPLE_XCHG : SIMPLE_MOV;
	w->reg = reg_operand(b[2], rex, regs);
	if (opcode == 0xc7) {
		w->value = (uint64_t)(int64_t)load_s32(end);
		end += 4;
	} else {
		w->value = *w->reg;
	}
	w->len = end - b;
	return true;
}

/* Registers and flags as the instruction leaves them (SDM 2A "AND", "CMPXCHG"). */
static void finish_simple(struct cpu_user_regs *regs, const struct simple_write *w, pte_t old)
{
	if (w->op == SIMPLE_XCHG)
		*w->reg = old.e;
	else if (w->op == SIMPLE_AND_BYTE)
		regs->rflags = (regs->rflags & ~INSN_FLAGS) | insn_result_flags(old.e & w->value, 1);
	else if (w->op == SIMPLE_CMPXCHG)
		regs->rflags = (regs->rflags & ~INSN_FLAGS) | insn_result_flags(0, 8);
	regs->rip += w->len;
	regs->rflags &= ~X86_EFLAGS_RF;
}

/* False: nothing is changed; the general way is to tell why, or what becomes of a comparison that fails. */
static always_inline bool write_simple(struct cpu_user_regs *regs, const struct simple_write *w, struct page_info *pg,
			 const struct domain *d, pte_t *pl)
{
	enum entry_how how = w->op == SIMPLE_MOV ? ENTRY_SET : ENTRY_EXACT;
	pte_t old;
	int rc;

	if (!table_lock(pg, PGT_l1_table, d))
		return false;
	do {
		pte_t new = { w->value };

		old.e = READ_ONCE(pl->e);
		if (w->op == SIMPLE_AND_BYTE)
			new.e &= old.e;
		rc = w->op == SIMPLE_CMPXCHG && old.e != regs->rax ? -EINVAL : l1e_change(pl, old, new, how, d, d);
	} while (unlikely(rc == -EAGAIN));
	table_unlock(pg);
	if (rc)
		return false;
	finish_simple(regs, w, old);
	return true;
}

/* An instruction that writes size bytes at dest, aligned, on the page of addr; what MOVS reads is read. */
static bool decode_write(const uint8_t *b, unsigned int n, const struct cpu_user_regs *regs, unsigned long addr,
			 struct insn *insn, unsigned long *dest, struct insn_operands *ops)
{
	if (insn_decode(b, n, INSN_MODE_64, insn) || !insn_is_mem_write(insn) || insn->size > 8 ||
	    insn->seg != INSN_SEG_DEFAULT)
		return false;
	*dest = insn_dest_offset(insn, regs);
	if (((*dest ^ addr) & PAGE_MASK) || (*dest & (insn->size - 1U)))
		return false;
	return insn->op != INSN_MOVS || !copy_from_guest_va(&ops->src, regs->rsi, insn->size);
}

/* What the instruction makes of the entry: all of it, with what it leaves alone. */
static pte_t new_entry(pte_t old, unsigned long dest, unsigned int size, uint64_t mem)
{
	unsigned int shift = 8 * (dest & 7);
	uint64_t mask = (size == 8 ? ~0UL : (1UL << 8 * size) - 1) << shift;

	return (pte_t){ (old.e & ~mask) | (mem << shift & mask) };
}

static bool write_entry(struct cpu_user_regs *regs, const struct insn *insn, unsigned long dest,
			struct insn_operands *ops, struct page_info *pg, const struct domain *d, pte_t *pl)
{
	enum entry_how how = insn_reads_dest(insn) || insn->size < 8 ? ENTRY_EXACT : ENTRY_SET;
	struct insn_result res;
	pte_t old;
	int rc;

	if (!table_lock(pg, PGT_l1_table, d))
		return false;
	do {
		old.e = READ_ONCE(pl->e);
		ops->mem[0] = old.e >> 8 * (dest & 7);
		insn_execute(insn, regs, ops, &res);
		rc = !res.write ? 0 :
		     l1e_change(pl, old, new_entry(old, dest, insn->size, res.mem[0]), how, d, d);
	} while (unlikely(rc == -EAGAIN));
	table_unlock(pg);
	if (rc)
		return false;
	insn_commit(insn, regs, &res);
	return true;
}

static __noinline bool table_write_any(const uint8_t *bytes, unsigned int n, struct cpu_user_regs *regs, unsigned long addr,
				       struct page_info *pg, const struct domain *d)
{
	struct insn_operands ops = { .src = 0 };
	unsigned long dest;
	struct insn insn;
	char *page;

	if (!decode_write(bytes, n, regs, addr, &insn, &dest, &ops))
		return false;
	page = mfn_to_virt(page_to_mfn(pg));
	return write_entry(regs, &insn, dest, &ops, pg, d, (pte_t *)(page + (PAGE_OFFSET(dest) & ~7UL)));
}

static always_inline bool table_write(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long addr, mfn_t mfn)
{
	struct page_info *pg = mfn_to_page(mfn);
	const struct domain *d = curr->domain;
	uint8_t bytes[INSN_MAX_LEN + 1];
	struct simple_write w;
	unsigned int n;

	if ((READ_ONCE(pg->type) & (PGT_type_mask | PGT_validated)) != (PGT_l1_table | PGT_validated) ||
	    !in_64bit_code(regs))
		return false;
	n = fetch(regs, bytes);
	if (likely(n == INSN_MAX_LEN && !(addr & 7) && decode_simple(bytes, regs, addr, &w)) &&
	    likely(write_simple(regs, &w, pg, d, (pte_t *)((char *)mfn_to_virt(mfn) + PAGE_OFFSET(addr)))))
		return true;
	return table_write_any(bytes, n, regs, addr, pg, d);
}

/* dom0 writes where it may only read: to configuration space this is filtered, elsewhere it has no effect. */
static __noinline bool device_write(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long addr, mfn_t mfn)
{
	struct insn_operands ops = { .src = 0 };
	uint8_t bytes[INSN_MAX_LEN + 1];
	struct insn_result res;
	unsigned long dest;
	struct insn insn;

	if (!is_hardware_domain(curr->domain) || !rangeset_contains(mmio_ro_ranges, mfn.m, mfn.m) ||
	    !in_64bit_code(regs))
		return false;
	if (!decode_write(bytes, fetch(regs, bytes), regs, addr, &insn, &dest, &ops) ||
	    insn_reads_dest(&insn) || dest != addr)
		return false;
	insn_execute(&insn, regs, &ops, &res);
	if (res.write && insn.size <= 4)
		(void)pci_mmcfg_write(mfn_to_maddr(mfn).a | PAGE_OFFSET(addr), insn.size, (uint32_t)res.mem[0]);
	insn_commit(&insn, regs, &res);
	return true;
}

bool pv_ro_page_fault(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long addr)
{
	pte_t e = { 0 }, *pl;
	mfn_t table;
	bool done;

	if (unlikely(!guest_va_ok(addr)))
		return false;
	local_irq_disable();
	pl = walk_l1(curr->arch.guest_table, addr, &table);
	if (pl)
		e.e = READ_ONCE(pl->e);
	local_irq_enable();
	if ((e.e & (_PAGE_PRESENT | _PAGE_RW)) != _PAGE_PRESENT)
		return false;
	if (likely(mfn_valid(pte_mfn(e))))
		done = (VM_ASSIST(curr->domain, writable_pagetables) || is_hardware_domain(curr->domain)) &&
		       table_write(curr, regs, addr, pte_mfn(e));
	else
		done = device_write(curr, regs, addr, pte_mfn(e));
	if (done && unlikely(regs->rflags & X86_EFLAGS_TF))
		emul_trap_after(curr, regs);
	return done;
}
