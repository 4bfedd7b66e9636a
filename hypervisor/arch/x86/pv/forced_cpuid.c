/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interface's way to ask for CPUID as the hypervisor tells it: ud2a; "xen"; cpuid. On
 * processors without CPUID faulting (all that the interface knows) plain CPUID shows the machine.
 */
#include <asm/traps.h>
#include <tenon/domain.h>
#include <tenon/guest_access.h>
#include "priv_emul.h"

bool pv_emulate_forced_cpuid(struct vcpu *curr, struct cpu_user_regs *regs)
{
	static const uint8_t prefix[] = { 0x0f, 0x0b, 'x', 'e', 'n' };
	static const uint8_t insn[] = { 0x0f, 0xa2 };
	uint8_t bytes[sizeof(prefix) + sizeof(insn)];

	/* In two steps: a ud2 of another kind may be the last of its page. */
	if (copy_from_guest_va(bytes, regs->rip, sizeof(prefix)) || memcmp(bytes, prefix, sizeof(prefix)))
		return false;
	if (copy_from_guest_va(bytes, regs->rip + sizeof(prefix), sizeof(insn)) || memcmp(bytes, insn, sizeof(insn)))
		return false;
	emul_cpuid(curr, regs);
	regs->rip += sizeof(prefix) + sizeof(insn);
	regs->rflags &= ~X86_EFLAGS_RF;
	emul_trap_after(curr, regs);
	return true;
}
