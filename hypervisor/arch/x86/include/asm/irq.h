/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86 interrupts: vectors, controllers, descriptors. */
#ifndef ASM_IRQ_H
#define ASM_IRQ_H

#include <tenon/types.h>

/* Priority classes: the higher the vector, the more urgent. */
#define VECTOR_SPURIOUS		0xff
#define VECTOR_ERROR		0xfe
#define VECTOR_FLUSH		0xfd	/* TLB flush IPI */
#define VECTOR_CALL		0xfb	/* cross-CPU call */
#define VECTOR_EVENT_CHECK	0xfc	/* look at softirqs */
#define VECTOR_TIMER		0xfa	/* local APIC timer */
#define VECTOR_DYNAMIC_LAST	0xef
#define VECTOR_DYNAMIC_FIRST	0x30	/* but never 0x80, 0x82 */

struct cpu_user_regs;
struct domain;
/* Called by entry.S for every external vector, interrupts off, with the frame. */
void do_IRQ(struct cpu_user_regs *regs);

/* Direct handlers (IPIs, APIC timer): fn acknowledges nothing, do_IRQ does. */
void irq_set_direct_vector(unsigned int vector, void (*fn)(struct cpu_user_regs *regs));

/*
 * Interrupts off, heap up, ACPI tables read: gates, old controllers, local APIC, IO-APICs,
 * descriptors. Before time_init(). irq_cpu_alloc() before a processor is started.
 */
void irq_init(void);
int irq_cpu_alloc(unsigned int cpu);

/* Number of interrupts that come from IO-APIC pins: they are numbered from 0. */
extern unsigned int nr_gsis;
/* The pin that the 16 old numbers mean on this machine. */
unsigned int isa_irq_to_gsi(unsigned int irq);

/* A domain's table of physical interrupts (irq/pirq.c), empty at first. 0 or -ENOMEM. */
int pirq_domain_init(struct domain *d);
/*
 * A dying domain's interrupts: all are unbound and unmapped, its page of the eoi map is given back. Event
 * channels are closed already; before its pages are taken. Again does nothing.
 */
void pirq_domain_destroy(struct domain *d);
/* The same if it was not done, and the table goes. */
void pirq_domain_free(struct domain *d);
/* Dom0 does not get the controllers' memory. 0 or -ENOMEM. */
int irq_keep_from_dom0(struct domain *d);

#endif
