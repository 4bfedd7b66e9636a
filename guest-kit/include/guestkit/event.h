/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_EVENT_H
#define GUESTKIT_EVENT_H

#include <guestkit/kit.h>
#include <xen/event_channel.h>

/* Two-level event channels. The port is cleared before the handler runs, in the upcall. */
typedef void (*kit_event_handler)(uint32_t port);

/* Allocation: a port, or a negative errno. */
int kit_evtchn_alloc_unbound(domid_t dom, domid_t remote);
int kit_evtchn_bind_interdomain(domid_t remote, uint32_t remote_port);
int kit_evtchn_bind_virq(uint32_t virq, uint32_t vcpu);
int kit_evtchn_bind_ipi(uint32_t vcpu);
long kit_evtchn_send(uint32_t port);
long kit_evtchn_close(uint32_t port);
long kit_evtchn_unmask_op(uint32_t port);

/* Sets what the upcall calls for a port (NULL: count only). */
void kit_evtchn_handle(uint32_t port, kit_event_handler handler);
/* Upcalls that each port got so far. */
unsigned int kit_evtchn_count(uint32_t port);

bool kit_evtchn_pending(uint32_t port);
bool kit_evtchn_masked(uint32_t port);
void kit_evtchn_set_mask(uint32_t port, bool masked);
void kit_evtchn_clear(uint32_t port);

/* Takes over the upcall; called by kit_main() of a guest that wants events. */
void kit_event_init(void);

/* System time in nanoseconds from the calling vCPU's time record, and wall clock at boot. */
uint64_t kit_time_now(void);
/* Spins until the system time has advanced by ns. */
void kit_time_spin(uint64_t ns);

/*
 * Starts vCPU `id` at fn(arg) on the kernel's page tables, with the default traps and callbacks.
 * fn must not return. Returns the hypercall's result.
 */
long kit_vcpu_boot(unsigned int id, void (*fn)(void *arg), void *arg);
struct vcpu_guest_context;
/* Only fills the context that kit_vcpu_boot() would use. */
void kit_vcpu_context(unsigned int id, struct vcpu_guest_context *c);
/* Waits until *flag is value, at most for ns nanoseconds; returns whether it became so. */
bool kit_wait_for(volatile uint32_t *flag, uint32_t value, uint64_t ns);

#endif
