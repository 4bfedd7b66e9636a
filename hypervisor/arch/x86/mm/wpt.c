/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Write faults of a guest's kernel on pages that it has mapped read-only: entries of level 1 tables, which it may
 * write like memory although each is checked, and device memory that only we write to. The assist that is named
 * after the former changes nothing: its absence would only be a fault that no kernel wants.
 */
#include <asm/emulate.h>
#include <asm/pci.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <tenon/guest_access.h>
#include "page_type.h"
#include "../pv/priv_emul.h"

#define LAR_LONG	(1U << 21)	/* the L bit of a code segment, SDM 2A "LAR" */

/* What a kernel nearly always uses: an 8-byte xchg with, or mov of, a register; mov of an immediate number. */
struct simple_write {
	uint64_t value;
	uint64_t *old_to;		/* xchg: the register */
	unsigned int len;
};

static bool in_64bit_code(const struct cpu_user_regs *regs)
{
	uint32_t rights = 0;

	if (likely(regs->cs == FLAT_RING3_CS64))
		return true;
	__asm__("lar %1, %0" : "+r"(rights) : "r"((uint32_t)regs->cs) : "cc");
	return rights & LAR_LONG;
}

/* The bytes at rip, read once; how many of INSN_MAX_LEN can be read. */
static unsigned int fetch(const struct cpu_user_regs *regs, uint8_t *bytes)
{
	unsigned int n = PAGE_SIZE - PAGE_OFFSET(regs->rip);

	if (likely(!copy_from_guest_va(bytes, regs->rip, INSN_MAX_LEN + 1)))
		return INSN_MAX_LEN;
	return n < INSN_MAX_LEN && !copy_from_guest_va(bytes, regs->rip, n) ? n : 0;
}

/* REX.W, opcode, ModRM with a base register, displacement (SDM 2A 2.1, 2.2.1). Only if the operand is at addr. */
static bool decode_simple(const uint8_t *b, unsigned int n, struct cpu_user_regs *regs, unsigned long addr,
			  struct simple_write *w)
{
	unsigned int rex = b[0], op = b[1], mod = b[2] >> 6, rm = b[2] & 7;
	unsigned int reg = (b[2] >> 3 & 7) | (rex & 4) << 1, len = 3;
	int32_t disp = 0;

	if ((rex & 0xf8) != 0x48 || (op != 0x87 && op != 0x89 && (op != 0xc7 || reg)))
		return false;
	if (mod == 3 || rm == 4 || (mod == 0 && rm == 5))
		return false;
	if (mod == 1) {
		disp = (int8_t)b[3];
		len = 4;
	} else if (mod == 2) {
		memcpy(&disp, b + 3, sizeof(disp));
		len = 7;
	}
	if (*insn_gpr(regs, rm | (rex & 1) << 3) + (long)disp != addr)
		return false;
	w->old_to = op == 0x87 ? insn_gpr(regs, reg) : NULL;
	if (op == 0xc7) {
		int32_t imm;

		memcpy(&imm, b + len, sizeof(imm));
		len += sizeof(imm);
		w->value = (uint64_t)(int64_t)imm;
	} else {
		w->value = *insn_gpr(regs, reg);
	}
	w->len = len;
	return len <= n;
}

static bool write_simple(struct cpu_user_regs *regs, const struct simple_write *w, struct page_info *pg,
			 const struct domain *d, pte_t *pl)
{
	pte_t old;
	int rc;

	if (!table_lock(pg, PGT_l1_table, d))
		return false;
	do {
		old.e = READ_ONCE(pl->e);
		rc = l1e_change(pl, old, (pte_t){ w->value }, w->old_to ? ENTRY_EXACT : ENTRY_SET, d, d);
	} while (unlikely(rc == -EAGAIN));
	table_unlock(pg);
	if (rc)
		return false;
	if (w->old_to)
		*w->old_to = old.e;
	regs->rip += w->len;
	regs->rflags &= ~X86_EFLAGS_RF;
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

static bool table_write(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long addr, mfn_t mfn)
{
	struct page_info *pg = mfn_to_page(mfn);
	const struct domain *d = curr->domain;
	uint8_t bytes[INSN_MAX_LEN + 1];
	struct insn_operands ops = { .src = 0 };
	struct simple_write w;
	unsigned long dest;
	struct insn insn;
	unsigned int n;
	char *page;

	if ((READ_ONCE(pg->type) & (PGT_type_mask | PGT_validated)) != (PGT_l1_table | PGT_validated) ||
	    !in_64bit_code(regs))
		return false;
	n = fetch(regs, bytes);
	page = mfn_to_virt(mfn);
	if (likely(n == INSN_MAX_LEN && !(addr & 7) && decode_simple(bytes, n, regs, addr, &w)))
		return write_simple(regs, &w, pg, d, (pte_t *)(page + PAGE_OFFSET(addr)));
	if (!decode_write(bytes, n, regs, addr, &insn, &dest, &ops))
		return false;
	return write_entry(regs, &insn, dest, &ops, pg, d, (pte_t *)(page + (PAGE_OFFSET(dest) & ~7UL)));
}

/* dom0 writes where it may only read: to configuration space this is filtered, elsewhere it has no effect. */
static bool device_write(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long addr, mfn_t mfn)
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
		done = table_write(curr, regs, addr, pte_mfn(e));
	else
		done = device_write(curr, regs, addr, pte_mfn(e));
	if (done && unlikely(regs->rflags & X86_EFLAGS_TF))
		emul_trap_after(curr, regs);
	return done;
}
