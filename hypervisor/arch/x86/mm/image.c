/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of boot: the image gets the rights that each of its parts needs, and what only boot
 * needed goes to the heap.
 */
#include <asm/flush.h>
#include <asm/mm.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/percpu.h>

#define IMAGE_MAP_END	(HV_IMAGE_VIRT + (16UL << 20))	/* of what head.S has mapped */

extern char rodata_start[], rodata_end[];

static void image_rights(const char *start, const char *end, uint64_t flags)
{
	if (map_pages_to_hv((unsigned long)start, virt_to_mfn(start), PFN_DOWN(end - start), flags))
		panic("No memory for the page tables of the image");
}

/* Whoever needs more than there is gets a double fault, which tells so, instead of the exceptions' stacks. */
static void guard_stacks(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		unmap_pages_from_hv((unsigned long)percpu(cpu)->arch.stack + STACK_GUARD_PAGE * PAGE_SIZE, 1);
}

#ifdef TENON_DEBUG
/* Pages under a table that can be written and executed: there shall be none. */
static unsigned long writable_code(const pte_t *t, unsigned int level)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < PT_ENTRIES; i++) {
		pte_t e = t[i];

		if (!pte_present(e))
			continue;
		if (level > 1 && !(e.e & _PAGE_PSE))
			n += writable_code(mfn_to_virt(pte_mfn(e)), level - 1);
		else
			n += (e.e & (_PAGE_RW | _PAGE_NX)) == _PAGE_RW;
	}
	return n;
}
#endif

/* What is not to be written is not to be written through the direct map either. */
void hv_protect_image(void)
{
	unsigned long alias = (unsigned long)maddr_to_virt(virt_to_maddr(text_start));

	image_rights(text_start, text_end, PAGE_HV_RX);
	image_rights(rodata_start, rodata_end, PAGE_HV_RO);
	image_rights(init_end, image_end, PAGE_HV);
	if (map_pages_to_hv(alias, virt_to_mfn(text_start), PFN_DOWN(rodata_end - text_start), PAGE_HV_RO))
		panic("No memory for the page tables of the image");
	unmap_pages_from_hv((unsigned long)image_end, PFN_DOWN(IMAGE_MAP_END - (unsigned long)image_end));
	flush_mask(&cpu_online_map, NULL, FLUSH_TLB_GLOBAL);
}

static void give_to_heap(uint64_t start, uint64_t end)
{
	start = ROUNDUP(start, PAGE_SIZE);
	end = ROUNDUP(end, PAGE_SIZE);
	if (start < end)
		heap_add_range(_mfn(PFN_DOWN(start)), PFN_DOWN(end - start), mfn_to_node(_mfn(PFN_DOWN(start))));
}

/*
 * The kernel and the initrd (the first two modules) are given up or taken over while
 * dom0 is built. The identity map, by which processors come out of real mode, stands in init memory.
 */
void arch_free_init(void)
{
	hv_protect_image();
	idle_l4[0].e = 0;
	unmap_pages_from_hv((unsigned long)init_start, PFN_DOWN(init_end - init_start));
	guard_stacks();
	flush_mask(&cpu_online_map, NULL, FLUSH_TLB_GLOBAL);
#ifdef TENON_DEBUG
	BUG_ON(page_nx && writable_code(idle_l4, 4));
#endif
	give_to_heap(virt_to_maddr(init_start), virt_to_maddr(init_end));
	for (unsigned int i = 2; i < boot_info.nr_modules; i++)
		give_to_heap(boot_info.modules[i].start, boot_info.modules[i].end);
	printk("Boot memory freed: %zu KiB\n", (size_t)(init_end - init_start) >> 10);
}
