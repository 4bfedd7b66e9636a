/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Privileged instructions of PV guests. The guest kernel runs in ring 3: what it may do, although
 * the processor says #GP, is done for it here. Anything else is its own fault to take.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/extable.h>
#include <asm/layout.h>
#include <asm/msr.h>
#include <asm/page.h>
#include <asm/system.h>
#include <asm/traps.h>
#include <tenon/guest_access.h>
#include "priv_emul.h"

#define OPCODE_RDMSR	0x320f		/* its two bytes, as a word */
#define DR6_STEP	0x4000UL
#define DESC_LONG	(1UL << 53)	/* 64-bit code segment */
#define DESC_PRESENT	(1UL << 47)

/* Eight bytes of a descriptor table; 0 where nothing is mapped. */
static uint64_t read_descriptor(unsigned long va)
{
	uint64_t desc = 0;

	__asm__ volatile(
		"1:	mov (%[va]), %[desc]\n"
		"2:	.pushsection .text.fixup, \"ax\"\n"
		"3:	xor %k[desc], %k[desc]\n\t"
		"jmp 2b\n\t"
		".popsection\n\t"
		EXTABLE_ASM("1b", "2b", "3b")
		: [desc] "+&r"(desc) : [va] "r"(va) : "memory");
	return desc;
}

static uint64_t segment_descriptor(const struct vcpu *curr, uint16_t sel)
{
	unsigned int index = sel >> 3;

	if (sel & 4)
		return index < curr->arch.pv.ldt_ents ? read_descriptor(LDT_VIRT_START(curr->vcpu_id) + index * 8) : 0;
	if (index < FIRST_RESERVED_GDT_ENTRY ? index >= curr->arch.pv.gdt_ents : index > HV_GDT_LAST_ENTRY)
		return 0;
	return read_descriptor(GDT_VIRT_START(curr->vcpu_id) + index * 8);
}

unsigned long emul_segment_base(const struct vcpu *curr, uint16_t sel)
{
	uint64_t desc = segment_descriptor(curr, sel);

	return (desc >> 16 & 0xffffff) | (desc >> 32 & 0xff000000);
}

/* The instruction at rip, each byte read once: another vCPU may be changing it. */
static bool fetch(const struct vcpu *curr, const struct cpu_user_regs *regs, struct insn *insn)
{
	enum insn_mode mode = INSN_MODE_64;
	unsigned long va = regs->rip;
	uint8_t bytes[INSN_MAX_LEN + 1];	/* two words are copied most quickly */
	unsigned int n;
	int rc;

	if (regs->cs != FLAT_RING3_CS64) {
		uint64_t desc = segment_descriptor(curr, regs->cs);

		if (!(desc & DESC_PRESENT))
			return false;
		if (!(desc & DESC_LONG)) {
			mode = INSN_MODE_32;
			va = (uint32_t)(va + emul_segment_base(curr, regs->cs));
		}
	}
	n = min(PAGE_SIZE - (va & ~PAGE_MASK), (unsigned long)sizeof(bytes));
	if (copy_from_guest_va(bytes, va, n))
		return false;
	rc = insn_decode(bytes, n, mode, insn);
	if (rc != -EAGAIN)
		return !rc;
	/* It goes on in the next page. */
	if (copy_from_guest_va(bytes + n, va + n, sizeof(bytes) - n))
		return false;
	return !insn_decode(bytes, sizeof(bytes), mode, insn);
}

static void set_edx_eax(struct cpu_user_regs *regs, uint64_t v)
{
	regs->rax = (uint32_t)v;
	regs->rdx = v >> 32;
}

static enum emul_result emul_msr(struct vcpu *curr, struct cpu_user_regs *regs, bool write)
{
	uint64_t val = (uint32_t)regs->rax | regs->rdx << 32;

	if (write)
		return guest_wrmsr(curr, (uint32_t)regs->rcx, val) ? EMUL_REFUSED : EMUL_DONE;
	if (guest_rdmsr(curr, (uint32_t)regs->rcx, &val))
		return EMUL_REFUSED;
	set_edx_eax(regs, val);
	return EMUL_DONE;
}

/* It trapped because of CR4.TSD, which the guest set against its user mode. */
static enum emul_result emul_rdtsc(struct vcpu *curr, struct cpu_user_regs *regs, bool aux)
{
	set_edx_eax(regs, rdtsc());
	if (aux)
		regs->rcx = (uint32_t)curr->arch.msr_tsc_aux;
	return EMUL_DONE;
}

void emul_cpuid(struct vcpu *curr, struct cpu_user_regs *regs)
{
	struct cpuid_leaf res;

	guest_cpuid(curr, (uint32_t)regs->rax, (uint32_t)regs->rcx, &res);
	regs->rax = res.a;
	regs->rbx = res.b;
	regs->rcx = res.c;
	regs->rdx = res.d;
}

/* Only who has devices can have caches that disagree with memory. */
static enum emul_result emul_wbinvd(const struct vcpu *curr)
{
	if (!rangeset_is_empty(curr->domain->iomem_caps) || !rangeset_is_empty(curr->domain->arch.ioport_caps))
		wbinvd();
	return EMUL_DONE;
}

static enum emul_result emul_kernel(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn)
{
	switch (insn->op) {
	case INSN_MOV_FROM_CR:
	case INSN_MOV_TO_CR:
	case INSN_CLTS:
		return emul_control_reg(curr, regs, insn);
	case INSN_MOV_FROM_DR:
	case INSN_MOV_TO_DR:
		return emul_debug_reg(curr, regs, insn);
	case INSN_RDMSR:
	case INSN_WRMSR:
		return emul_msr(curr, regs, insn->op == INSN_WRMSR);
	case INSN_RDTSC:
	case INSN_RDTSCP:
		return emul_rdtsc(curr, regs, insn->op == INSN_RDTSCP);
	case INSN_WBINVD:
		return emul_wbinvd(curr);
	default:
		return EMUL_REFUSED;
	}
}

static enum emul_result emulate(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn)
{
	switch (insn->op) {
	case INSN_IN:
	case INSN_OUT:
		return emul_port(curr, regs, insn);
	case INSN_INS:
	case INSN_OUTS:
		return emul_port_string(curr, regs, insn);
	case INSN_CLI:
	case INSN_STI:
		/* Allowed or not, they leave the flag alone: events have a mask of their own. */
		return emul_iopl_ok(curr) ? EMUL_DONE : EMUL_REFUSED;
	case INSN_XSETBV:
		return emul_xsetbv(curr, regs);
	case INSN_CPUID:
		emul_cpuid(curr, regs);
		return EMUL_DONE;
	default:
		return curr->arch.kernel_mode ? emul_kernel(curr, regs, insn) : EMUL_REFUSED;
	}
}

void emul_trap_after(struct vcpu *curr, struct cpu_user_regs *regs)
{
	if (regs->rflags & X86_EFLAGS_TF)
		curr->arch.pv.dr6_pending |= DR6_STEP;
	if (!curr->arch.pv.dr6_pending)
		return;
	curr->arch.dr[6] |= curr->arch.pv.dr6_pending;
	curr->arch.pv.dr6_pending = 0;
	pv_inject_exception(curr, regs, TRAP_DB, 0);
}

bool pv_read_user_gs(struct vcpu *curr, struct cpu_user_regs *regs)
{
	uint64_t code[2];

	if ((uint32_t)regs->rcx != MSR_SHADOW_GS_BASE || !curr->arch.kernel_mode || regs->cs != FLAT_RING3_CS64 ||
	    PAGE_OFFSET(regs->rip) > PAGE_SIZE - sizeof(code) || copy_pair_from_guest(code, regs->rip) ||
	    (uint16_t)code[0] != OPCODE_RDMSR)
		return false;
	set_edx_eax(regs, rdmsr(MSR_SHADOW_GS_BASE));
	regs->rip += 2;
	regs->rflags &= ~X86_EFLAGS_RF;
	emul_trap_after(curr, regs);
	return true;
}

bool pv_emulate_privileged_op(struct vcpu *curr, struct cpu_user_regs *regs)
{
	struct insn insn;

	if (!fetch(curr, regs, &insn))
		return false;
	switch (emulate(curr, regs, &insn)) {
	case EMUL_REFUSED:
		return false;
	case EMUL_DONE:
		insn_advance(&insn, regs);
		/* fall through */
	case EMUL_STRING:
		emul_trap_after(curr, regs);
		break;
	case EMUL_AGAIN:
	case EMUL_FAULTED:
		break;
	}
	return true;
}
