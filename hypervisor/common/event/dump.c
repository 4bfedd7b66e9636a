/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event.h"

static void dump_port(const struct evtchn *chn)
{
	static const char *const names[] = {
		"free", "reserved", "unbound", "interdomain", "pirq", "virq", "ipi",
	};
	const struct evtchn_port_ops *ops = chn->domain->evt.ops;

	printk("  %4u [%u/%u] %s vCPU %u", chn->port, ops->is_pending(chn), ops->is_masked(chn),
	       names[chn->state], chn->notify_vcpu);
	if (chn->state == ECS_INTERDOMAIN)
		printk(" d%u port %u\n", chn->peer->domain->domain_id, chn->peer->port);
	else if (chn->state == ECS_UNBOUND)
		printk(" for d%u\n", chn->unbound_for);
	else if (chn->state == ECS_PIRQ || chn->state == ECS_VIRQ)
		printk(" %u\n", chn->state == ECS_PIRQ ? chn->pirq : chn->virq);
	else
		printk("\n");
}

void evtchn_dump(unsigned char key)
{
	const struct evtchn *chn;
	struct domain *d;

	for_each_domain(d) {
		printk(" Domain %u, %s, polling %lx %lx; port [pending/masked]:\n", d->domain_id,
		       d->evt.fifo ? "FIFO" : "two levels", d->poll_mask[0], d->poll_mask[1]);
		spin_lock(&d->evt.lock);
		for (uint32_t port = 1; (chn = evtchn_from_port(d, port)); port++)
			if (chn->state != ECS_FREE)
				dump_port(chn);
		spin_unlock(&d->evt.lock);
	}
}
