/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who runs here: a small block at the top of each CPU's stack. The stack is
 * aligned to its size, so that the block's address follows from any stack pointer.
 */
#ifndef ASM_CURRENT_H
#define ASM_CURRENT_H

#include <asm/regs.h>
#include <asm/layout.h>
#include <tenon/types.h>

struct vcpu;
struct percpu;

/* The last fault of the hypervisor's own that had a fix-up, for fix-ups that need to know. */
struct entry_fault {
	uint32_t vector, error_code;
	unsigned long cr2;
};

/*
 * guest_regs is where entry from a guest leaves the guest's registers. The
 * processor pushes from &guest_regs.es downwards, which must be 16-byte aligned.
 */
struct cpu_info {
	struct cpu_user_regs guest_regs;
	struct vcpu *current_vcpu;
	struct percpu *percpu;
	uint32_t processor_id;
	uint32_t pad;
	struct entry_fault fault;
	/* Isolation, all as CR3 has it: the hypervisor's root while a view is in force, else 0; roots that there are views of. */
	unsigned long away, source[2], view[2];
	unsigned long newest;		/* view: 0 or 1 */
	unsigned long pad2;
};
_Static_assert(sizeof(struct cpu_info) % 16 == 8, "guest_regs.es must be 16-byte aligned");
_Static_assert(offsetof(struct cpu_user_regs, es) % 16 == 8, "guest_regs.es must be 16-byte aligned");

static inline struct cpu_info *get_cpu_info(void)
{
	unsigned long sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	return (struct cpu_info *)((sp | (STACK_SIZE - 1)) + 1) - 1;
}

#define current			(get_cpu_info()->current_vcpu)
#define this_cpu()		(get_cpu_info()->percpu)
#define smp_processor_id()	(get_cpu_info()->processor_id)
#define guest_regs()		(&get_cpu_info()->guest_regs)

static inline void set_current(struct vcpu *v)
{
	get_cpu_info()->current_vcpu = v;
}

/* Abandons this stack's contents and continues at fn (which does not return). */
void reset_stack_and_jump(void (*fn)(void)) __attribute__((noreturn));

#endif
