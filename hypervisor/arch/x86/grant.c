/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The port's part of grants: host mappings are page-table entries of PV guests. */
#include <tenon/arch.h>
#include <asm/flush.h>
#include <asm/mm.h>
#include <xen/grant_table.h>

/* The grant's bits for caching lie beside each other, as in an entry's low byte but for PAT. */
static uint64_t cache_bits(unsigned int gtf)
{
	return (gtf & GTF_PWT ? _PAGE_PWT : 0) | (gtf & GTF_PCD ? _PAGE_PCD : 0) | (gtf & GTF_PAT ? _PAGE_PAT : 0);
}

int arch_grant_map(struct vcpu *curr, uint64_t addr, mfn_t mfn, unsigned int flags, unsigned int cache)
{
	return create_grant_host_mapping(curr, addr, mfn, flags, cache_bits(cache));
}

int arch_grant_unmap(struct vcpu *curr, uint64_t addr, mfn_t mfn, uint64_t new_addr, unsigned int flags)
{
	return replace_grant_host_mapping(curr, addr, mfn, new_addr, flags);
}

void arch_flush_domain_tlb(const struct domain *d, unsigned long va)
{
	struct cpumask mask;
	struct vcpu *v;

	cpumask_zero(&mask);
	for_each_vcpu(d, v) {
		uint32_t cpu = READ_ONCE(v->loaded_cpu);

		if (cpu != VCPU_NOT_LOADED)
			__set_bit(cpu, mask.bits);
	}
	flush_mask(&mask, (const void *)va, va ? FLUSH_VA : FLUSH_TLB_GLOBAL);
}

/* Volume 2, CLFLUSH: ordered by MFENCE; a line is 64 bytes at most where it is not longer. */
void arch_cache_clean(const void *va, size_t bytes, bool invalidate)
{
	const char *p = (const char *)((unsigned long)va & ~63UL), *end = (const char *)va + bytes;

	for (; p < end; p += 64)
		__asm__ volatile("clflush %0" :: "m"(*p));
	__asm__ volatile("mfence" ::: "memory");
}
