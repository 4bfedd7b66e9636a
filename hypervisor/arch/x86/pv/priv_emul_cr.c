/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control and debug registers of PV guests. */
#include <asm/cpuid.h>
#include <asm/current.h>
#include <asm/mm.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <tenon/percpu.h>
#include "priv_emul.h"

/* What a guest's kernel finds in CR0; TS alone is its to change. */
#define GUEST_CR0	(X86_CR0_PG | X86_CR0_AM | X86_CR0_WP | X86_CR0_NE | X86_CR0_ET | X86_CR0_MP | X86_CR0_PE)
/* ... and in CR4, besides the bits of its own. */
#define GUEST_CR4	(X86_CR4_PAE | X86_CR4_MCE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT)

void pv_set_ts(struct vcpu *curr, bool ts)
{
	curr->arch.ts = ts;
	if (ts)
		write_cr0(read_cr0() | X86_CR0_TS);
	else
		clts();
}

unsigned long pv_guest_cr4(const struct vcpu *v, unsigned long val)
{
	const struct cpuid_policy *cp = v->domain->arch.cpuid;
	unsigned long own = X86_CR4_TSD | X86_CR4_DE;

	if (cpuid_policy_has(cp, X86_FEATURE_FSGSBASE))
		own |= X86_CR4_FSGSBASE;
	if (cpuid_policy_has(cp, X86_FEATURE_XSAVE))
		own |= X86_CR4_OSXSAVE;
	return val & own;
}

void pv_load_cr4(struct vcpu *v)
{
	unsigned long cr4 = mmu_cr4_features | (v->arch.pv.ctrlreg[4] & (X86_CR4_TSD | X86_CR4_FSGSBASE));

	if (this_cpu()->arch.cr4 == cr4)
		return;
	this_cpu()->arch.cr4 = cr4;
	write_cr4(cr4);
}

static enum emul_result write_guest_cr(struct vcpu *curr, unsigned int nr, unsigned long val)
{
	switch (nr) {
	case 0:
		if ((val ^ GUEST_CR0) & ~X86_CR0_TS)
			return EMUL_REFUSED;
		pv_set_ts(curr, val & X86_CR0_TS);
		return EMUL_DONE;
	case 2:
		curr->vcpu_info->arch.cr2 = val;
		return EMUL_DONE;
	case 3:
		switch (new_guest_cr3(curr, _mfn(val >> PAGE_SHIFT))) {
		case 0:
			return EMUL_DONE;
		case -ERESTART:
			return EMUL_AGAIN;
		default:
			return EMUL_REFUSED;
		}
	case 4:
		curr->arch.pv.ctrlreg[4] = pv_guest_cr4(curr, val);
		pv_load_cr4(curr);
		return EMUL_DONE;
	default:
		return EMUL_REFUSED;
	}
}

static bool read_guest_cr(const struct vcpu *curr, unsigned int nr, unsigned long *val)
{
	switch (nr) {
	case 0:
		*val = GUEST_CR0 | (curr->arch.ts ? X86_CR0_TS : 0);
		return true;
	case 2:
		*val = curr->vcpu_info->arch.cr2;
		return true;
	case 3:
		*val = curr->arch.guest_table.m << PAGE_SHIFT;
		return true;
	case 4:
		*val = GUEST_CR4 | curr->arch.pv.ctrlreg[4];
		return true;
	default:
		return false;
	}
}

enum emul_result emul_control_reg(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn)
{
	unsigned long val;

	switch (insn->op) {
	case INSN_CLTS:
		pv_set_ts(curr, false);
		return EMUL_DONE;
	case INSN_MOV_TO_CR:
		return write_guest_cr(curr, insn->reg, insn_read_reg(insn, regs, insn->rm, insn->size));
	default:
		if (!read_guest_cr(curr, insn->reg, &val))
			return EMUL_REFUSED;
		insn_write_reg(insn, regs, insn->rm, insn->size, val);
		return EMUL_DONE;
	}
}

enum emul_result emul_debug_reg(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn)
{
	unsigned int nr = insn->reg;

	/* 4 and 5 are other names of 6 and 7 until CR4.DE takes them away (SDM 3B 17.2.2). */
	if (nr == 4 || nr == 5) {
		if (curr->arch.pv.ctrlreg[4] & X86_CR4_DE) {
			pv_inject_exception(curr, regs, TRAP_UD, 0);
			return EMUL_FAULTED;
		}
		nr += 2;
	}
	if (nr > 7)
		return EMUL_REFUSED;
	if (insn->op == INSN_MOV_FROM_DR) {
		insn_write_reg(insn, regs, insn->rm, insn->size, pv_get_debugreg(curr, nr));
		return EMUL_DONE;
	}
	return pv_set_debugreg(curr, nr, insn_read_reg(insn, regs, insn->rm, insn->size)) ? EMUL_REFUSED : EMUL_DONE;
}

/* The processor has OSXSAVE on whether or not the guest has set it. */
enum emul_result emul_xsetbv(struct vcpu *curr, struct cpu_user_regs *regs)
{
	uint64_t val = (uint32_t)regs->rax | regs->rdx << 32;

	if (!(curr->arch.pv.ctrlreg[4] & X86_CR4_OSXSAVE)) {
		pv_inject_exception(curr, regs, TRAP_UD, 0);
		return EMUL_FAULTED;
	}
	if (!curr->arch.kernel_mode || (uint32_t)regs->rcx)
		return EMUL_REFUSED;
	return fpu_set_xcr0(curr, val, curr->domain->arch.cpuid->xcr0_mask) ? EMUL_REFUSED : EMUL_DONE;
}
