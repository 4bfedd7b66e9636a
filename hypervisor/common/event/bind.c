/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binding: each call finds a free port, checks all, and only then makes the port what was asked for. */
#include <tenon/irq.h>
#include "event.h"

static bool may_control(const struct vcpu *curr, const struct domain *d)
{
	return d == curr->domain || curr->domain->is_privileged;
}

long evtchn_op_alloc_unbound(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct evtchn_alloc_unbound *op = arg;
	struct domain *d = domain_get_any(curr, op->dom);
	struct evtchn *chn = NULL;
	long rc = -EPERM;

	if (!d)
		return -ESRCH;
	spin_lock(&d->evt.lock);
	if (may_control(curr, d))
		chn = evtchn_get_free(d, &rc);
	if (chn) {
		chn->unbound_for = op->remote_dom == DOMID_SELF ? curr->domain->domain_id : op->remote_dom;
		evtchn_use(chn, ECS_UNBOUND, NULL);
		op->port = chn->port;
		rc = 0;
	}
	spin_unlock(&d->evt.lock);
	domain_put(d);
	return rc;
}

/* Both tables locked. */
static long connect(struct domain *d, struct domain *remote, struct evtchn_bind_interdomain *op)
{
	struct evtchn *chn, *peer;
	unsigned long flags;
	long rc;

	chn = evtchn_get_free(d, &rc);
	if (!chn)
		return rc;
	peer = evtchn_from_port(remote, op->remote_port);
	if (!peer || peer->state != ECS_UNBOUND || peer->unbound_for != d->domain_id)
		return -EINVAL;
	evtchn_use(chn, ECS_INTERDOMAIN, peer);
	evtchn_use(peer, ECS_INTERDOMAIN, chn);
	/* The other side may have sent before anybody was there to hear it. */
	flags = local_irq_save();
	evtchn_set_pending(chn);
	local_irq_restore(flags);
	op->local_port = chn->port;
	return 0;
}

long evtchn_op_bind_interdomain(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct evtchn_bind_interdomain *op = arg;
	struct domain *d = curr->domain, *remote = domain_get_any(curr, op->remote_dom);
	long rc;

	if (!remote)
		return -ESRCH;
	spin_lock_pair(&d->evt.lock, &remote->evt.lock);
	rc = connect(d, remote, op);
	spin_unlock_pair(&d->evt.lock, &remote->evt.lock);
	domain_put(remote);
	return rc;
}

long evtchn_op_bind_virq(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct evtchn_bind_virq *op = arg;
	struct domain *d = curr->domain;
	struct evtchn *chn;
	struct vcpu *v;
	long rc;

	if (op->virq >= NR_VIRQS || (virq_is_global(op->virq) && op->vcpu))
		return -EINVAL;
	v = domain_vcpu(d, op->vcpu);
	if (!v)
		return -ENOENT;
	spin_lock(&d->evt.lock);
	rc = -EEXIST;
	chn = v->virq_to_evtchn[op->virq] ? NULL : evtchn_get_free(d, &rc);
	if (chn) {
		chn->virq = (uint16_t)op->virq;
		chn->notify_vcpu = (uint8_t)op->vcpu;
		evtchn_use(chn, ECS_VIRQ, NULL);
		__atomic_store_n(&v->virq_to_evtchn[op->virq], chn->port, __ATOMIC_RELEASE);
		op->port = chn->port;
		rc = 0;
	}
	spin_unlock(&d->evt.lock);
	return rc;
}

long evtchn_op_bind_ipi(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct evtchn_bind_ipi *op = arg;
	struct domain *d = curr->domain;
	struct evtchn *chn;
	long rc;

	if (!domain_vcpu(d, op->vcpu))
		return -ENOENT;
	spin_lock(&d->evt.lock);
	chn = evtchn_get_free(d, &rc);
	if (chn) {
		chn->notify_vcpu = (uint8_t)op->vcpu;
		evtchn_use(chn, ECS_IPI, chn);
		op->port = chn->port;
		rc = 0;
	}
	spin_unlock(&d->evt.lock);
	return rc;
}

/* Table locked. */
static long bind_pirq(struct domain *d, struct evtchn_bind_pirq *op)
{
	uint32_t bound = pirq_port(d, op->pirq);
	struct evtchn *chn;
	long rc;

	/* Writes what is there: is there such an interrupt? */
	if (op->pirq > UINT16_MAX || pirq_set_port(d, op->pirq, bound))
		return -EINVAL;
	if (!pirq_access_permitted(d, op->pirq))
		return -EPERM;
	if (bound)
		return -EEXIST;
	chn = evtchn_get_free(d, &rc);
	if (!chn)
		return rc;
	/* It may fire as soon as it is bound. */
	chn->pirq = (uint16_t)op->pirq;
	rc = pirq_set_port(d, op->pirq, chn->port);
	if (rc)
		return rc;
	rc = pirq_guest_bind(d->vcpu[0], op->pirq, op->flags & BIND_PIRQ__WILL_SHARE);
	if (rc) {
		(void)pirq_set_port(d, op->pirq, 0);
		return rc;
	}
	evtchn_link_pirq(chn, d->vcpu[0]);
	evtchn_use(chn, ECS_PIRQ, NULL);
	op->port = chn->port;
	return 0;
}

long evtchn_op_bind_pirq(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct domain *d = curr->domain;
	long rc;

	spin_lock(&d->evt.lock);
	rc = bind_pirq(d, arg);
	spin_unlock(&d->evt.lock);
	return rc;
}

/* Table locked. */
static long rebind(struct evtchn *chn, struct vcpu *v)
{
	switch (chn->state) {
	case ECS_VIRQ:
		if (!virq_is_global(chn->virq))
			return -EINVAL;
		break;
	case ECS_UNBOUND:
	case ECS_INTERDOMAIN:
		break;
	case ECS_PIRQ:
		if (chn->notify_vcpu == v->vcpu_id)
			return 0;
		evtchn_unlink_pirq(chn);
		pirq_set_affinity(v->domain, chn->pirq, v->processor);
		evtchn_link_pirq(chn, v);
		return 0;
	default:
		return -EINVAL;
	}
	WRITE_ONCE(chn->notify_vcpu, (uint8_t)v->vcpu_id);
	return 0;
}

long evtchn_op_bind_vcpu(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct evtchn_bind_vcpu *op = arg;
	struct domain *d = curr->domain;
	struct vcpu *v = domain_vcpu(d, op->vcpu);
	struct evtchn *chn;
	long rc;

	if (!v)
		return -ENOENT;
	spin_lock(&d->evt.lock);
	chn = evtchn_from_port(d, op->port);
	rc = chn ? rebind(chn, v) : -EINVAL;
	spin_unlock(&d->evt.lock);
	return rc;
}
