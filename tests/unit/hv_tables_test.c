/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's page tables against a model: ranges of all alignments mapped over each other and
 * unmapped, with and without the largest pages. Then the frame table of made-up memory maps.
 */
#include <string.h>
#include <sys/mman.h>
#include <asm/cpu.h>
#include <tenon/init.h>
#include "../../hypervisor/arch/x86/mm/hv_tables.h"
#include "../lib/tap.h"

#define RAM_FRAMES	16384UL		/* for tables */
#define FAKE_FRAMES	0x4000000UL	/* first of those that nobody looks into */
#define WINDOW		0xffff82c000000000UL
#define WINDOW_PAGES	(3UL << 18)

pte_t idle_l4[PT_ENTRIES];
struct boot_info boot_info;
struct cpu_features boot_cpu;

static unsigned long next_ram, next_fake, heap_left;

mfn_t boot_pages_alloc(unsigned long nr, unsigned long align_pages)
{
	if (nr == 1 && next_ram < RAM_FRAMES)
		return _mfn(next_ram++);
	next_fake = (next_fake + align_pages - 1) / align_pages * align_pages + nr;
	return _mfn(FAKE_FRAMES + next_fake - nr);
}

struct page_info *heap_alloc(unsigned int order, unsigned int memflags)
{
	if (!heap_left)
		return NULL;
	heap_left--;
	clear_domain_page(_mfn(next_ram));
	return mfn_to_page(_mfn(next_ram++));
}

static void reset(bool large)
{
	memset(idle_l4, 0, sizeof(idle_l4));
	next_ram = next_fake = 0;
	boot_cpu.word[X86_FEATURE_PAGE1GB / 32] = large ? 1U << X86_FEATURE_PAGE1GB % 32 : 0;
	page_nx = _PAGE_NX;
}

/* What the processor would find: the frame and the rights of one page, as a 4 KiB entry; 0: nothing. */
static uint64_t translate(unsigned long va, unsigned int *level)
{
	const pte_t *table = idle_l4;

	for (*level = 4; ; --*level) {
		pte_t e = table[pt_index(va, *level)];
		uint64_t size = 1UL << PT_SHIFT(*level), flags;

		if (!pte_present(e))
			return 0;
		if (*level == 1)
			return e.e;
		if (*level == 4 || !(e.e & _PAGE_PSE)) {
			table = mfn_to_virt(pte_mfn(e));
			continue;
		}
		flags = (pte_flags(e) & ~_PAGE_PSE) | (e.e & 1 << 12 ? _PAGE_PAT : 0);
		if (e.e & (size - 1) & PTE_MFN_MASK & ~(1UL << 12))
			return ~0UL;		/* reserved bits are set */
		return ((e.e & PTE_MFN_MASK & ~(size - 1)) + (va & (size - 1) & PAGE_MASK)) | flags;
	}
}

/* ---- random ranges ---- */

static uint64_t *model;		/* of the window: what each page should translate to */

static uint64_t rnd(void)
{
	static uint64_t x = 0x2545f4914f6cdd1dUL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static unsigned long pick(unsigned long below)
{
	static const unsigned int shift[] = { 0, 0, 3, 9, 9, 18 };
	unsigned int s = shift[rnd() % ARRAY_SIZE(shift)];
	unsigned long n = rnd() % below >> s << s;

	return rnd() % 4 ? n : n + rnd() % 3;
}

static bool same_as_model(unsigned long first, unsigned long n)
{
	unsigned int level;

	for (unsigned long i = first; i < first + n && i < WINDOW_PAGES; i++)
		if (translate(WINDOW + i * PAGE_SIZE, &level) != model[i])
			return false;
	return true;
}

static bool random_step(void)
{
	static const unsigned long most[] = { 3, 700, 2000, 1UL << 19 };
	unsigned long first = pick(WINDOW_PAGES - 4), n = 1 + pick(most[rnd() % ARRAY_SIZE(most)]);
	unsigned long mfn = rnd() % 3 ? pick(1UL << 28) : (pick(1UL << 20) & ~(WINDOW_PAGES - 1)) + first;
	uint64_t flags[] = { PAGE_HV, PAGE_HV_RO, PAGE_HV_RX, PAGE_HV_WC, PAGE_HV_UC };
	uint64_t f = flags[rnd() % ARRAY_SIZE(flags)];
	bool map = rnd() % 3;

	n = min(n, WINDOW_PAGES - first);
	for (unsigned long i = 0; i < n; i++)
		model[first + i] = map ? (mfn + i) << PAGE_SHIFT | f : 0;
	if (!map)
		unmap_pages_from_hv(WINDOW + first * PAGE_SIZE, n);
	else if (map_pages_to_hv(WINDOW + first * PAGE_SIZE, _mfn(mfn), n, f))
		return false;
	return same_as_model(first ? first - 1 : 0, n + 2);
}

static void test_random(bool large)
{
	bool good = true;

	for (unsigned int round = 0; round < 12 && good; round++) {
		reset(large);
		memset(model, 0, WINDOW_PAGES * sizeof(*model));
		for (unsigned int i = 0; i < 60 && good; i++)
			good = random_step();
		good = good && same_as_model(0, WINDOW_PAGES);
	}
	ok(good, "random ranges, %s 1 GiB pages", large ? "with" : "without");
}

/* ---- the sizes of pages ---- */

static unsigned int level_at(unsigned long va)
{
	unsigned int level;

	return translate(va, &level) ? level : 0;
}

static void test_sizes(void)
{
	unsigned long gib = 1UL << 30;

	reset(true);
	ok(!map_pages_to_hv(WINDOW, _mfn(1UL << 18), 1UL << 18, PAGE_HV) && level_at(WINDOW) == 3,
	   "1 GiB is one page");
	ok(!map_pages_to_hv(WINDOW + gib, _mfn(512), 1UL << 18, PAGE_HV) && level_at(WINDOW + gib) == 2,
	   "a frame that is not aligned to it: 2 MiB pages");
	ok(!map_pages_to_hv(WINDOW + 2 * gib, _mfn(1), 512, PAGE_HV) && level_at(WINDOW + 2 * gib) == 1,
	   "then 4 KiB pages");
	unmap_pages_from_hv(WINDOW + 512 * PAGE_SIZE, 1);
	ok(level_at(WINDOW) == 2 && !level_at(WINDOW + 512 * PAGE_SIZE) && level_at(WINDOW + 513 * PAGE_SIZE) == 1,
	   "a hole splits no more than it must");
	reset(false);
	ok(!map_pages_to_hv(WINDOW, _mfn(1UL << 18), 1UL << 18, PAGE_HV) && level_at(WINDOW) == 2,
	   "no 1 GiB pages where the processor has none");
	ok(!map_pages_to_hv(RO_M2P_VIRT_START, _mfn(0), 512, PAGE_HV_RO | _PAGE_USER) &&
	   (idle_l4[256].e & _PAGE_USER) && !(idle_l4[HV_MISC_SLOT].e & _PAGE_USER), "the user's tables, and ours");
}

/* Last: from then on tables come from the heap. */
static void test_no_memory(void)
{
	reset(true);
	hv_tables_use_heap();
	heap_left = 2;
	ok(map_pages_to_hv(WINDOW, _mfn(1), 1, PAGE_HV) == -ENOMEM && !level_at(WINDOW), "three tables, memory for two");
	heap_left = 1;
	ok(!map_pages_to_hv(WINDOW, _mfn(1), 1, PAGE_HV) && level_at(WINDOW) == 1, "the third later");
	ok(map_pages_to_hv(WINDOW, _mfn(1), 513, PAGE_HV) == -ENOMEM, "no memory half-way");
	ok(hv_entry(WINDOW + (1UL << 30), 1, PAGE_HV_TABLE) == NULL, "no entry without tables");
}

/* ---- the frame table ---- */

static bool is_ram(unsigned long mfn)
{
	for (unsigned int i = 0; i < boot_info.nr_memmap; i++) {
		const struct memmap_entry *m = &boot_info.memmap[i];

		if (m->type == MEMMAP_RAM && mfn >= LOW_FRAMES && mfn << PAGE_SHIFT >= m->start &&
		    (mfn + 1) << PAGE_SHIFT <= m->start + m->size)
			return true;
	}
	return false;
}

/* An entry below max_page is backed by memory of its own, or by the page of holes, which nobody can write. */
static bool check_entry(unsigned long mfn)
{
	struct page_info *pg = mfn_to_page(_mfn(mfn));
	unsigned int level;
	uint64_t e = translate((unsigned long)pg & PAGE_MASK, &level);
	bool ram = is_ram(mfn);

	if (!e)
		return false;
	if (e & _PAGE_RW)
		return ram ? !pg->refs && mfn_valid(_mfn(mfn)) : pg->refs == PGC_hole && !mfn_valid(_mfn(mfn));
	pg = (struct page_info *)((e & PTE_MFN_MASK) | PAGE_OFFSET(pg));
	return !ram && pg->refs == PGC_hole;
}

/* Every step'th entry is checked. Tables of earlier maps stay: the one of holes is used again. */
static bool frametable_of(unsigned int n, const struct memmap_entry *map, unsigned long frames, unsigned int step)
{
	bool good = true;

	memset(idle_l4, 0, sizeof(idle_l4));
	next_fake = 0;
	madvise(frame_table, sizeof(struct page_info) << 28, MADV_DONTNEED);
	memcpy(boot_info.memmap, map, n * sizeof(*map));
	boot_info.nr_memmap = n;
	max_page = 0;
	frametable_init();
	for (unsigned long mfn = 0; mfn < max_page && good; mfn += step)
		good = check_entry(mfn);
	return good && frames == total_pages && is_ram(max_page - 1) && !mfn_valid(_mfn(max_page)) &&
	       !mfn_valid(_mfn(INVALID_MFN_RAW));
}

#define KIB	1024UL
#define MIB	(1024 * KIB)
#define RAM_OF(s, e)	{ (s), (e) - (s), MEMMAP_RAM }

static void test_frametable(void)
{
	static const struct memmap_entry
		small[] = { RAM_OF(0, 0x9fc00), { 0xf0000, 0x10000, MEMMAP_RESERVED }, RAM_OF(MIB, 64 * MIB - 0x21000) },
		plain[] = { RAM_OF(0, 0x9fc00), RAM_OF(MIB, 2048 * MIB - 0x21000),
			    { 2048 * MIB - 0x21000, 0x21000, MEMMAP_ACPI } },
		gaps[] = { RAM_OF(0, 0xa0000), RAM_OF(MIB, 15 * MIB), RAM_OF(16 * MIB, 200 * MIB + 0x800),
			   RAM_OF(200 * MIB + 0xc00, 250 * MIB),
			   RAM_OF(1000 * MIB, 1000 * MIB + 0x5000), RAM_OF(2048 * MIB, 2049 * MIB), RAM_OF(4096 * MIB, 5003 * MIB) },
		beyond[] = { RAM_OF(MIB, 512 * MIB), RAM_OF((1UL << 40) - 2 * MIB, (1UL << 40) + 64 * MIB) };

	ok(frametable_of(ARRAY_SIZE(small), small, 16095, 1), "frame table: 64 MiB");
	ok(frametable_of(ARRAY_SIZE(plain), plain, 523999, 1), "frame table: 2 GiB");
	ok(next_fake <= 8 * 512, "it takes 16 MiB");
	ok(frametable_of(ARRAY_SIZE(gaps), gaps, 295940, 1), "frame table: holes of all sizes");
	ok(frametable_of(ARRAY_SIZE(beyond), beyond, 131328, 61) && max_page == 1UL << 28,
	   "frame table: memory beyond the direct map is none");
}

static bool map_fixed(unsigned long at, size_t bytes)
{
	return mmap((void *)at, bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) == (void *)at;
}

int main(void)
{
	static uint64_t window[WINDOW_PAGES];

	model = window;
	if (!map_fixed(DIRECTMAP_VIRT_START, RAM_FRAMES * PAGE_SIZE) ||
	    !map_fixed(FRAMETABLE_VIRT_START, sizeof(struct page_info) << 28)) {
		printf("Bail out! addresses are not free\n");
		return 1;
	}
	test_sizes();
	test_random(true);
	test_random(false);
	test_frametable();
	test_no_memory();
	return tap_end();
}
