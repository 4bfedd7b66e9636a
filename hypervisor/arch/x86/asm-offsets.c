/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Offsets for assembly: compiled to text, from which the build makes asm/asm-offsets.h. */
#include <tenon/domain.h>
#include <tenon/percpu.h>
#include <tenon/softirq.h>
#include <asm/current.h>
#include <asm/desc.h>

#define DEFINE(sym, val)	__asm__ volatile(".ascii \"@TN " #sym " %c0\"" :: "i"(val))
#define REG(name)		DEFINE(UREGS_##name, offsetof(struct cpu_user_regs, name))
/* Offset of something of cpu_info as seen from a frame that lies at guest_regs. */
#define INFO(name, member)	DEFINE(CPUINFO_##name, offsetof(struct cpu_info, member))
#define VCPU(name, member)	DEFINE(VCPU_##name, offsetof(struct vcpu, member))

void asm_offsets(void);
void asm_offsets(void)
{
	REG(r15); REG(r14); REG(r13); REG(r12); REG(rbp); REG(rbx);
	REG(r11); REG(r10); REG(r9); REG(r8); REG(rax); REG(rcx); REG(rdx); REG(rsi); REG(rdi);
	REG(error_code); REG(entry_vector); REG(rip); REG(cs); REG(rflags); REG(rsp); REG(ss);
	REG(es);
	DEFINE(UREGS_kernel_sizeof, offsetof(struct cpu_user_regs, es));

	INFO(current, current_vcpu);
	INFO(percpu, percpu);
	INFO(away, away);
	INFO(source, source);
	INFO(view, view);
	INFO(newest, newest);
	DEFINE(CPUINFO_sizeof, sizeof(struct cpu_info));

	DEFINE(PERCPU_softirq_pending, offsetof(struct percpu, softirq_pending));

	VCPU(vcpu_info, vcpu_info);
	VCPU(kernel_mode, arch.kernel_mode);
	VCPU(cr3, arch.cr3);
	VCPU(cr3_user, arch.cr3_user);
	VCPU(nmi_pending, nmi_pending);
	VCPU(nmi_masked, arch.nmi_masked);
	VCPU(kernel_sp, arch.pv.kernel_sp);
	VCPU(syscall_eip, arch.pv.syscall_callback_eip);
	VCPU(syscall_masks, arch.pv.syscall_disables_events);
	VCPU(event_eip, arch.pv.event_callback_eip);
	VCPU(pf_handler, arch.pv.pf_handler);
	VCPU(pf_cs, arch.pv.pf_cs);
	VCPU(pf_masks, arch.pv.pf_masks_events);
	VCPU(bounce_flags, arch.pv.bounce_flags);
	VCPU(trap_ctxt, arch.pv.trap_ctxt);

	DEFINE(TRAPINFO_address, offsetof(struct trap_info, address));
	DEFINE(TRAPINFO_cs, offsetof(struct trap_info, cs));
	DEFINE(TRAPINFO_flags, offsetof(struct trap_info, flags));
	DEFINE(TRAPINFO_masks, 1 << 2);		/* TI_GET_IF */
	DEFINE(TRAPINFO_shift, 4);
	_Static_assert(sizeof(struct trap_info) == 1 << 4, "entry.S multiplies by shifting");

	DEFINE(VCPUINFO_upcall_pending, offsetof(struct vcpu_info, evtchn_upcall_pending));
	DEFINE(VCPUINFO_upcall_mask, offsetof(struct vcpu_info, evtchn_upcall_mask));
	DEFINE(VCPUINFO_cr2, offsetof(struct vcpu_info, arch.cr2));
}
