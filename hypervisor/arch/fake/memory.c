/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's memory, types of its frames, and the guests' way to their own. */
#include <asm/fake.h>
#include <tenon/arch.h>
#include <tenon/guest_access.h>

void *mmap(void *addr, size_t length, int prot, int flags, int fd, long offset);
#define PROT_RW			3
#define MAP_PRIVATE_ANON_NORESERVE 0x4022

char *fake_bank[2];
char fake_frame_table[FAKE_MAX_PAGE * sizeof(struct page_info)] __aligned(4096);
char fake_hypervisor[65536];
unsigned long max_page = FAKE_MAX_PAGE, total_pages;
unsigned long fake_fault_start, fake_fault_end, fake_flushes, fake_flushed_va;
void (*fake_at_flush)(void);
int fake_pages_mapped;
static unsigned long m2p[FAKE_MAX_PAGE];
static uint32_t tlb_clock;

void fake_start_memory(void)
{
	const unsigned long low = FAKE_BANK0_END, high = FAKE_MAX_PAGE - FAKE_BANK1_START;
	char *all = mmap(NULL, (low + high + 7) << PAGE_SHIFT, PROT_RW, MAP_PRIVATE_ANON_NORESERVE, -1, 0);

	BUG_ON(all == (char *)-1);
	fake_bank[1] = all;
	fake_bank[0] = all + ((high + 7) << PAGE_SHIFT);
	total_pages = low + high;
	for (unsigned long m = FAKE_BANK0_END; m < FAKE_BANK1_START; m++)
		mfn_to_page(_mfn(m))->refs = PGC_hole;
	mfn_to_page(_mfn(0))->refs = PGC_hole;
	boot_pages_add(0, FAKE_BANK0_END << PAGE_SHIFT);
	boot_pages_add(FAKE_BANK1_START << PAGE_SHIFT, FAKE_MAX_PAGE << PAGE_SHIFT);
	heap_init();
}

unsigned int mfn_to_node(mfn_t mfn)
{
	return mfn.m < FAKE_BANK0_END ? 1 : mfn.m < FAKE_NODE5_START ? 0 : 5;
}

unsigned int cpu_to_node(unsigned int cpu)
{
	return cpu % 2 ? 1 : 0;
}

void *map_domain_page_global(mfn_t mfn)
{
	return mfn_to_virt(mfn);
}

/* ---- translations: nothing to be flushed, but that it is asked for is seen ---- */

uint32_t arch_tlb_stamp(void)
{
	return tlb_clock;
}

void arch_tlb_flush_since(uint32_t stamp)
{
	BUG_ON(fake_cpu->irqs_off);
	if (fake_at_flush)
		fake_at_flush();
	tlb_clock++;
	fake_flushes++;
}

void arch_flush_domain_tlb(const struct domain *d, unsigned long va)
{
	fake_flushed_va = va;
	arch_tlb_flush_since(0);
}

void arch_cache_clean(const void *va, size_t bytes, bool invalidate) { }

/* ---- types: as on a machine with page tables, but that there is nothing to check in them ---- */

int get_page_type(struct page_info *pg, uint64_t type, bool preemptible)
{
	uint64_t old = READ_ONCE(pg->type), new;

	do {
		new = old + 1;
		if (!(old & PGT_count_mask))
			new = type | PGT_validated | 1;
		else if ((old & PGT_type_mask) != type)
			return -EINVAL;
	} while (!__atomic_compare_exchange_n(&pg->type, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return 0;
}

int put_page_type(struct page_info *pg, bool preemptible)
{
	uint64_t left = __atomic_sub_fetch(&pg->type, 1, __ATOMIC_SEQ_CST);

	BUG_ON((left & PGT_count_mask) == PGT_count_mask);
	return 0;
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

/* ---- guest frames: numbers as the machine has them ---- */

mfn_t arch_gfn_to_mfn(struct domain *d, gfn_t gfn)
{
	return _mfn(gfn.g);
}

void arch_m2p_set(mfn_t mfn, unsigned long gfn)
{
	m2p[mfn.m] = gfn;
}

int arch_physmap_add(struct domain *d, gfn_t gfn, mfn_t mfn)
{
	arch_m2p_set(mfn, gfn.g);
	return 0;
}

int arch_physmap_remove(struct domain *d, gfn_t gfn, mfn_t mfn)
{
	arch_m2p_set(mfn, M2P_INVALID);
	return 0;
}

/* ---- guest memory ---- */

static bool overlaps(unsigned long va, size_t n, unsigned long start, unsigned long end)
{
	return va < end && va + n > start;
}

bool guest_range_ok(unsigned long va, unsigned long bytes)
{
	const unsigned long hv = (unsigned long)fake_hypervisor;

	return va + bytes >= va && !overlaps(va, bytes, hv, hv + sizeof(fake_hypervisor));
}

static bool bad(unsigned long va, size_t n)
{
	return n && (!guest_range_ok(va, n) || va < 65536 || overlaps(va, n, fake_fault_start, fake_fault_end));
}

int copy_from_guest_va(void *dst, unsigned long va, size_t bytes)
{
	if (bad(va, bytes))
		return -EFAULT;
	memcpy(dst, (const void *)va, bytes);
	return 0;
}

int copy_to_guest_va(unsigned long va, const void *src, size_t bytes)
{
	if (bad(va, bytes))
		return -EFAULT;
	memcpy((void *)va, src, bytes);
	return 0;
}

int clear_guest_va(unsigned long va, size_t bytes)
{
	if (bad(va, bytes))
		return -EFAULT;
	memset((void *)va, 0, bytes);
	return 0;
}
