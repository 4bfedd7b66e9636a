/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_STUBS_HYPERCALL_H
#define GUESTKIT_STUBS_HYPERCALL_H

/*
 * One typed function for each hypercall. All return 0 or a positive result, or a negative errno
 * value of <xen/errno.h>.
 */

#include <stdint.h>
#include <xen/xen.h>
#include <stubs/hypercall_x86_64.h>

struct sched_shutdown;

#define HC(x) ((unsigned long)(x))

/* `traps` ends with an entry of address 0; NULL takes every handler away. */
static inline long hc_set_trap_table(const struct trap_info *traps)
{
	return hypercall1(__HYPERVISOR_set_trap_table, HC(traps));
}

/* `done`, if not NULL, receives how many requests succeeded. */
static inline long hc_mmu_update(const struct mmu_update *req, unsigned int count,
				 unsigned int *done, unsigned int domid)
{
	return hypercall4(__HYPERVISOR_mmu_update, HC(req), count, HC(done), domid);
}

static inline long hc_set_gdt(const unsigned long *frames, unsigned int entries)
{
	return hypercall2(__HYPERVISOR_set_gdt, HC(frames), entries);
}

/* The stack on which traps from user mode arrive. */
static inline long hc_stack_switch(unsigned long ss, unsigned long sp)
{
	return hypercall2(__HYPERVISOR_stack_switch, ss, sp);
}

static inline long hc_set_callbacks(unsigned long event, unsigned long failsafe,
				    unsigned long syscall)
{
	return hypercall3(__HYPERVISOR_set_callbacks, event, failsafe, syscall);
}

static inline long hc_fpu_taskswitch(int set)
{
	return hypercall1(__HYPERVISOR_fpu_taskswitch, set);
}

static inline long hc_sched_op_compat(int cmd, unsigned long arg)
{
	return hypercall2(__HYPERVISOR_sched_op_compat, cmd, arg);
}

static inline long hc_platform_op(void *op)
{
	return hypercall1(__HYPERVISOR_platform_op, HC(op));
}

static inline long hc_set_debugreg(int reg, unsigned long value)
{
	return hypercall2(__HYPERVISOR_set_debugreg, reg, value);
}

static inline long hc_get_debugreg(int reg)
{
	return hypercall1(__HYPERVISOR_get_debugreg, reg);
}

/* `ma`: machine address of the descriptor. */
static inline long hc_update_descriptor(uint64_t ma, uint64_t desc)
{
	return hypercall2(__HYPERVISOR_update_descriptor, ma, desc);
}

static inline long hc_memory_op(unsigned int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_memory_op, cmd, HC(arg));
}

static inline long hc_multicall(struct multicall_entry *list, unsigned int count)
{
	return hypercall2(__HYPERVISOR_multicall, HC(list), count);
}

static inline long hc_update_va_mapping(unsigned long va, uint64_t pte, unsigned long flags)
{
	return hypercall3(__HYPERVISOR_update_va_mapping, va, pte, flags);
}

/* `when`: system time in nanoseconds; 0 stops the timer. */
static inline long hc_set_timer_op(uint64_t when)
{
	return hypercall1(__HYPERVISOR_set_timer_op, when);
}

static inline long hc_event_channel_op(int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_event_channel_op, cmd, HC(arg));
}

static inline long hc_xen_version(int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_xen_version, cmd, HC(arg));
}

static inline long hc_console_io(int cmd, int count, const char *buffer)
{
	return hypercall3(__HYPERVISOR_console_io, cmd, count, HC(buffer));
}

static inline long hc_physdev_op(int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_physdev_op, cmd, HC(arg));
}

static inline long hc_grant_table_op(unsigned int cmd, void *ops, unsigned int count)
{
	return hypercall3(__HYPERVISOR_grant_table_op, cmd, HC(ops), count);
}

static inline long hc_vm_assist(unsigned int cmd, unsigned int type)
{
	return hypercall2(__HYPERVISOR_vm_assist, cmd, type);
}

static inline long hc_update_va_mapping_otherdomain(unsigned long va, uint64_t pte,
						    unsigned long flags, unsigned int domid)
{
	return hypercall4(__HYPERVISOR_update_va_mapping_otherdomain, va, pte, flags, domid);
}

static inline long hc_vcpu_op(int cmd, int vcpu, void *arg)
{
	return hypercall3(__HYPERVISOR_vcpu_op, cmd, vcpu, HC(arg));
}

/* `which`: a SEGBASE_* value. */
static inline long hc_set_segment_base(int which, unsigned long base)
{
	return hypercall2(__HYPERVISOR_set_segment_base, which, base);
}

static inline long hc_mmuext_op(const struct mmuext_op *op, unsigned int count,
				unsigned int *done, unsigned int domid)
{
	return hypercall4(__HYPERVISOR_mmuext_op, HC(op), count, HC(done), domid);
}

static inline long hc_nmi_op(int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_nmi_op, cmd, HC(arg));
}

static inline long hc_sched_op(int cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_sched_op, cmd, HC(arg));
}

static inline long hc_callback_op(int cmd, const void *arg)
{
	return hypercall2(__HYPERVISOR_callback_op, cmd, HC(arg));
}

static inline long hc_sysctl(void *op)
{
	return hypercall1(__HYPERVISOR_sysctl, HC(op));
}

static inline long hc_domctl(void *op)
{
	return hypercall1(__HYPERVISOR_domctl, HC(op));
}

static inline long hc_kexec_op(unsigned long cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_kexec_op, cmd, HC(arg));
}

static inline long hc_hvm_op(unsigned long cmd, void *arg)
{
	return hypercall2(__HYPERVISOR_hvm_op, cmd, HC(arg));
}

#endif
