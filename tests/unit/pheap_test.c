/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heap of nodes against a plain array. */
#include <tenon/pheap.h>
#include "../lib/random.h"
#include "../lib/tap.h"

#define NODES	500

static struct pheap heap;
static struct pheap_node nodes[NODES];
static bool in[NODES];

static int64_t smallest(void)
{
	int64_t least = INT64_MAX;

	for (unsigned int i = 0; i < NODES; i++)
		if (in[i] && nodes[i].key < least)
			least = nodes[i].key;
	return least;
}

static unsigned int random_run(unsigned int steps, unsigned int keys)
{
	unsigned int bad = 0;

	for (unsigned int step = 0; step < steps; step++) {
		unsigned int i = random_below(NODES);

		if (in[i]) {
			pheap_remove(&heap, &nodes[i]);
		} else {
			nodes[i].key = (int64_t)random_below(keys) - keys / 2;
			pheap_insert(&heap, &nodes[i]);
		}
		in[i] = !in[i];
		if (pheap_first(&heap))
			bad += pheap_first(&heap)->key != smallest();
		else
			bad += smallest() != INT64_MAX;
	}
	return bad;
}

int main(void)
{
	int64_t last = INT64_MIN;
	unsigned int bad = 0, left = 0;

	ok(!pheap_first(&heap), "empty at first");
	ok(!random_run(20000, 1000000), "the first is the smallest, always");
	ok(!random_run(20000, 5), "also with many equal keys");
	for (unsigned int i = 0; i < NODES; i++)
		left += in[i];
	while (pheap_first(&heap)) {
		struct pheap_node *n = pheap_first(&heap);

		bad += n->key < last || !in[n - nodes];
		last = n->key;
		in[n - nodes] = false;
		left--;
		pheap_remove(&heap, n);
	}
	ok(!bad && !left, "all come out in order");

	/* Timers of one instant are to go off in the order in which they were set. */
	for (unsigned int i = 0; i < 3; i++) {
		nodes[i].key = 7;
		pheap_insert(&heap, &nodes[i]);
	}
	ok(pheap_first(&heap) == &nodes[0], "of equals the first stays first");
	return tap_end();
}
