/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doubly linked circular lists. */
#ifndef TENON_LIST_H
#define TENON_LIST_H

#include <tenon/lib.h>

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)

static inline void list_init(struct list_head *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list_head *l)
{
	return l->next == l;
}

static inline void list_insert_(struct list_head *e, struct list_head *prev,
				struct list_head *next)
{
	e->prev = prev;
	e->next = next;
	prev->next = e;
	next->prev = e;
}

static inline void list_add(struct list_head *e, struct list_head *head)
{
	list_insert_(e, head, head->next);
}

static inline void list_add_tail(struct list_head *e, struct list_head *head)
{
	list_insert_(e, head->prev, head);
}

/* Removes e; e is left initialised, so that a second removal does nothing. */
static inline void list_del(struct list_head *e)
{
	e->prev->next = e->next;
	e->next->prev = e->prev;
	list_init(e);
}

#define list_entry(p, type, member)	container_of(p, type, member)
#define list_first(head, type, member)	list_entry((head)->next, type, member)
#define list_for_each(p, head, member) \
	for (p = list_entry((head)->next, __typeof__(*p), member); \
	     &p->member != (head); \
	     p = list_entry(p->member.next, __typeof__(*p), member))
#define list_for_each_safe(p, n, head, member) \
	for (p = list_entry((head)->next, __typeof__(*p), member), \
	     n = list_entry(p->member.next, __typeof__(*p), member); \
	     &p->member != (head); \
	     p = n, n = list_entry(n->member.next, __typeof__(*n), member))

#endif
