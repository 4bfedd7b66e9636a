/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical interrupts. */
#ifndef TENON_IRQ_H
#define TENON_IRQ_H

#include <tenon/cpumask.h>
#include <asm/irq.h>

struct domain;
struct vcpu;

/* The hypervisor's own handler for a GSI; context: interrupts off. 0 or -errno. */
int irq_request(unsigned int irq, void (*fn)(unsigned int irq, void *data), void *data, const char *name);

/*
 * Physical interrupts given to a guest (events: EVTCHNOP_bind_pirq and PHYSDEVOP). send_guest_pirq() is
 * called with interrupts off and the interrupt's lock held: these are not to be called with a
 * lock held that it takes.
 */
/* The port bound to d's pirq, 0 if none: kept here for the event code, whose lock guards it. */
uint32_t pirq_port(struct domain *d, unsigned int pirq);
/* -EINVAL: no such pirq. */
int pirq_set_port(struct domain *d, unsigned int pirq, uint32_t port);
/* The interrupt behind it; -EINVAL: there is none. */
int pirq_to_irq(struct domain *d, unsigned int pirq);
/* May d bind it at all? (its interrupt permissions) */
bool pirq_access_permitted(struct domain *d, unsigned int pirq);
int pirq_guest_bind(struct vcpu *v, unsigned int pirq, bool share);
void pirq_guest_unbind(struct domain *d, unsigned int pirq);
/* The guest is done with this occurrence (level-triggered: unmask). */
void pirq_guest_eoi(struct domain *d, unsigned int pirq);
/* Does the guest have to call PHYSDEVOP_eoi for it? */
bool pirq_needs_eoi(struct domain *d, unsigned int pirq);
/* Re-target to the CPU where v runs. */
void pirq_set_affinity(struct domain *d, unsigned int pirq, unsigned int cpu);
void irq_dump(unsigned char key);

#endif
