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

/* As many ports come into being at once; a kernel can see it, and should see what Xen shows. */
#define EVTCHNS_PER_GROUP	64

/*
 * Senders take no lock: they look at a channel and mark its event with interrupts off. Who takes
 * something away from them changes the table under its lock, then waits with evtchn_drain().
 */
struct event_domain {		/* embedded in struct domain */
	spinlock_t lock;		/* structure of the table: ports allocated, bound and closed */
	struct evtchn **bucket;		/* groups of ports: nr_buckets pointers */
	unsigned int nr_buckets;
	unsigned int valid_ports;	/* ports below this have an entry; any CPU reads it, it only grows */
	unsigned int max_port;		/* limit */
	unsigned int first_free;	/* no port below it is free */
	unsigned int nr_active;		/* ports in use */
	unsigned int next_close;	/* how far a reset has come; 0: none is under way */
	bool dying, gone;		/* evtchn_destroy() was begun, is done */
	const struct evtchn_port_ops *ops;	/* 2-level or FIFO */
	struct evtchn_fifo_domain *fifo;
};

int evtchn_init(struct domain *d, unsigned int max_port);
/* Closes all ports. -ERESTART until done. */
int evtchn_destroy(struct domain *d);
void evtchn_free(struct domain *d);

/*
 * Waits until no CPU is in a stretch of code with interrupts off that it was in at the call: whoever
 * has looked up a channel or a vCPU's info before is done with it. Interrupts on.
 */
void evtchn_drain(void);

/* What follows may be called in any context. Virtual interrupts: */
void send_guest_vcpu_virq(struct vcpu *v, uint32_t virq);
/* One that is there once: to the domain that handles it, which is dom0 unless tools have said otherwise. */
void send_global_virq(uint32_t virq);
/* Makes d the one that handles it: 0 or -EINVAL. It keeps a reference until d dies or another takes over. */
int set_global_virq_handler(struct domain *d, uint32_t virq);
void forget_virq_handler(struct domain *d);
/* A physical interrupt that d has bound fired; pirq is d's number. */
void send_guest_pirq(struct domain *d, unsigned int pirq);
/* 0 or -errno; for the hypervisor's own notifications and EVTCHNOP_send. */
int evtchn_send(struct domain *d, uint32_t port);
/* For SCHEDOP_poll: 1 if the port's event is pending, 0 if not, -EINVAL if nothing uses it. */
int evtchn_port_poll(struct domain *d, uint32_t port);
/* When v moves to another CPU: re-target its bound physical interrupts. */
void evtchn_move_pirqs(struct vcpu *v);
/* v's info is in a new place: its kernel is to look at all events there are. */
void evtchn_2l_resend(struct vcpu *v);

/* Marks v's upcall pending and makes it notice: wakes it, or interrupts its CPU. */
void vcpu_mark_events_pending(struct vcpu *v);

void evtchn_dump(unsigned char key);

#endif
