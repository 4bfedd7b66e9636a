/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Pages and page tables in direct mode: every table the hardware walks holds machine frames. */

#include <guestkit/mm.h>
#include <guestkit/report.h>

#define POOL_PAGES 384

static uint8_t pool[POOL_PAGES][PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static void *free_list;
static unsigned int pool_used;
static unsigned long spare_next;
/* No power of two: the hostile guest names these as addresses, and had its console's page taken away that was at one. */
static unsigned long va_next = 0x0000100040000000UL;
static kit_pte *user_root;

unsigned long kit_pfn_to_mfn(unsigned long pfn)
{
	return ((volatile unsigned long *)kit_start_info->mfn_list)[pfn];
}

void kit_p2m_set(unsigned long pfn, unsigned long mfn)
{
	((volatile unsigned long *)kit_start_info->mfn_list)[pfn] = mfn;
}

unsigned long kit_mfn_to_pfn(unsigned long mfn)
{
	return ((volatile unsigned long *)HYPERVISOR_VIRT_START)[mfn];
}

void *kit_page_alloc(void)
{
	void *page = free_list;

	if (page)
		free_list = *(void **)page;
	else if (pool_used < POOL_PAGES)
		page = pool[pool_used++];
	else
		kit_fatal("out of pool pages");
	return memset(page, 0, PAGE_SIZE);
}

void kit_page_free(void *page)
{
	*(void **)page = free_list;
	free_list = page;
}

/* The module may lie outside the initial mapping; then its start is a frame number. */
static bool is_of_module(unsigned long pfn)
{
	unsigned long pages = (kit_start_info->mod_len + PAGE_SIZE - 1) / PAGE_SIZE;

	return (kit_start_info->flags & SIF_MOD_START_PFN) && pfn - kit_start_info->mod_start < pages;
}

static bool is_mapped(unsigned long pfn)
{
	const kit_pte *entry = kit_pte_find(kit_root(), (unsigned long)kit_pfn_to_va(pfn), 1);

	return entry && (*entry & PTE_P);
}

/* The other frames from the end of the initial mapping up are the ones that nothing uses. */
unsigned long kit_pfn_spare(void)
{
	unsigned long pfn = spare_next;

	while (pfn < kit_start_info->nr_pages && (is_mapped(pfn) || is_of_module(pfn)))
		pfn++;
	if (pfn >= kit_start_info->nr_pages)
		return 0;
	spare_next = pfn + 1;
	return pfn;
}

kit_pte *kit_root(void)
{
	return (kit_pte *)kit_start_info->pt_base;
}

kit_pte *kit_pte_find(kit_pte *root, unsigned long va, int level)
{
	kit_pte *table = root;

	for (int l = 4; ; l--) {
		unsigned long pfn;
		kit_pte *entry = &table[(va >> (PAGE_SHIFT + 9 * (l - 1))) & 511];

		if (l == level)
			return entry;
		if (!(*entry & PTE_P))
			return NULL;
		pfn = kit_mfn_to_pfn((*entry & PTE_FRAME) >> PAGE_SHIFT);
		if (pfn >= kit_start_info->nr_pages)
			return NULL;
		table = kit_pfn_to_va(pfn);
	}
}

kit_pte *kit_pte_make(kit_pte *root, unsigned long va)
{
	for (int l = 4; l > 1; l--) {
		kit_pte *entry = kit_pte_find(root, va, l);
		void *page;

		if (*entry & PTE_P)
			continue;
		page = kit_page_alloc();
		if (kit_set_readonly(page) ||
		    kit_pte_write(entry, kit_make_pte(kit_va_to_mfn(page), PTE_TABLE)))
			return NULL;
	}
	return kit_pte_find(root, va, 1);
}

long kit_mmu_update(uint64_t ptr_and_type, uint64_t value)
{
	struct mmu_update req = { .ptr = ptr_and_type, .val = value };

	return hc_mmu_update(&req, 1, NULL, DOMID_SELF);
}

long kit_pte_write(kit_pte *where, kit_pte value)
{
	return kit_mmu_update(kit_va_to_ma(where) | MMU_NORMAL_PT_UPDATE, value);
}

long kit_map(unsigned long va, unsigned long mfn, uint64_t flags)
{
	kit_pte *entry = kit_pte_make(kit_root(), va);

	if (!entry)
		return -XEN_ENOMEM;
	return hc_update_va_mapping(va, kit_make_pte(mfn, flags), UVMF_INVLPG | UVMF_ALL);
}

long kit_unmap(unsigned long va)
{
	return hc_update_va_mapping(va, 0, UVMF_INVLPG | UVMF_ALL);
}

long kit_set_readonly(void *page)
{
	return hc_update_va_mapping((unsigned long)page,
				    kit_make_pte(kit_va_to_mfn(page), PTE_RO),
				    UVMF_INVLPG | UVMF_ALL);
}

long kit_set_writable(void *page)
{
	return hc_update_va_mapping((unsigned long)page,
				    kit_make_pte(kit_va_to_mfn(page), PTE_RW),
				    UVMF_INVLPG | UVMF_ALL);
}

long kit_mmuext(unsigned int cmd, unsigned long mfn)
{
	struct mmuext_op op = { .cmd = cmd, .arg1.mfn = mfn };

	return hc_mmuext_op(&op, 1, NULL, DOMID_SELF);
}

long kit_pin(void *page, int level)
{
	return kit_mmuext(MMUEXT_PIN_L1_TABLE + level - 1, kit_va_to_mfn(page));
}

long kit_unpin(void *page)
{
	return kit_mmuext(MMUEXT_UNPIN_TABLE, kit_va_to_mfn(page));
}

unsigned long kit_va_alloc(unsigned long pages)
{
	unsigned long va = va_next;

	va_next += (pages * PAGE_SIZE + 0x1fffff) & ~0x1fffffUL;
	return va;
}

/*
 * The builder's own entries for the guest's half and the hypervisor's slots are filled in by the
 * hypervisor when the page becomes a root, so that only the guest's slots are copied.
 */
kit_pte *kit_user_root(void)
{
	if (user_root)
		return user_root;
	user_root = kit_page_alloc();
	for (int i = 0; i < 512; i++)
		if (i < 256 || i >= 272)
			user_root[i] = kit_root()[i];
	if (kit_set_readonly(user_root) || kit_pin(user_root, 4))
		kit_fatal("cannot pin the user root");
	if (kit_mmuext(MMUEXT_NEW_USER_BASEPTR, kit_va_to_mfn(user_root)))
		kit_fatal("cannot set the user root");
	return user_root;
}

void kit_mm_init(void)
{
	/* Tables for kit_va_alloc exist in the user's copy of the root, too. */
	if (!kit_pte_make(kit_root(), va_next))
		kit_fatal("cannot make page tables");
}
