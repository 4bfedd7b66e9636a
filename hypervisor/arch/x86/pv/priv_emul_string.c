/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INS and OUTS of PV guests: ports to and from the guest's memory. */
#include <asm/current.h>
#include <asm/mm.h>
#include <asm/msr.h>
#include <asm/traps.h>
#include <tenon/guest_access.h>
#include <tenon/softirq.h>
#include "priv_emul.h"

/* Linear address of offset in the segment that the instruction uses. */
static unsigned long linear(const struct vcpu *curr, const struct insn *insn, unsigned int seg, unsigned long offset)
{
	uint16_t sel = 0;

	if (insn->mode == INSN_MODE_64)
		return offset + (seg == INSN_SEG_FS ? rdmsr(MSR_FS_BASE) : seg == INSN_SEG_GS ? rdmsr(MSR_GS_BASE) : 0);
	switch (seg) {
	case INSN_SEG_ES: __asm__("mov %%es, %0" : "=r"(sel)); break;
	case INSN_SEG_CS: sel = guest_regs()->cs; break;
	case INSN_SEG_SS: sel = guest_regs()->ss; break;
	case INSN_SEG_FS: return (uint32_t)(offset + rdmsr(MSR_FS_BASE));
	case INSN_SEG_GS: return (uint32_t)(offset + rdmsr(MSR_GS_BASE));
	default: __asm__("mov %%ds, %0" : "=r"(sel)); break;
	}
	return (uint32_t)(offset + emul_segment_base(curr, sel));
}

static enum emul_result memory_fault(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long va, bool write)
{
	if (!guest_va_ok(va))
		return EMUL_REFUSED;
	pv_inject_page_fault(curr, regs, va, PFEC_user | (write ? PFEC_write : 0));
	return EMUL_FAULTED;
}

/* The port's value is gone once it is read: before, the memory must be known to take it. */
static bool writable(struct vcpu *curr, unsigned long va)
{
	uint64_t flags;
	mfn_t mfn;

	return guest_va_ok(va) && guest_walk(curr, va, &mfn, &flags) && (flags & _PAGE_RW);
}

static enum emul_result ins_one(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn,
				unsigned int port)
{
	unsigned long va = linear(curr, insn, INSN_SEG_ES, regs->rdi & (insn->addr_size == 8 ? ~0UL : 0xffffffffUL));
	unsigned long end = va + insn->size - 1;
	uint32_t val;

	if (!writable(curr, va))
		return memory_fault(curr, regs, va, true);
	if (end >> PAGE_SHIFT != va >> PAGE_SHIFT && !writable(curr, end))
		return memory_fault(curr, regs, end & PAGE_MASK, true);
	emul_port_breakpoint(curr, port, insn->size);
	val = emul_port_read(curr, port, insn->size);
	if (copy_to_guest_va(va, &val, insn->size))
		return memory_fault(curr, regs, va, true);
	insn_string_step(insn, regs, true, false);
	return EMUL_STRING;
}

static enum emul_result outs_one(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn,
				 unsigned int port)
{
	unsigned int seg = insn->seg == INSN_SEG_DEFAULT ? INSN_SEG_DS : insn->seg;
	unsigned long va = linear(curr, insn, seg, regs->rsi & (insn->addr_size == 8 ? ~0UL : 0xffffffffUL));
	uint32_t val = 0;

	if (copy_from_guest_va(&val, va, insn->size))
		return memory_fault(curr, regs, va, false);
	emul_port_breakpoint(curr, port, insn->size);
	emul_port_write(curr, port, insn->size, val);
	insn_string_step(insn, regs, false, true);
	return EMUL_STRING;
}

/* A repeated one goes on until it is done, traps, or others want the processor: then it runs again. */
enum emul_result emul_port_string(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn)
{
	unsigned int port = (uint16_t)regs->rdx;
	unsigned long rip = regs->rip;
	enum emul_result rc;

	if (!emul_port_ok(curr, port, insn->size))
		return EMUL_REFUSED;
	if (insn_rep_done(insn, regs))
		return EMUL_DONE;
	do {
		rc = insn->op == INSN_INS ? ins_one(curr, regs, insn, port) : outs_one(curr, regs, insn, port);
	} while (rc == EMUL_STRING && regs->rip == rip && !(regs->rflags & X86_EFLAGS_TF) &&
		 !curr->arch.pv.dr6_pending && !softirq_pending_here());
	return rc;
}
