/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Further vCPUs. */

#include <guestkit/event.h>
#include <guestkit/mm.h>
#include <guestkit/trap.h>
#include <guestkit/report.h>
#include <xen/vcpu.h>

void kit_vcpu_start(void);

void kit_vcpu_start(void)
{
	struct kit_vcpu *v = kit_this_vcpu();

	v->start(v->start_arg);
	kit_fatal("vCPU %u returned from its function", v->id);
}

void kit_vcpu_context(unsigned int id, struct vcpu_guest_context *c)
{
	unsigned long top = (unsigned long)kit_vcpu(id) + KIT_STACK_SIZE;

	memset(c, 0, sizeof(*c));
	c->flags = VGCF_IN_KERNEL;
	c->user_regs.rip = (unsigned long)kit_entry_vcpu;
	c->user_regs.rsp = top;
	c->user_regs.cs = FLAT_KERNEL_CS64;
	c->user_regs.ss = FLAT_KERNEL_SS64;
	c->user_regs.rflags = 0x200;
	c->kernel_ss = FLAT_KERNEL_SS64;
	c->kernel_sp = top - KIT_STACK_SIZE / 2;
	c->ctrlreg[3] = (unsigned long)kit_va_to_mfn(kit_root()) << PAGE_SHIFT;
	c->event_callback_eip = (unsigned long)kit_entry_event;
	c->failsafe_callback_eip = (unsigned long)kit_entry_failsafe;
	c->syscall_callback_eip = (unsigned long)kit_entry_syscall;
	/* Here the table is an array by vector, not a list. */
	for (unsigned int i = 0; i < 22; i++) {
		if (i == KIT_VEC_NMI || i == 9 || i == 15 || i == 20)
			continue;
		c->trap_ctxt[i].vector = (uint8_t)i;
		c->trap_ctxt[i].flags = i == KIT_VEC_BP || i == KIT_VEC_OF ? 3 : 0;
		c->trap_ctxt[i].cs = FLAT_KERNEL_CS64;
		c->trap_ctxt[i].address = kit_gate_address(i);
	}
}

long kit_vcpu_boot(unsigned int id, void (*fn)(void *arg), void *arg)
{
	static struct vcpu_guest_context context;
	struct kit_vcpu *v = kit_vcpu(id);
	long ret;

	kit_vcpu_context(id, &context);
	v->start = fn;
	v->start_arg = arg;
	ret = hc_vcpu_op(VCPUOP_initialise, (int)id, &context);
	if (ret)
		return ret;
	return hc_vcpu_op(VCPUOP_up, (int)id, NULL);
}
