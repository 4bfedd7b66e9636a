/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Closing one port, all ports (reset), and the ports of a domain that dies. */
#include <tenon/hypercall.h>
#include <tenon/irq.h>
#include "event.h"

#define PORTS_PER_CHECK	64

/* The domain of the other end, with a reference; NULL if there is no other end. */
static struct domain *get_peer_domain(const struct evtchn *chn)
{
	unsigned long flags = local_irq_save();
	const struct evtchn *peer = READ_ONCE(chn->peer);
	struct domain *d = peer ? peer->domain : NULL;

	/* It cannot go away here: its end would be closed before, and we be waited for. */
	if (d && !domain_get_ref(d))
		BUG();
	local_irq_restore(flags);
	return d;
}

/* Locks the tables of both ends; returns the other end's domain or NULL, as above. */
static struct domain *lock_ends(struct domain *d, const struct evtchn *chn)
{
	for (;;) {
		struct domain *other = get_peer_domain(chn);

		spin_lock_pair(&d->evt.lock, other ? &other->evt.lock : &d->evt.lock);
		if ((chn->peer ? chn->peer->domain : NULL) == other)
			return other;
		spin_unlock_pair(&d->evt.lock, other ? &other->evt.lock : &d->evt.lock);
		if (other)
			domain_put(other);
	}
}

/* Tables locked. */
static int close_locked(struct domain *d, struct evtchn *chn)
{
	struct evtchn *peer = chn->peer;

	switch (chn->state) {
	case ECS_FREE:
	case ECS_RESERVED:
		return -EINVAL;
	case ECS_PIRQ:
		pirq_guest_unbind(d, chn->pirq);
		(void)pirq_set_port(d, chn->pirq, 0);
		evtchn_unlink_pirq(chn);
		break;
	case ECS_VIRQ:
		WRITE_ONCE(d->vcpu[virq_is_global(chn->virq) ? 0 : chn->notify_vcpu]->virq_to_evtchn[chn->virq], 0);
		break;
	case ECS_INTERDOMAIN:
		peer->unbound_for = d->domain_id;
		evtchn_use(peer, ECS_UNBOUND, NULL);
		break;
	}
	evtchn_release(chn);
	return 0;
}

static int evtchn_close(struct domain *d, uint32_t port)
{
	struct evtchn *chn = evtchn_from_port(d, port);
	struct domain *other;
	int rc;

	if (!chn)
		return -EINVAL;
	other = lock_ends(d, chn);
	rc = close_locked(d, chn);
	spin_unlock_pair(&d->evt.lock, other ? &other->evt.lock : &d->evt.lock);
	if (other)
		domain_put(other);
	return rc;
}

long evtchn_op_close(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct evtchn_close *op = arg;

	return evtchn_close(curr->domain, op->port);
}

/* From port *next on. 0, or -ERESTART with *next where to go on. */
static int close_all(struct domain *d, unsigned int *next)
{
	for (uint32_t port = *next; evtchn_from_port(d, port); port++) {
		(void)evtchn_close(d, port);
		if (port % PORTS_PER_CHECK == 0 && hypercall_preempt_check()) {
			*next = port + 1;
			return -ERESTART;
		}
	}
	return 0;
}

static int evtchn_reset(struct domain *d, bool resuming)
{
	struct event_domain *e = &d->evt;
	bool mine;
	int rc;

	/* One at a time; only what was begun can be resumed. */
	spin_lock(&e->lock);
	mine = !e->next_close != resuming;
	if (mine && !resuming)
		e->next_close = 1;
	spin_unlock(&e->lock);
	if (!mine)
		return -EBUSY;
	rc = close_all(d, &e->next_close);
	if (rc)
		return rc;

	spin_lock(&e->lock);
	e->next_close = 0;
	/* Another vCPU has bound one meanwhile. */
	if (e->nr_active)
		rc = -EAGAIN;
	else
		evtchn_fifo_destroy(d);
	spin_unlock(&e->lock);
	return rc;
}

static long reset(struct vcpu *curr, domid_t id, bool resuming, unsigned long handle)
{
	struct domain *d = domain_get_any(curr, id);
	long rc;

	if (!d)
		return -ESRCH;
	if (d == curr->domain)
		rc = evtchn_reset(d, resuming);
	else if (!curr->domain->is_privileged)
		rc = -EPERM;
	else
		rc = d->controller_pause_count ? evtchn_reset(d, resuming) : -EINVAL;
	domain_put(d);
	if (rc == -ERESTART)
		return hypercall_restart(curr, __HYPERVISOR_event_channel_op, 2, (unsigned long)EVTCHNOP_reset_cont,
					 handle);
	return rc;
}

long evtchn_op_reset(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct evtchn_reset *op = arg;

	return reset(curr, op->dom, false, handle);
}

long evtchn_op_reset_cont(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct evtchn_reset *op = arg;

	return reset(curr, op->dom, true, handle);
}

int evtchn_destroy(struct domain *d)
{
	struct event_domain *e = &d->evt;
	int rc;

	if (e->gone)
		return 0;
	/* Who did not see that it dies has bound its port by the time we have the lock. */
	spin_lock(&e->lock);
	if (!e->dying)
		e->next_close = 0;
	e->dying = true;
	spin_unlock(&e->lock);
	rc = close_all(d, &e->next_close);
	if (rc)
		return rc;
	/* No sender holds on to a port of ours, and no event of ours to anybody's memory. */
	evtchn_drain();
	evtchn_fifo_destroy(d);
	e->gone = true;
	return 0;
}
