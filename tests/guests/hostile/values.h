/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values that a hypervisor may take wrongly: numbers at borders, frames of all kinds, addresses good and bad.
 * Nothing here may end the guest itself: the frames of its own kernel are never chosen, and where
 * the hypervisor could write is scratch memory or no memory.
 */
#ifndef HOSTILE_VALUES_H
#define HOSTILE_VALUES_H

#include <guestkit/mm.h>
#include <guestkit/event.h>
#include <guestkit/report.h>
#include <guestkit/trap.h>
#include <xen/memory.h>

#define VICTIMS		48		/* pages that may become anything */
#define SLOTS		15		/* places for arguments in the scratch memory; what is behind them ends it */
#define SLOT_SIZE	512
#define WINDOW_PAGES	64
#define ROOT_SLOT	40		/* entries of the kernel's root that may lead to victims */
#define ROOT_SLOTS	8
#define MAX_FRAMES	(1UL << 20)	/* beyond, frames are not told apart */

static unsigned int nr_victims = VICTIMS;
static uint8_t *victims[VICTIMS];
static unsigned long victim_mfn[VICTIMS];

/* A step of an input of the fuzzer (fuzz.h): the numbers that a seed gives, with some replaced. */
#define PATCHES		8
struct piece {
	uint32_t seed;
	unsigned int drawn, n;		/* numbers that the step has drawn; patches */
	struct patch {
		uint16_t at;
		uint32_t value;
	} patch[PATCHES];
};

/* A grant that is mapped (grants=1). */
#define FIGHTS		8
struct fight {
	uint32_t handle;
	bool mapped;
};

/* What each vCPU has of its own. */
struct actor {
	uint64_t prng, choices;
	const struct piece *piece;	/* that is run; NULL: none */
	unsigned int drawn;
	/*
	 * Two pages for arguments and two for what comes back, each with no page before and behind. They are apart
	 * because results in another call's arguments could make it one that ends the guest.
	 */
	unsigned long arguments, results, read_only, window;
	uint8_t *user_code;
	unsigned long user_root;
	bool inside_multicall;
	volatile bool in_user;		/* it runs anything, and may be taken out of it */
	volatile uint32_t seen;		/* number of the pause that it keeps */
	volatile uint32_t done;		/* it makes no more steps */
	volatile unsigned long steps, domains;
	struct fight fights[FIGHTS];
	unsigned long shared;		/* uses of the other guest's grants */
};
static struct actor actors[KIT_MAX_VCPUS];

static struct actor *me(void)
{
	return &actors[kit_this_vcpu()->id];
}

/* Number of this domain: 0, or that of a guest without privileges (landlord.h). */
static domid_t self;

static bool is_dom0(void)
{
	return kit_start_info->flags & SIF_INITDOMAIN;
}

/* What is tried, and nothing else, so that more of it meets; 0: everything. */
#define ABOUT_MEMORY	1U		/* page tables, frames, grants, descriptors */
#define ABOUT_GRANTS	2U		/* grants, and frames that come and go under them */
#define ABOUT_WAKES	4U		/* events, timers, and vCPUs that are taken away and given back */
static unsigned int only;

#define OTHERS		4		/* domains besides dom0, 1 and up */
#define OTHERS_FRAMES	16
static unsigned long others_mfn[OTHERS * OTHERS_FRAMES];
static unsigned long max_frame;
static uint64_t own[MAX_FRAMES / 64], ram[MAX_FRAMES / 64], others[MAX_FRAMES / 64];

static uint64_t rnd(void)
{
	struct actor *a = me();
	uint64_t v = kit_random(&a->prng);
	unsigned int at = a->drawn++;

	for (unsigned int i = 0; a->piece && i < a->piece->n; i++)
		if (a->piece->patch[i].at == at)
			return (uint64_t)a->piece->patch[i].value << 32 | a->piece->patch[i].value;
	return v;
}

static unsigned int below(unsigned int n)
{
	return (unsigned int)((rnd() >> 32) % n);
}

static bool one_in(unsigned int n)
{
	return below(n) == 0;
}

static bool frame_in(const uint64_t *set, unsigned long mfn)
{
	return mfn < MAX_FRAMES && (set[mfn / 64] >> (mfn % 64) & 1);
}

static void frame_add(uint64_t *set, unsigned long mfn)
{
	if (mfn < MAX_FRAMES)
		set[mfn / 64] |= 1UL << (mfn % 64);
}

static uint64_t number(void)
{
	static const uint64_t borders[] = {
		0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
		0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff,
		0x0000800000000000, 0xffff7fffffffffff, 0xfffffffffffff000,
	};

	switch (below(6)) {
	case 0: case 1:
		return below(16);
	case 2:
		return borders[below(ARRAY_SIZE(borders))];
	case 3:
		return (1UL << below(64)) - below(2);
	case 4:
		return (uint32_t)rnd();
	}
	return rnd();
}

static domid_t domid(void)
{
	static const domid_t ids[] = { DOMID_SELF, DOMID_SELF, 0, 0, 1, 2, 3, 4, 77, DOMID_IO, DOMID_XEN, DOMID_COW,
				       DOMID_INVALID, DOMID_IDLE, 0x7fef, 0x8000, 0xffff };

	return ids[below(ARRAY_SIZE(ids))];
}

/* A frame that is not the kernel's: of somebody else, of nobody, of a device. */
static unsigned long foreign_mfn(void)
{
	static const unsigned long odd[] = { 0, 0xa0, 0xb8, 0xf0, 0xfec00, 0xfed00, 0xfee00, 0xfffffff,
					     0xffffffffff, 0x10000000000, ~0UL };
	unsigned long mfn;

	switch (below(6)) {
	case 0:
		mfn = odd[below(ARRAY_SIZE(odd))];
		break;
	case 1:
		mfn = 1UL << below(64);
		break;
	case 2:
		mfn = max_frame + below(3) - 1;
		break;
	case 3: case 4:
		mfn = others_mfn[below(ARRAY_SIZE(others_mfn))];
		break;
	default:
		mfn = below((unsigned int)max_frame);
	}
	return frame_in(own, mfn) || frame_in(own, mfn & (MAX_FRAMES - 1)) ? 0xfffffff : mfn;
}

/* A frame that cannot be a root: what a reservation brought may be one, without the kernel in it. */
static unsigned long no_root(void)
{
	static const unsigned long odd[] = { 0, 0xb8, 0xfec00, 0xfffffff, 0xffffffffff };

	return odd[below(ARRAY_SIZE(odd))];
}

static unsigned long victim(void)
{
	return victim_mfn[below(nr_victims)];
}

static unsigned long any_mfn(void)
{
	return below(4) ? victim() : foreign_mfn();
}

/* The machine address of a page-table entry that may be written. */
static uint64_t entry_ma(void)
{
	if (one_in(16))
		return kit_va_to_ma(kit_root() + ROOT_SLOT + below(ROOT_SLOTS));
	return any_mfn() << PAGE_SHIFT | below(512) * 8;
}

static uint64_t pte(void)
{
	static const uint64_t kinds[] = { PTE_RW, PTE_RW, PTE_RO, PTE_RO, PTE_TABLE, PTE_TABLE, 0, PTE_P, PTE_RW | PTE_PS,
					  PTE_RW | PTE_G, PTE_RW | PTE_PCD, PTE_RW | PTE_NX };
	uint64_t value = any_mfn() << PAGE_SHIFT | kinds[below(ARRAY_SIZE(kinds))];

	if (one_in(8))
		value ^= 1UL << below(12);
	if (one_in(16))
		value ^= 1UL << (52 + below(12));
	if (one_in(16))
		value = PTE_P | PTE_U | foreign_mfn() << PAGE_SHIFT;
	return value;
}

static unsigned long bad_va(void)
{
	static const unsigned long bad[] = {
		0, 8, 0x10, 0xfff, 0x00007ffffffff000, 0x00007ffffffffff9, 0x0000800000000000, 0x8000000000000000,
		0xffff7ffffffffff8, 0xffff800000000000, 0xffff804000000000, 0xffff82d080000000, 0xffff830000000000,
		0xffff87fffffffff8, 0xfffffffffffff000, 0xfffffffffffffff9, ~0UL,
	};

	return bad[below(ARRAY_SIZE(bad))];
}

static unsigned long window_va(void)
{
	return me()->window + (unsigned long)below(WINDOW_PAGES) * PAGE_SIZE + (one_in(8) ? below(PAGE_SIZE) : 0);
}

/* Where the hypervisor may read or write: the results, their end, a read-only page, or bad addresses. */
static unsigned long pointer(void)
{
	switch (below(12)) {
	case 0:
		return bad_va();
	case 1:
		return me()->results + 2 * PAGE_SIZE - below(64);
	case 2:
		return me()->read_only + below(PAGE_SIZE);
	case 3:
		return me()->results - below(32);
	}
	return me()->results + below(2 * PAGE_SIZE);
}

/* Words of every kind; halves and quarters, too. */
static void fill(void *at, size_t bytes)
{
	for (size_t off = 0; off + 8 <= bytes; off += 8) {
		uint64_t v;

		switch (below(8)) {
		case 0: v = pointer(); break;
		case 1: v = any_mfn(); break;
		case 2: v = number(); break;
		case 3: v = domid() | (uint64_t)below(64) << 32; break;
		case 4: v = below(8) | (uint64_t)domid() << 32 | (uint64_t)domid() << 48; break;
		default: v = below(64) | number() << 32;
		}
		*(uint64_t *)((char *)at + off) = v;
	}
}

static unsigned long map_pages(unsigned long pages, uint64_t flags)
{
	unsigned long va = kit_va_alloc(pages + 2) + PAGE_SIZE;

	for (unsigned long i = 0; i < pages; i++)
		if (kit_map(va + i * PAGE_SIZE, kit_va_to_mfn(kit_page_alloc()), flags))
			kit_fatal("cannot map scratch memory");
	return va;
}

static void values_init(void)
{
	static struct e820entry map[64];
	struct xen_memory_map m = { .nr_entries = ARRAY_SIZE(map) };

	for (unsigned long pfn = 0; pfn < kit_start_info->nr_pages; pfn++)
		frame_add(own, kit_pfn_to_mfn(pfn));
	set_xen_guest_handle(m.buffer, map);
	if (hc_memory_op(XENMEM_machine_memory_map, &m))
		m.nr_entries = 0;
	for (unsigned int i = 0; i < m.nr_entries; i++)
		/* The first MiB is the devices', also where it is memory. */
		for (uint64_t a = map[i].addr ? map[i].addr : 1 << 20; map[i].type == E820_RAM && a < map[i].addr + map[i].size; a += PAGE_SIZE)
			frame_add(ram, a >> PAGE_SHIFT);
	max_frame = (unsigned long)hc_memory_op(XENMEM_maximum_ram_page, NULL) + 1;
	for (unsigned int i = 0; i < nr_victims; i++) {
		victims[i] = kit_page_alloc();
		victim_mfn[i] = kit_va_to_mfn(victims[i]);
	}
}

/* Of vCPU id; on the first. */
static void actor_init(unsigned int id, uint64_t seed)
{
	struct actor *a = &actors[id];

	a->prng = seed;
	a->arguments = map_pages(2, PTE_RW);
	a->results = map_pages(2, PTE_RW);
	a->read_only = map_pages(1, PTE_RO);
	a->window = kit_va_alloc(WINDOW_PAGES);
	kit_pte_make(kit_root(), a->window);
}

#endif
