// SPDX-License-Identifier: GPL-2.0-or-later
/* The ring of a domain. Every index of the domain's is read once and checked; our own are never read from the page. */
#include "ring.h"

#include <stdatomic.h>
#include <string.h>

#include "conn.h"
#include "domain.h"

static uint32_t index_read(const uint32_t *index)
{
	uint32_t value = *(const volatile uint32_t *)index;

	atomic_thread_fence(memory_order_seq_cst);
	return value;
}

int ring_read(const struct xenstore_domain_interface *ring, uint32_t consumed, char *out, size_t room)
{
	uint32_t there = index_read(&ring->req_prod) - consumed, at = MASK_XENSTORE_IDX(consumed);
	size_t size = there < room ? there : room;
	size_t first = XENSTORE_RING_SIZE - at < size ? XENSTORE_RING_SIZE - at : size;

	if (there > XENSTORE_RING_SIZE)
		return -1;
	memcpy(out, ring->req + at, first);
	memcpy(out + first, ring->req, size - first);
	return size;
}

int ring_write(struct xenstore_domain_interface *ring, uint32_t produced, const char *data, size_t size)
{
	uint32_t held = produced - index_read(&ring->rsp_cons), at = MASK_XENSTORE_IDX(produced);
	size_t first;

	if (held > XENSTORE_RING_SIZE)
		return -1;
	if (size > XENSTORE_RING_SIZE - held)
		size = XENSTORE_RING_SIZE - held;
	first = XENSTORE_RING_SIZE - at < size ? XENSTORE_RING_SIZE - at : size;
	memcpy(ring->rsp + at, data, first);
	memcpy(ring->rsp, data + first, size - first);
	return size;
}

bool ring_publish(struct xenstore_domain_interface *ring, uint32_t consumed, uint32_t produced)
{
	bool news = *(volatile uint32_t *)&ring->req_cons != consumed || *(volatile uint32_t *)&ring->rsp_prod != produced;

	atomic_thread_fence(memory_order_seq_cst);
	*(volatile uint32_t *)&ring->req_cons = consumed;
	*(volatile uint32_t *)&ring->rsp_prod = produced;
	atomic_thread_fence(memory_order_seq_cst);
	return news;
}

/* ---- as a transport ---- */

static bool ring_broken(struct conn *conn)
{
	struct domain *domain = conn->domain;

	if (domain->ring)
		domain->ring->error = XENSTORE_ERROR_RINGIDX;
	if (!domain->ring_broken)
		log_warning("domain %u: impossible indices in its store ring; it is not served until it is introduced anew",
			    domain->domid);
	domain->ring_broken = true;
	return true;
}

static bool ring_receive(struct conn *conn, bool *more)
{
	struct slot *slot = conn->slot;
	struct domain *domain = conn->domain;
	struct slot_state next;
	int got;

	if (!domain || !domain->ring || domain->ring_broken)
		return true;
	if (index_read(&domain->ring->connection) == XENSTORE_RECONNECT)
		domain_reconnect(domain);
	if (!slot_make_room_in(slot))
		return true;
	next = *slot_now(slot);
	got = ring_read(domain->ring, next.ring_consumed, slot->in + next.in_end, sizeof(slot->in) - next.in_end);
	if (got < 0)
		return ring_broken(conn);
	next.in_end += got;
	next.ring_consumed += got;
	slot_commit(slot, &next);
	*more = got == XENSTORE_RING_SIZE;
	return true;
}

static bool ring_send(struct conn *conn)
{
	struct slot *slot = conn->slot;
	struct domain *domain = conn->domain;
	struct slot_state next = *slot_now(slot);
	int sent;

	if (!domain || !domain->ring || domain->ring_broken)
		return true;
	sent = ring_write(domain->ring, next.ring_produced, slot->out + next.out_start, next.out_end - next.out_start);
	if (sent < 0)
		return ring_broken(conn);
	next.out_start += sent;
	next.ring_produced += sent;
	if (next.out_start == next.out_end)
		next.out_start = next.out_end = 0;
	slot_commit(slot, &next);
	return true;
}

/*
 * Linux tells nothing of a request behind one that it takes for unread, nor of a reply that it took out of a ring that was not
 * full: what came before our indices were in the page is looked for once they are. Each turn for this moves bytes.
 */
static bool ring_has_more(struct conn *conn)
{
	const struct xenstore_domain_interface *ring = conn->domain->ring;
	const struct slot_state *now = slot_now(conn->slot);

	if (conn_has_output(conn) && now->ring_produced - index_read(&ring->rsp_cons) != XENSTORE_RING_SIZE)
		return true;
	return index_read(&ring->req_prod) != now->ring_consumed && slot_make_room_in(conn->slot);
}

static void ring_end_turn(struct conn *conn)
{
	struct domain *domain = conn->domain;
	const struct slot_state *now = slot_now(conn->slot);

	if (!domain || !domain->ring || domain->ring_broken)
		return;
	if (ring_publish(domain->ring, now->ring_consumed, now->ring_produced))
		hv_event_notify(domain->port);
	if (ring_has_more(conn))
		conn_kick(conn);
}

static void ring_close(struct conn *conn)
{
	if (conn->domain)
		domain_lost_conn(conn->domain);
}

const struct transport transport_ring = {
	.name = "ring", .receive = ring_receive, .send = ring_send, .end_turn = ring_end_turn, .close = ring_close,
};
