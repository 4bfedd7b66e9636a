/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The oracle for page types: counts who refers to what from the contents of memory, and compares. */
#include <stdio.h>
#include <asm/pv.h>
#include "pt_inside.h"
#include "../../hypervisor/arch/x86/mm/page_type.h"

static struct count {
	uint32_t refs, users;
	int linear;
} counts[PT_FRAMES];
static char problem[256];

static const char *wrong(unsigned long m, const char *what, uint64_t x)
{
	const struct page_info *pg = mfn_to_page(_mfn(m));

	if (!*problem)
		snprintf(problem, sizeof(problem), "frame %lx, owner %u, refs %lx, type %lx: %s (%lx)", m, pg->owner,
			 pg->refs, pg->type, what, x);
	return problem;
}

static bool ram(unsigned long m)
{
	return m < PT_FRAMES && !pt_is_hole(m);
}

static void count(unsigned long m, bool user)
{
	if (!ram(m))
		return;
	counts[m].refs++;
	counts[m].users += user;
}

static unsigned int type_of(unsigned long m)
{
	return mfn_to_page(_mfn(m))->type >> 60 & 7;
}

/*
 * An entry of a table in use, for level 1 something to map, else a table. Not whole: where work on the table was
 * interrupted. It holds its references; all else of it is not done yet, or undone.
 */
static void look_at_entry(unsigned long m, unsigned int level, bool whole, uint64_t e)
{
	unsigned long to = (e & PTE_MFN_MASK) >> PAGE_SHIFT;
	bool rw = e & _PAGE_RW;

	if (!(e & _PAGE_PRESENT))
		return;
	if (!(e & _PAGE_USER) && whole)
		wrong(m, "an entry not for users", e);
	if (level == 1) {
		count(to, rw);
		if (ram(to) && rw && type_of(to) != 7)
			wrong(to, "mapped writable", m);
		if (ram(to) && (mfn_to_page(_mfn(to))->refs & PGC_state_free))
			wrong(to, "mapped, and free", m);
		return;
	}
	if (!ram(to) || mfn_to_page(_mfn(to))->owner != mfn_to_page(_mfn(m))->owner || (e & (_PAGE_PSE | _PAGE_GLOBAL)))
		wrong(m, "a bad entry", e);
	else if (to != m && type_of(to) == level && !rw) {
		counts[m].linear += whole;
		counts[to].linear -= whole;
		count(to, true);
	} else if (to != m) {
		count(to, true);
		if (type_of(to) != level - 1)
			wrong(m, "an entry that names no table of the level below", e);
	} else if (rw) {
		wrong(m, "a writable entry for itself", e);
	}
}

static void look_at_table(unsigned long m)
{
	const struct page_info *pg = mfn_to_page(_mfn(m));
	const uint64_t *t = mfn_to_virt(_mfn(m));
	unsigned int level = type_of(m), n = PT_ENTRIES, done = PT_ENTRIES;

	if (level < 1 || level > 4 || !(pg->type & (PGT_validated | PGT_partial)))
		return;
	if (!(pg->type & PGT_count_mask))
		wrong(m, "in use by nobody", 0);
	if (pg->type & PGT_partial)
		n = (done = pg->nr_validated & 0x7fffU) + (pg->nr_validated >> 15);
	for (unsigned int i = 0; i < n; i++)
		if (level < 4 || i < 256 || i > 271)
			look_at_entry(m, level, i < done, t[i]);
	if (level == 4 && (pg->type & PGT_validated) && memcmp(t + 261, idle_l4 + 261, 11 * sizeof(*t)))
		wrong(m, "a root without us", 0);
}

static void look_at_vcpu(const struct pt_vcpu *p)
{
	const struct arch_vcpu *a = &p->v.arch;
	const unsigned long held[] = { a->guest_table.m, a->guest_table_user.m, a->old_guest_table.m, a->partial_table.m };

	for (unsigned int i = 0; i < ARRAY_SIZE(held); i++)
		if (held[i])
			count(held[i], true);
	for (unsigned int i = 0; i < 14; i++)
		if (a->pv.gdt_frames[i])
			count(a->pv.gdt_frames[i], true);
	for (unsigned int i = 0; i < 16; i++)
		if (a->pv.gdt_ldt_l1[16 + i].e & _PAGE_PRESENT)
			count((a->pv.gdt_ldt_l1[16 + i].e & PTE_MFN_MASK) >> PAGE_SHIFT, true);
	for (unsigned int i = 0; i < PT_HOLDS; i++)
		if (p->hold[i].mfn)
			count(p->hold[i].mfn, p->hold[i].writable);
}

static void compare(unsigned long m)
{
	const struct page_info *pg = mfn_to_page(_mfn(m));
	bool shared = pg->refs & PGC_hypervisor;
	unsigned int type = type_of(m);

	if (!pg->owner && !(pg->refs & PGC_state_free))
		return;
	counts[m].refs += !!(pg->refs & PGC_allocated);
	counts[m].users += !!(pg->type & PGT_pinned) + shared;
	counts[m].refs += !!(pg->type & PGT_pinned);
	if ((pg->refs & PGC_count_mask) != counts[m].refs)
		wrong(m, "references there should be", counts[m].refs);
	else if ((pg->type & PGT_count_mask) != counts[m].users)
		wrong(m, "users there should be", counts[m].users);
	else if (pg->type & PGT_locked)
		wrong(m, "left locked", 0);
	else if (type >= 2 && type <= 4 && counts[m].users && pg->linear != counts[m].linear)
		wrong(m, "linear count should be", (uint64_t)counts[m].linear);
}

/* ---- what processors remember ---- */

static void remember(struct pt_memory *what, unsigned long m)
{
	*what = (struct pt_memory){ true, (uint8_t)type_of(m), pt_lives[m] };
}

/* As the processor does it, whatever the types are. */
static void walk(struct pt_tlb *tlb, unsigned long m, unsigned int level, bool rw)
{
	const uint64_t *t = mfn_to_virt(_mfn(m));

	remember(&tlb->table[m], m);
	for (unsigned int i = 0; i < PT_ENTRIES; i++) {
		unsigned long to = (t[i] & PTE_MFN_MASK) >> PAGE_SHIFT;
		bool w = rw && (t[i] & _PAGE_RW);

		if (!(t[i] & _PAGE_PRESENT) || !ram(to))
			continue;
		if (level > 1)
			walk(tlb, to, level - 1, w);
		else if (w)
			remember(&tlb->write[to], to);
	}
}

void pt_walk(unsigned int cpu)
{
	const struct arch_vcpu *a = &pt_vcpu[cpu].v.arch;

	if (a->guest_table.m)
		walk(&pt_tlb[cpu], a->guest_table.m, 4, true);
	if (a->guest_table_user.m)
		walk(&pt_tlb[cpu], a->guest_table_user.m, 4, true);
}

/* Nobody writes to what is checked, and nobody walks what anybody writes to. */
static void look_at_tlb(const struct pt_tlb *tlb, unsigned long m)
{
	const struct page_info *pg = mfn_to_page(_mfn(m));
	bool used = (pg->type & PGT_count_mask) && !(pg->refs & PGC_state_free);
	unsigned int type = type_of(m);

	if ((tlb->write[m].known && tlb->write[m].life != pt_lives[m]) ||
	    (tlb->table[m].known && tlb->table[m].life != pt_lives[m]))
		wrong(m, "known to a processor from an earlier life", 0);
	if (used && tlb->write[m].known && type >= 1 && type <= 5)
		wrong(m, "in use, and a processor still writes to it", 0);
	if (used && tlb->table[m].known && type != tlb->table[m].type)
		wrong(m, "in use, and a processor still walks it as", tlb->table[m].type);
}

const char *pt_check(void)
{
	*problem = '\0';
	memset(counts, 0, sizeof(counts));
	for (unsigned long m = 0; m < PT_FRAMES; m++)
		if (ram(m))
			look_at_table(m);
	for (unsigned int cpu = 0; cpu < PT_CPUS; cpu++)
		look_at_vcpu(&pt_vcpu[cpu]);
	for (unsigned long m = 0; m < PT_FRAMES; m++)
		if (ram(m))
			compare(m);
	for (unsigned int cpu = 0; cpu < PT_CPUS && !pt_threads; cpu++) {
		pt_walk(cpu);
		for (unsigned long m = 0; m < PT_FRAMES; m++)
			if (ram(m))
				look_at_tlb(&pt_tlb[cpu], m);
	}
	return *problem ? problem : NULL;
}

/* ---- the end ---- */

static int end_domain(struct domain *d)
{
	struct vcpu *v;

	for_each_vcpu(d, v) {
		int rc;

		pt_be(v->processor);
		rc = vcpu_drop_page_tables(v);
		if (rc)
			return rc;
		pv_destroy_gdt(v);
		(void)pv_destroy_ldt(v);
	}
	return relinquish_pages(d);
}

const char *pt_end(void)
{
	unsigned int first = pt_choose(2);

	*problem = '\0';
	for (unsigned int k = 0; k < PT_DOMAINS; k++) {
		struct domain *d = &pt_domain[k ^ first];

		d->dying = DOM_DYING;
		while (end_domain(d))
			if (!pt_threads && pt_check())
				return problem;
		(void)domain_release_hv_pages(d);
		if (!pt_threads && pt_check())
			return problem;
	}
	for (unsigned int cpu = 0; cpu < PT_CPUS; cpu++)
		pt_let_go(&pt_vcpu[cpu]);
	for (unsigned long m = 0; m < PT_FRAMES; m++)
		if (ram(m) && mfn_to_page(_mfn(m))->owner)
			return wrong(m, "kept over the end of its domain", 0);
	for (unsigned int k = 0; k < PT_DOMAINS; k++)
		if (pt_domain[k].refcount != 1)
			return wrong(0, "references to a domain", (uint64_t)pt_domain[k].refcount);
	return NULL;
}
