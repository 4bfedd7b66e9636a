/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the event channels. Fields of a channel are changed under its domain's evt.lock (peer: under
 * both ends'), and read without it by senders, see tenon/event.h.
 */
#ifndef COMMON_EVENT_EVENT_H
#define COMMON_EVENT_EVENT_H

#include <tenon/domain.h>
#include <tenon/event.h>
#include <tenon/lib.h>

enum evtchn_state { ECS_FREE, ECS_RESERVED, ECS_UNBOUND, ECS_INTERDOMAIN, ECS_PIRQ, ECS_VIRQ, ECS_IPI };

struct evtchn {				/* 32 bytes: a group of them is an object of the small allocator */
	struct evtchn *peer;		/* whose event a send marks: the other end, itself (IPI), or NULL */
	struct domain *domain;
	uint32_t port;
	uint32_t next_pirq;		/* ECS_PIRQ: the next port of the same vCPU */
	union {
		domid_t unbound_for;	/* ECS_UNBOUND */
		uint16_t virq;
		uint16_t pirq;
	};
	uint8_t state;
	uint8_t notify_vcpu;
	uint8_t priority;		/* FIFO */
	bool pending;			/* FIFO: happened before there was a word for it */
	struct {			/* FIFO: the queue it was in last; that queue's lock */
		uint8_t vcpu;
		uint8_t priority;
	} last;
};
_Static_assert(sizeof(struct evtchn) == 32 && MAX_VCPUS <= 256, "size of an event channel");

/* An interface by which a kernel sees its events. Of a used port unless told otherwise; interrupts off. */
struct evtchn_port_ops {
	unsigned int nr_ports;
	void (*set_pending)(struct evtchn *chn);
	void (*clear_pending)(struct evtchn *chn);
	/* The guest is ready for it again: marks it if it is pending. Any port. */
	void (*unmask)(struct evtchn *chn);
	/* Any port. */
	bool (*is_pending)(const struct evtchn *chn);
	bool (*is_masked)(const struct evtchn *chn);
	/* A free port that cannot be used again yet; may be NULL. */
	bool (*is_busy)(const struct evtchn *chn);
	/* 0 or -EINVAL; NULL: there are no priorities. */
	int (*set_priority)(struct evtchn *chn, uint32_t priority);
};
extern const struct evtchn_port_ops evtchn_2l_ops, evtchn_fifo_ops;

/* NULL if there is no such port. */
static inline struct evtchn *evtchn_from_port(const struct domain *d, uint32_t port)
{
	uint32_t ports = __atomic_load_n(&d->evt.valid_ports, __ATOMIC_ACQUIRE);

	if (unlikely(port >= ports))
		return NULL;
	port = index_nospec(port, ports);
	return &d->evt.bucket[port / EVTCHNS_PER_GROUP][port % EVTCHNS_PER_GROUP];
}

/* The vCPU to be told; NULL while the domain is being built. */
static inline struct vcpu *evtchn_vcpu(const struct evtchn *chn)
{
	return chn->domain->vcpu[READ_ONCE(chn->notify_vcpu)];
}

/* Interrupts off. */
static inline void evtchn_set_pending(struct evtchn *chn)
{
	READ_ONCE(chn->domain->evt.ops)->set_pending(chn);
}

/* Is there one virq a domain, or one a vCPU? */
bool virq_is_global(uint32_t virq);

/* Port's event has become pending: vCPUs that poll for it wake up. */
void evtchn_wake_pollers(struct domain *d, uint32_t port);

/* ---- table.c; evt.lock held ---- */
/* A free port; it is the caller's once evtchn_use() was called. NULL with *rc set. */
struct evtchn *evtchn_get_free(struct domain *d, long *rc);
/* Others see a channel only when all of it is set: bind calls this last. */
void evtchn_use(struct evtchn *chn, enum evtchn_state state, struct evtchn *peer);
void evtchn_release(struct evtchn *chn);
/* Chain of a vCPU's ports of physical interrupts. */
void evtchn_link_pirq(struct evtchn *chn, struct vcpu *v);
void evtchn_unlink_pirq(struct evtchn *chn);

/* ---- fifo_setup.c ---- */
/* Back to two levels; all ports are closed, evt.lock held or d dying. */
void evtchn_fifo_destroy(struct domain *d);

/* The operations, for the table in op.c. */
long evtchn_op_alloc_unbound(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_bind_interdomain(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_bind_virq(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_bind_ipi(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_bind_pirq(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_bind_vcpu(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_close(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_reset(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_reset_cont(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_init_control(struct vcpu *curr, void *arg, unsigned long handle);
long evtchn_op_expand_array(struct vcpu *curr, void *arg, unsigned long handle);

#endif
