/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the store daemon needs of the hypervisor. The program is linked with one implementation: hv_linux.c (the kernel's
 * devices), or hv_fake.c (tests).
 */
#ifndef STORED_HV_H
#define STORED_HV_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

enum hv_domain_state { HV_DOMAIN_GONE, HV_DOMAIN_SHUTDOWN, HV_DOMAIN_RUNNING };

/*
 * Opens what is needed, while the process is still root. False, with a message: there is no hypervisor; the daemon then
 * serves its sockets alone.
 */
bool hv_open(void);

/* Readable when an event waits; -1 without a hypervisor. */
int hv_event_fd(void);

/* The next port with an event, or -1. The port stays silent until hv_event_done(). */
int hv_event_next(void);
void hv_event_done(int port);

/* Binds to a port that @domid offers; to the event of domains that end. A local port, or a negative errno. */
int hv_event_bind(uint16_t domid, uint32_t remote_port);
int hv_event_bind_domains(void);
void hv_event_unbind(int port);
void hv_event_notify(int port);

/* The page that the domain shares with the store; NULL, errno set: it grants none. */
struct xenstore_domain_interface *hv_ring_map(uint16_t domid);
void hv_ring_unmap(struct xenstore_domain_interface *ring);

/* The same for this domain's own kernel, and the port it offers. A negative errno if it has none. */
struct xenstore_domain_interface *hv_ring_map_own(void);
int hv_own_port(void);

enum hv_domain_state hv_domain_state(uint16_t domid);

#endif
