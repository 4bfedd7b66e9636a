/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_channel_op: the operations' table, and those that change nothing. */
#include <tenon/hypercall.h>
#include "event.h"

static long op_unmask(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct evtchn_unmask *op = arg;
	struct domain *d = curr->domain;
	struct evtchn *chn = evtchn_from_port(d, op->port);
	unsigned long flags;

	if (!chn)
		return -EINVAL;
	flags = local_irq_save();
	/* Port 0 and free ones are nobody's, and their bits nothing to care about. */
	if (READ_ONCE(chn->state) > ECS_RESERVED)
		READ_ONCE(d->evt.ops)->unmask(chn);
	local_irq_restore(flags);
	return 0;
}

static long op_set_priority(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct evtchn_set_priority *op = arg;
	struct domain *d = curr->domain;
	struct evtchn *chn = evtchn_from_port(d, op->port);
	long rc;

	if (!chn)
		return -EINVAL;
	spin_lock(&d->evt.lock);
	if (!d->evt.ops->set_priority)
		rc = -ENOSYS;
	else if (chn->state <= ECS_RESERVED)
		rc = -EACCES;
	else
		rc = d->evt.ops->set_priority(chn, op->priority);
	spin_unlock(&d->evt.lock);
	return rc;
}

/* Table locked. */
static void describe(const struct evtchn *chn, struct evtchn_status *op)
{
	op->vcpu = chn->notify_vcpu;
	switch (chn->state) {
	case ECS_UNBOUND:
		op->status = EVTCHNSTAT_unbound;
		op->u.unbound.dom = chn->unbound_for;
		break;
	case ECS_INTERDOMAIN:
		op->status = EVTCHNSTAT_interdomain;
		op->u.interdomain.dom = chn->peer->domain->domain_id;
		op->u.interdomain.port = chn->peer->port;
		break;
	case ECS_PIRQ:
		op->status = EVTCHNSTAT_pirq;
		op->u.pirq = chn->pirq;
		break;
	case ECS_VIRQ:
		op->status = EVTCHNSTAT_virq;
		op->u.virq = chn->virq;
		break;
	case ECS_IPI:
		op->status = EVTCHNSTAT_ipi;
		break;
	default:
		op->status = EVTCHNSTAT_closed;
		break;
	}
}

static long op_status(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct evtchn_status *op = arg;
	struct domain *d = domain_get_any(curr, op->dom);
	struct evtchn *chn;
	long rc = 0;

	if (!d)
		return -ESRCH;
	spin_lock(&d->evt.lock);
	chn = evtchn_from_port(d, op->port);
	if (!chn)
		rc = -EINVAL;
	else if (d != curr->domain && !curr->domain->is_privileged)
		rc = -EPERM;
	else
		describe(chn, op);
	spin_unlock(&d->evt.lock);
	domain_put(d);
	return rc;
}

#define OP(name, fn_, flags_)	[EVTCHNOP_##name] = { fn_, sizeof(struct evtchn_##name), flags_, #name }
static const struct subop ops[] = {
	OP(bind_interdomain, evtchn_op_bind_interdomain, SUBOP_OUT),
	OP(bind_virq, evtchn_op_bind_virq, SUBOP_OUT),
	OP(bind_pirq, evtchn_op_bind_pirq, SUBOP_OUT),
	OP(close, evtchn_op_close, 0),
	OP(status, op_status, SUBOP_OUT),
	OP(alloc_unbound, evtchn_op_alloc_unbound, SUBOP_OUT),
	OP(bind_ipi, evtchn_op_bind_ipi, SUBOP_OUT),
	OP(bind_vcpu, evtchn_op_bind_vcpu, 0),
	OP(unmask, op_unmask, 0),
	OP(reset, evtchn_op_reset, 0),
	OP(init_control, evtchn_op_init_control, SUBOP_OUT),
	OP(expand_array, evtchn_op_expand_array, 0),
	OP(set_priority, op_set_priority, 0),
	/* A reset that goes on. */
	[EVTCHNOP_reset_cont] = { evtchn_op_reset_cont, sizeof(struct evtchn_reset), 0, "reset_cont" },
};

long do_event_channel_op(struct vcpu *curr, unsigned long cmd, unsigned long arg, unsigned long a3,
			 unsigned long a4, unsigned long a5)
{
	struct evtchn_send send;

	/* Not by way of the table: it is the most frequent by far. */
	if (likely((uint32_t)cmd == EVTCHNOP_send))
		return copy_from_guest_va(&send, arg, sizeof(send)) ? -EFAULT : evtchn_send(curr->domain, send.port);
	return subop_dispatch(curr, ops, ARRAY_SIZE(ops), (uint32_t)cmd, arg);
}

/* The first form of the call: number and argument in one. */
long do_event_channel_op_compat(struct vcpu *curr, unsigned long arg, unsigned long a2, unsigned long a3,
				unsigned long a4, unsigned long a5)
{
	uint32_t cmd;

	if (copy_from_guest_va(&cmd, arg, sizeof(cmd)))
		return -EFAULT;
	if (cmd > EVTCHNOP_unmask)
		return -ENOSYS;
	return do_event_channel_op(curr, cmd, arg + offsetof(struct evtchn_op, u), 0, 0, 0);
}
