/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor's part of a guest's address space: slots common to all, and the domain's own,
 * with the GDT and LDT pages of its vCPUs. Its entries are not global: another domain has others there.
 */
#include <asm/mm.h>
#include <tenon/arch.h>

#define VCPUS_PER_TABLE	(PT_ENTRIES / GDT_LDT_VCPU_PAGES)
#define GDT_PAGES	16

static const char null_descriptors[PAGE_SIZE] __aligned(PAGE_SIZE);

pte_t perdomain_null_pte(void)
{
	return pte_from(virt_to_mfn(null_descriptors), PAGE_HV_RO & ~_PAGE_GLOBAL);
}

int perdomain_create(struct domain *d)
{
	pte_t *l3 = alloc_hv_page();

	if (!l3)
		return -ENOMEM;
	d->arch.perdomain_l3 = virt_to_page(l3);
	d->arch.perdomain_l2 = alloc_hv_page();
	if (!d->arch.perdomain_l2)
		return -ENOMEM;
	*l3 = pte_from(virt_to_mfn(d->arch.perdomain_l2), PAGE_HV_TABLE);
	return 0;
}

int perdomain_add_vcpu(struct vcpu *v)
{
	struct arch_domain *a = &v->domain->arch;
	unsigned int table = v->vcpu_id / VCPUS_PER_TABLE;
	pte_t *ptes;

	if (!a->perdomain_l1[table]) {
		a->perdomain_l1[table] = alloc_hv_page();
		if (!a->perdomain_l1[table])
			return -ENOMEM;
		a->perdomain_l2[table] = pte_from(virt_to_mfn(a->perdomain_l1[table]), PAGE_HV_TABLE);
	}
	ptes = a->perdomain_l1[table] + v->vcpu_id % VCPUS_PER_TABLE * GDT_LDT_VCPU_PAGES;
	for (unsigned int i = 0; i < GDT_PAGES; i++)
		ptes[i] = perdomain_null_pte();
	v->arch.pv.gdt_ldt_l1 = ptes;
	return 0;
}

/* Also of a domain that was created only in part. */
void perdomain_destroy(struct domain *d)
{
	struct arch_domain *a = &d->arch;

	for (unsigned int i = 0; i < ARRAY_SIZE(a->perdomain_l1); i++) {
		free_hv_page(a->perdomain_l1[i]);
		a->perdomain_l1[i] = NULL;
	}
	free_hv_page(a->perdomain_l2);
	a->perdomain_l2 = NULL;
	if (a->perdomain_l3)
		free_hv_page(page_to_virt(a->perdomain_l3));
	a->perdomain_l3 = NULL;
}

void fill_guest_l4(struct domain *d, pte_t *l4)
{
	memcpy(l4 + HV_FIRST_SLOT, idle_l4 + HV_FIRST_SLOT, (HV_LAST_SLOT - HV_FIRST_SLOT + 1) * sizeof(*l4));
	l4[PERDOMAIN_SLOT] = pte_from(page_to_mfn(d->arch.perdomain_l3), PAGE_HV_TABLE);
}
