/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical interrupts of guests: a table of numbers. */
#include <asm/fake.h>
#include <tenon/irq.h>
#include <tenon/rangeset.h>

static struct fake_pirq *find(struct domain *d, unsigned int pirq)
{
	return pirq < FAKE_PIRQS ? &d->arch.pirq[pirq] : NULL;
}

uint32_t pirq_port(struct domain *d, unsigned int pirq)
{
	return find(d, pirq) ? READ_ONCE(find(d, pirq)->port) : 0;
}

int pirq_set_port(struct domain *d, unsigned int pirq, uint32_t port)
{
	if (!find(d, pirq))
		return -EINVAL;
	find(d, pirq)->port = port;
	return 0;
}

bool pirq_access_permitted(struct domain *d, unsigned int pirq)
{
	return rangeset_contains(d->irq_caps, pirq, pirq);
}

int pirq_guest_bind(struct vcpu *v, unsigned int pirq, bool share)
{
	struct fake_pirq *p = find(v->domain, pirq);

	if (p->bound)
		return -EBUSY;
	p->bound = true;
	p->cpu = v->processor;
	return 0;
}

void pirq_guest_unbind(struct domain *d, unsigned int pirq)
{
	find(d, pirq)->bound = false;
}

void pirq_set_affinity(struct domain *d, unsigned int pirq, unsigned int cpu)
{
	find(d, pirq)->cpu = cpu;
}

int pirq_to_irq(struct domain *d, unsigned int pirq)
{
	return find(d, pirq) ? (int)pirq : -EINVAL;
}
