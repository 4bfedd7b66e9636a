/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemons need of the hypervisor. A program is linked with one implementation: hv_linux.c (the kernel's devices),
 * or hv_fake.c (tests).
 */
#ifndef HV_HV_H
#define HV_HV_H

#include <stdbool.h>
#include <stdint.h>

enum hv_domain_state { HV_DOMAIN_GONE, HV_DOMAIN_SHUTDOWN, HV_DOMAIN_RUNNING };

/*
 * Opens what is needed, while the process is still root. False, with a message: there is no hypervisor; the daemon then
 * serves its sockets alone.
 */
bool hv_open(void);

/*
 * The store alone, after hv_open, while the process is still root: the ring of this kernel's own domain. It is mapped at once, since
 * the kernel lets only a privileged process do it. What was found: hv_own_page_map, hv_own_port.
 */
void hv_open_own(void);

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

/* A page that the domain shares with a daemon; NULL, errno set: it grants none. */
enum hv_page { HV_PAGE_STORE, HV_PAGE_CONSOLE };
void *hv_page_map(uint16_t domid, enum hv_page which);
void hv_page_unmap(void *page);

/* The store's page of this domain's own kernel, and the port it offers. A negative errno if it has none. */
void *hv_own_page_map(void);
int hv_own_port(void);

enum hv_domain_state hv_domain_state(uint16_t domid);

#endif
