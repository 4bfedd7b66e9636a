/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmu_update: a list of page-table entries, or entries of the machine-to-physical table, to be changed; and how an entry of
 * level 1 is.
 */
#include <tenon/arch.h>
#include <tenon/hypercall.h>
#include <tenon/perfc.h>
#include "page_type.h"
#include "../speculation/l1tf.h"

#define CHUNK		16
#define COMMAND_MASK	7UL

struct updates {
	struct vcpu *curr;
	struct domain *pt_dom, *pg_dom;	/* whose tables; whose frames go into them */
	bool permitted;
	/*
	 * Requests in a row for one page take what it needs once: a level 1 table its lock, a page that is no
	 * table (plain) a reference and a user as writable. NULL: none is held.
	 */
	struct page_info *held;
	bool plain;
};

static void release(struct updates *u)
{
	struct page_info *pg = u->held;

	if (!pg)
		return;
	u->held = NULL;
	if (u->plain) {
		writable_put(pg);
		put_page(pg);
	} else {
		table_unlock(pg);
	}
}

/* No page table: the frame may be written like any other, if it may be written. */
static bool hold_plain(struct updates *u, struct page_info *pg)
{
	if (!get_page(pg, u->pt_dom))
		return false;
	if (!writable_get_fast(pg) && get_page_type(pg, PGT_writable, false)) {
		put_page(pg);
		return false;
	}
	return true;
}

/* Level of the table, 0 if it is none; the latter and those of level 1 are held then. -EINVAL. */
static int hold(struct updates *u, struct page_info *pg)
{
	uint64_t x = READ_ONCE(pg->type);
	int level = x & PGT_validated ? page_types[PGT_INDEX(x)].level : 0;

	release(u);
	if (level > 1)
		return level;
	if (level ? !table_lock(pg, PGT_l1_table, u->pt_dom) : !hold_plain(u, pg))
		return -EINVAL;
	u->held = pg;
	u->plain = !level;
	return level;
}

/*
 * The new entry maps the same frame, cached the same way. *done: there is a result. What is gained or lost is the
 * write permission, or nothing.
 */
static int change_rights(pte_t *pl, pte_t old, pte_t new, enum entry_how how,
			 const struct domain *pt_dom, const struct domain *pg_dom, bool *done)
{
	struct page_info *pg = mfn_to_page(pte_mfn(new));
	bool lost = old.e & _PAGE_RW & ~new.e, gained = new.e & _PAGE_RW & ~old.e;

	*done = true;
	if (gained) {
		/* It may be another's, perhaps mapped read-only by a grant, or no memory at all. */
		if (!l1e_is_counted(new) || pt_dom != pg_dom || pg->owner != pg_dom->domain_id + 1U || (new.e & L1_CACHE_BITS)) {
			*done = false;
			return 0;
		}
		if (!writable_get_fast(pg) && get_page_type(pg, PGT_writable, false))
			return -EBUSY;
	}
	if (unlikely(!entry_install(pl, &old, l1e_adjust(new), how))) {
		if (gained)
			writable_put(pg);
		return -EAGAIN;
	}
	if (lost && l1e_is_counted(new))
		writable_put(pg);
	return 0;
}

/* Called from other files, too; what this one does most is this, without a call. */
always_inline int l1e_change(pte_t *pl, pte_t old, pte_t new, enum entry_how how,
			     const struct domain *pt_dom, const struct domain *pg_dom)
{
	int rc;

	if (!pte_present(new)) {
		if (unlikely(l1tf_refuses(pt_dom, new)))
			return -EINVAL;
		if (unlikely(!entry_install(pl, &old, new, how)))
			return -EAGAIN;
		l1e_put(old, pt_dom);
		return 0;
	}
	if (pte_present(old) && !((old.e ^ new.e) & (PTE_MFN_MASK | L1_CACHE_BITS))) {
		bool done;

		rc = change_rights(pl, old, new, how, pt_dom, pg_dom, &done);
		if (done)
			return rc;
	}
	rc = l1e_get(&new, pt_dom, pg_dom);
	if (unlikely(rc))
		return rc;
	new = l1e_adjust(new);
	if (unlikely(!entry_install(pl, &old, new, how))) {
		l1e_put(new, pt_dom);
		return -EAGAIN;
	}
	l1e_put(old, pt_dom);
	return 0;
}

static enum entry_how how_of(unsigned int cmd)
{
	return cmd == MMU_PT_UPDATE_PRESERVE_AD ? ENTRY_KEEP_AD : ENTRY_SET;
}

static int update_entry(struct updates *u, uint64_t ptr, unsigned int cmd, uint64_t val)
{
	enum entry_how how = how_of(cmd);
	mfn_t mfn = _mfn(ptr >> PAGE_SHIFT);
	struct page_info *pg = mfn_to_page(mfn);
	pte_t new = { val }, *pl;
	int level;

	if (unlikely(!u->permitted))
		return -EPERM;
	if (unlikely(mfn.m >= max_page))
		return -EINVAL;
	level = likely(pg == u->held) ? !u->plain : hold(u, pg);
	pl = (pte_t *)map_domain_page(mfn) + PAGE_OFFSET(ptr) / sizeof(*pl);
	if (likely(level == 1))
		return l1e_change(pl, (pte_t){ READ_ONCE(pl->e) }, new, how, u->pt_dom, u->pg_dom);
	if (level < 0)
		return level;
	if (!level) {
		WRITE_ONCE(pl->e, val);
		return 0;
	}
	if (u->pg_dom != u->pt_dom)
		return -EINVAL;
	return table_change(u->curr, pg, (unsigned int)level, pl, new, how, u->pt_dom);
}

static int update_m2p(struct updates *u, uint64_t ptr, uint64_t val)
{
	mfn_t mfn = _mfn(ptr >> PAGE_SHIFT);

	if (u->pt_dom != u->curr->domain || !u->permitted)
		return -EPERM;
	if (!mfn_valid(mfn) || !get_page(mfn_to_page(mfn), u->pg_dom))
		return -EINVAL;
	arch_m2p_set(mfn, val);
	put_page(mfn_to_page(mfn));
	return 0;
}

static int update(struct updates *u, const struct mmu_update *req)
{
	unsigned int cmd = req->ptr & COMMAND_MASK;

	switch (cmd) {
	case MMU_NORMAL_PT_UPDATE:
	case MMU_PT_UPDATE_PRESERVE_AD:
	case MMU_PT_UPDATE_NO_TRANSLATE:
		return update_entry(u, req->ptr - cmd, cmd, req->val);
	case MMU_MACHPHYS_UPDATE:
		return update_m2p(u, req->ptr, req->val);
	default:
		return -ENOSYS;
	}
}

/* Up to CHUNK requests at once; fewer if some cannot be read. */
static unsigned int fetch(const struct pt_call *c, struct mmu_update *req)
{
	unsigned long from = c->list + (unsigned long)c->i * sizeof(*req);
	unsigned int n = min(c->count - c->i, (uint32_t)CHUNK);

	if (likely(!copy_from_guest_va(req, from, n * sizeof(*req))))
		return n;
	return copy_from_guest_va(req, from, sizeof(*req)) ? 0 : 1;
}

static int run(struct pt_call *c, struct updates *u)
{
	struct mmu_update req[CHUNK];
	int rc = 0;

	while (!rc && c->i < c->count) {
		unsigned int n = fetch(c, req);

		if (!n)
			rc = -EFAULT;
		for (unsigned int k = 0; k < n; k++, c->i++) {
			if (c->i && (unlikely(u->curr->arch.old_guest_table.m) || hypercall_preempt_check()))
				rc = -ERESTART;
			else
				rc = update(u, &req[k]);
			if (unlikely(rc))
				break;
		}
		release(u);
	}
	return rc;
}

static __noinline long update_list(struct vcpu *curr, unsigned long list, unsigned long count, unsigned long pdone,
				   unsigned long foreign)
{
	struct pt_call c = {
		.curr = curr, .op = __HYPERVISOR_mmu_update, .size = sizeof(struct mmu_update),
		.list = list, .pdone = pdone, .foreign = foreign,
	};
	struct updates u = { .curr = curr, .pt_dom = curr->domain };
	unsigned int pt_id = (uint32_t)foreign >> 16;
	long result = -ESRCH;

	if (!pt_call_begin(&c, count, &result))
		return result;
	if (unlikely(pt_id)) {
		u.pt_dom = pt_id - 1 == curr->domain->domain_id ? curr->domain : domain_get((domid_t)(pt_id - 1));
		if (!u.pt_dom)
			return -ESRCH;
	}
	u.pg_dom = get_pg_owner(curr, (domid_t)foreign);
	if (likely(u.pg_dom)) {
		u.permitted = (u.pg_dom == dom_io || pg_owner_permitted(curr, u.pg_dom)) &&
			      pg_owner_permitted(curr, u.pt_dom);
		result = pt_call_end(&c, run(&c, &u));
		put_pg_owner(curr, u.pg_dom);
	}
	put_pg_owner(curr, u.pt_dom);
	return result;
}

/*
 * What a kernel does most: one entry of a level 1 table of its own, for a frame of its own. False: nothing is done, and the
 * general way is to say what becomes of it.
 */
static always_inline bool update_one(struct vcpu *curr, unsigned long list, long *result)
{
	struct domain *d = curr->domain;
	struct page_info *pg;
	uint64_t req[2];		/* struct mmu_update */
	unsigned int cmd;
	mfn_t mfn;
	pte_t *pl;

	if (unlikely(curr->arch.old_guest_table.m | curr->arch.partial_table.m) || copy_pair_from_guest(req, list))
		return false;
	cmd = req[0] & COMMAND_MASK;
	mfn = _mfn(req[0] >> PAGE_SHIFT);
	pg = mfn_to_page(mfn);
	if ((cmd != MMU_NORMAL_PT_UPDATE && cmd != MMU_PT_UPDATE_PRESERVE_AD) || mfn.m >= max_page ||
	    !table_lock(pg, PGT_l1_table, d))
		return false;
	pl = maddr_to_virt(req[0] - cmd);
	*result = l1e_change(pl, (pte_t){ READ_ONCE(pl->e) }, (pte_t){ req[1] }, how_of(cmd), d, d);
	table_unlock(pg);
	return true;
}

long do_mmu_update(struct vcpu *curr, unsigned long list, unsigned long count, unsigned long pdone,
		   unsigned long foreign, unsigned long a5)
{
	long result;

	perfc_incr(PERFC_mmu_update);
	if ((uint32_t)count == 1 && !pdone && (uint32_t)foreign == DOMID_SELF)
		return update_one(curr, list, &result) ? result : update_list(curr, list, 1, 0, DOMID_SELF);
	return update_list(curr, list, count, pdone, foreign);
}
