/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Marking events: from guests and from the hypervisor itself. No locks here, see tenon/event.h. */
#include <tenon/arch.h>
#include <tenon/irq.h>
#include <tenon/percpu.h>
#include <tenon/perfc.h>
#include <tenon/sched.h>
#include "event.h"

static struct domain *virq_handler[NR_VIRQS];	/* NULL: dom0 */

void vcpu_mark_events_pending(struct vcpu *v)
{
	if (__atomic_exchange_n(&v->vcpu_info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
		return;
	vcpu_unblock(v);
	vcpu_kick(v);
	arch_event_kick(v);
}

void evtchn_2l_resend(struct vcpu *v)
{
	WRITE_ONCE(v->vcpu_info->evtchn_upcall_pending, 1);
	WRITE_ONCE(v->vcpu_info->evtchn_pending_sel, ~0UL);
}

static void __noinline wake_pollers(struct domain *d, uint32_t port)
{
	unsigned int i;

	for_each_set_bit(i, d->poll_mask, d->max_vcpus) {
		int32_t polled = READ_ONCE(d->vcpu[i]->poll_evtchn);

		if ((polled <= 0 || (uint32_t)polled == port) && test_and_clear_bit(i, d->poll_mask))
			vcpu_unblock(d->vcpu[i]);
	}
}

void evtchn_wake_pollers(struct domain *d, uint32_t port)
{
	unsigned long any = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(d->poll_mask); i++)
		any |= READ_ONCE(d->poll_mask[i]);
	if (unlikely(any))
		wake_pollers(d, port);
}

int evtchn_send(struct domain *d, uint32_t port)
{
	struct evtchn *chn = evtchn_from_port(d, port), *peer;
	unsigned long flags;

	if (unlikely(!chn))
		return -EINVAL;
	perfc_incr(PERFC_event);
	flags = local_irq_save();
	peer = __atomic_load_n(&chn->peer, __ATOMIC_ACQUIRE);
	if (likely(peer))
		evtchn_set_pending(peer);
	local_irq_restore(flags);
	if (likely(peer))
		return 0;
	/* Nobody there to hear it is no error; no channel at all is. */
	return READ_ONCE(chn->state) == ECS_UNBOUND ? 0 : -EINVAL;
}

void send_guest_vcpu_virq(struct vcpu *v, uint32_t virq)
{
	unsigned long flags = local_irq_save();
	uint32_t port = __atomic_load_n(&v->virq_to_evtchn[virq], __ATOMIC_ACQUIRE);

	if (port)
		evtchn_set_pending(evtchn_from_port(v->domain, port));
	local_irq_restore(flags);
}

void send_global_virq(uint32_t virq)
{
	unsigned long flags = local_irq_save();
	struct domain *d = __atomic_load_n(&virq_handler[virq], __ATOMIC_ACQUIRE);

	ASSERT(virq_is_global(virq));
	if (!d)
		d = dom0;
	if (d && d->vcpu[0])
		send_guest_vcpu_virq(d->vcpu[0], virq);
	local_irq_restore(flags);
}

/* The reference to the one before goes; senders that have seen it are waited for before it is freed. */
static void replace_handler(uint32_t virq, struct domain *d)
{
	struct domain *old = __atomic_exchange_n(&virq_handler[virq], d, __ATOMIC_ACQ_REL);

	if (old)
		domain_put(old);
}

int set_global_virq_handler(struct domain *d, uint32_t virq)
{
	if (virq >= NR_VIRQS || !virq_is_global(virq) || !domain_get_ref(d))
		return -EINVAL;
	replace_handler(virq, d);
	return 0;
}

void forget_virq_handler(struct domain *d)
{
	for (uint32_t virq = 0; virq < NR_VIRQS; virq++)
		if (READ_ONCE(virq_handler[virq]) == d)
			replace_handler(virq, NULL);
}

void send_guest_pirq(struct domain *d, unsigned int pirq)
{
	uint32_t port = pirq_port(d, pirq);

	/* It may fire before its port is bound altogether, and after that. */
	if (port)
		evtchn_set_pending(evtchn_from_port(d, port));
}

int evtchn_port_poll(struct domain *d, uint32_t port)
{
	struct evtchn *chn = evtchn_from_port(d, port);
	unsigned long flags;
	bool pending;

	if (!chn || READ_ONCE(chn->state) <= ECS_RESERVED)
		return -EINVAL;
	flags = local_irq_save();
	pending = READ_ONCE(d->evt.ops)->is_pending(chn);
	local_irq_restore(flags);
	return pending;
}

void evtchn_move_pirqs(struct vcpu *v)
{
	struct domain *d = v->domain;
	struct evtchn *chn;

	if (likely(!READ_ONCE(v->pirq_ports)))
		return;
	spin_lock(&d->evt.lock);
	for (uint32_t port = v->pirq_ports; port; port = chn->next_pirq) {
		chn = evtchn_from_port(d, port);
		pirq_set_affinity(d, chn->pirq, v->processor);
	}
	spin_unlock(&d->evt.lock);
}

static void nothing(void *unused)
{
}

void evtchn_drain(void)
{
	on_selected_cpus(&cpu_online_map, nothing, NULL, true);
}
