/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the FIFO interface. */
#ifndef COMMON_EVENT_FIFO_H
#define COMMON_EVENT_FIFO_H

#include "event.h"

#define WORDS_PER_PAGE	(PAGE_SIZE / sizeof(event_word_t))
#define ARRAY_PAGES	(EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)

struct evtchn_fifo_domain {
	unsigned int nr_words;			/* ports that have a word; grows by whole pages */
	event_word_t *page[ARRAY_PAGES];	/* the guest's */
	mfn_t mfn[ARRAY_PAGES];
};

/* The queues of a vCPU. */
struct evtchn_fifo_vcpu {
	spinlock_t lock;			/* irq-safe; two of them: lower address first */
	struct evtchn_fifo_control_block *control;	/* the guest's; NULL until it has given one */
	mfn_t mfn;
	uint32_t tail[EVTCHN_FIFO_MAX_QUEUES];	/* port that was linked last, 0: none */
};

static inline event_word_t *fifo_word(const struct domain *d, uint32_t port)
{
	const struct evtchn_fifo_domain *f = d->evt.fifo;

	uint32_t words = __atomic_load_n(&f->nr_words, __ATOMIC_ACQUIRE);

	if (unlikely(port >= words))
		return NULL;
	port = index_nospec(port, words);
	return &f->page[port / WORDS_PER_PAGE][port % WORDS_PER_PAGE];
}

#endif
