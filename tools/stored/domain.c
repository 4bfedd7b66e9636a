// SPDX-License-Identifier: GPL-2.0-or-later
/* Domains: introduced, connected, ended. */
#include "domain.h"

#include <errno.h>
#include <stdio.h>

#include "alloc.h"
#include "pace.h"
#include "store.h"
#include "transaction.h"
#include "watch.h"

struct domain *domains;

static int ending_port = -1;	/* events of domains that end */

struct domain *domain_find(uint16_t domid)
{
	struct domain *domain = domains;

	while (domain && domain->domid != domid)
		domain = domain->next;
	return domain;
}

static struct domain *domain_new(uint16_t domid, uint32_t remote_port)
{
	struct domain *domain = xzalloc(sizeof(*domain));

	domain->domid = domid;
	domain->remote_port = remote_port;
	domain->port = -1;
	domain->next = domains;
	domains = domain;
	return domain;
}

static void domain_disconnect(struct domain *domain)
{
	if (domain->conn) {
		domain->conn->domain = NULL;
		conn_break(domain->conn, "its domain is gone");
	}
	if (domain->port >= 0)
		hv_event_unbind(domain->port);
	if (domain->ring)
		hv_page_unmap(domain->ring);
	domain->conn = NULL;
	domain->port = -1;
	domain->ring = NULL;
	domain->remote_port = 0;
}

static void domain_free(struct domain *domain)
{
	struct domain **link = &domains;

	while (*link != domain)
		link = &(*link)->next;
	*link = domain->next;
	domain_disconnect(domain);
	free(domain);
}

void domain_lost_conn(struct domain *domain)
{
	domain->conn = NULL;
}

static void domain_note(enum record_kind kind, uint16_t domid, uint32_t number)
{
	struct record *record = record_add(&store_log, kind, domid, sizeof(number));

	memcpy(record->payload, &number, sizeof(number));
}

/* ---- rings ---- */

static bool domain_connect(struct domain *domain, uint32_t consumed, uint32_t produced)
{
	int slot = slot_take();
	struct slot_state first;

	if (slot < 0)
		return false;
	first = *slot_now(slot_at(slot));
	first.ring_consumed = consumed;
	first.ring_produced = produced;
	slot_commit(slot_at(slot), &first);
	domain->conn = conn_new(slot, &transport_ring, domain->domid);
	domain->conn->domain = domain;
	conn_journal_open(domain->conn, &store_log);
	return true;
}

static void domain_offer(struct domain *domain)
{
	domain->ring->server_features = XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR;
	domain->ring->error = XENSTORE_ERROR_NONE;
}

static int domain_bind(struct domain *domain)
{
	int port = hv_event_bind(domain->domid, domain->remote_port);

	if (port < 0)
		return -port;
	domain->port = port;
	domain->unheard = false;
	return 0;
}

/* What the domain had open is gone; its streams begin anew. */
static void domain_reset(struct domain *domain, uint32_t consumed, uint32_t produced)
{
	struct conn *conn = domain->conn;
	struct slot_state next = *slot_now(conn->slot);

	watch_remove_all(conn);
	transaction_drop_all(conn);
	conn_drop_events(conn);
	next.in_start = next.in_end = next.out_start = next.out_end = 0;
	next.ring_consumed = consumed;
	next.ring_produced = produced;
	slot_commit(conn->slot, &next);
	domain->ring_broken = false;
	record_add(&store_log, RECORD_RESET, conn->index, 0);
}

void domain_reconnect(struct domain *domain)
{
	domain_reset(domain, 0, 0);
	store_commit(NULL, 0, 0);
	domain->ring->req_prod = domain->ring->rsp_cons = 0;
	ring_publish(domain->ring, 0, 0);
	domain_offer(domain);
	*(volatile uint32_t *)&domain->ring->connection = XENSTORE_CONNECTED;
	hv_event_notify(domain->port);
}

static int domain_introduce_again(struct domain *domain, uint32_t remote_port)
{
	int error;

	if (domain->port >= 0)
		hv_event_unbind(domain->port);
	domain->port = -1;
	domain->remote_port = remote_port;
	error = domain_bind(domain);
	if (error)
		return error;
	if (domain->conn)
		domain_reset(domain, domain->ring->req_cons, domain->ring->rsp_prod);
	domain_offer(domain);
	domain_note(RECORD_INTRODUCE, domain->domid, remote_port);
	return 0;
}

/* The ring, the channel, the connection; undone together if one fails. */
static int domain_introduce_first(struct domain *domain, uint32_t remote_port)
{
	int error;

	domain->ring = hv_page_map(domain->domid, HV_PAGE_STORE);
	if (!domain->ring)
		return EINVAL;
	domain->remote_port = remote_port;
	error = domain_bind(domain);
	domain_note(RECORD_INTRODUCE, domain->domid, remote_port);
	if (!error && !domain_connect(domain, domain->ring->req_cons, domain->ring->rsp_prod))
		error = ENOSPC;
	if (error) {
		store_log.size = 0;
		return error;
	}
	domain_offer(domain);
	conn_kick(domain->conn);
	return 0;
}

int domain_introduce(uint16_t domid, uint32_t remote_port)
{
	struct domain *domain = domain_find(domid);
	bool new = !domain;
	int error;

	if (domain && domain->ring)
		return domain_introduce_again(domain, remote_port);
	if (hv_domain_state(domid) == HV_DOMAIN_GONE)
		return ENOENT;
	if (new)
		domain = domain_new(domid, remote_port);
	error = domain_introduce_first(domain, remote_port);
	if (error && new)
		domain_free(domain);
	else if (error)
		domain_disconnect(domain);
	return error;
}

bool domain_introduced(uint16_t domid)
{
	const struct domain *domain = domain_find(domid);

	return !domid || (domain && domain->remote_port);
}

bool domain_nameable(uint16_t domid)
{
	if (!domid || domain_find(domid))
		return true;
	if (domid >= DOMID_LIMIT || hv_domain_state(domid) == HV_DOMAIN_GONE)
		return false;
	domain_new(domid, 0);
	domain_note(RECORD_INTRODUCE, domid, 0);
	return true;
}

void domain_introduce_own(void)
{
	struct domain *domain;
	struct xenstore_domain_interface *ring;
	int port;

	if (domain_find(0))
		return;
	ring = hv_own_page_map();
	if (!ring)
		return;
	port = hv_own_port();
	domain = domain_new(0, port < 0 ? 0 : port);
	domain->ring = ring;
	if (port < 0 || domain_bind(domain)) {
		log_warning("this kernel's own ring has no event channel: it is not served");
		domain_free(domain);
		return;
	}
	domain_note(RECORD_INTRODUCE, 0, port);
	domain_connect(domain, ring->req_cons, ring->rsp_prod);
	store_commit(NULL, 0, 0);
	hv_event_notify(domain->port);
	conn_kick(domain->conn);
}

/* ---- the end ---- */

void domain_forget(struct domain *domain)
{
	uint16_t domid = domain->domid;

	domain_free(domain);
	if (!domid)
		return;
	view_purge_domain(&store, domid);
	account_forget(domid);
}

void domain_release(struct domain *domain)
{
	domain_note(RECORD_RELEASE, domain->domid, 0);
	domain_forget(domain);
}

void domain_set_shutdown(struct domain *domain, bool shutdown)
{
	domain->shutdown = shutdown;
	domain_note(RECORD_SHUTDOWN, domain->domid, shutdown);
}

void domain_set_target(struct domain *domain, uint16_t target)
{
	domain->conn->actor.target = target;
	domain_note(RECORD_TARGET, domain->domid, target);
}

void domain_check_all(void)
{
	struct domain *next;
	bool news = false;

	for (struct domain *domain = domains; domain; domain = next) {
		enum hv_domain_state state = domain->domid ? hv_domain_state(domain->domid) : HV_DOMAIN_RUNNING;

		next = domain->next;
		if (state == HV_DOMAIN_RUNNING || (state == HV_DOMAIN_SHUTDOWN && domain->shutdown))
			continue;
		news |= domain->remote_port != 0;
		if (state == HV_DOMAIN_GONE)
			domain_release(domain);
		else
			domain_set_shutdown(domain, true);
	}
	store_commit(NULL, 0, 0);
	watch_fire(&store);
	if (news)
		watch_fire_special("@releaseDomain");
}

/* ---- events ---- */

void domain_hear(struct domain *domain)
{
	if (domain->unheard)
		hv_event_done(domain->port);
	domain->unheard = false;
}

static void domain_event(struct ev_loop *loop, ev_io *watcher, int revents)
{
	int port;

	while ((port = hv_event_next()) >= 0) {
		bool unheard = false;

		if (port == ending_port)
			domain_check_all();
		for (struct domain *domain = domains; domain; domain = domain->next)
			if (domain->port == port && domain->conn) {
				conn_kick(domain->conn);
				domain->unheard = unheard = domain->conn->pace.waits;
				if (!unheard)
					pace_event(domain->conn);
			}
		if (!unheard)
			hv_event_done(port);
	}
}

void domain_start(struct ev_loop *loop)
{
	static ev_io watcher;

	if (hv_event_fd() < 0)
		return;
	ev_io_init(&watcher, domain_event, hv_event_fd(), EV_READ);
	ev_io_start(loop, &watcher);
	ending_port = hv_event_bind_domains();
	if (ending_port < 0)
		log_warning("domains that end are not reported (%s): nodes of theirs stay until they are released",
			    strerror(-ending_port));
}

/* ---- after a restart ---- */

struct domain *domain_replay(uint16_t domid, uint32_t remote_port)
{
	struct domain *domain = domain_find(domid);

	if (!domain)
		return domain_new(domid, remote_port);
	domain->remote_port = remote_port;
	return domain;
}

static bool domain_resume(struct domain *domain)
{
	const struct slot_state *now;

	if (!domain->remote_port)
		return true;
	domain->ring = domain->domid ? hv_page_map(domain->domid, HV_PAGE_STORE) : hv_own_page_map();
	if (!domain->ring || !domain->conn || domain_bind(domain))
		return false;
	now = slot_now(domain->conn->slot);
	ring_publish(domain->ring, now->ring_consumed, now->ring_produced);
	hv_event_notify(domain->port);
	conn_kick(domain->conn);
	return true;
}

void domain_resume_all(void)
{
	struct domain *next;

	for (struct domain *domain = domains; domain; domain = next) {
		next = domain->next;
		if (!domain_resume(domain))
			domain_release(domain);
	}
	store_commit(NULL, 0, 0);
	domain_check_all();
}

void domain_dump(struct buffer *log)
{
	for (const struct domain *domain = domains; domain; domain = domain->next) {
		uint32_t numbers[] = { domain->remote_port, domain->shutdown };

		memcpy(record_add(log, RECORD_INTRODUCE, domain->domid, 4)->payload, &numbers[0], 4);
		memcpy(record_add(log, RECORD_SHUTDOWN, domain->domid, 4)->payload, &numbers[1], 4);
	}
}

void domain_dump_target(const struct domain *domain, struct buffer *log)
{
	uint32_t target = domain->conn ? domain->conn->actor.target : DOMID_NONE;

	memcpy(record_add(log, RECORD_TARGET, domain->domid, 4)->payload, &target, 4);
}
