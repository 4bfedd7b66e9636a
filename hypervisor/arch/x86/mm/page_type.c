/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine of page types, all in the type word of a frame. Counted users hold the type; it
 * changes with the first one, in this order: the word (nobody gets the old type any more), the
 * flush (nobody has it any more), the contents. PGT_locked is held meanwhile, and others of the
 * new type wait. Who holds a table's lock takes those of lower tables alone, so that waiting ends.
 */
#include <asm/current.h>
#include <tenon/hypercall.h>
#include "page_type.h"
#include "../speculation/l1tf.h"

/* Checks the contents from where the page says on; its lock is held, and released. */
static int drive(struct page_info *pg, const struct page_type_rule *r, bool preemptible)
{
	int rc = r->check ? r->check(pg, preemptible) : 0;

	/* Other users may leave meanwhile, but none can come. */
	__atomic_fetch_add(&pg->type, (rc ? PGT_partial : PGT_validated) - PGT_locked, __ATOMIC_RELEASE);
	return rc;
}

/* The first user of a type whose contents are checked, or that frees others of one. The lock is held. */
static int begin(struct page_info *pg, uint64_t old, uint64_t type, bool preemptible, bool *held)
{
	const struct page_type_rule *r = &page_types[PGT_INDEX(type)];
	bool refused;
	int rc;

	if ((old & PGT_type_mask) != type && (old & PGT_type_mask) != PGT_none)
		type_flush(pg, old);
	pg->nr_validated = 0;
	pg->linear = 0;
	refused = r->level && l1tf_refuses_table(pg, r->level);
	if (r->level > 1 && !refused) {
		*held = true;
		return drive(pg, r, preemptible);
	}
	/* Checked in one go, and if that fails nothing is left to be undone. */
	rc = refused ? -EINVAL : r->check ? r->check(pg, false) : 0;
	__atomic_store_n(&pg->type, rc ? type_stamped(type) : type | PGT_validated | 1, __ATOMIC_RELEASE);
	return rc;
}

int type_get(struct page_info *pg, uint64_t type, bool preemptible, bool *held)
{
	uint64_t x = READ_ONCE(pg->type);

	*held = false;
	for (;;) {
		bool same = (x & PGT_type_mask) == type;

		if (type_is_full(x))
			return -EBUSY;
		if (likely(same && (x & PGT_validated))) {
			if (likely(type_cas(pg, &x, x + 1)))
				return 0;
		} else if (!(x & PGT_count_mask)) {
			uint64_t old = x;

			if (type_cas(pg, &x, type | PGT_locked | 1))
				return begin(pg, old, type, preemptible, held);
		} else if (!same) {
			return -EINVAL;
		} else if (!(x & PGT_locked)) {
			if (type_cas(pg, &x, ((x & ~PGT_partial) | PGT_locked) + 1)) {
				*held = true;
				return drive(pg, &page_types[PGT_INDEX(type)], preemptible);
			}
		} else {
			if (preemptible && hypercall_preempt_check())
				return -EINTR;
			cpu_relax();
			x = READ_ONCE(pg->type);
		}
	}
}

int type_resume(struct page_info *pg, bool preemptible)
{
	uint64_t x = READ_ONCE(pg->type);

	for (;;) {
		if (x & PGT_validated)
			return 0;
		if (!(x & PGT_locked)) {
			if (type_cas(pg, &x, (x & ~PGT_partial) | PGT_locked))
				return drive(pg, &page_types[PGT_INDEX(x)], preemptible);
			continue;
		}
		if (preemptible && hypercall_preempt_check())
			return -ERESTART;
		cpu_relax();
		x = READ_ONCE(pg->type);
	}
}

/* What is left to be undone after a failure may be as long as what was done: the vCPU keeps it. */
void type_drop_failed(struct page_info *pg, bool preemptible)
{
	struct vcpu *curr;

	if (put_page_type(pg, preemptible) != -ERESTART)
		return;
	curr = current;
	ASSERT(!curr->arch.old_guest_table.m);
	if (!page_ref_take(pg))
		BUG();
	curr->arch.old_guest_table = page_to_mfn(pg);
}

int get_page_type(struct page_info *pg, uint64_t type, bool preemptible)
{
	bool held;
	int rc = type_get(pg, type, preemptible, &held);

	if (unlikely(rc && rc != -ERESTART && held))
		type_drop_failed(pg, preemptible);
	return rc;
}

/* The last user of a page table leaves; x is its word with the lock taken. */
static int end(struct page_info *pg, uint64_t x, bool preemptible)
{
	int rc = page_types[PGT_INDEX(x)].uncheck(pg, preemptible);

	/* Nobody else changes the word: there is no other user, and none can come. */
	if (rc)
		__atomic_store_n(&pg->type, (x & ~PGT_locked) | PGT_partial, __ATOMIC_RELEASE);
	else
		__atomic_store_n(&pg->type, type_stamped(x & PGT_type_mask), __ATOMIC_RELEASE);
	return rc;
}

int put_page_type(struct page_info *pg, bool preemptible)
{
	uint64_t x = READ_ONCE(pg->type);

	for (;;) {
		ASSERT(x & PGT_count_mask);
		if (likely((x & PGT_count_mask) > 1 || !page_types[PGT_INDEX(x)].uncheck)) {
			if (likely(type_cas(pg, &x, type_stamped(x) - 1)))
				return 0;
		} else if (unlikely(x & PGT_locked)) {
			/* An entry is being changed: that takes no time. */
			cpu_relax();
			x = READ_ONCE(pg->type);
		} else {
			uint64_t locked = x | PGT_locked;

			/* An interrupted table stays marked until its place has been read. */
			if (type_cas(pg, &x, locked & ~PGT_validated))
				return end(pg, locked & ~PGT_validated, preemptible);
		}
	}
}

int get_page_and_type(struct page_info *pg, struct domain *d, uint64_t type)
{
	int rc;

	if (!get_page(pg, d))
		return -EINVAL;
	rc = get_page_type(pg, type, false);
	if (rc)
		put_page(pg);
	return rc;
}

void put_page_and_type(struct page_info *pg)
{
	(void)put_page_type(pg, false);
	put_page(pg);
}
