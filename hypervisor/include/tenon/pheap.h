/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A heap of nodes that lie in their users: smallest key first. Locking is the user's. */
#ifndef TENON_PHEAP_H
#define TENON_PHEAP_H

#include <tenon/types.h>

struct pheap_node {
	struct pheap_node *child, *next, *prev;
	int64_t key;		/* not to be changed while in a heap */
};

struct pheap {
	struct pheap_node *root;
};

static inline struct pheap_node *pheap_first(const struct pheap *h) { return h->root; }
void pheap_insert(struct pheap *h, struct pheap_node *n);
/* n is in h. */
void pheap_remove(struct pheap *h, struct pheap_node *n);

#endif
