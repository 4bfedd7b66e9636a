/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of ranges against an array of flags. */
#include <string.h>
#include <asm/fake.h>
#include <tenon/rangeset.h>
#include "../lib/host_log.h"
#include "../lib/random.h"
#include "../lib/tap.h"

#define N	200

static bool model[N];
static struct { unsigned long last; unsigned int bad, ranges; bool seen[N]; } walk;

static int visit(unsigned long s, unsigned long e, void *ctx)
{
	if (s > e || e >= N || (walk.ranges && s <= walk.last + 1)) {
		walk.bad++;
		return 1;
	}
	walk.ranges++;
	walk.last = e;
	for (unsigned long i = s; i <= e; i++)
		walk.seen[i] = true;
	return 0;
}

static bool same(struct rangeset *r, unsigned long s, unsigned long e)
{
	bool all = true, any = false;

	memset(&walk, 0, sizeof(walk));
	if (rangeset_for_each(r, s, e, visit, NULL) || walk.bad)
		return false;
	for (unsigned long i = 0; i < N; i++) {
		bool inside = i >= s && i <= e;

		if (walk.seen[i] != (model[i] && inside))
			return false;
		if (inside) {
			all &= model[i];
			any |= model[i];
		}
	}
	return rangeset_contains(r, s, e) == all && rangeset_overlaps(r, s, e) == any;
}

static int stop(unsigned long s, unsigned long e, void *ctx)
{
	return 42;
}

int main(void)
{
	struct rangeset *r;
	unsigned long free_before;
	unsigned int bad = 0;
	bool any = false;

	fake_start(1);
	free_before = heap_free_pages();
	r = rangeset_new("test");
	ok(rangeset_is_empty(r) && rangeset_is_empty(NULL), "empty at first");
	for (unsigned int step = 0; step < 20000; step++) {
		unsigned long s = random_below(N), e = s + random_below(step % 2 ? 20 : 3);
		bool add = random_below(2);

		e = e < N ? e : N - 1;
		bad += add ? rangeset_add(r, s, e) : rangeset_remove(r, s, e);
		for (unsigned long i = s; i <= e; i++)
			model[i] = add;
		s = random_below(N);
		bad += !same(r, s, s + random_below((unsigned int)(N - s)));
		bad += !same(r, 0, N - 1);
	}
	ok(!bad, "as the model has it");
	for (unsigned int i = 0; i < N; i++)
		any |= model[i];
	ok(rangeset_is_empty(r) != any, "emptiness");
	ok(any && rangeset_for_each(r, 0, N, stop, NULL) == 42, "a walk can be stopped");
	ok(rangeset_add(r, 5, 4) == -EINVAL && rangeset_remove(r, 5, 4) == -EINVAL, "a range that ends before it begins");
	ok(!rangeset_contains(r, 5, 4) && !rangeset_overlaps(r, 5, 4), "is in no set");

	ok(!rangeset_remove(r, 0, ~0UL) && rangeset_is_empty(r), "everything removed");
	ok(!rangeset_add(r, ~0UL, ~0UL) && !rangeset_add(r, 0, 0) && rangeset_contains(r, ~0UL, ~0UL) &&
	   !rangeset_contains(r, 1, ~0UL - 1), "the ends of all numbers");
	ok(!rangeset_add(r, 1, ~0UL - 1) && rangeset_contains(r, 0, ~0UL), "all numbers");
	ok(!rangeset_remove(r, 7, 7) && !rangeset_contains(r, 0, 7) && rangeset_contains(r, 8, ~0UL), "but one");
	host_log_clear();
	rangeset_dump(r);
	ok(!strcmp(host_log, " test { 0-6 8-ffffffffffffffff }\n"), "shown");
	rangeset_free(r);
	rangeset_free(NULL);
	ok(heap_free_pages() == free_before, "nothing is lost");
	return tap_end();
}
