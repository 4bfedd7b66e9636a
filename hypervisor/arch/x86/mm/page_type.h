/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the page types: rules, the references that entries hold, and the lock of a table. What
 * stands on the paths of single entries is inline. doc/page-types.md explains it.
 */
#ifndef MM_PAGE_TYPE_H
#define MM_PAGE_TYPE_H

#include <asm/flush.h>
#include <asm/mm.h>

#define PTE_AD		(_PAGE_ACCESSED | _PAGE_DIRTY)
#define L1_CACHE_BITS	(_PAGE_PWT | _PAGE_PCD | _PAGE_PAT)
/* In nr_validated: the table that the next entry names has a reference, but is itself partial. */
#define PGT_NR_CHILD	0x8000

/* ---- the rules: page_type_table.c ---- */
struct page_type_rule {
	const char *name;
	uint8_t level;			/* of page tables; 0: it is none */
	uint64_t child;			/* type of what present entries name (level 1: if they are writable) */
	uint64_t refused;		/* bits that no present entry has */
	uint64_t forced;		/* bits that each present entry has */
	/* Contents for the first user: 0; -ERESTART, pg->nr_validated tells how far; -errno. NULL: any will do. */
	int (*check)(struct page_info *pg, bool preemptible);
	/* Gives up what check took; 0 or -ERESTART. Page tables alone. */
	int (*uncheck)(struct page_info *pg, bool preemptible);
};
extern const struct page_type_rule page_types[8];
#define PGT_INDEX(x)	((x) >> 60 & 7)
#define PGT_TABLE(level) ((uint64_t)(level) << 60)

int l1_check(struct page_info *pg, bool preemptible);		/* validate_l1.c */
int l1_uncheck(struct page_info *pg, bool preemptible);
int tables_check(struct page_info *pg, bool preemptible);	/* validate_tables.c */
int tables_uncheck(struct page_info *pg, bool preemptible);
int descriptors_check(struct page_info *pg, bool preemptible);	/* gdt.c */

/* ---- the state machine: page_type.c ---- */
/* As get_page_type(); *held: the user stays counted although the result is not 0. */
int type_get(struct page_info *pg, uint64_t type, bool preemptible, bool *held);
/* The caller is counted as user of a partial page: goes on with it. 0, -ERESTART, -errno. */
int type_resume(struct page_info *pg, bool preemptible);
/* The caller's user of a page whose check has failed goes. */
void type_drop_failed(struct page_info *pg, bool preemptible);
/* All CPUs that may still translate as pg's old type said forget it. */
void type_flush(const struct page_info *pg, uint64_t old);

static always_inline bool type_cas(struct page_info *pg, uint64_t *old, uint64_t new)
{
	return __atomic_compare_exchange_n(&pg->type, old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/*
 * A user leaves at this time. Each writes the stamp, so that one who goes last never leaves an older
 * one than a user had that came and went meanwhile. What mapped the page was removed by a locked instruction.
 */
static always_inline uint64_t type_stamped(uint64_t x)
{
	return x ^ ((x ^ (uint64_t)tlb_clock_now() << PGT_stamp_shift) & PGT_stamp_mask);
}

static always_inline bool type_is_full(uint64_t x)
{
	return unlikely(!((x + 1) & PGT_count_mask));
}

/* One more user of a type whose contents are checked already; false: see type_get(). */
static always_inline bool type_get_fast(struct page_info *pg, uint64_t type)
{
	uint64_t x = READ_ONCE(pg->type);

	do {
		if ((x & (PGT_type_mask | PGT_validated)) != (type | PGT_validated) || type_is_full(x))
			return false;
	} while (unlikely(!type_cas(pg, &x, x + 1)));
	return true;
}

/* A user leaves who is not the last; false: see put_page_type(). */
static always_inline bool type_put_fast(struct page_info *pg)
{
	uint64_t x = READ_ONCE(pg->type);

	do {
		if ((x & PGT_count_mask) <= 1)
			return false;
	} while (unlikely(!type_cas(pg, &x, type_stamped(x) - 1)));
	return true;
}

/* One more writable mapping; false: not without more ado. */
static always_inline bool writable_get_fast(struct page_info *pg)
{
	uint64_t x = READ_ONCE(pg->type), nx;

	do {
		if (likely((x & (PGT_type_mask | PGT_validated)) == (PGT_writable | PGT_validated)))
			nx = x + 1;
		else if (!(x & (PGT_type_mask | PGT_validated | PGT_locked | PGT_count_mask)))
			nx = x | PGT_writable | PGT_validated | 1;
		else
			return false;
		if (unlikely(!(nx & PGT_count_mask)))	/* it was full */
			return false;
	} while (unlikely(!type_cas(pg, &x, nx)));
	return true;
}

static always_inline void writable_put(struct page_info *pg)
{
	uint64_t x = READ_ONCE(pg->type);

	do {
		ASSERT((x & PGT_type_mask) == PGT_writable && (x & PGT_count_mask));
	} while (unlikely(!type_cas(pg, &x, type_stamped(x) - 1)));
}

/*
 * Entries of a table in use change under its lock. It is held for a few instructions, and keeps
 * the last user from giving up the table. False: pg is no such table of d's in use.
 */
static always_inline bool table_lock(struct page_info *pg, uint64_t type, const struct domain *d)
{
	const uint64_t state = PGT_type_mask | PGT_validated | PGT_locked, unlocked = type | PGT_validated;
	uint64_t x = READ_ONCE(pg->type);

	while (unlikely((x & state) != unlocked || !(x & PGT_count_mask)) || unlikely(!type_cas(pg, &x, x | PGT_locked))) {
		if ((x & state & ~PGT_locked) != unlocked || !(x & PGT_count_mask))
			return false;
		if (x & PGT_locked) {
			cpu_relax();
			x = READ_ONCE(pg->type);
		}
	}
	/* In use it has references, and they keep the owner. */
	if (likely(pg->owner == d->domain_id + 1U))
		return true;
	__atomic_fetch_and(&pg->type, ~PGT_locked, __ATOMIC_RELEASE);
	return false;
}

static always_inline void table_unlock(struct page_info *pg)
{
	__atomic_fetch_and(&pg->type, ~PGT_locked, __ATOMIC_RELEASE);
}

/* ---- entries ---- */
enum entry_how {
	ENTRY_SET,		/* whatever was there */
	ENTRY_KEEP_AD,		/* accessed and dirty bits stay */
	ENTRY_EXACT,		/* only if it is still the old one */
};

/*
 * Writes an entry of a locked table: meanwhile only the processor sets A and D. An entry that is taken away is so for
 * all processors before anything of it is given up: the instruction is a locked one.
 */
static always_inline bool entry_install(pte_t *pl, pte_t *old, pte_t new, enum entry_how how)
{
	uint64_t x = old->e;

	if (!pte_present(*old) && how != ENTRY_EXACT) {
		WRITE_ONCE(pl->e, new.e);
		return true;
	}
	if (how == ENTRY_EXACT)
		return __atomic_compare_exchange_n(&pl->e, &x, new.e, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
	if (how == ENTRY_SET)
		x = __atomic_exchange_n(&pl->e, new.e, __ATOMIC_SEQ_CST);
	else
		while (!__atomic_compare_exchange_n(&pl->e, &x, new.e | (x & PTE_AD), false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
			;
	old->e = x;
	return true;
}

/*
 * References of a level 1 entry (validate_l1.c): one to the frame, one to it as writable if the entry is; none for
 * device memory. pt_dom has the table, pg_dom is whose frames it may map. l1e_get_slow() also takes
 * the write permission from an entry for a frame that nobody may write. 0 or -errno.
 */
int l1e_get_slow(pte_t *e, const struct domain *pt_dom, const struct domain *pg_dom);
/* Who may still write when the type changes, or write past the caches, is remembered until then. The caller is a user. */
void type_mark(struct page_info *pg, bool foreign, bool uncached);
void l1e_put_descriptors(struct page_info *pg, const struct domain *pt_dom);

static always_inline int l1e_get(pte_t *e, const struct domain *pt_dom, const struct domain *pg_dom)
{
	struct page_info *pg = mfn_to_page(pte_mfn(*e));

	if (unlikely(pte_mfn(*e).m >= max_page || (e->e & L1_CACHE_BITS) || pt_dom != pg_dom || !page_ref_take(pg))) {
		pte_t slow = *e;	/* whose address is taken has no register */
		int rc = l1e_get_slow(&slow, pt_dom, pg_dom);

		*e = slow;
		return rc;
	}
	if (unlikely(pg->owner != pg_dom->domain_id + 1U) ||
	    ((e->e & _PAGE_RW) && unlikely(!writable_get_fast(pg)) && get_page_type(pg, PGT_writable, false))) {
		put_page(pg);
		return -EBUSY;
	}
	return 0;
}

/* Does the frame of a present entry have references at all? */
static always_inline bool l1e_is_counted(pte_t e)
{
	return mfn_valid(pte_mfn(e));
}

static always_inline void l1e_put_present(pte_t e, const struct domain *pt_dom)
{
	struct page_info *pg = mfn_to_page(pte_mfn(e));

	if (unlikely(!l1e_is_counted(e)))
		return;
	if (e.e & _PAGE_RW)
		writable_put(pg);
	else if (unlikely((READ_ONCE(pg->type) & PGT_type_mask) == PGT_seg_desc))
		l1e_put_descriptors(pg, pt_dom);
	put_page(pg);
}

static always_inline void l1e_put(pte_t e, const struct domain *pt_dom)
{
	if (pte_present(e))
		l1e_put_present(e, pt_dom);
}

/* Guest kernel and user share ring 3: pages of the kernel are marked, all others are global. */
static always_inline pte_t l1e_adjust(pte_t e)
{
	if (!(e.e & _PAGE_USER))
		e.e |= _PAGE_GUEST_KERNEL | _PAGE_USER;
	if (!(e.e & _PAGE_GUEST_KERNEL))
		e.e |= _PAGE_GLOBAL;
	return e;
}

/*
 * Replaces the entry at pl, which holds old, of a locked level 1 table (mod_entry.c). 0; -errno and nothing
 * is changed; -EAGAIN, only with ENTRY_EXACT.
 */
int l1e_change(pte_t *pl, pte_t old, pte_t new, enum entry_how how,
	       const struct domain *pt_dom, const struct domain *pg_dom);
/* The same at levels 2 to 4 of pt_dom's table pg; takes the lock itself. Also -ERESTART; curr's old_guest_table is free at the call. */
int table_change(struct vcpu *curr, struct page_info *pg, unsigned int level, pte_t *pl, pte_t new,
		 enum entry_how how, struct domain *pt_dom);

/*
 * References of entries of levels 2 to 4 (validate_tables.c). The first is for any table one level below; *held as for
 * type_get(). The others are for table pg, locked: an entry for its own level; *drop is then a table whose reference
 * and type are to be given up, with no lock.
 */
int table_child_get(unsigned int level, pte_t e, struct domain *d, bool preemptible, bool *held);
int table_linear_get(struct page_info *pg, unsigned int level, pte_t e, struct domain *d, struct page_info **drop);
/* The entry is no longer pg's, locked: the table whose reference and type it held, or NULL. */
struct page_info *table_entry_forget(struct page_info *pg, unsigned int level, pte_t e);

static always_inline bool any_present(const pte_t *g)
{
	return (g[0].e | g[1].e | g[2].e | g[3].e | g[4].e | g[5].e | g[6].e | g[7].e) & _PAGE_PRESENT;
}

/* The first present entry from i on; PT_ENTRIES if there is none. Most tables are sparse. */
static always_inline unsigned int next_present(const pte_t *t, unsigned int i)
{
	for (; i & 7; i++)
		if (pte_present(t[i]))
			return i;
	for (; i < PT_ENTRIES; i += 8) {
		if (!any_present(t + i))
			continue;
		while (!pte_present(t[i]))
			i++;
		break;
	}
	return i;
}

/* The same downwards: the last present entry of the first i, and one more; 0 if there is none. */
static always_inline unsigned int prev_present(const pte_t *t, unsigned int i)
{
	for (; i & 7; i--)
		if (pte_present(t[i - 1]))
			return i;
	for (; i; i -= 8) {
		if (!any_present(t + i - 8))
			continue;
		while (!pte_present(t[i - 1]))
			i--;
		break;
	}
	return i;
}

/* The guest's own entries, of level 4: all but the hypervisor's slots. */
static inline bool is_guest_slot(unsigned int level, unsigned int slot)
{
	return level < 4 || slot < HV_FIRST_SLOT || slot > HV_LAST_SLOT;
}

/* ---- tables that a vCPU holds over a restart: old_table.c ---- */
/* Drops what the vCPU was dropping. 0 or -ERESTART. */
int drop_old_table(struct vcpu *v);
static always_inline int put_old_table(struct vcpu *v)
{
	return likely(!v->arch.old_guest_table.m) ? 0 : drop_old_table(v);
}
/* The same, and a partial table that no call came back for. */
int put_all_old_tables(struct vcpu *v);
/* A reference to a table and its type goes, later if it takes long; old_guest_table is free. */
void put_table(struct vcpu *curr, struct page_info *pg);
/* A table in use from here on. 0; -EINVAL ...; -ERESTART: to be called again with the same. */
int get_table(struct vcpu *curr, mfn_t mfn, struct domain *d, uint64_t type);
/* The references of a get that returned -ERESTART are kept until it is called again. */
void keep_partial(struct vcpu *curr, struct page_info *pg);
/* That get has succeeded. */
void settle_partial(struct vcpu *curr, struct page_info *pg);

/* ---- audit.c ---- */
/*
 * page_audit() without pausing; *unknown: references and users of writable pages that it did not find. ~0UL: no
 * memory to count in. TENON_DEBUG.
 */
unsigned long page_audit_counts(struct domain *d, unsigned long *unknown);

/* ---- looking things up: walk.c, guest_flush.c ---- */
/*
 * The level 1 entry for va under a root in use, and its table; NULL: there is no table. The tables are a
 * guest's: interrupts are off from the call until the last access to what it returns, so that no
 * frame of them gets another use meanwhile, see type_flush().
 */
static always_inline pte_t *table_of(pte_t e)
{
	return maddr_to_virt(e.e & PTE_MFN_MASK);
}

static always_inline pte_t *walk_l1(mfn_t root, unsigned long va, mfn_t *table)
{
	pte_t e4 = { READ_ONCE(((pte_t *)mfn_to_virt(root))[pt_index(va, 4)].e) }, e3, e2;

	if (!pte_present(e4))
		return NULL;
	e3.e = READ_ONCE(table_of(e4)[pt_index(va, 3)].e);
	if (!pte_present(e3))
		return NULL;
	e2.e = READ_ONCE(table_of(e3)[pt_index(va, 2)].e);
	if (!pte_present(e2))
		return NULL;
	*table = pte_mfn(e2);
	return table_of(e2) + pt_index(va, 1);
}

/* CPUs that may hold d's translations. */
void domain_cpus(const struct domain *d, struct cpumask *mask);
/* The same of the vCPUs in a guest's bitmap. 0 or -EFAULT. */
int vcpumask_to_cpus(const struct domain *d, unsigned long bitmap, struct cpumask *mask);
/* May d choose how its pages are cached, and flush caches? Only domains that have devices. */
bool caching_permitted(const struct domain *d);

/* ---- calls that work through a list: pt_call.c ---- */
/* Bit of the number of requests: the call is one that was restarted. */
#define PT_CALL_RESTARTED	(1U << 31)

struct pt_call {
	struct vcpu *curr;
	unsigned int op, size;		/* hypercall, bytes of a request */
	unsigned long list, pdone, foreign;
	uint32_t count, i, done;	/* i: of count; done: in earlier runs */
};
/* False: *result is the call's already. */
bool pt_call_resume(struct pt_call *c, long *result);
static always_inline bool pt_call_begin(struct pt_call *c, unsigned long count, long *result)
{
	c->count = (uint32_t)count;
	if (likely(!c->curr->arch.old_guest_table.m && !(c->count & PT_CALL_RESTARTED) && guest_va_ok(c->list)))
		return true;
	return pt_call_resume(c, result);
}

/* The rest of the list is for another run (-ERESTART), or rc is the result. */
long pt_call_leave(struct pt_call *c, int rc);
static always_inline long pt_call_end(struct pt_call *c, int rc)
{
	const struct arch_vcpu *a = &c->curr->arch;

	if (likely(rc != -ERESTART && !a->old_guest_table.m && !a->partial_table.m && !c->pdone))
		return rc;
	return pt_call_leave(c, rc);
}

/* The domain that a caller names as owner of tables or frames; NULL: -ESRCH. */
struct domain *get_other_owner(struct vcpu *curr, domid_t id);
static always_inline struct domain *get_pg_owner(struct vcpu *curr, domid_t id)
{
	return likely(id == DOMID_SELF) ? curr->domain : get_other_owner(curr, id);
}

static always_inline void put_pg_owner(struct vcpu *curr, struct domain *d)
{
	if (unlikely(d != curr->domain))
		domain_put(d);
}

/* May the caller act on d's memory? */
static inline bool pg_owner_permitted(const struct vcpu *curr, const struct domain *d)
{
	return d == curr->domain || curr->domain->is_privileged;
}

#endif
