/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FIFO interface: a word a port in the guest's pages, and for each vCPU and priority a queue linked
 * through these words. The guest takes from the head, we append at the tail. The guest may
 * write anything there at any time: nothing read from it is used but single bits.
 */
#include "fifo.h"

#define PENDING		(1U << EVTCHN_FIFO_PENDING)
#define MASKED		(1U << EVTCHN_FIFO_MASKED)
#define LINKED		(1U << EVTCHN_FIFO_LINKED)
#define BUSY		(1U << EVTCHN_FIFO_BUSY)
#define LINK_MASK	((event_word_t)EVTCHN_FIFO_LINK_MASK)

/*
 * Makes port follow tail, unless the guest has taken tail out of the queue already: false. A well-behaved
 * guest can get in between four times, by the changes that it may make to a word that is marked busy.
 */
static bool append(event_word_t *tail, uint32_t port)
{
	event_word_t old = READ_ONCE(*tail);
	bool busy = false;

	for (unsigned int tries = 0; tries < 5 && (old & LINKED); tries++) {
		event_word_t new = (old & ~(BUSY | LINK_MASK)) | port;

		if (__atomic_compare_exchange_n(tail, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return true;
		if (!busy) {
			old = __atomic_or_fetch(tail, BUSY, __ATOMIC_SEQ_CST);
			busy = true;
		}
	}
	if (busy)
		__atomic_fetch_and(tail, ~BUSY, __ATOMIC_SEQ_CST);
	return false;
}

/* Locks the queues of chn's vCPU and of the one where it was last, which it returns. */
static struct evtchn_fifo_vcpu *lock_queues(const struct evtchn *chn, struct evtchn_fifo_vcpu *q)
{
	for (;;) {
		unsigned int last = READ_ONCE(chn->last.vcpu);
		struct evtchn_fifo_vcpu *from = chn->domain->vcpu[last]->evtchn_fifo;

		spin_lock_pair(&from->lock, &q->lock);
		if (chn->last.vcpu == last)
			return from;
		spin_unlock_pair(&from->lock, &q->lock);
	}
}

/* Puts chn into its queue; false if it is in one. */
static bool enqueue(struct evtchn *chn, event_word_t *word)
{
	struct vcpu *v = evtchn_vcpu(chn);
	unsigned int priority = READ_ONCE(chn->priority);
	struct evtchn_fifo_control_block *control;
	struct evtchn_fifo_vcpu *q, *from;
	bool appended;

	/* The vCPU's kernel may not have come so far: it gets it when it unmasks or is sent it again. */
	if (!v || !(q = v->evtchn_fifo) || !(control = __atomic_load_n(&q->control, __ATOMIC_ACQUIRE)))
		return false;
	from = lock_queues(chn, q);
	if (__atomic_fetch_or(word, LINKED, __ATOMIC_SEQ_CST) & LINKED) {
		spin_unlock_pair(&from->lock, &q->lock);
		return false;
	}
	/* Not linked, it was the last one taken out: that queue is empty. */
	if (from->tail[chn->last.priority] == chn->port)
		from->tail[chn->last.priority] = 0;
	appended = q->tail[priority] && append(fifo_word(chn->domain, q->tail[priority]), chn->port);
	if (!appended)
		WRITE_ONCE(control->head[priority], chn->port);
	q->tail[priority] = chn->port;
	chn->last.priority = (uint8_t)priority;
	WRITE_ONCE(chn->last.vcpu, (uint8_t)v->vcpu_id);
	spin_unlock_pair(&from->lock, &q->lock);

	if (!appended && !(__atomic_fetch_or(&control->ready, 1U << priority, __ATOMIC_SEQ_CST) & (1U << priority)))
		vcpu_mark_events_pending(v);
	return true;
}

static void set_pending(struct evtchn *chn)
{
	struct domain *d = chn->domain;
	event_word_t *word = fifo_word(d, chn->port);
	bool was_pending, queued;

	if (unlikely(!word)) {
		chn->pending = true;
		/* Whoever adds the page looks at that after he has added it. */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		word = fifo_word(d, chn->port);
		if (!word)
			return;
	}
	was_pending = __atomic_fetch_or(word, PENDING, __ATOMIC_SEQ_CST) & PENDING;
	queued = !(READ_ONCE(*word) & (MASKED | LINKED)) && enqueue(chn, word);
	/* Of two senders at once one may find it pending and yet be the one who queues it. */
	if (queued || !was_pending)
		evtchn_wake_pollers(d, chn->port);
}

static void clear_pending(struct evtchn *chn)
{
	event_word_t *word = fifo_word(chn->domain, chn->port);

	/* It may stay linked: the guest passes over it. */
	if (word)
		__atomic_fetch_and(word, ~PENDING, __ATOMIC_SEQ_CST);
}

static void unmask(struct evtchn *chn)
{
	event_word_t *word = fifo_word(chn->domain, chn->port);

	if (!word)
		return;
	__atomic_fetch_and(word, ~MASKED, __ATOMIC_SEQ_CST);
	if (READ_ONCE(*word) & PENDING)
		set_pending(chn);
}

static bool is_pending(const struct evtchn *chn)
{
	const event_word_t *word = fifo_word(chn->domain, chn->port);

	return word && (READ_ONCE(*word) & PENDING);
}

static bool is_masked(const struct evtchn *chn)
{
	const event_word_t *word = fifo_word(chn->domain, chn->port);

	return !word || (READ_ONCE(*word) & MASKED);
}

/* Still in a queue, it would be delivered to its old vCPU. */
static bool is_busy(const struct evtchn *chn)
{
	const event_word_t *word = fifo_word(chn->domain, chn->port);

	return word && (READ_ONCE(*word) & LINKED);
}

/* For events to come; one that is queued stays where it is. */
static int set_priority(struct evtchn *chn, uint32_t priority)
{
	if (priority > EVTCHN_FIFO_PRIORITY_MIN)
		return -EINVAL;
	WRITE_ONCE(chn->priority, (uint8_t)priority);
	return 0;
}

const struct evtchn_port_ops evtchn_fifo_ops = {
	.nr_ports = EVTCHN_FIFO_NR_CHANNELS,
	.set_pending = set_pending,
	.clear_pending = clear_pending,
	.unmask = unmask,
	.is_pending = is_pending,
	.is_masked = is_masked,
	.is_busy = is_busy,
	.set_priority = set_priority,
};
