/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pairing heap whose nodes lie in their users: insertion takes constant time and no
 * memory, removal logarithmic time on average. prev is the left sibling or,
 * for a first child, the parent; the root has none.
 */
#include <tenon/pheap.h>

/* The loser becomes the first child of the winner. Equal keys: a stays above, so that older ones go first. */
static struct pheap_node *meld(struct pheap_node *a, struct pheap_node *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (b->key < a->key) {
		struct pheap_node *t = a;

		a = b;
		b = t;
	}
	b->prev = a;
	b->next = a->child;
	if (a->child)
		a->child->prev = b;
	a->child = b;
	return a;
}

/* Two passes: siblings in pairs from left to right, then the pairs from right to left. */
static struct pheap_node *merge_siblings(struct pheap_node *first)
{
	struct pheap_node *pairs = NULL, *root = NULL;

	while (first) {
		struct pheap_node *a = first, *b = a->next, *m;

		first = b ? b->next : NULL;
		a->next = NULL;
		if (b)
			b->next = NULL;
		m = meld(a, b);
		m->next = pairs;
		pairs = m;
	}
	while (pairs) {
		struct pheap_node *m = pairs;

		pairs = m->next;
		m->next = NULL;
		root = meld(root, m);
	}
	if (root)
		root->prev = NULL;
	return root;
}

void pheap_insert(struct pheap *h, struct pheap_node *n)
{
	n->child = n->next = n->prev = NULL;
	h->root = meld(h->root, n);
}

void pheap_remove(struct pheap *h, struct pheap_node *n)
{
	struct pheap_node *children = merge_siblings(n->child);

	if (n == h->root) {
		h->root = children;
		return;
	}
	if (n->prev->child == n)
		n->prev->child = n->next;
	else
		n->prev->next = n->next;
	if (n->next)
		n->next->prev = n->prev;
	h->root = meld(h->root, children);
}
