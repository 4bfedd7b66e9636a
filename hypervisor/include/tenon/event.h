/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels. */
#ifndef TENON_EVENT_H
#define TENON_EVENT_H

#include <tenon/types.h>
#include <tenon/spinlock.h>
#include <xen/event_channel.h>

struct domain;
struct vcpu;
struct evtchn;
struct evtchn_fifo_domain;
struct evtchn_port_ops;

#define EVTCHNS_PER_GROUP	512

struct event_domain {		/* embedded in struct domain */
	spinlock_t lock;		/* structure of the table: ports allocated and closed */
	struct evtchn **bucket;		/* groups of ports; grows, never shrinks while alive */
	unsigned int nr_buckets;
	unsigned int valid_ports;	/* ports below this have an entry; any CPU reads it */
	unsigned int max_port;		/* limit */
	const struct evtchn_port_ops *ops;	/* 2-level or FIFO */
	struct evtchn_fifo_domain *fifo;
};

int evtchn_init(struct domain *d, unsigned int max_port);
/* Closes all ports. -ERESTART until done. */
int evtchn_destroy(struct domain *d);
void evtchn_free(struct domain *d);

/* Virtual interrupts. */
void send_guest_vcpu_virq(struct vcpu *v, uint32_t virq);
/* To the domain that has bound it, dom0 by default (console, dom_exc...). */
void send_guest_global_virq(struct domain *d, uint32_t virq);
/* A physical interrupt that d has bound fired; pirq is d's number. */
void send_guest_pirq(struct domain *d, unsigned int pirq);
/* Sets d's port pending as if its peer had notified. */
void evtchn_set_pending_port(struct domain *d, uint32_t port);
/* 0 or -errno; for the hypervisor's own notifications and EVTCHNOP_send. */
int evtchn_send(struct domain *d, uint32_t port);
/* Port pending and unmasked? (SCHEDOP_poll) */
bool evtchn_port_is_pending(struct domain *d, uint32_t port);
bool evtchn_port_valid(struct domain *d, uint32_t port);
/* When v moves to another CPU: re-target its bound physical interrupts. */
void evtchn_move_pirqs(struct vcpu *v);
/* 2-level: events pending for v at (re)registration of vcpu_info. */
void evtchn_2l_resend(struct vcpu *v);

/* Marks v's upcall pending and makes it notice: wakes it, or interrupts its CPU. */
void vcpu_mark_events_pending(struct vcpu *v);

void evtchn_dump(unsigned char key);

#endif
