/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nmi: the NMI's handler, registered by nmi_op and by callback_op; NMIs that vCPUs send to themselves and to others, out
 * of kernel and user mode; no second one before the first has ended with iret.
 */

#include <guestkit/report.h>
#include <guestkit/event.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>
#include <xen/callback.h>
#include <xen/nmi.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#define WAIT	5000000000UL	/* ns, on a busy machine */

static volatile uint32_t came[2], deepest, from_user, send_inside, ready;
static volatile uint32_t depth, mask_seen;

static bool on_nmi(struct kit_regs *regs)
{
	unsigned int id = kit_this_vcpu()->id;

	if (++depth > deepest)
		deepest = depth;
	mask_seen = kit_this_vcpu()->info->evtchn_upcall_mask;
	from_user += (regs->cs & 3) == 3;
	came[id]++;
	if (send_inside) {
		send_inside--;
		hc_vcpu_op(VCPUOP_send_nmi, (int)id, NULL);
		hc_xen_version(0, NULL);
	}
	depth--;
	return true;
}

static long send(int vcpu)
{
	return hc_vcpu_op(VCPUOP_send_nmi, vcpu, NULL);
}

static void registration(void)
{
	struct xennmi_callback cb = { .handler_address = (unsigned long)kit_entry_nmi };
	struct callback_register reg = { .type = CALLBACKTYPE_nmi, .address = (unsigned long)kit_entry_nmi };
	struct callback_unregister unreg = { .type = CALLBACKTYPE_nmi };

	kit_observe_ret(hc_nmi_op(XENNMI_register_callback, NULL), "register NULL");
	kit_observe_ret(hc_nmi_op(2, &cb), "nmi_op 2");
	kit_observe_ret(hc_nmi_op(XENNMI_unregister_callback, NULL), "unregister when there is none");
	cb.handler_address = 1UL << 63;
	kit_observe_ret(hc_nmi_op(XENNMI_register_callback, &cb), "register non-canonical");
	cb.handler_address = (unsigned long)kit_entry_nmi;
	kit_observe_ret(hc_nmi_op(XENNMI_register_callback, &cb), "register");
	kit_observe_ret(hc_nmi_op(XENNMI_register_callback, &cb), "register again");
	kit_check_eq(send(0), 0, "send to oneself");
	kit_check_eq(came[0], 1, "it comes at once");
	kit_observe("upcalls masked in the handler: %u, afterwards %u", mask_seen, kit_this_vcpu()->info->evtchn_upcall_mask);
	kit_observe_ret(hc_nmi_op(XENNMI_unregister_callback, NULL), "unregister");
	kit_observe_ret(send(0), "send without a handler");
	kit_check_eq(came[0], 1, "nothing comes");
	kit_observe_ret(hc_callback_op(CALLBACKOP_register, &reg), "register by callback_op");
	kit_check_eq(came[0], 1, "the one without a handler is lost");
	kit_check_eq(send(0), 0, "send");
	kit_check_eq(came[0], 2, "it comes");
	kit_observe_ret(hc_callback_op(CALLBACKOP_unregister, &unreg), "unregister by callback_op");
	kit_check_eq(hc_callback_op(CALLBACKOP_register, &reg), 0, "and once more");
}

static void nesting(void)
{
	uint32_t n = came[0];

	send_inside = 1;
	kit_check_eq(send(0), 0, "send; the handler sends another");
	kit_check(kit_wait_for(&came[0], n + 2, WAIT), "both come");
	kit_check_eq(deepest, 1, "the second after the first");
	kit_events_unmask();
	send(0);
	kit_observe("with upcalls allowed: masked in the handler %u, afterwards %u", mask_seen,
		    kit_this_vcpu()->info->evtchn_upcall_mask);
	kit_events_mask();
}

static unsigned long user_waits(void *arg)
{
	volatile uint32_t *word = arg;

	ready = 1;
	for (unsigned long i = 0; i < 1UL << 34 && !*word; i++)
		kit_pause();
	return *word;
}

static void second(void *arg)
{
	struct callback_register reg = { .type = CALLBACKTYPE_nmi, .address = (unsigned long)kit_entry_nmi };

	(void)arg;
	hc_callback_op(CALLBACKOP_register, &reg);
	while (!ready)
		kit_pause();
	hc_vcpu_op(VCPUOP_send_nmi, 0, NULL);
	while (!came[1])
		kit_pause();
	for (;;)
		hc_vcpu_op(VCPUOP_down, 1, NULL);
}

static void across(void)
{
	struct kit_fault f;
	uint32_t n = came[0];
	unsigned long v = 0;

	kit_check_eq(kit_vcpu_boot(1, second, NULL), 0, "a second vCPU");
	kit_check(kit_user_probe(user_waits, (void *)&from_user, &f, &v), "user mode goes on behind an NMI");
	kit_check_eq(came[0], n + 1, "one came");
	kit_check_eq(from_user, 1, "out of user mode");
	kit_check_eq(send(1), 0, "send to the other");
	kit_check(kit_wait_for(&came[1], 1, WAIT), "it comes there");
}

void kit_main(void)
{
	kit_event_init();
	kit_set_hook(KIT_VEC_NMI_CALLBACK, on_nmi);
	hc_vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL);
	registration();
	nesting();
	across();
}
