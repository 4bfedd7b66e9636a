/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beginning and ending the use of an entry. */
#include <tenon/arch.h>
#include <tenon/mm.h>
#include "grant.h"

#define MAX_TRIES	5	/* the guest may change its entry under us, but not for ever */

/* The first half of an entry, as one word. */
union entry_head {
	uint32_t word;
	struct { uint16_t flags; domid_t domid; };
};

struct domain *grant_peer(struct domain **cached, domid_t id)
{
	if (*cached) {
		if ((*cached)->domain_id == id)
			return *cached;
		domain_put(*cached);
	}
	*cached = domain_get(id);
	return *cached;
}

uint32_t grant_pin_of(unsigned int map_flags)
{
	bool readonly = map_flags & GNTMAP_readonly;
	uint32_t pin = 0;

	if (map_flags & GNTMAP_host_map)
		pin |= readonly ? PIN_HOST_READ : PIN_HOST_WRITE;
	if (map_flags & GNTMAP_device_map)
		pin |= readonly ? PIN_DEV_READ : PIN_DEV_WRITE;
	return pin;
}

int16_t grant_get_frame(struct domain *d, mfn_t mfn, bool readonly)
{
	struct page_info *pg;

	if (!mfn_valid(mfn))
		return GNTST_bad_page;
	pg = mfn_to_page(mfn);
	if (!get_page(pg, d))
		return GNTST_bad_page;
	if (readonly || !get_page_type(pg, PGT_writable, false))
		return GNTST_okay;
	put_page(pg);
	return GNTST_general_error;
}

void grant_put_frame(mfn_t mfn, bool readonly)
{
	if (readonly)
		put_page(mfn_to_page(mfn));
	else
		put_page_and_type(mfn_to_page(mfn));
}

/* Tells the guest that its entry is in use, if the entry allows it. */
static int16_t mark(struct grant_entry_v1 *e, domid_t who, bool readonly, bool first, bool map)
{
	uint16_t mask = GTF_type_mask | (map ? GTF_sub_page : 0);
	union entry_head *head = (union entry_head *)e, old = { READ_ONCE(head->word) };

	for (unsigned int i = 0; i < MAX_TRIES; i++) {
		union entry_head new = old;

		if (first && ((old.flags & mask) != GTF_permit_access || old.domid != who))
			return GNTST_general_error;
		if (!readonly && (old.flags & GTF_readonly))
			return GNTST_general_error;
		new.flags |= GTF_reading | (readonly ? 0 : GTF_writing);
		if (__atomic_compare_exchange_n(&head->word, &old.word, new.word, false,
						__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			return GNTST_okay;
	}
	return GNTST_general_error;
}

/* A use of that kind has ended, or failed to begin; pin is what is left. */
static void unmark(struct grant_entry_v1 *e, uint32_t pin, bool readonly)
{
	uint16_t clear = pin ? 0 : GTF_reading;

	if (!readonly && !(pin & PIN_WRITERS))
		clear |= GTF_writing;
	if (clear)
		__atomic_fetch_and(&e->flags, (uint16_t)~clear, __ATOMIC_SEQ_CST);
}

/* Entry locked. */
static int16_t pin_locked(struct domain *d, struct grant_entry_v1 *e, struct grant_active *a, domid_t who,
			  uint32_t pin, bool map)
{
	bool readonly = pin_is_readonly(pin);
	int16_t status;

	if (a->pin && (a->domid != who || (a->pin & PIN_FULL)))
		return GNTST_general_error;
	if (!a->pin || (!readonly && !(a->pin & PIN_WRITERS))) {
		status = mark(e, who, readonly, !a->pin, map);
		if (status != GNTST_okay)
			return status;
	}
	if (!a->pin) {
		a->mfn = (uint32_t)arch_gfn_to_mfn(d, _gfn(READ_ONCE(e->frame))).m;
		a->domid = who;
	}
	status = grant_get_frame(d, _mfn(a->mfn), readonly);
	if (status == GNTST_okay)
		a->pin += pin;
	else
		unmark(e, a->pin, readonly);
	return status;
}

int16_t grant_pin(struct domain *d, grant_ref_t ref, domid_t who, uint32_t pin, bool map, struct grant_use *use)
{
	struct grant_table *gt = d->grant_table;
	struct grant_active *a;
	int16_t status;

	if (!grant_ref_valid(gt, &ref))
		return GNTST_bad_gntref;
	a = grant_active(gt, ref);
	spin_lock(&a->lock);
	status = pin_locked(d, grant_entry(gt, ref), a, who, pin, map);
	use->mfn = _mfn(a->mfn);
	spin_unlock(&a->lock);
	use->cache = READ_ONCE(grant_entry(gt, ref)->flags) & (GTF_PWT | GTF_PCD | GTF_PAT);
	return status;
}

bool grant_is_pinned(const struct grant_active *a, domid_t who, uint32_t pin)
{
	for (unsigned int shift = 0; shift < 32; shift += 8)
		if (pin >> shift & 0xff && !(a->pin >> shift & 0xff))
			return false;
	return a->domid == who;
}

void grant_unpin(struct domain *d, grant_ref_t ref, uint32_t pin)
{
	struct grant_active *a = grant_active(d->grant_table, ref);

	spin_lock(&a->lock);
	/* Two ends at once, of which one was of a domain that had d's number before. */
	if (grant_is_pinned(a, a->domid, pin))
		a->pin -= pin;
	unmark(grant_entry(d->grant_table, ref), a->pin, pin_is_readonly(pin));
	spin_unlock(&a->lock);
}
