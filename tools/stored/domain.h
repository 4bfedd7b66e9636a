/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains that the store knows: introduced by the toolstack, connected by their ring, gone when the hypervisor says so. */
#ifndef STORED_DOMAIN_H
#define STORED_DOMAIN_H

#include "conn.h"
#include "hv.h"
#include "ring.h"

struct domain {
	struct domain *next;
	uint16_t domid;
	bool shutdown;			/* it was told to the watchers */
	bool ring_broken;
	bool unheard;			/* its event was not taken yet (pace.h) */
	uint32_t remote_port;		/* 0: not introduced, but named in permissions */
	int port;			/* -1: not bound */
	struct xenstore_domain_interface *ring;
	struct conn *conn;
};

extern struct domain *domains;

struct domain *domain_find(uint16_t domid);
bool domain_introduced(uint16_t domid);

/*
 * May permissions name the domain? It must exist: else whoever gets that number later would have them. From then on its
 * end is watched for. Notes a new one in store_log.
 */
bool domain_nameable(uint16_t domid);

/* Looks for events of rings and of domains that end, from now on. */
void domain_start(struct ev_loop *loop);

/* Dom0's own kernel. Nothing happens if it offers no ring. */
void domain_introduce_own(void);

/*
 * Introduces a domain, or its new event channel, and notes it in store_log. Errors: positive errno. The caller fires the
 * watches.
 */
int domain_introduce(uint16_t domid, uint32_t remote_port);

/* Forgets a domain: its ring, its connection, its nodes; notes it in store_log. */
void domain_release(struct domain *domain);

/* The same without a note: while a journal is replayed. */
void domain_forget(struct domain *domain);

/* The domain asks for a fresh start of its ring. */
void domain_reconnect(struct domain *domain);
void domain_lost_conn(struct domain *domain);

/* Its events are taken again. */
void domain_hear(struct domain *domain);

/* Compares with what the hypervisor says: those that ended are told to the watchers, or released. */
void domain_check_all(void);
void domain_set_shutdown(struct domain *domain, bool shutdown);
void domain_set_target(struct domain *domain, uint16_t target);

/* After a restart: makes the domain known; takes up rings and channels of all that are known. */
struct domain *domain_replay(uint16_t domid, uint32_t remote_port);
void domain_resume_all(void);

/* Writes what a new journal must have of the domains; of one whose connection is written already. */
void domain_dump(struct buffer *log);
void domain_dump_target(const struct domain *domain, struct buffer *log);

#endif
