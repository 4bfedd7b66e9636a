/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mmuext_op: pins, roots, flushes, the LDT, and frames cleared or copied: a list of operations. */
#include <asm/flush.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <tenon/hypercall.h>
#include <tenon/perfc.h>
#include "page_type.h"
#include "../speculation/isolation.h"

#define MAX_LDT_ENTRIES	8192

typedef int (*ext_fn)(struct vcpu *curr, struct domain *d, const struct mmuext_op *op);

/* ---- pins ---- */

static bool clear_pinned(struct page_info *pg)
{
	uint64_t x = READ_ONCE(pg->type);

	do {
		if (!(x & PGT_pinned))
			return false;
	} while (!type_cas(pg, &x, x & ~PGT_pinned));
	return true;
}

/* A domain that is being destroyed has had its pins dropped, and gets no new ones. */
static bool may_keep_pin(const struct vcpu *curr, struct domain *d, struct page_info *pg)
{
	bool keep = true;

	if (likely(d == curr->domain))
		return true;
	spin_lock(&d->page_lock);
	if (d->dying)
		keep = !clear_pinned(pg);
	spin_unlock(&d->page_lock);
	return keep;
}

static int pin(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	mfn_t mfn = _mfn(op->arg1.mfn);
	struct page_info *pg = mfn_to_page(mfn);
	int rc = get_table(curr, mfn, d, PGT_TABLE(op->cmd - MMUEXT_PIN_L1_TABLE + 1));

	if (rc)
		return rc;
	if (__atomic_fetch_or(&pg->type, PGT_pinned, __ATOMIC_SEQ_CST) & PGT_pinned)
		rc = -EINVAL;
	/* The references are the pin's. */
	if (rc || !may_keep_pin(curr, d, pg))
		put_table(curr, pg);
	return rc;
}

static int unpin(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	struct page_info *pg = mfn_to_page(_mfn(op->arg1.mfn));
	int rc = -EINVAL;

	if (!mfn_valid(_mfn(op->arg1.mfn)) || !get_page(pg, d))
		return -EINVAL;
	if (clear_pinned(pg)) {
		put_table(curr, pg);
		rc = 0;
	}
	put_page(pg);
	return rc;
}

/* ---- roots ---- */

static int new_baseptr(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	return new_guest_cr3(curr, _mfn(op->arg1.mfn));
}

static int new_user_baseptr(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	mfn_t mfn = _mfn(op->arg1.mfn), old = curr->arch.guest_table_user;
	int rc = 0;

	if (mfn_eq(mfn, old))
		return 0;
	if (mfn.m)
		rc = get_table(curr, mfn, d, PGT_l4_table);
	if (rc)
		return rc;
	curr->arch.guest_table_user = mfn;
	update_cr3(curr);
	isolation_forget_user(curr);
	if (old.m)
		put_table(curr, mfn_to_page(old));
	return 0;
}

/* ---- flushes ---- */

static int tlb_flush_local(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	flush_local(NULL, FLUSH_TLB_GLOBAL);
	return 0;
}

static int invlpg_local(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	if (!is_canonical(op->arg1.linear_addr))
		return 0;
	invlpg(op->arg1.linear_addr);
	isolation_flush_page(op->arg1.linear_addr);
	return 0;
}

static int flush_on(const struct cpumask *mask, const struct mmuext_op *op, bool one)
{
	if (!one)
		flush_mask(mask, NULL, FLUSH_TLB_GLOBAL);
	else if (guest_va_ok(op->arg1.linear_addr))
		flush_mask(mask, (void *)op->arg1.linear_addr, FLUSH_VA);
	return 0;
}

static int flush_multi(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	struct cpumask mask;

	if (vcpumask_to_cpus(d, op->arg2.vcpumask.va, &mask))
		return -EINVAL;
	return flush_on(&mask, op, op->cmd == MMUEXT_INVLPG_MULTI);
}

static int flush_all(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	struct cpumask mask;

	domain_cpus(d, &mask);
	return flush_on(&mask, op, op->cmd == MMUEXT_INVLPG_ALL);
}

static int cache_flush(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	if (!caching_permitted(d))
		return op->cmd == MMUEXT_FLUSH_CACHE ? -EACCES : -EINVAL;
	if (op->cmd == MMUEXT_FLUSH_CACHE)
		wbinvd();
	else
		flush_mask(&cpu_online_map, NULL, FLUSH_CACHE);
	return 0;
}

/* ---- the LDT ---- */

static int set_ldt(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	struct pv_vcpu *pv = &curr->arch.pv;
	unsigned int ents = op->arg2.nr_ents;
	unsigned long base = ents ? op->arg1.linear_addr : 0;

	if (PAGE_OFFSET(base) || !guest_va_ok(base) || ents > MAX_LDT_ENTRIES)
		return -EINVAL;
	if (pv->ldt_ents == ents && pv->ldt_base == base)
		return 0;
	if (pv_destroy_ldt(curr))
		flush_local(NULL, FLUSH_TLB_GLOBAL);
	pv->ldt_base = base;
	pv->ldt_ents = ents;
	pv_load_ldt(curr);
	return 0;
}

/* ---- frames ---- */

static int get_writable(struct domain *d, unsigned long mfn)
{
	return mfn_valid(_mfn(mfn)) && !get_page_and_type(mfn_to_page(_mfn(mfn)), d, PGT_writable) ? 0 : -EINVAL;
}

static int clear_page(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	mfn_t mfn = _mfn(op->arg1.mfn);
	int rc = get_writable(d, mfn.m);

	if (rc)
		return rc;
	clear_domain_page(mfn);
	put_page_and_type(mfn_to_page(mfn));
	return 0;
}

static int copy_page(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	mfn_t src = _mfn(op->arg2.src_mfn), dst = _mfn(op->arg1.mfn);
	int rc;

	if (!mfn_valid(src) || !get_page(mfn_to_page(src), d))
		return -EINVAL;
	rc = get_writable(d, dst.m);
	if (!rc) {
		copy_domain_page(dst, src);
		put_page_and_type(mfn_to_page(dst));
	}
	put_page(mfn_to_page(src));
	return rc;
}

static int superpage(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	return -EOPNOTSUPP;
}

static const struct {
	ext_fn fn;
	bool foreign;			/* also for another domain than the caller's */
} ops[] = {
	[MMUEXT_PIN_L1_TABLE] = { pin, true },
	[MMUEXT_PIN_L2_TABLE] = { pin, true },
	[MMUEXT_PIN_L3_TABLE] = { pin, true },
	[MMUEXT_PIN_L4_TABLE] = { pin, true },
	[MMUEXT_UNPIN_TABLE] = { unpin, true },
	[MMUEXT_NEW_BASEPTR] = { new_baseptr },
	[MMUEXT_NEW_USER_BASEPTR] = { new_user_baseptr },
	[MMUEXT_TLB_FLUSH_LOCAL] = { tlb_flush_local },
	[MMUEXT_INVLPG_LOCAL] = { invlpg_local },
	[MMUEXT_TLB_FLUSH_MULTI] = { flush_multi },
	[MMUEXT_INVLPG_MULTI] = { flush_multi },
	[MMUEXT_TLB_FLUSH_ALL] = { flush_all },
	[MMUEXT_INVLPG_ALL] = { flush_all },
	[MMUEXT_FLUSH_CACHE] = { cache_flush },
	[MMUEXT_FLUSH_CACHE_GLOBAL] = { cache_flush },
	[MMUEXT_SET_LDT] = { set_ldt },
	[MMUEXT_CLEAR_PAGE] = { clear_page, true },
	[MMUEXT_COPY_PAGE] = { copy_page, true },
	[MMUEXT_MARK_SUPER] = { superpage, true },
	[MMUEXT_UNMARK_SUPER] = { superpage, true },
};

static int run_one(struct vcpu *curr, struct domain *d, const struct mmuext_op *op)
{
	if (op->cmd >= ARRAY_SIZE(ops) || !ops[op->cmd].fn)
		return -ENOSYS;
	if (unlikely(d != curr->domain && !ops[op->cmd].foreign))
		return -EPERM;
	return ops[op->cmd].fn(curr, d, op);
}

static int run(struct pt_call *c, struct domain *d)
{
	for (; c->i < c->count; c->i++) {
		struct mmuext_op op;
		int rc;

		if (c->i && (unlikely(c->curr->arch.old_guest_table.m) || hypercall_preempt_check()))
			return -ERESTART;
		if (copy_from_guest_va(&op, c->list + (unsigned long)c->i * sizeof(op), sizeof(op)))
			return -EFAULT;
		rc = run_one(c->curr, d, &op);
		if (rc)
			return rc;
	}
	return 0;
}

long do_mmuext_op(struct vcpu *curr, unsigned long list, unsigned long count, unsigned long pdone,
		  unsigned long foreign, unsigned long a5)
{
	struct pt_call c = {
		.curr = curr, .op = __HYPERVISOR_mmuext_op, .size = sizeof(struct mmuext_op),
		.list = list, .pdone = pdone, .foreign = foreign,
	};
	struct domain *d;
	long result;

	perfc_incr(PERFC_mmuext);
	if (!pt_call_begin(&c, count, &result))
		return result;
	d = get_pg_owner(curr, (domid_t)foreign);
	if (!d)
		return -ESRCH;
	result = pg_owner_permitted(curr, d) ? pt_call_end(&c, run(&c, d)) : -EPERM;
	put_pg_owner(curr, d);
	return result;
}
