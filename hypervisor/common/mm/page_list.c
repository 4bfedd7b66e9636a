/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Doubly linked lists of pages; links are frame numbers plus one. */
#include <tenon/mm.h>

static uint32_t link_of(const struct page_info *pg)
{
	return (uint32_t)page_to_mfn(pg).m + 1;
}

static struct page_info *linked(uint32_t link)
{
	return mfn_to_page(_mfn(link - 1));
}

void page_list_add(struct page_info *pg, struct page_list *l)
{
	pg->link.prev = 0;
	pg->link.next = l->head;
	if (l->head)
		linked(l->head)->link.prev = link_of(pg);
	else
		l->tail = link_of(pg);
	l->head = link_of(pg);
}

void page_list_add_tail(struct page_info *pg, struct page_list *l)
{
	pg->link.next = 0;
	pg->link.prev = l->tail;
	if (l->tail)
		linked(l->tail)->link.next = link_of(pg);
	else
		l->head = link_of(pg);
	l->tail = link_of(pg);
}

void page_list_del(struct page_info *pg, struct page_list *l)
{
	if (pg->link.next)
		linked(pg->link.next)->link.prev = pg->link.prev;
	else
		l->tail = pg->link.prev;
	if (pg->link.prev)
		linked(pg->link.prev)->link.next = pg->link.next;
	else
		l->head = pg->link.next;
	pg->link.next = pg->link.prev = 0;
}

struct page_info *page_list_pop(struct page_list *l)
{
	struct page_info *pg = page_list_first(l);

	if (pg)
		page_list_del(pg, l);
	return pg;
}
