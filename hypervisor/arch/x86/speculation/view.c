/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What guests see of memory while the hypervisor is isolated: two roots for each processor, for the kernel and its user mode, with the guest's
 * entries (copied in entry.S, fill_view) and small tables of the hypervisor's for what entry takes.
 */
#include <asm/cpu.h>
#include <asm/current.h>
#include <asm/desc.h>
#include <asm/flush.h>
#include <asm/mm.h>
#include <asm/smp.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include <tenon/init.h>
#include <tenon/lib.h>
#include <tenon/percpu.h>
#include "../mm/page_type.h"
#include "pcid.h"
#include "isolation.h"

bool isolation_on __ro_after_init;

extern char entry_text_start[], entry_text_end[], syscall_slots[], syscall_slots_end[];

/* The pages of [start, end), which are in the image or in the direct map, appear at the same place below root. */
static int expose(pte_t *root, const void *start, const void *end, uint64_t flags)
{
	for (unsigned long va = (unsigned long)start & PAGE_MASK; va < (unsigned long)end; va += PAGE_SIZE) {
		pte_t *table = root;

		for (unsigned int level = 4; level > 1; level--) {
			pte_t *e = table + pt_index(va, level);
			void *below = pte_present(*e) ? mfn_to_virt(pte_mfn(*e)) : alloc_hv_page();

			if (!below)
				return -ENOMEM;
			*e = pte_from(virt_to_mfn(below), PAGE_HV_TABLE);
			table = below;
		}
		table[pt_index(va, 1)] = pte_from(virt_to_mfn((void *)va), flags & ~_PAGE_GLOBAL);
	}
	return 0;
}

static int expose_all(pte_t *root, const struct arch_percpu *pc)
{
	char *stack = pc->stack, *guard = stack + STACK_GUARD_PAGE * PAGE_SIZE;

	return expose(root, entry_text_start, entry_text_end, PAGE_HV_RX) ?:
	       expose(root, idt_table, &idt_table[ARRAY_SIZE(idt_table)], PAGE_HV_RO) ?:
	       expose(root, syscall_slots, syscall_slots_end, PAGE_HV) ?:
	       expose(root, pc->tss, pc->tss + 1, PAGE_HV_RO) ?:
	       expose(root, stack, guard, PAGE_HV) ?:
	       expose(root, guard + PAGE_SIZE, stack + STACK_SIZE, PAGE_HV);
}

int isolation_add_cpu(unsigned int cpu)
{
	const struct arch_percpu *pc = &percpu(cpu)->arch;
	struct cpu_info *info = (struct cpu_info *)((char *)pc->stack + STACK_SIZE) - 1;
	pte_t *root[2] = { alloc_hv_page(), alloc_hv_page() };

	if (!root[0] || !root[1] || expose_all(root[0], pc))
		return -ENOMEM;
	memcpy(root[1], root[0], PAGE_SIZE);
	for (unsigned int i = 0; i < 2; i++)
		info->view[i] = virt_to_maddr(root[i]) | pcid_of_view(i);
	return 0;
}

void isolation_forget_views(void)
{
	struct cpu_info *info = get_cpu_info();

	WRITE_ONCE(info->source[0], 0);
	WRITE_ONCE(info->source[1], 0);
}

void isolation_new_user_root(const struct vcpu *curr)
{
	isolation_forget_views();
	pcid_flush_user(curr);
}

static bool has_view_of(unsigned int cpu, unsigned long maddr)
{
	const struct cpu_info *info = (struct cpu_info *)((char *)percpu(cpu)->arch.stack + STACK_SIZE) - 1;

	return (READ_ONCE(info->source[0]) & PAGE_MASK) == maddr || (READ_ONCE(info->source[1]) & PAGE_MASK) == maddr;
}

void isolation_root_changed(const struct domain *d, mfn_t root)
{
	struct cpumask mask;
	unsigned int cpu;

	/* The entry is written before sources are read: see fill_view. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	domain_cpus(d, &mask);
	for_each_cpu(cpu, &mask)
		if (!has_view_of(cpu, mfn_to_maddr(root).a))
			__clear_bit(cpu, mask.bits);
	if (!cpumask_empty(&mask))
		flush_mask(&mask, NULL, FLUSH_ROOT);
}

/* Translations that stay over a load of CR3 whatever its PCID would be there for guests, too: none may be global. */
static void __init set_cr4(bool pcid)
{
	mmu_cr4_features &= ~X86_CR4_PGE;
	if (pcid)
		pcid_init();
	this_cpu()->arch.cr4 = mmu_cr4_features;
	write_cr4(mmu_cr4_features);
}

void __init isolation_init(bool pcid)
{
	set_cr4(pcid);
	if (isolation_add_cpu(0))
		panic("No memory for the isolation of the hypervisor from its guests");
	isolation_on = true;
}
