/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions: handling in the hypervisor, and delivery to guests. */
#ifndef ASM_TRAPS_H
#define ASM_TRAPS_H

#include <asm/regs.h>
#include <asm/desc.h>

struct vcpu;

/*
 * Makes the guest take an exception: writes the bounce frame to the guest kernel's
 * stack and points regs at its handler. regs is the guest's frame. A guest whose
 * stack cannot be written, or that has no handler, is crashed with a message. For #PF
 * cr2 goes through pv_inject_page_fault().
 */
void pv_inject_exception(struct vcpu *curr, struct cpu_user_regs *regs, unsigned int vector, int error_code);
void pv_inject_page_fault(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long cr2, unsigned int error_code);
/*
 * A fault at cr2 in the area of the vCPU's descriptor tables: loading a selector met a page that is not
 * there. In the LDT the guest may have one to be mapped: then there is nothing to tell.
 */
void pv_descriptor_fault(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long cr2, unsigned int error_code);
/* As INT n by the guest itself: DPL of the gate was checked. */
void pv_inject_sw_interrupt(struct vcpu *curr, struct cpu_user_regs *regs, unsigned int vector);

/* #GP, #UD in a guest: emulate. True: done, registers advanced; false: bounce. (pv/priv_emul*.c) */
bool pv_emulate_privileged_op(struct vcpu *curr, struct cpu_user_regs *regs);
/* The same, in short, for what Linux does at each switch of its processes: RDMSR of the GS base of its user mode, spelt as anybody does. */
bool pv_read_user_gs(struct vcpu *curr, struct cpu_user_regs *regs);
/* ud2a; "xen"; cpuid */
bool pv_emulate_forced_cpuid(struct vcpu *curr, struct cpu_user_regs *regs);
/* A write fault on a present read-only page in guest kernel mode: page-table write, or MMCONFIG. (pv/ro_page_fault.c) */
bool pv_ro_page_fault(struct vcpu *curr, struct cpu_user_regs *regs, unsigned long addr);
/* Fix-up for faults of the hypervisor itself: new address or 0. */
unsigned long search_exception_table(unsigned long rip);

/* Debug registers by guest; 0 or -errno. */
long pv_set_debugreg(struct vcpu *v, unsigned int reg, unsigned long value);
unsigned long pv_get_debugreg(struct vcpu *v, unsigned int reg);
/* CPUID and MSRs as the domain's policy has them (cpu/cpuid_policy.c, cpu/msr_policy.c). */
struct cpuid_leaf { uint32_t a, b, c, d; };
void guest_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, struct cpuid_leaf *res);
/* 0, or -EPERM: #GP. */
int guest_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *val);
int guest_wrmsr(struct vcpu *v, uint32_t msr, uint64_t val);
/* May v have that value in SPEC_CTRL or TSC_AUX? */
bool vcpu_msr_ok(const struct vcpu *v, uint32_t msr, uint64_t val);

/* Switches v (current) between its kernel and user: CR3 and GS. */
void pv_toggle_mode(struct vcpu *curr);
/* The guest's segment bases as they are in the processor when v is loaded. */
void pv_save_segments(struct vcpu *v);
void pv_load_segments(struct vcpu *v);
/* Tells curr's kernel by its failsafe callback that not all of its selectors could be loaded, and which there were. */
void pv_deliver_failsafe(struct vcpu *curr, struct cpu_user_regs *regs);

/* NMI and machine check, from entry.S on their own stacks. */
void do_nmi(struct cpu_user_regs *regs);
void do_machine_check(struct cpu_user_regs *regs);
void nmi_init(void);
/* From either handler: SOFTIRQ_NMI soon on this processor, and with it mce_report_here() (cpu/mce.c). */
void nmi_work_later(void);
void mce_report_here(void);
/* In the NMI handler: was it sent because this processor hangs? Then it panics. */
bool watchdog_nmi(const struct cpu_user_regs *regs);

#endif
