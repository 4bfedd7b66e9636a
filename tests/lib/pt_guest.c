/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guests that do anything to their page tables. So that trees come about at all, each frame has a favourite level, and
 * entries of few slots mostly name frames of the level below; mostly, not always.
 */
#include <stdio.h>
#include <stdlib.h>
#include <asm/traps.h>
#include <asm/pv.h>
#include <tenon/hypercall.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include "pt_inside.h"
#include "random.h"
#include "../../hypervisor/arch/x86/mm/page_type.h"
#include "../../hypervisor/common/mm/memory_op.h"


static const uint8_t *input;
static size_t input_left;
static bool fed;

void pt_feed(const uint8_t *bytes, size_t size)
{
	input = bytes;
	input_left = size;
	fed = true;
}

bool pt_fed(void)
{
	return !input_left;
}

unsigned int pt_choose(unsigned int n)
{
	if (!fed)
		return random_below(n);
	if (!input_left)
		return 0;
	input_left--;
	return *input++ % n;
}

void pt_bug(const char *what)
{
	printf("Bail out! %s\n", what);
	fflush(stdout);
	abort();
}

/* ---- choices ---- */

static bool chance(unsigned int percent)
{
	return pt_choose(100) < percent;
}

/* 0: data. */
static unsigned int favourite_level(unsigned long m)
{
	static const uint8_t level[] = { 0, 4, 3, 1, 2, 1, 0, 1 };

	return level[m % sizeof(level)];
}

/* Of the domain's, if the table does not change meanwhile. */
static unsigned long own_frame(const struct domain *d)
{
	for (unsigned int tries = 0; tries < 8; tries++) {
		unsigned long m = pt_choose(PT_FRAMES);

		if (!pt_is_hole(m) && READ_ONCE(mfn_to_page(_mfn(m))->owner) == d->domain_id + 1U)
			return m;
	}
	return pt_choose(PT_FRAMES);
}

static unsigned long frame_of_level(const struct domain *d, unsigned int level)
{
	unsigned long m = 0;

	if (chance(90)) {
		for (unsigned int tries = 0; tries < 20; tries++) {
			m = own_frame(d);
			if (favourite_level(m) == level)
				return m;
		}
		return m;
	}
	return chance(50) ? pt_choose(PT_FRAMES + 2) : own_frame(d);
}

static unsigned int slot(void)
{
	static const uint16_t slots[] = { 0, 0, 0, 1, 1, 2, 7, 8, 255, 256, 260, 272, 511 };

	return slots[pt_choose(ARRAY_SIZE(slots))];
}

static uint64_t entry(const struct domain *d, unsigned int level)
{
	static const uint64_t odd[] = {
		_PAGE_PWT, _PAGE_PCD, _PAGE_PSE, _PAGE_GLOBAL, _PAGE_NX, _PAGE_GUEST_KERNEL, _PAGE_ACCESSED, _PAGE_DIRTY,
	};
	unsigned int what = pt_choose(16);
	unsigned long m;
	uint64_t e;

	if (what < 4)
		return 0;
	if (what == 4)
		m = frame_of_level(d, level);
	else if (what == 5)
		m = frame_of_level(&pt_domain[!d->domain_id], level ? level - 1 : 0);
	else
		m = frame_of_level(d, level > 1 ? level - 1 : chance(75) ? 0 : pt_choose(5));
	e = m << PAGE_SHIFT | _PAGE_PRESENT | (chance(70) ? _PAGE_USER : 0);
	if (level == 1 ? favourite_level(m) == 0 || chance(5) : what != 4 && chance(80))
		e |= _PAGE_RW;
	if (chance(6))
		e |= odd[pt_choose(ARRAY_SIZE(odd))];
	return chance(96) ? e : e & ~_PAGE_PRESENT;
}

static unsigned long address(void)
{
	unsigned long va = 0;
	bool home = chance(60);

	for (unsigned int level = 4; level; level--)
		va |= (unsigned long)(home && level > 1 ? 0 : slot()) << PT_SHIFT(level);
	return (unsigned long)((long)(va << 16) >> 16);
}

static unsigned long who(const struct pt_vcpu *p)
{
	static const uint16_t others[] = { 0, 1, DOMID_IO, DOMID_XEN, 7 };

	return chance(85) ? DOMID_SELF : others[pt_choose(ARRAY_SIZE(others))];
}

/* The n'th of that favourite level. */
static unsigned long nth_frame(const struct domain *d, unsigned int level, unsigned int n)
{
	for (unsigned long m = 1; m < PT_FRAMES; m++)
		if (mfn_to_page(_mfn(m))->owner == d->domain_id + 1U && favourite_level(m) == level && m >= 16 && !n--)
			return m;
	pt_bug("no frame for first page tables");
}

/* Slot 0 on each level; some data, and the level 1 table itself, read-only. */
void pt_first_root(struct pt_vcpu *p)
{
	struct domain *d = p->v.domain;
	unsigned int id = p->v.vcpu_id;

	for (unsigned int level = 1; level < 5; level++) {
		unsigned long m = nth_frame(d, level, id);
		uint64_t *t = mfn_to_virt(_mfn(m));

		*t = nth_frame(d, level - 1, id) << PAGE_SHIFT | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER;
		if (level == 1) {
			t[1] = nth_frame(d, 0, id + 1) << PAGE_SHIFT | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER;
			t[8] = m << PAGE_SHIFT | _PAGE_PRESENT | _PAGE_USER;
		}
		p->home = m;
	}
	if (get_page_and_type(mfn_to_page(_mfn(p->home)), d, PGT_l4_table) ||
	    get_page_and_type(mfn_to_page(_mfn(p->home)), d, PGT_l4_table))
		pt_bug("first page tables are refused");
	mfn_to_page(_mfn(p->home))->type |= PGT_pinned;
	p->v.arch.guest_table = _mfn(p->home);
	update_cr3(&p->v);
}

/* ---- calls ---- */

static long call(struct pt_vcpu *p, unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4)
{
	long rc;

	p->restart = false;
	p->waited = 0;
	switch (op) {
	case __HYPERVISOR_mmu_update:
		rc = do_mmu_update(&p->v, a1, a2, a3, a4, 0);
		break;
	case __HYPERVISOR_mmuext_op:
		rc = do_mmuext_op(&p->v, a1, a2, a3, a4, 0);
		break;
	case __HYPERVISOR_memory_op:
		rc = memory_exchange(&p->v, a1, a2);
		break;
	default:
		pt_bug("no such call");
	}
	pt_counts.restarts += p->restart;
	pt_counts.refused += !p->restart && rc < 0;
	return rc;
}

static void update(struct pt_vcpu *p)
{
	struct domain *d = p->v.domain, *x = d;
	unsigned long foreign = who(p);
	unsigned int n = 1 + pt_choose(PT_REQUESTS);
	unsigned long m = frame_of_level(d, pt_choose(5));

	if (chance(8))
		foreign |= (1UL + pt_choose(3)) << 16;
	if (foreign >> 16 == 2)
		x = &pt_domain[1];
	for (unsigned int i = 0; i < n; i++) {
		if (chance(40))
			m = frame_of_level(x, pt_choose(5));
		p->update[i].ptr = m << PAGE_SHIFT | slot() * 8UL | (chance(80) ? 0 : pt_choose(4));
		p->update[i].val = entry((foreign & 0xffff) == 1 ? &pt_domain[1] : d, favourite_level(m));
	}
	p->done = 0;
	call(p, __HYPERVISOR_mmu_update, (unsigned long)p->update, n, (unsigned long)&p->done, foreign);
	for (unsigned int i = 0; i < p->done && i < n; i++)
		pt_counts.updates[favourite_level(p->update[i].ptr >> PAGE_SHIFT)]++;
}

static void ext_one(struct pt_vcpu *p, struct mmuext_op *op, const struct domain *d)
{
	static const uint8_t flushes[] = {
		MMUEXT_TLB_FLUSH_LOCAL, MMUEXT_INVLPG_LOCAL, MMUEXT_TLB_FLUSH_ALL, MMUEXT_INVLPG_ALL, MMUEXT_SET_LDT,
	};
	unsigned int level;

	switch (pt_choose(12)) {
	case 0 ... 2:
		level = 1 + pt_choose(4);
		op->cmd = MMUEXT_PIN_L1_TABLE + level - 1;
		op->arg1.mfn = frame_of_level(d, level);
		break;
	case 3 ... 5:
		op->cmd = MMUEXT_UNPIN_TABLE;
		op->arg1.mfn = frame_of_level(d, 1 + pt_choose(4));
		break;
	case 6 ... 7:
		op->cmd = MMUEXT_NEW_BASEPTR;
		op->arg1.mfn = chance(70) ? p->home : frame_of_level(d, 4);
		break;
	case 8:
		op->cmd = MMUEXT_NEW_USER_BASEPTR;
		op->arg1.mfn = chance(30) ? 0 : frame_of_level(d, 4);
		break;
	case 9:
		op->cmd = MMUEXT_COPY_PAGE;
		op->arg1.mfn = own_frame(d);
		op->arg2.src_mfn = frame_of_level(d, favourite_level(op->arg1.mfn));
		break;
	case 10:
		op->cmd = MMUEXT_CLEAR_PAGE;
		op->arg1.mfn = own_frame(d);
		break;
	default:
		op->cmd = flushes[pt_choose(sizeof(flushes))];
		op->arg1.linear_addr = op->cmd == MMUEXT_SET_LDT ? address() & PAGE_MASK : address();
		op->arg2.nr_ents = pt_choose(3) * 512;
	}
}

static void ext(struct pt_vcpu *p)
{
	unsigned int n = 1 + pt_choose(4);
	unsigned long foreign = who(p);
	struct domain *d = foreign == 1 ? &pt_domain[1] : p->v.domain;

	for (unsigned int i = 0; i < n; i++)
		ext_one(p, &p->ext[i], d);
	p->done = 0;
	call(p, __HYPERVISOR_mmuext_op, (unsigned long)p->ext, n, (unsigned long)&p->done, foreign);
	for (unsigned int i = 0; i < p->done && i < n; i++)
		if (p->ext[i].cmd <= MMUEXT_PIN_L4_TABLE)
			pt_counts.pins[p->ext[i].cmd - MMUEXT_PIN_L1_TABLE + 1]++;
		else
			pt_counts.roots += p->ext[i].cmd == MMUEXT_NEW_BASEPTR;
}

static void update_va(struct pt_vcpu *p)
{
	unsigned long va = address(), flags = pt_choose(3) | (chance(50) ? UVMF_ALL : UVMF_LOCAL);
	unsigned long foreign = chance(30) ? 1 : who(p);

	if (chance(60))
		pt_counts.updates[1] += !do_update_va_mapping(&p->v, va, entry(p->v.domain, 1), flags, 0, 0);
	else
		(void)do_update_va_mapping_otherdomain(&p->v, va, entry(&pt_domain[foreign == 1], 1), flags, foreign, 0);
}

/* Stores that fault: mov, xchg, cmpxchg of eight bytes and of four, at (%rbx). */
static void store(struct pt_vcpu *p)
{
	static const uint8_t insn[][16] = {
		{ 0x48, 0x89, 0x03 }, { 0x48, 0x87, 0x03 }, { 0xf0, 0x48, 0x0f, 0xb1, 0x0b }, { 0x89, 0x03 },
		{ 0xf0, 0x48, 0x0f, 0xba, 0x33, 0x01 },
	};
	struct cpu_user_regs regs = {
		.rip = (unsigned long)insn[pt_choose(ARRAY_SIZE(insn))], .cs = FLAT_RING3_CS64,
		.rax = entry(p->v.domain, 1), .rcx = entry(p->v.domain, 1), .rbx = (chance(50) ? 8 * PAGE_SIZE : address()) | slot() * 8UL,
	};

	pt_counts.wpt += pv_ro_page_fault(&p->v, &regs, regs.rbx);
}

static void descriptors(struct pt_vcpu *p)
{
	unsigned int n = pt_choose(4);

	switch (pt_choose(3)) {
	case 0:
		for (unsigned int i = 0; i < n; i++)
			p->frames[i] = frame_of_level(p->v.domain, 0);
		pt_counts.descriptors += !do_set_gdt(&p->v, (unsigned long)p->frames, n * 512, 0, 0, 0);
		break;
	case 1:
		(void)do_update_descriptor(&p->v, own_frame(p->v.domain) << PAGE_SHIFT | slot() * 8UL,
					   pt_choose(2) ? 0x00cffa000000ffff : 0x0000890000000000, 0, 0, 0);
		break;
	default:
		pt_counts.descriptors += pv_map_ldt_page(&p->v, pt_choose(4) * PAGE_SIZE);
	}
}

/* ---- references of others ---- */

static bool take(unsigned long m, const struct domain *d, bool writable)
{
	struct page_info *pg = mfn_to_page(_mfn(m));

	if (m >= PT_FRAMES || !get_page(pg, d))
		return false;
	if (writable && get_page_type(pg, PGT_writable, false)) {
		put_page(pg);
		return false;
	}
	return true;
}

static void drop(unsigned long m, bool writable)
{
	if (writable)
		put_page_and_type(mfn_to_page(_mfn(m)));
	else
		put_page(mfn_to_page(_mfn(m)));
}

void pt_let_go(struct pt_vcpu *p)
{
	for (unsigned int i = 0; i < PT_HOLDS; i++) {
		if (p->hold[i].mfn)
			drop(p->hold[i].mfn, p->hold[i].writable);
		p->hold[i].mfn = 0;
	}
}

static void hold(struct pt_vcpu *p)
{
	unsigned int i = pt_choose(PT_HOLDS);

	if (p->hold[i].mfn) {
		drop(p->hold[i].mfn, p->hold[i].writable);
		p->hold[i].mfn = 0;
		return;
	}
	p->hold[i].writable = chance(60);
	p->hold[i].mfn = own_frame(&pt_domain[pt_choose(PT_DOMAINS)]);
	if (!take(p->hold[i].mfn, &pt_domain[pt_choose(PT_DOMAINS)], p->hold[i].writable))
		p->hold[i].mfn = 0;
}

/* Frames are given back for others: for each one another, or, of which there are none, for some that lie together. */
static void exchange(struct pt_vcpu *p)
{
	unsigned int n = 1 + pt_choose(3), order = chance(60) ? 1 : 0;

	for (unsigned int i = 0; i < 8; i++)
		p->frames[i] = own_frame(p->v.domain);
	memset(&p->exchange, 0, sizeof(p->exchange));
	p->exchange.in.nr_extents = order ? 2 * n : n;
	p->exchange.out.nr_extents = n;
	p->exchange.out.extent_order = order;
	p->exchange.in.domid = p->exchange.out.domid = DOMID_SELF;
	p->exchange.in.extent_start.va = (unsigned long)p->frames;
	p->exchange.out.extent_start.va = (unsigned long)(p->frames + 8);
	call(p, __HYPERVISOR_memory_op, XENMEM_exchange, (unsigned long)&p->exchange, 0, 0);
}

/* The domain gives a frame up; the last reference frees it. Or it gets one. */
static void balloon(struct pt_vcpu *p)
{
	struct domain *d = p->v.domain;
	struct page_info *pg = mfn_to_page(_mfn(own_frame(d)));

	if (chance(30)) {
		exchange(p);
	} else if (chance(50)) {
		(void)domain_alloc_pages(d, 0, 0);
	} else if (get_page(pg, d)) {
		if (!(pg->refs & PGC_hypervisor))
			put_page_alloc_ref(pg);
		put_page(pg);
	}
}

static void unmap_grant(struct pt_vcpu *p, struct pt_grant *g)
{
	uint64_t new_addr = chance(20) ? address() : 0;

	if (!replace_grant_host_mapping(&p->v, g->addr, _mfn(g->mfn), new_addr, g->flags))
		drop(g->mfn, !(g->flags & GNTMAP_readonly));
	g->mfn = 0;
}

static void grant(struct pt_vcpu *p)
{
	struct pt_grant *g = &p->grant[pt_choose(PT_GRANTS)];
	const struct domain *d = &pt_domain[chance(80) ? !p->v.domain->domain_id : p->v.domain->domain_id];
	unsigned long m;

	if (g->mfn) {
		unmap_grant(p, g);
		return;
	}
	g->flags = GNTMAP_host_map | (chance(40) ? GNTMAP_readonly : 0) | (chance(50) ? GNTMAP_contains_pte : 0) |
		   (chance(30) ? GNTMAP_application_map : 0);
	g->addr = g->flags & GNTMAP_contains_pte ? frame_of_level(p->v.domain, 1) << PAGE_SHIFT | slot() * 8UL : address();
	m = frame_of_level(d, 0);
	if (!take(m, d, !(g->flags & GNTMAP_readonly)))
		return;
	if (create_grant_host_mapping(&p->v, g->addr, _mfn(m), g->flags, 0)) {
		drop(m, !(g->flags & GNTMAP_readonly));
		return;
	}
	g->mfn = m;
	pt_counts.grants++;
}

void pt_step(unsigned int cpu)
{
	struct pt_vcpu *p = &pt_vcpu[cpu];

	pt_be(cpu);
	p->waited = 0;
	pt_counts.steps++;
	if (p->restart && chance(92)) {
		call(p, p->op, p->args[0], p->args[1], p->args[2], p->args[3]);
		return;
	}
	pt_counts.abandoned += p->restart;
	p->restart = false;
	switch (pt_choose(16)) {
	case 0 ... 4:
		update(p);
		break;
	case 5 ... 9:
		ext(p);
		break;
	case 10:
		update_va(p);
		break;
	case 11:
		store(p);
		break;
	case 12:
		descriptors(p);
		break;
	case 13:
		hold(p);
		break;
	case 14:
		balloon(p);
		break;
	default:
		grant(p);
	}
}
