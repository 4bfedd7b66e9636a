/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mmu: page-table updates: mmu_update of every kind and level, update_va_mapping with each kind of
 * flush, writes to page tables that the hypervisor emulates, and what must be refused: writable
 * maps of page tables, frames of nobody, reserved and superpage bits, entries of the hypervisor.
 */

#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <guestkit/mm.h>

static char *page_a, *page_b;
static unsigned long va;	/* a page that page tables exist for */
static kit_pte *pte;		/* its entry */
static unsigned long mfn_a, mfn_b;

static long set(uint64_t value)
{
	return kit_pte_write(pte, value);
}

static void basics(void)
{
	volatile char *p = (volatile char *)va;
	unsigned int done = 77;
	struct mmu_update req[3];

	page_a[0] = 'a';
	page_b[0] = 'b';
	kit_check_eq(set(kit_make_pte(mfn_a, PTE_RW)), 0, "map a page");
	kit_check_eq(*p, 'a', "it reads");
	*p = 'c';
	kit_check_eq(page_a[0], 'c', "it is the same page");
	kit_check_eq(set(kit_make_pte(mfn_b, PTE_RW)), 0, "map another");
	kit_check_eq(kit_mmuext(MMUEXT_TLB_FLUSH_LOCAL, 0), 0, "flush");
	kit_check_eq(*p, 'b', "the new page shows");
	kit_observe("entry flags %lx", *pte & ~PTE_FRAME);
	kit_check_eq(set(0), 0, "unmap");
	kit_observe("entry %lx", *pte);
	for (int i = 0; i < 3; i++) {
		req[i].ptr = kit_va_to_ma(pte + i);
		req[i].val = kit_make_pte(mfn_a, PTE_RW);
	}
	kit_observe_ret(hc_mmu_update(req, 3, &done, DOMID_SELF), "three updates");
	kit_observe("done %u", done);
	req[1].ptr = kit_va_to_ma(page_b) | 3;
	req[1].val = 0;
	kit_observe_ret(hc_mmu_update(req, 3, &done, DOMID_SELF), "the second to a data page");
	kit_observe("done %u", done);
	for (int i = 0; i < 3; i++)
		kit_pte_write(pte + i, 0);
}

/* Values of an L1 entry that must be accepted or refused. */
static void l1_values(void)
{
	static const struct {
		const char *name;
		uint64_t flags;
	} kinds[] = {
		{ "read-only", PTE_RO }, { "read-write", PTE_RW }, { "no user bit", PTE_P | PTE_W },
		{ "no-execute", PTE_RW | PTE_NX }, { "write-through", PTE_RW | PTE_PWT },
		{ "uncached", PTE_RW | PTE_PCD }, { "PAT", PTE_RW | PTE_PS },
		{ "global", PTE_RW | PTE_G }, { "available 9", PTE_RW | 0x200 },
		{ "available 10", PTE_RW | 0x400 }, { "available 11", PTE_RW | 0x800 },
		{ "bit 52", PTE_RW | (1UL << 52) }, { "bit 58", PTE_RW | (1UL << 58) },
		{ "bit 62", PTE_RW | (1UL << 62) }, { "bit 59", PTE_RW | (1UL << 59) },
		{ "not present, junk", 0xdeadbeef000ffeUL & ~1UL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		long ret = set(kit_make_pte(mfn_a, kinds[i].flags));

		kit_observe_ret(ret, "L1 %s", kinds[i].name);
		if (!ret && (kinds[i].flags & PTE_P))
			kit_observe("  reads back %lx", *pte & ~(PTE_FRAME | PTE_A | PTE_D));
	}
	set(0);
}

static void l1_frames(void)
{
	struct { const char *name; uint64_t value; } kinds[] = {
		{ "own root, writable", kit_make_pte(kit_va_to_mfn(kit_root()), PTE_RW) },
		{ "own root, read-only", kit_make_pte(kit_va_to_mfn(kit_root()), PTE_RO) },
		{ "own L1, writable", kit_make_pte(kit_va_to_mfn(pte), PTE_RW) },
		{ "own L1, read-only", kit_make_pte(kit_va_to_mfn(pte), PTE_RO) },
		{ "frame beyond memory", kit_make_pte(0xfffffff, PTE_RO) },
		{ "largest frame", kit_make_pte(0xffffffffffUL, PTE_RO) },
		{ "shared info", kit_make_pte(kit_start_info->shared_info >> PAGE_SHIFT, PTE_RW) },
		{ "frame of a device (b8000h)", kit_make_pte(0xb8, PTE_RW | PTE_PCD) },
		{ "local APIC, writable", kit_make_pte(0xfee00, PTE_RW | PTE_PCD) },
		{ "IO APIC, writable", kit_make_pte(0xfec00, PTE_RW | PTE_PCD) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		kit_observe_ret(set(kinds[i].value), "L1 to %s", kinds[i].name);
	set(0);
}

static void high_levels(void)
{
	kit_pte *l2e = kit_pte_find(kit_root(), va, 2);
	kit_pte *l3e = kit_pte_find(kit_root(), va, 3);
	kit_pte *l4e = kit_pte_find(kit_root(), va, 4);
	kit_pte old2 = *l2e, old3 = *l3e, old4 = *l4e;
	char *table = kit_page_alloc();
	unsigned long mfn = kit_va_to_mfn(table);

	kit_observe_ret(kit_pte_write(l2e, kit_make_pte(mfn_a & ~511UL, PTE_RW | PTE_PS)),
			"L2 superpage");
	kit_observe_ret(kit_pte_write(l3e, kit_make_pte(mfn_a & ~0x3ffffUL, PTE_RW | PTE_PS)),
			"L3 superpage");
	kit_observe_ret(kit_pte_write(l4e, old4 | PTE_PS), "L4 with bit 7");
	kit_observe_ret(kit_pte_write(l2e, kit_make_pte(mfn, PTE_TABLE)),
			"L2 to a page mapped writable");
	kit_observe_ret(kit_set_readonly(table), "make it read-only");
	kit_observe_ret(kit_pte_write(l2e, kit_make_pte(mfn, PTE_TABLE)), "L2 to it now");
	kit_observe_ret(kit_set_writable(table), "writable while in use");
	kit_observe_ret(kit_pte_write(l2e, old2), "put the old one back");
	kit_observe_ret(kit_set_writable(table), "writable again");
	kit_observe_ret(kit_pte_write(l2e, old2 | PTE_G), "L2 with the global bit");
	kit_observe_ret(kit_pte_write(l2e, old2 | 0x200), "L2 with an available bit");
	kit_observe_ret(kit_pte_write(l3e, old3 | PTE_G), "L3 with the global bit");
	kit_observe_ret(kit_pte_write(l3e, old3 & ~PTE_U), "L3 without the user bit");
	kit_observe("  reads back %lx", *l3e & ~(PTE_FRAME | PTE_A | PTE_D));
	kit_observe_ret(kit_pte_write(l4e, old4 | PTE_NX), "L4 with no-execute");
	kit_observe_ret(kit_pte_write(l4e, old4), "L4 restored");
	kit_observe_ret(kit_pte_write(l3e, kit_make_pte(mfn_a, PTE_TABLE)), "L3 to a data page");
	kit_observe_ret(kit_pte_write(l3e, kit_make_pte(kit_va_to_mfn(pte), PTE_TABLE)),
			"L3 to an L1 table");
	kit_observe_ret(kit_pte_write(l4e, kit_make_pte(kit_va_to_mfn(kit_root()), PTE_TABLE)),
			"L4 to an L4, writable");
	kit_observe_ret(kit_pte_write(l4e + 1, kit_make_pte(kit_va_to_mfn(kit_root()), PTE_RO)),
			"L4 to itself, read-only (linear table)");
	kit_observe_ret(kit_pte_write(l4e + 1, 0), "and away");
	kit_observe_ret(kit_pte_write(l3e, old3), "L3 restored");
	for (int slot = 255; slot <= 273; slot++)
		if (slot == 255 || slot == 256 || slot == 260 || slot == 271 || slot == 272)
			kit_observe_ret(kit_pte_write(kit_root() + slot,
						      slot == 255 || slot == 272 ? 0 : old4),
					"L4 slot %d", slot);
	kit_page_free(table);
}

static void kinds(void)
{
	uint64_t ma = kit_va_to_ma(pte);
	unsigned long pfn = kit_va_to_pfn(page_a);

	set(kit_make_pte(mfn_a, PTE_RW | PTE_A | PTE_D));
	kit_observe_ret(kit_mmu_update(ma | MMU_PT_UPDATE_PRESERVE_AD,
				       kit_make_pte(mfn_a, PTE_P | PTE_W | PTE_U)), "preserve A/D");
	kit_observe("  reads back %lx", *pte & ~PTE_FRAME);
	set(kit_make_pte(mfn_a, PTE_P | PTE_W | PTE_U));
	kit_observe("  without: %lx", *pte & ~PTE_FRAME);
	kit_observe_ret(kit_mmu_update(ma | MMU_PT_UPDATE_NO_TRANSLATE,
				       kit_make_pte(mfn_b, PTE_RW)), "no-translate");
	set(0);
	kit_observe_ret(kit_mmu_update((uint64_t)mfn_a << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 0x5555),
			"machphys update");
	kit_observe("  m2p %lx", kit_mfn_to_pfn(mfn_a));
	kit_mmu_update((uint64_t)mfn_a << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, pfn);
	kit_check_eq((int64_t)kit_mfn_to_pfn(mfn_a), (int64_t)pfn, "m2p restored");
	kit_observe_ret(kit_mmu_update(0xfffffffUL << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 0),
			"machphys of no frame");
	kit_observe_ret(kit_mmu_update(0xb8UL << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, 0),
			"machphys of a device frame");
	kit_observe_ret(kit_mmu_update(ma | 4, 0), "misaligned pointer");
	kit_observe_ret(kit_mmu_update(0xfffffffUL << PAGE_SHIFT, 0), "pointer beyond memory");
	kit_observe_ret(kit_mmu_update(kit_start_info->shared_info, 0), "pointer into shared info");
	kit_observe_ret(kit_mmu_update(kit_va_to_ma(page_a), 0x1234), "pointer to a data page");
	kit_observe("  the data page has %lx", *(unsigned long *)page_a);
}

static void arguments(void)
{
	struct mmu_update req = { .ptr = kit_va_to_ma(pte), .val = 0 };
	unsigned int done = 5;

	kit_observe_ret(hc_mmu_update(&req, 0, &done, DOMID_SELF), "no requests");
	kit_observe("done %u", done);
	kit_observe_ret(hc_mmu_update(NULL, 1, NULL, DOMID_SELF), "NULL requests");
	kit_observe_ret(hc_mmu_update((void *)HYPERVISOR_VIRT_START, 1, NULL, DOMID_SELF),
			"requests in the hypervisor");
	kit_observe_ret(hc_mmu_update(&req, 1, (void *)0x10, DOMID_SELF), "bad done pointer");
	kit_observe_ret(hc_mmu_update(&req, 1, NULL, 77), "absent domain");
	kit_observe_ret(hc_mmu_update(&req, 1, NULL, DOMID_IO), "DOMID_IO");
	kit_observe_ret(hc_mmu_update(&req, 1, NULL, 0), "own number");
	kit_observe_ret(hc_mmu_update(&req, 1, NULL, (77u << 16) | DOMID_SELF), "absent table owner");
	kit_observe_ret(hc_mmu_update(&req, 1, NULL, DOMID_INVALID), "DOMID_INVALID");
}

static void va_mapping(void)
{
	static const struct { const char *name; unsigned long flags; } kinds[] = {
		{ "no flush", UVMF_NONE }, { "flush local", UVMF_TLB_FLUSH | UVMF_LOCAL },
		{ "flush all", UVMF_TLB_FLUSH | UVMF_ALL },
		{ "invlpg local", UVMF_INVLPG | UVMF_LOCAL },
		{ "invlpg all", UVMF_INVLPG | UVMF_ALL }, { "flush type 3", 3 },
		{ "bad mask pointer", UVMF_INVLPG | 0x10000 },
	};
	static unsigned long mask = 1;
	uint64_t a = kit_make_pte(mfn_a, PTE_RW), b = kit_make_pte(mfn_b, PTE_RW);

	page_a[0] = 'a';
	page_b[0] = 'b';
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		hc_update_va_mapping(va, a, UVMF_INVLPG);
		(void)*(volatile char *)va;
		kit_observe_ret(hc_update_va_mapping(va, b, kinds[i].flags), "va mapping, %s",
				kinds[i].name);
		if (kinds[i].flags & 3 && i < 5)
			kit_check_eq(*(volatile char *)va, 'b', "%s took effect", kinds[i].name);
	}
	kit_observe_ret(hc_update_va_mapping(va, a, UVMF_INVLPG | (unsigned long)&mask),
			"va mapping, invlpg by mask");
	kit_observe_ret(hc_update_va_mapping(0x0000200000000000UL, a, 0), "where no table is");
	kit_observe_ret(hc_update_va_mapping(HYPERVISOR_VIRT_START, a, 0), "in the hypervisor");
	kit_observe_ret(hc_update_va_mapping(0xffff880000000000UL, a, 0), "above it, no table");
	kit_observe_ret(hc_update_va_mapping(0x8000000000000000UL, a, 0), "non-canonical");
	kit_observe_ret(hc_update_va_mapping_otherdomain(va, a, 0, DOMID_SELF), "other: self");
	kit_observe_ret(hc_update_va_mapping_otherdomain(va, a, 0, 77), "other: absent");
	kit_observe_ret(hc_update_va_mapping_otherdomain(va, kit_make_pte(0xb8, PTE_RW), 0,
							 DOMID_IO), "other: DOMID_IO");
	kit_unmap(va);
	kit_observe_ret(hc_update_va_mapping_otherdomain(va, kit_make_pte(0xb8, PTE_RW), 0,
							 DOMID_XEN), "other: DOMID_XEN, a device");
	kit_observe_ret(hc_update_va_mapping_otherdomain(va, kit_make_pte(0xfffffff, PTE_RO), 0,
							 DOMID_XEN), "other: DOMID_XEN, no memory");
	kit_unmap(va);
}

struct store {
	void *where;
	uint64_t value;
};

static void store8(void *arg)
{
	struct store *s = arg;

	*(volatile uint64_t *)s->where = s->value;
}

static void store4(void *arg)
{
	struct store *s = arg;

	*(volatile uint32_t *)s->where = (uint32_t)s->value;
}

static void store1(void *arg)
{
	struct store *s = arg;

	*(volatile uint8_t *)s->where = (uint8_t)s->value;
}

static void exchange(void *arg)
{
	struct store *s = arg;

	s->value = __atomic_exchange_n((uint64_t *)s->where, s->value, __ATOMIC_SEQ_CST);
}

static void compare_exchange(void *arg)
{
	struct store *s = arg;
	uint64_t old = *(volatile uint64_t *)s->where;

	__atomic_compare_exchange_n((uint64_t *)s->where, &old, s->value, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
}

static void compare_exchange_wrong(void *arg)
{
	struct store *s = arg;
	uint64_t old = 0x123;

	__atomic_compare_exchange_n((uint64_t *)s->where, &old, s->value, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	s->value = old;
}

static void or_bit(void *arg)
{
	struct store *s = arg;

	asm volatile("lock orq %1, %0" : "+m" (*(uint64_t *)s->where) : "r" (s->value) : "cc");
}

static void and_bits(void *arg)
{
	struct store *s = arg;

	asm volatile("lock andq %1, %0" : "+m" (*(uint64_t *)s->where) : "r" (s->value) : "cc");
}

static void test_reset(void *arg)
{
	struct store *s = arg;

	asm volatile("lock btrq $1, %0" : "+m" (*(uint64_t *)s->where) : : "cc");
}

#define FLAGS	0x8c5UL		/* all of the arithmetic ones but AF, which AND leaves undefined */

/* These leave the flags in value. */
static void and_byte(void *arg)
{
	struct store *s = arg;

	asm volatile("lock andb $0xfd, %1; pushfq; pop %0"
		     : "=r" (s->value), "+m" (*(uint8_t *)s->where) : : "cc", "memory");
}

static void and_byte_at_offset(void *arg)
{
	struct store *s = arg;

	asm volatile("stc; ds andb $0, 0x40(%1); pushfq; pop %0"
		     : "=r" (s->value) : "r" ((char *)s->where - 0x40) : "cc", "memory");
}

static void compare_exchange_flags(void *arg)
{
	struct store *s = arg;

	asm volatile("xor %%eax, %%eax; sub $1, %%eax; mov %0, %%rax; lock cmpxchg %2, 0x1000(%1); pushfq; pop %0"
		     : "+r" (s->value) : "r" ((char *)s->where - 0x1000), "r" (0UL) : "rax", "cc", "memory");
}

static void flags_of_writes(void)
{
	static const struct { const char *name; void (*fn)(void *); uint64_t value; } k[] = {
		{ "lock and of the first byte", and_byte, 0 },
		{ "and of the first byte, at an offset", and_byte_at_offset, 0 },
		{ "compare-exchange that fails", compare_exchange_flags, 0x123 },
		{ "compare-exchange that fails, with a carry", compare_exchange_flags, 0 },
		{ "compare-exchange", compare_exchange_flags, PTE_RW },
	};
	struct store s = { .where = pte };
	struct kit_fault f;

	for (size_t i = 0; i < ARRAY_SIZE(k); i++) {
		set(kit_make_pte(mfn_a, PTE_RW));
		s.value = k[i].fn == compare_exchange_flags && k[i].value == PTE_RW ? *pte : k[i].value;
		kit_probe(k[i].fn, &s, &f);
		if (f.vector >= 0)
			kit_observe_fault(&f, "write, %s", k[i].name);
		kit_observe("write, %s: flags %lx, entry flags %lx", k[i].name, s.value & FLAGS, *pte & ~PTE_FRAME);
	}
	set(0);
}

static void emulated_writes(void)
{
	struct store s = { .where = pte };
	struct kit_fault f;
	static const struct { const char *name; void (*fn)(void *); uint64_t v; bool frame; } k[] = {
		{ "8-byte store", store8, PTE_RW, true },
		{ "8-byte store of 0", store8, 0, false },
		{ "8-byte store of not present", store8, 0xabc0, false },
		{ "exchange", exchange, PTE_RW, true },
		{ "compare-exchange", compare_exchange, PTE_RO, true },
		{ "compare-exchange that fails", compare_exchange_wrong, 0, false },
		{ "lock or of W", or_bit, PTE_W, false },
		{ "lock and", and_bits, ~PTE_W, false },
		{ "lock btr of W", test_reset, 0, false },
		{ "4-byte store", store4, 0, false },
		{ "1-byte store", store1, 0, false },
	};

	set(0);
	for (size_t i = 0; i < ARRAY_SIZE(k); i++) {
		s.value = k[i].v | (k[i].frame ? (uint64_t)mfn_a << PAGE_SHIFT : 0);
		kit_probe(k[i].fn, &s, &f);
		if (f.vector >= 0)
			kit_observe_fault(&f, "write, %s", k[i].name);
		kit_observe("write, %s: entry flags %lx%s", k[i].name, *pte & ~PTE_FRAME,
			    (*pte & PTE_FRAME) >> PAGE_SHIFT == mfn_a ? " frame" : "");
	}
	set(0);
	s.value = kit_make_pte(kit_va_to_mfn(kit_root()), PTE_RW);
	kit_probe(store8, &s, &f);
	kit_observe_fault(&f, "write of a writable map of the root");
	kit_check_eq((int64_t)*pte, 0, "the entry is as before");
	s.where = (char *)pte + 4;
	kit_probe(store8, &s, &f);
	kit_observe_fault(&f, "misaligned 8-byte store");
	set(0);
	set(0);
	kit_pte_write(pte + 1, 0);
	s.where = kit_pte_find(kit_root(), va, 2);
	s.value = *(uint64_t *)s.where;
	kit_probe(store8, &s, &f);
	kit_observe_fault(&f, "write to an L2");
	s.where = kit_root() + 5;
	s.value = 0;
	kit_probe(store8, &s, &f);
	kit_observe_fault(&f, "write to the L4");
}

/* A page table out of use can be written directly, and is checked when it is used again. */
static void write_then_use(void)
{
	kit_pte *l2e = kit_pte_find(kit_root(), va + (1UL << 21), 2);
	kit_pte *table = kit_page_alloc();
	struct mmu_update req = { .ptr = kit_va_to_ma(l2e) };

	table[3] = kit_make_pte(mfn_a, PTE_RW);
	kit_set_readonly(table);
	req.val = kit_make_pte(kit_va_to_mfn(table), PTE_TABLE);
	kit_check_eq(hc_mmu_update(&req, 1, NULL, DOMID_SELF), 0, "a filled table comes into use");
	page_a[7] = 'z';
	kit_check_eq(((volatile char *)va)[(1UL << 21) + 3 * PAGE_SIZE + 7], 'z', "it translates");
	req.val = 0;
	kit_check_eq(hc_mmu_update(&req, 1, NULL, DOMID_SELF), 0, "out of use");
	kit_check_eq(kit_set_writable(table), 0, "and writable");
	table[4] = kit_make_pte(kit_va_to_mfn(kit_root()), PTE_RW);
	kit_set_readonly(table);
	req.val = kit_make_pte(kit_va_to_mfn(table), PTE_TABLE);
	kit_observe_ret(hc_mmu_update(&req, 1, NULL, DOMID_SELF), "a table with a bad entry");
	kit_check_eq(kit_set_writable(table), 0, "which is writable afterwards");
	kit_page_free(table);
}

/* A guest may number its frames as it likes; the kit's own walk then finds no table, and does not look for one anywhere. */
static void table_without_number(void)
{
	kit_pte entry = *kit_pte_find(kit_root(), va, 2);
	unsigned long mfn = (entry & PTE_FRAME) >> PAGE_SHIFT, pfn = kit_mfn_to_pfn(mfn);

	kit_check_eq(kit_mmu_update((uint64_t)mfn << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, ~0UL), 0, "a table's number is none");
	kit_check(!kit_pte_find(kit_root(), va, 1), "it is not found");
	kit_check_eq(kit_mmu_update((uint64_t)mfn << PAGE_SHIFT | MMU_MACHPHYS_UPDATE, pfn), 0, "it has its number again");
	kit_check(kit_pte_find(kit_root(), va, 1) == pte, "and is found");
}

void kit_main(void)
{
	va = kit_va_alloc(1024);
	pte = kit_pte_make(kit_root(), va);
	page_a = kit_page_alloc();
	page_b = kit_page_alloc();
	mfn_a = kit_va_to_mfn(page_a);
	mfn_b = kit_va_to_mfn(page_b);
	basics();
	l1_values();
	l1_frames();
	high_levels();
	kinds();
	arguments();
	va_mapping();
	emulated_writes();
	flags_of_writes();
	write_then_use();
	table_without_number();
	kit_audit();
}
