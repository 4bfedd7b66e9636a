/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The FIFO interface: switching to it and back, and the guest's pages for it. */
#include <tenon/arch.h>
#include <tenon/mm.h>
#include "fifo.h"

/* A page that d gives us to write to; NULL if it may not. */
static void *take_page(struct domain *d, uint64_t gfn, mfn_t *mfn)
{
	*mfn = arch_gfn_to_mfn(d, _gfn(gfn));
	if (!mfn_valid(*mfn) || get_page_and_type(mfn_to_page(*mfn), d, PGT_writable))
		return NULL;
	return map_domain_page_global(*mfn);
}

static void free_state(struct domain *d, struct evtchn_fifo_domain *f)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		struct evtchn_fifo_vcpu *q = v->evtchn_fifo;

		if (!q)
			continue;
		v->evtchn_fifo = NULL;
		if (q->control)
			put_page_and_type(mfn_to_page(q->mfn));
		xfree(q);
	}
	for (unsigned int i = 0; i < f->nr_words / WORDS_PER_PAGE; i++)
		put_page_and_type(mfn_to_page(f->mfn[i]));
	xfree(f);
}

void evtchn_fifo_destroy(struct domain *d)
{
	struct evtchn_fifo_domain *f = d->evt.fifo;

	if (!f)
		return;
	WRITE_ONCE(d->evt.ops, &evtchn_2l_ops);
	evtchn_drain();
	d->evt.fifo = NULL;
	free_state(d, f);
}

static int add_vcpu(struct vcpu *v)
{
	struct evtchn_fifo_vcpu *q = xzalloc(struct evtchn_fifo_vcpu);

	if (!q)
		return -ENOMEM;
	spin_lock_init(&q->lock);
	__atomic_store_n(&v->evtchn_fifo, q, __ATOMIC_RELEASE);
	return 0;
}

static int set_control(struct vcpu *v, uint64_t gfn, uint32_t offset)
{
	struct evtchn_fifo_vcpu *q = v->evtchn_fifo;
	struct evtchn_fifo_control_block *control;
	char *page;

	if (q->control)
		return -EINVAL;
	page = take_page(v->domain, gfn, &q->mfn);
	if (!page)
		return -EINVAL;
	control = (struct evtchn_fifo_control_block *)(page + offset);
	for (unsigned int i = 0; i < EVTCHN_FIFO_MAX_QUEUES; i++)
		WRITE_ONCE(control->head[i], 0);
	__atomic_store_n(&q->control, control, __ATOMIC_RELEASE);
	return 0;
}

/* Events that are pending on two levels are to be so in the words to come. */
static void carry_over(struct domain *d)
{
	struct evtchn *chn;

	for (uint32_t port = 1; (chn = evtchn_from_port(d, port)); port++) {
		chn->priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
		chn->last.vcpu = chn->last.priority = 0;
		if (evtchn_2l_ops.is_pending(chn))
			chn->pending = true;
	}
}

/* The first control block of a domain switches the interface. */
static int switch_on(struct domain *d, struct vcpu *v, const struct evtchn_init_control *op)
{
	struct evtchn_fifo_domain *f = xzalloc(struct evtchn_fifo_domain);
	struct vcpu *each;
	int rc = 0;

	if (!f)
		return -ENOMEM;
	for_each_vcpu(d, each)
		if (!rc)
			rc = add_vcpu(each);
	if (!rc)
		rc = set_control(v, op->control_gfn, op->offset);
	if (rc) {
		free_state(d, f);
		return rc;
	}
	d->evt.fifo = f;
	__atomic_store_n(&d->evt.ops, &evtchn_fifo_ops, __ATOMIC_SEQ_CST);
	/* Nobody marks an event the old way any more. */
	evtchn_drain();
	carry_over(d);
	return 0;
}

long evtchn_op_init_control(struct vcpu *curr, void *arg, unsigned long handle)
{
	struct evtchn_init_control *op = arg;
	struct domain *d = curr->domain;
	struct vcpu *v = domain_vcpu(d, op->vcpu);
	int rc = 0;

	if (!v)
		return -ENOENT;
	if (op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) || op->offset % 8)
		return -EINVAL;
	op->link_bits = EVTCHN_FIFO_LINK_BITS;
	spin_lock(&d->evt.lock);
	if (!d->evt.fifo) {
		rc = switch_on(d, v, op);
	} else {
		if (!v->evtchn_fifo)
			rc = add_vcpu(v);
		if (!rc)
			rc = set_control(v, op->control_gfn, op->offset);
	}
	spin_unlock(&d->evt.lock);
	return rc;
}

/* What came for these ports before they had words. */
static void raise_waiting(struct domain *d, uint32_t first)
{
	struct evtchn *chn;

	for (uint32_t port = first; port < first + WORDS_PER_PAGE; port++) {
		unsigned long flags;

		chn = evtchn_from_port(d, port);
		if (!chn)
			break;
		if (!READ_ONCE(chn->pending))
			continue;
		chn->pending = false;
		flags = local_irq_save();
		evtchn_set_pending(chn);
		local_irq_restore(flags);
	}
}

static int add_page(struct domain *d, uint64_t gfn)
{
	struct evtchn_fifo_domain *f = d->evt.fifo;
	unsigned int slot, first;

	if (!f)
		return -EOPNOTSUPP;
	first = f->nr_words;
	slot = first / WORDS_PER_PAGE;
	if (slot >= ARRAY_PAGES)
		return -ENOSPC;
	f->page[slot] = take_page(d, gfn, &f->mfn[slot]);
	if (!f->page[slot])
		return -EINVAL;
	__atomic_store_n(&f->nr_words, first + WORDS_PER_PAGE, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	raise_waiting(d, first);
	return 0;
}

long evtchn_op_expand_array(struct vcpu *curr, void *arg, unsigned long handle)
{
	const struct evtchn_expand_array *op = arg;
	struct domain *d = curr->domain;
	int rc;

	spin_lock(&d->evt.lock);
	rc = add_page(d, op->array_gfn);
	spin_unlock(&d->evt.lock);
	return rc;
}
