/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of a domain's ports: it grows by groups, and lives as long as the domain. */
#include <tenon/mm.h>
#include "event.h"

#define NR_PORTS_MAX	(1U << EVTCHN_FIFO_LINK_BITS)

static bool add_group(struct domain *d)
{
	struct event_domain *e = &d->evt;
	struct evtchn *group = xzalloc_array(struct evtchn, EVTCHNS_PER_GROUP);

	if (!group)
		return false;
	for (unsigned int i = 0; i < EVTCHNS_PER_GROUP; i++) {
		group[i].domain = d;
		group[i].port = e->valid_ports + i;
		group[i].priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	}
	e->bucket[e->valid_ports / EVTCHNS_PER_GROUP] = group;
	__atomic_store_n(&e->valid_ports, e->valid_ports + EVTCHNS_PER_GROUP, __ATOMIC_RELEASE);
	return true;
}

int evtchn_init(struct domain *d, unsigned int max_port)
{
	struct event_domain *e = &d->evt;

	spin_lock_init(&e->lock);
	e->ops = &evtchn_2l_ops;
	e->max_port = min(max_port, NR_PORTS_MAX - 1);
	e->nr_buckets = e->max_port / EVTCHNS_PER_GROUP + 1;
	e->bucket = xzalloc_array(struct evtchn *, e->nr_buckets);
	if (!e->bucket || !add_group(d))
		return -ENOMEM;
	/* 0 is no port. */
	e->bucket[0][0].state = ECS_RESERVED;
	e->first_free = 1;
	return 0;
}

void evtchn_free(struct domain *d)
{
	struct event_domain *e = &d->evt;

	if (!e->bucket)
		return;
	for (unsigned int i = 0; i < e->nr_buckets; i++)
		xfree(e->bucket[i]);
	xfree(e->bucket);
	e->bucket = NULL;
	e->valid_ports = 0;
}

struct evtchn *evtchn_get_free(struct domain *d, long *rc)
{
	struct event_domain *e = &d->evt;
	bool skipped = false;

	*rc = -EINVAL;
	if (d->dying)
		return NULL;
	for (unsigned int port = e->first_free; port <= e->max_port && port < e->ops->nr_ports; port++) {
		struct evtchn *chn;

		*rc = -ENOMEM;
		if (port >= e->valid_ports && !add_group(d))
			return NULL;
		chn = evtchn_from_port(d, port);
		if (chn->state == ECS_FREE && !(e->ops->is_busy && e->ops->is_busy(chn)))
			return chn;
		skipped |= chn->state == ECS_FREE;
		if (!skipped)
			e->first_free = port + 1;
	}
	*rc = -ENOSPC;
	return NULL;
}

void evtchn_use(struct evtchn *chn, enum evtchn_state state, struct evtchn *peer)
{
	if (chn->state == ECS_FREE)
		chn->domain->evt.nr_active++;
	__atomic_store_n(&chn->state, (uint8_t)state, __ATOMIC_RELEASE);
	__atomic_store_n(&chn->peer, peer, __ATOMIC_RELEASE);
}

void evtchn_release(struct evtchn *chn)
{
	struct event_domain *e = &chn->domain->evt;
	unsigned long flags;

	WRITE_ONCE(chn->peer, NULL);
	/* Its next user shall not find an event. */
	flags = local_irq_save();
	e->ops->clear_pending(chn);
	local_irq_restore(flags);
	chn->pending = false;
	chn->notify_vcpu = 0;
	chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
	WRITE_ONCE(chn->state, ECS_FREE);
	e->nr_active--;
	e->first_free = min(e->first_free, (unsigned int)chn->port);
}

void evtchn_link_pirq(struct evtchn *chn, struct vcpu *v)
{
	chn->notify_vcpu = (uint8_t)v->vcpu_id;
	chn->next_pirq = v->pirq_ports;
	WRITE_ONCE(v->pirq_ports, chn->port);
}

void evtchn_unlink_pirq(struct evtchn *chn)
{
	uint32_t *link = &evtchn_vcpu(chn)->pirq_ports;

	while (*link != chn->port)
		link = &evtchn_from_port(chn->domain, *link)->next_pirq;
	*link = chn->next_pirq;
}


bool virq_is_global(uint32_t virq)
{
	return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF && virq != VIRQ_XENPMU;
}
