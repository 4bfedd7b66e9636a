/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The auditor: counts from scratch who uses a domain's frames, and as what, and compares that with the frame
 * table. Too few references counted there are errors; more than were found belong to users that it does not know of: device
 * maps of grants, pages shared with the hypervisor. Page tables have no such users.
 */
#include <asm/current.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/keyhandler.h>
#include <tenon/sched.h>
#include "page_type.h"

#ifdef TENON_DEBUG

#define MAX_REPORTS	20
#define CHUNK_ORDER	4
#define PER_CHUNK	((PAGE_SIZE << CHUNK_ORDER) / sizeof(struct count))

struct count {
	uint32_t refs, users;		/* of the frame; of its type */
};

struct audit {
	const struct domain *d;		/* whose frames are counted */
	struct count **chunks;		/* by frame, PER_CHUNK each: little memory is free in one piece */
	unsigned int order;		/* of chunks itself */
	unsigned long errors, unknown;
};

static void __printf(3, 4) report(struct audit *a, mfn_t mfn, const char *fmt, ...)
{
	const struct page_info *pg = mfn_to_page(mfn);
	va_list ap;

	if (a->errors++ >= MAX_REPORTS)
		return;
	printk(LOG_ERR "audit: d%u frame %lx refs %016lx type %016lx: ", a->d->domain_id, mfn.m, pg->refs, pg->type);
	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}

static bool is_counted(const struct audit *a, mfn_t mfn)
{
	return mfn_valid(mfn) && mfn_to_page(mfn)->owner == a->d->domain_id + 1U;
}

static struct count *count_of(const struct audit *a, mfn_t mfn)
{
	return &a->chunks[mfn.m / PER_CHUNK][mfn.m % PER_CHUNK];
}

static void count(struct audit *a, mfn_t mfn, bool user)
{
	if (!is_counted(a, mfn))
		return;
	count_of(a, mfn)->refs++;
	count_of(a, mfn)->users += user;
}

static void count_l1(struct audit *a, const struct domain *owner, pte_t e, mfn_t table)
{
	struct page_info *pg = mfn_to_page(pte_mfn(e));

	count(a, pte_mfn(e), e.e & _PAGE_RW);
	if (owner == a->d && (e.e & _PAGE_RW) && is_counted(a, pte_mfn(e)) && (pg->type & PGT_type_mask) != PGT_writable)
		report(a, pte_mfn(e), "mapped writable by table %lx\n", table.m);
}

/* A named table is one level below, or of the same (linear); one that names itself has no reference for it. */
static void count_table(struct audit *a, const struct domain *owner, unsigned int level, pte_t e, mfn_t table)
{
	struct page_info *pg = mfn_to_page(pte_mfn(e));
	uint64_t type;

	if (mfn_eq(pte_mfn(e), table))
		return;
	count(a, pte_mfn(e), true);
	if (owner != a->d)
		return;
	type = is_counted(a, pte_mfn(e)) ? pg->type & PGT_type_mask : PGT_none;
	if (type != PGT_TABLE(level - 1) && (type != PGT_TABLE(level) || (e.e & _PAGE_RW)))
		report(a, table, "entry %016lx of level %u\n", e.e, level);
}

/* What the entries hold that are checked now: of an interrupted table only some do. */
static void count_entries(struct audit *a, const struct domain *owner, struct page_info *pg)
{
	unsigned int level = page_types[PGT_INDEX(pg->type)].level, n = PT_ENTRIES;
	mfn_t mfn = page_to_mfn(pg);
	const pte_t *t = map_domain_page(mfn);

	if (pg->type & PGT_partial)
		n = (pg->nr_validated & ~PGT_NR_CHILD) + !!(pg->nr_validated & PGT_NR_CHILD);
	for (unsigned int i = 0; i < n; i++)
		if (pte_present(t[i]) && level == 1)
			count_l1(a, owner, t[i], mfn);
		else if (pte_present(t[i]) && is_guest_slot(level, i))
			count_table(a, owner, level, t[i], mfn);
	unmap_domain_page(t);
}

static void count_pages(struct audit *a, const struct domain *owner)
{
	for (struct page_info *pg = page_list_first(&owner->pages); pg; pg = page_list_next(pg)) {
		if (page_types[PGT_INDEX(pg->type)].level && (pg->type & (PGT_validated | PGT_partial)))
			count_entries(a, owner, pg);
		if (pg->type & PGT_pinned)
			count(a, page_to_mfn(pg), true);
		if ((pg->refs & PGC_allocated) && is_counted(a, page_to_mfn(pg)))
			count_of(a, page_to_mfn(pg))->refs++;
	}
}

static void count_vcpu(struct audit *a, const struct vcpu *v)
{
	const mfn_t held[] = {
		v->arch.guest_table, v->arch.guest_table_user, v->arch.old_guest_table, v->arch.partial_table,
		v->vcpu_info_mfn,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(held); i++)
		if (held[i].m)
			count(a, held[i], true);
	for (unsigned int i = 0; i < FIRST_RESERVED_GDT_PAGE; i++)
		if (v->arch.pv.gdt_frames[i])
			count(a, _mfn(v->arch.pv.gdt_frames[i]), true);
	for (unsigned int i = 0; i < 16; i++)
		if (pte_present(pv_ldt_ptes(v)[i]))
			count(a, pte_mfn(pv_ldt_ptes(v)[i]), true);
}

static void compare(struct audit *a)
{
	for (struct page_info *pg = page_list_first(&a->d->pages); pg; pg = page_list_next(pg)) {
		mfn_t mfn = page_to_mfn(pg);
		const struct count *c = count_of(a, mfn);
		uint64_t refs = pg->refs & PGC_count_mask, users = pg->type & PGT_count_mask;
		bool known = page_types[PGT_INDEX(pg->type)].level || (pg->type & PGT_type_mask) == PGT_seg_desc;

		if (refs < c->refs || users < c->users)
			report(a, mfn, "but %u references, %u users\n", c->refs, c->users);
		else if (known && users > c->users)
			report(a, mfn, "only %u users\n", c->users);
		else if (pg->type & PGT_locked)
			report(a, mfn, "locked\n");
		a->unknown += refs - c->refs + (known ? 0 : users - c->users);
	}
}

static void free_counts(struct audit *a)
{
	for (unsigned long i = 0; a->chunks && i < DIV_ROUND_UP(max_page, PER_CHUNK); i++)
		free_hv_pages(a->chunks[i], CHUNK_ORDER);
	free_hv_pages(a->chunks, a->order);
}

static bool alloc_counts(struct audit *a)
{
	unsigned long n = DIV_ROUND_UP(max_page, PER_CHUNK);

	while ((PAGE_SIZE << a->order) < n * sizeof(*a->chunks))
		a->order++;
	a->chunks = alloc_hv_pages(a->order, 0);
	for (unsigned long i = 0; a->chunks && i < n; i++) {
		a->chunks[i] = alloc_hv_pages(CHUNK_ORDER, 0);
		if (!a->chunks[i])
			return false;
	}
	return a->chunks;
}

unsigned long page_audit_counts(struct domain *d, unsigned long *unknown)
{
	struct audit a = { .d = d };
	unsigned long errors = ~0UL;
	struct domain *x;
	struct vcpu *v;

	if (alloc_counts(&a)) {
		for_each_domain(x) {
			count_pages(&a, x);
			for_each_vcpu(x, v)
				count_vcpu(&a, v);
		}
		compare(&a);
		errors = a.errors;
	}
	free_counts(&a);
	*unknown = a.unknown;
	return errors;
}

/*
 * The caller's own domain cannot wait for its vCPU that is here. Dom0 comes first: once it does not run, no domain
 * comes into being.
 */
static void pause_all(void)
{
	struct domain *d;
	struct vcpu *v;

	for_each_domain(d) {
		domain_pause_nosync(d);
		for_each_vcpu(d, v)
			while (v != current && READ_ONCE(v->is_running))
				cpu_relax();
	}
}

static void unpause_all(void)
{
	struct domain *d;

	for_each_domain(d)
		domain_unpause(d);
}

unsigned long page_audit(struct domain *d)
{
	static bool busy;
	unsigned long errors, unknown = 0;

	/* Two that wait for each other's vCPU to stop would wait for ever. */
	if (__atomic_exchange_n(&busy, true, __ATOMIC_ACQUIRE)) {
		printk("audit: under way on another processor\n");
		return 0;
	}
	pause_all();
	errors = page_audit_counts(d, &unknown);
	unpause_all();
	__atomic_store_n(&busy, false, __ATOMIC_RELEASE);
	if (errors == ~0UL) {
		printk(LOG_WARN "audit: d%u: no memory to count in\n", d->domain_id);
		return errors;
	}
	printk("audit: d%u: %lu pages, %lu errors, %lu references of other users\n",
	       d->domain_id, d->tot_pages, errors, unknown);
	return errors;
}

static void key_audit(unsigned char key)
{
	struct domain *d;

	for_each_domain(d)
		(void)page_audit(d);
}

#endif

void page_type_dump(struct domain *d)
{
	unsigned long n[8] = { 0 }, unused[8] = { 0 }, pinned = 0, partial = 0;

	spin_lock(&d->page_lock);
	for (struct page_info *pg = page_list_first(&d->pages); pg; pg = page_list_next(pg)) {
		uint64_t x = pg->type;

		(x & PGT_count_mask ? n : unused)[PGT_INDEX(x)]++;
		pinned += !!(x & PGT_pinned);
		partial += !!(x & PGT_partial);
	}
	spin_unlock(&d->page_lock);
	printk(" Domain %u: %lu pages, %lu pinned, %lu partly checked\n", d->domain_id, d->tot_pages, pinned, partial);
	for (unsigned int i = 0; i < ARRAY_SIZE(n); i++)
		if (n[i] || unused[i])
			printk("  %-12s %lu, without users %lu\n", page_types[i].name, n[i], unused[i]);
}

static void key_types(unsigned char key)
{
	struct domain *d;

	for_each_domain(d)
		page_type_dump(d);
}

void __init page_types_init(void)
{
	keyhandler_register('t', key_types, "show page types");
#ifdef TENON_DEBUG
	keyhandler_register('T', key_audit, "recount page types and references");
#endif
}
