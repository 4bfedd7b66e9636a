/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of numbers as a sorted list of ranges that neither overlap nor touch. Both
 * ends of a range belong to it. The lock is the set's own and nests inside all others.
 */
#include <tenon/list.h>
#include <tenon/mm.h>
#include <tenon/rangeset.h>
#include <tenon/spinlock.h>

struct range {
	struct list_head link;
	unsigned long s, e;
};

struct rangeset {
	spinlock_t lock;
	struct list_head ranges;
	const char *name;
};

struct rangeset *rangeset_new(const char *name)
{
	struct rangeset *r = xzalloc(struct rangeset);

	if (!r)
		return NULL;
	spin_lock_init(&r->lock);
	list_init(&r->ranges);
	r->name = name;
	return r;
}

void rangeset_free(struct rangeset *r)
{
	struct range *x, *n;

	if (!r)
		return;
	list_for_each_safe(x, n, &r->ranges, link)
		xfree(x);
	xfree(r);
}

/* First range that ends at or after s; NULL if there is none. */
static struct range *first_reaching(struct rangeset *r, unsigned long s)
{
	struct range *x;

	list_for_each(x, &r->ranges, link)
		if (x->e >= s)
			return x;
	return NULL;
}

static void remove_range(struct range *x)
{
	list_del(&x->link);
	xfree(x);
}

int rangeset_add(struct rangeset *r, unsigned long s, unsigned long e)
{
	struct range *new, *x, *n;
	struct list_head *before;

	if (s > e)
		return -EINVAL;
	new = xzalloc(struct range);
	if (!new)
		return -ENOMEM;
	spin_lock(&r->lock);
	before = &r->ranges;
	list_for_each_safe(x, n, &r->ranges, link) {
		/* Stays clear of [s, e], not even touching it? */
		if (s && x->e < s - 1)
			continue;
		if (x->s && x->s - 1 > e) {
			before = &x->link;
			break;
		}
		s = min(s, x->s);
		e = max(e, x->e);
		remove_range(x);
	}
	new->s = s;
	new->e = e;
	list_add_tail(&new->link, before);
	spin_unlock(&r->lock);
	return 0;
}

int rangeset_remove(struct rangeset *r, unsigned long s, unsigned long e)
{
	struct range *x, *n, *spare;

	if (s > e)
		return -EINVAL;
	/* A hole in the middle of one range makes two of it. */
	spare = xzalloc(struct range);
	if (!spare)
		return -ENOMEM;
	spin_lock(&r->lock);
	list_for_each_safe(x, n, &r->ranges, link) {
		if (x->e < s)
			continue;
		if (x->s > e)
			break;
		if (x->s < s && x->e > e) {
			spare->s = e + 1;
			spare->e = x->e;
			x->e = s - 1;
			list_add(&spare->link, &x->link);
			spare = NULL;
			break;
		}
		if (x->s < s)
			x->e = s - 1;
		else if (x->e > e)
			x->s = e + 1;
		else
			remove_range(x);
	}
	spin_unlock(&r->lock);
	xfree(spare);
	return 0;
}

bool rangeset_contains(struct rangeset *r, unsigned long s, unsigned long e)
{
	struct range *x;
	bool in;

	spin_lock(&r->lock);
	x = first_reaching(r, s);
	in = s <= e && x && x->s <= s && x->e >= e;
	spin_unlock(&r->lock);
	return in;
}

bool rangeset_overlaps(struct rangeset *r, unsigned long s, unsigned long e)
{
	struct range *x;
	bool overlap;

	spin_lock(&r->lock);
	x = first_reaching(r, s);
	overlap = s <= e && x && x->s <= e;
	spin_unlock(&r->lock);
	return overlap;
}

bool rangeset_is_empty(struct rangeset *r)
{
	return !r || list_empty(&r->ranges);
}

int rangeset_for_each(struct rangeset *r, unsigned long s, unsigned long e,
		      int (*fn)(unsigned long s, unsigned long e, void *ctx), void *ctx)
{
	struct range *x;
	int rc = 0;

	spin_lock(&r->lock);
	for (x = first_reaching(r, s); x && &x->link != &r->ranges && x->s <= e && !rc;
	     x = list_entry(x->link.next, struct range, link))
		rc = fn(max(x->s, s), min(x->e, e), ctx);
	spin_unlock(&r->lock);
	return rc;
}

void rangeset_dump(struct rangeset *r)
{
	struct range *x;

	printk(" %s {", r->name);
	spin_lock(&r->lock);
	list_for_each(x, &r->ranges, link)
		printk(x->s == x->e ? " %lx" : " %lx-%lx", x->s, x->e);
	spin_unlock(&r->lock);
	printk(" }\n");
}
