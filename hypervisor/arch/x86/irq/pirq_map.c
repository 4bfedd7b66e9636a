/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a domain's physical interrupt numbers stands for which interrupt: PHYSDEVOP_map_pirq and its kin. */
#include <asm/mm.h>
#include <tenon/domain.h>
#include <tenon/percpu.h>
#include "desc.h"

#define MSI_MAX_NR	32

int pirq_find_free(const struct domain *d, bool gsi, unsigned int nr)
{
	unsigned int run = 0;

	for (unsigned int i = 16; gsi && i < nr_gsis; i++)
		if (!d->arch.pirqs[i].irq)
			return (int)i;
	for (unsigned int i = d->arch.nr_pirqs; i-- > nr_gsis;) {
		run = d->arch.pirqs[i].irq ? 0 : run + 1;
		if (run == nr)
			return (int)i;
	}
	return -ENOSPC;
}

/* Is irq d's already, or the number another's? 1: to be mapped, 0: mapped so or otherwise, which is no error. */
static int check_free(const struct domain *d, int pirq, int irq)
{
	int have = pirq_of_irq(d, irq), old = d->arch.pirqs[pirq].irq;

	return have < 0 && old <= 0;
}

/* d may use it from now on. */
static int grant(struct domain *d, int irq)
{
	return rangeset_add(d->irq_caps, irq, irq);
}

int pirq_map_gsi(struct vcpu *curr, struct domain *d, int gsi, int *pirq)
{
	struct domain *cd = curr->domain;
	int irq = 0, have, rc = 0;

	if (gsi < 0 || gsi >= (int)nr_gsis)
		return -EINVAL;
	if ((unsigned int)gsi < cd->arch.nr_pirqs)
		irq = cd->arch.pirqs[gsi].irq;
	if (irq <= 0)
		irq = is_hardware_domain(cd) ? gsi : -1;
	if (irq < 0)
		return -EINVAL;

	spin_lock(&d->arch.pirq_lock);
	have = pirq_of_irq(d, irq);
	if (*pirq < 0)
		*pirq = have >= 0 ? have : pirq_find_free(d, true, 1);
	if (*pirq < 0)
		rc = *pirq;
	else if (have >= 0 && have != *pirq)
		rc = -EEXIST;
	else if (!rangeset_contains(cd->irq_caps, irq, irq))
		rc = -EPERM;
	else if (!irq || *pirq >= (int)d->arch.nr_pirqs || !irq_desc(irq)->chip)
		rc = -EINVAL;
	else if (check_free(d, *pirq, irq)) {
		rc = grant(d, irq);
		if (!rc)
			WRITE_ONCE(d->arch.pirqs[*pirq].irq, irq);
	}
	spin_unlock(&d->arch.pirq_lock);
	return rc;
}

/* ---- messages ---- */

/* How many the caller wants, as a power of two; -errno. */
static int messages_wanted(const struct msi_request *req)
{
	int nr = 1;

	if (!req->multi)
		return 1;
	if (req->entry_nr <= 0 || req->entry_nr > MSI_MAX_NR)
		return -EDOM;
	while (nr < req->entry_nr)
		nr *= 2;
	return nr;
}

/* The device's only, or that table entry's: the other kind of messages must not be in use. pci_lock held. */
static int check_device(struct pci_dev *dev, const struct domain *d, bool msix)
{
	struct msi_entry *e;

	if (!dev || dev->domain != d)
		return -ENODEV;
	list_for_each(e, &dev->msi_list, list)
		if (e->msix != msix)
			return -EBUSY;
		else if (!msix)
			return -EEXIST;
	return 0;
}

/* irq .. irq + nr - 1 get vectors, then the device's messages carry them. */
static int set_up(struct pci_dev *dev, struct msi_request *req, int irq, int nr, unsigned int cpu)
{
	struct irq_desc *desc = irq_desc(irq);
	struct msi_entry *e;
	unsigned long flags;
	int rc;

	rc = vector_alloc(desc, nr, irq_cpu_reachable(cpu) ? cpu : 0, 0);
	if (rc)
		return rc;
	rc = req->table_base ? msix_enable(dev, irq, req->entry_nr, req->table_base, &e) :
			       msi_enable(dev, irq, nr, &e);
	if (rc > 0) {
		req->entry_nr = rc;
		return -ENFILE;
	}
	if (rc)
		return rc;
	for (int i = 0; i < nr; i++) {
		flags = spin_lock_irqsave(&desc[i].lock);
		desc[i].msi = e;
		desc[i].fixed = nr > 1;
		desc[i].chip = e->msix ? &msix_chip : e->maskable ? &msi_chip : &msi_unmaskable_chip;
		if (!i)
			desc->chip->route(desc);
		spin_unlock_irqrestore(&desc[i].lock, flags);
	}
	return 0;
}

/* Enters the numbers; the descriptors are d's. pirq_lock held. */
static int enter(struct domain *d, int pirq, int irq, int nr)
{
	int rc = rangeset_add(d->irq_caps, irq, irq + nr - 1);

	for (int i = 0; !rc && i < nr; i++)
		WRITE_ONCE(d->arch.pirqs[pirq + i].irq, irq + i);
	return rc;
}

static bool numbers_free(const struct domain *d, int pirq, int nr)
{
	if (pirq + nr > (int)d->arch.nr_pirqs)
		return false;
	for (int i = 0; i < nr; i++)
		if (d->arch.pirqs[pirq + i].irq > 0)
			return false;
	return true;
}

static int map_msi(struct vcpu *curr, struct domain *d, struct pci_dev *dev, struct msi_request *req,
		   int nr, int *pirq)
{
	int irq, rc, number = *pirq;

	if (number < 0)
		number = pirq_find_free(d, false, nr);
	if (number < 0)
		return number;
	if (!numbers_free(d, number, nr))
		return -EINVAL;
	irq = irq_alloc(nr, &msi_unmaskable_chip);
	if (irq < 0)
		return -EINVAL;
	rc = set_up(dev, req, irq, nr, curr->processor);
	if (!rc) {
		rc = enter(d, number, irq, nr);
		if (rc)
			msi_disable(irq_desc(irq)->msi);
	}
	if (rc) {
		irq_release(irq, nr);
		return rc;
	}
	*pirq = number;
	if (req->multi)
		req->entry_nr = nr;
	return 0;
}

int pirq_map_msi(struct vcpu *curr, struct domain *d, struct msi_request *req, int *pirq)
{
	int nr = messages_wanted(req), rc;
	struct pci_dev *dev;

	if (nr < 0)
		return nr;
	pci_lock();
	dev = pci_find(req->dev);
	rc = check_device(dev, d, req->table_base);
	if (!rc) {
		spin_lock(&d->arch.pirq_lock);
		rc = map_msi(curr, d, dev, req, nr, pirq);
		spin_unlock(&d->arch.pirq_lock);
	}
	pci_unlock();
	return rc;
}

/* ---- and back ---- */

static void unmap_msi(struct domain *d, int pirq, struct msi_entry *e)
{
	unsigned int irq = e->irq, nr = e->nr;

	for (unsigned int i = 0; i < nr; i++)
		WRITE_ONCE(d->arch.pirqs[pirq + i].irq, 0);
	/* Without a pirq for it the right is worth nothing. */
	if (rangeset_remove(d->irq_caps, irq, irq + nr - 1))
		printk(LOG_WARN "No memory to take interrupt %u from d%u\n", irq, d->domain_id);
	msi_disable(e);
	irq_release(irq, nr);
}

static int unmap_locked(struct domain *d, int pirq)
{
	struct pirq *p = &d->arch.pirqs[pirq];
	struct irq_desc *desc;
	int irq = p->irq;

	if (irq == PIRQ_RESERVED)
		p->irq = 0;
	if (irq <= 0)
		return -EINVAL;
	desc = irq_desc(irq);
	if (irq_is_ioapic(desc)) {
		pirq_force_unbind(d, pirq);
		WRITE_ONCE(p->irq, 0);
		/* Dom0 keeps its right to map it again. */
		return is_hardware_domain(d) ? 0 : rangeset_remove(d->irq_caps, irq, irq);
	}
	if (desc->msi->irq != (unsigned int)irq)
		return -EBUSY;
	for (unsigned int i = 0; i < desc->msi->nr; i++)
		pirq_force_unbind(d, pirq + i);
	unmap_msi(d, pirq, desc->msi);
	return 0;
}

int pirq_unmap(struct domain *d, int pirq)
{
	int rc;

	if (pirq < 0 || pirq >= (int)d->arch.nr_pirqs)
		return -EINVAL;
	spin_lock(&d->arch.pirq_lock);
	rc = unmap_locked(d, pirq);
	spin_unlock(&d->arch.pirq_lock);
	return rc;
}
