/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical interrupts in guests' hands. A guest names them by numbers of its own; which
 * is which stands in d->arch.pirqs, and who gets an interrupt in its descriptor.
 */
#include <asm/mm.h>
#include <tenon/domain.h>
#include <tenon/event.h>
#include <tenon/percpu.h>
#include "desc.h"

#define PIRQS_GUEST	32	/* a domain's, besides a number for each GSI */

static struct pirq *pirq_get(const struct domain *d, unsigned int pirq)
{
	return pirq < d->arch.nr_pirqs ? &d->arch.pirqs[index_nospec(pirq, d->arch.nr_pirqs)] : NULL;
}

/* The descriptor behind a pirq, or NULL. */
static struct irq_desc *pirq_desc(const struct domain *d, unsigned int pirq)
{
	const struct pirq *p = pirq_get(d, pirq);
	int irq = p ? READ_ONCE(p->irq) : 0;

	return irq > 0 ? irq_desc(irq) : NULL;
}

int pirq_domain_init(struct domain *d)
{
	/* The eoi map has a bit for each, in one page. */
	unsigned int nr = min(d->is_privileged ? nr_irqs : nr_gsis + PIRQS_GUEST, (unsigned int)PAGE_SIZE * 8);

	d->arch.pirqs = xzalloc_array(struct pirq, nr);
	if (!d->arch.pirqs)
		return -ENOMEM;
	d->arch.nr_pirqs = nr;
	return 0;
}

void pirq_domain_destroy(struct domain *d)
{
	pci_lock();
	for (unsigned int i = 0; i < d->arch.nr_pirqs; i++)
		if (d->arch.pirqs[i].irq)
			pirq_unmap(d, (int)i);
	pci_unlock();
	if (d->arch.pirq_eoi_map_mfn.m) {
		d->arch.pirq_eoi_map = NULL;
		put_page_and_type(mfn_to_page(d->arch.pirq_eoi_map_mfn));
		d->arch.pirq_eoi_map_mfn = _mfn(0);
	}
}

void pirq_domain_free(struct domain *d)
{
	if (!d->arch.pirqs)
		return;
	pirq_domain_destroy(d);
	d->arch.nr_pirqs = 0;
	xfree(d->arch.pirqs);
	d->arch.pirqs = NULL;
}

int pirq_of_irq(const struct domain *d, unsigned int irq)
{
	for (unsigned int i = 0; i < d->arch.nr_pirqs; i++)
		if (d->arch.pirqs[i].irq == (int)irq)
			return (int)i;
	return -1;
}

uint32_t pirq_port(struct domain *d, unsigned int pirq)
{
	const struct pirq *p = pirq_get(d, pirq);

	return p ? READ_ONCE(p->port) : 0;
}

int pirq_set_port(struct domain *d, unsigned int pirq, uint32_t port)
{
	struct pirq *p = pirq_get(d, pirq);

	if (!p)
		return -EINVAL;
	WRITE_ONCE(p->port, port);
	return 0;
}

int pirq_to_irq(struct domain *d, unsigned int pirq)
{
	const struct irq_desc *desc = pirq_desc(d, pirq);

	return desc ? (int)desc->irq : -EINVAL;
}

bool pirq_access_permitted(struct domain *d, unsigned int pirq)
{
	const struct irq_desc *desc = pirq_desc(d, pirq);

	return desc && rangeset_contains(d->irq_caps, desc->irq, desc->irq);
}

bool pirq_needs_eoi(struct domain *d, unsigned int pirq)
{
	const struct irq_desc *desc = pirq_desc(d, pirq);

	return desc && desc->level;
}

bool pirq_is_shared(struct domain *d, unsigned int pirq)
{
	struct irq_desc *desc = pirq_desc(d, pirq);
	unsigned long flags;
	bool shared;

	if (!desc)
		return false;
	flags = spin_lock_irqsave(&desc->lock);
	shared = desc->guests && desc->guests->nr > 1;
	spin_unlock_irqrestore(&desc->lock, flags);
	return shared;
}

void pirq_set_affinity(struct domain *d, unsigned int pirq, unsigned int cpu)
{
	struct irq_desc *desc = pirq_desc(d, pirq);

	/* Done when it comes next; where guests share it, the last to move wins. */
	if (desc && !desc->fixed)
		WRITE_ONCE(desc->target, (uint16_t)cpu);
}

/* ---- delivery ---- */

void pirq_deliver(struct irq_desc *desc)
{
	struct irq_guests *g = desc->guests;

	for (unsigned int i = 0; i < g->nr; i++) {
		struct domain *d = g->guest[i].d;
		struct pirq *p = &d->arch.pirqs[g->guest[i].pirq];

		if (desc->level && !p->masked) {
			p->masked = true;
			g->in_flight++;
		}
		send_guest_pirq(d, g->guest[i].pirq);
	}
}

/* d is done with this occurrence; desc->lock held. */
static void eoi(struct irq_desc *desc, struct pirq *p)
{
	if (!p->masked)
		return;
	p->masked = false;
	if (!--desc->guests->in_flight)
		irq_unmask(desc);
}

void pirq_guest_eoi(struct domain *d, unsigned int pirq)
{
	struct irq_desc *desc = pirq_desc(d, pirq);
	unsigned long flags;

	if (!desc || !desc->level)
		return;
	flags = spin_lock_irqsave(&desc->lock);
	if (desc->guests)
		eoi(desc, &d->arch.pirqs[pirq]);
	spin_unlock_irqrestore(&desc->lock, flags);
}

/* ---- who gets it ---- */

static void set_eoi_bit(struct domain *d, unsigned int pirq, bool on)
{
	if (!d->arch.pirq_eoi_map)
		return;
	if (on)
		set_bit(pirq, d->arch.pirq_eoi_map);
	else
		clear_bit(pirq, d->arch.pirq_eoi_map);
}

/* desc->lock held; *fresh is used up if it is needed. */
static int add_guest(struct irq_desc *desc, struct vcpu *v, unsigned int pirq, bool share,
		     struct irq_guests **fresh)
{
	struct irq_guests *g = desc->guests;

	if (!desc->chip)
		return -EINVAL;
	if (desc->fn || (g && (!share || !g->shared || g->nr == IRQ_MAX_GUESTS)))
		return -EBUSY;
	if (!g) {
		int rc = irq_startup(desc, v->processor);

		if (rc)
			return rc;
		g = *fresh;
		g->shared = share;
		*fresh = NULL;
		desc->guests = g;
	}
	g->guest[g->nr].d = v->domain;
	g->guest[g->nr].pirq = pirq;
	g->nr++;
	return 0;
}

int pirq_guest_bind(struct vcpu *v, unsigned int pirq, bool share)
{
	struct irq_guests *fresh = xzalloc(struct irq_guests);
	struct domain *d = v->domain;
	struct irq_desc *desc;
	unsigned long flags;
	int rc = -EINVAL;

	if (!fresh)
		return -ENOMEM;
	spin_lock(&d->arch.pirq_lock);
	desc = pirq_desc(d, pirq);
	if (desc) {
		flags = spin_lock_irqsave(&desc->lock);
		rc = add_guest(desc, v, pirq, share, &fresh);
		spin_unlock_irqrestore(&desc->lock, flags);
		if (!rc)
			set_eoi_bit(d, pirq, desc->level);
		else if (rc == -EBUSY)
			printk(LOG_GUEST "d%u: interrupt %u is in use\n", d->domain_id, desc->irq);
	}
	spin_unlock(&d->arch.pirq_lock);
	xfree(fresh);
	return rc;
}

/* Removes (d, pirq) from desc's guests; returns what is to be freed. desc->lock held. */
static struct irq_guests *remove_guest(struct irq_desc *desc, struct domain *d, unsigned int pirq)
{
	struct irq_guests *g = desc->guests;
	unsigned int i = 0;

	while (g && i < g->nr && (g->guest[i].d != d || g->guest[i].pirq != pirq))
		i++;
	if (!g || i == g->nr)
		return NULL;
	if (g->nr > 1) {
		eoi(desc, &d->arch.pirqs[pirq]);
		g->guest[i] = g->guest[--g->nr];
		return NULL;
	}
	d->arch.pirqs[pirq].masked = false;
	irq_shutdown(desc);
	desc->guests = NULL;
	return g;
}

void pirq_force_unbind(struct domain *d, unsigned int pirq)
{
	struct irq_desc *desc = pirq_desc(d, pirq);
	struct irq_guests *unused;
	unsigned long flags;

	if (!desc)
		return;
	flags = spin_lock_irqsave(&desc->lock);
	unused = remove_guest(desc, d, pirq);
	spin_unlock_irqrestore(&desc->lock, flags);
	xfree(unused);
}

void pirq_guest_unbind(struct domain *d, unsigned int pirq)
{
	spin_lock(&d->arch.pirq_lock);
	pirq_force_unbind(d, pirq);
	spin_unlock(&d->arch.pirq_lock);
}
