/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which processors may hold translations of a guest's, and what must be flushed before a frame gets another use. */
#include <tenon/arch.h>
#include <tenon/guest_access.h>
#include "page_type.h"

/* A vCPU that is loaded somewhere after we have looked brings nothing old with it: loading flushes. */
void domain_cpus(const struct domain *d, struct cpumask *mask)
{
	struct vcpu *v;

	cpumask_zero(mask);
	for_each_vcpu(d, v) {
		uint32_t cpu = READ_ONCE(v->loaded_cpu);

		if (cpu != VCPU_NOT_LOADED)
			__set_bit(cpu, mask->bits);
	}
}

int vcpumask_to_cpus(const struct domain *d, unsigned long bitmap, struct cpumask *mask)
{
	cpumask_zero(mask);
	for (unsigned int base = 0; base < d->max_vcpus; base += BITS_PER_LONG) {
		unsigned long word;

		if (copy_from_guest_va(&word, bitmap + base / 8, sizeof(word)))
			return -EFAULT;
		for (; word; word &= word - 1) {
			unsigned int id = base + first_set(word);
			struct vcpu *v = domain_vcpu(d, id);
			uint32_t cpu = v ? READ_ONCE(v->loaded_cpu) : VCPU_NOT_LOADED;

			if (cpu != VCPU_NOT_LOADED)
				__set_bit(cpu, mask->bits);
		}
	}
	return 0;
}

/*
 * The page's old type has no user any more, and nobody can become one. Its stamp says when the last one
 * left: processors that have flushed since know nothing of it. The others may still write to it, or walk it as a
 * page table. Pages of a guest are known where its vCPUs are loaded, and everywhere if others mapped them.
 */
void type_flush(const struct page_info *pg, uint64_t old)
{
	uint32_t now = tlb_clock_now();
	uint32_t age = (now - (uint32_t)(old >> PGT_stamp_shift)) & ((1U << PGT_stamp_bits) - 1);
	struct domain *d = page_owner(pg);
	struct cpumask mask;

	/* What was written past the caches is what we will read. */
	if (old & PGT_uncached)
		arch_cache_clean(mfn_to_virt(page_to_mfn(pg)), PAGE_SIZE, true);
	if ((old & PGT_foreign) || !d)
		mask = cpu_online_map;
	else
		domain_cpus(d, &mask);
	flush_filter(&mask, now - age);
	if (!cpumask_empty(&mask))
		flush_mask(&mask, NULL, FLUSH_TLB_GLOBAL);
}
