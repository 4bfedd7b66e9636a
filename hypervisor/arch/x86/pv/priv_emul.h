/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of the emulation of privileged instructions. */
#ifndef PV_PRIV_EMUL_H
#define PV_PRIV_EMUL_H

#include <asm/emulate.h>
#include <tenon/domain.h>

enum emul_result {
	EMUL_REFUSED,	/* not allowed, or not known: the guest takes the fault it had */
	EMUL_DONE,	/* registers are set but for rip */
	EMUL_STRING,	/* all are set, rip too (a REP may have more to do) */
	EMUL_AGAIN,	/* nothing was done: the instruction shall run again */
	EMUL_FAULTED,	/* another exception was injected */
};

enum emul_result emul_control_reg(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn);
enum emul_result emul_debug_reg(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn);
enum emul_result emul_xsetbv(struct vcpu *curr, struct cpu_user_regs *regs);
enum emul_result emul_port(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn);
enum emul_result emul_port_string(struct vcpu *curr, struct cpu_user_regs *regs, const struct insn *insn);

void emul_cpuid(struct vcpu *curr, struct cpu_user_regs *regs);

/* CPL 1 for the guest's kernel, 3 for its user: does the virtual IOPL allow it? */
bool emul_iopl_ok(const struct vcpu *curr);
/* By IOPL or by the guest kernel's port bitmap. */
bool emul_port_ok(struct vcpu *curr, unsigned int port, unsigned int bytes);
uint32_t emul_port_read(struct vcpu *curr, unsigned int port, unsigned int bytes);
void emul_port_write(struct vcpu *curr, unsigned int port, unsigned int bytes, uint32_t val);
/* A breakpoint on a port that is hit: shows in DR6, and traps after the instruction. */
void emul_port_breakpoint(struct vcpu *curr, unsigned int port, unsigned int bytes);

/* Base of a segment that a guest has loaded; 0 if the selector tells nothing. */
unsigned long emul_segment_base(const struct vcpu *curr, uint16_t sel);
/* After an instruction was emulated: the trap that single-stepping or a port breakpoint asks for. */
void emul_trap_after(struct vcpu *curr, struct cpu_user_regs *regs);

#endif
