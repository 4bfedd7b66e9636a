/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Descriptor tables. A guest's GDT and LDT pages are mapped into its domain's own slot, where the
 * processor finds them; they are of a type of their own, so that each descriptor in them was checked. An LDT page
 * is mapped when the processor first wants it. Formats: SDM 3A 3.4.5, 5.8.3.1.
 */
#include <asm/pv.h>
#include <asm/system.h>
#include <tenon/hypercall.h>
#include "page_type.h"

#define DESC_P		(1UL << 47)
#define DESC_DPL	(3UL << 45)
#define DESC_S		(1UL << 44)	/* code or data */
#define DESC_TYPE(d)	((d) >> 40 & 0xf)
#define TYPE_CALL_GATE	12
#define GATE_RESERVED	(0xffUL << 32)
#define GATE_SEL_SHIFT	16
#define GATE_SEL	(0xffffUL << GATE_SEL_SHIFT)

#define PER_PAGE	(PAGE_SIZE / 8)
#define LDT_PAGES	16
/* The processor marks descriptors as accessed; other domains have other pages at this address. */
#define DESC_PAGE_FLAGS	(PAGE_HV & ~_PAGE_GLOBAL)

static bool gate_selector_ok(uint16_t sel)
{
	return (sel & 4) || sel >> 3 < FIRST_RESERVED_GDT_ENTRY || sel == FLAT_RING3_CS64;
}

/*
 * Code and data get DPL 3. A call gate could lead into ring 3 only, but past the hypervisor: it gets DPL 0, and
 * faults; its own DPL is kept where the selector's RPL was.
 */
bool pv_check_descriptor(const struct domain *d, uint64_t *desc)
{
	uint64_t v = *desc;
	uint16_t sel;

	if (!(v & DESC_P))
		return true;
	if ((v & DESC_S) || !DESC_TYPE(v)) {
		*desc = v | DESC_DPL;
		return true;
	}
	sel = (v & GATE_SEL) >> GATE_SEL_SHIFT;
	if (DESC_TYPE(v) != TYPE_CALL_GATE || !gate_selector_ok(sel) || (v & GATE_RESERVED))
		return false;
	*desc = (v & ~(DESC_DPL | GATE_SEL)) | (uint64_t)pv_fix_selector(sel) << GATE_SEL_SHIFT;
	return true;
}

int descriptors_check(struct page_info *pg, bool preemptible)
{
	const struct domain *d = page_owner(pg);
	uint64_t *t = map_domain_page(page_to_mfn(pg));
	int rc = 0;

	for (unsigned int i = 0; i < PER_PAGE && !rc; i++) {
		uint64_t v = READ_ONCE(t[i]), checked = v;

		if (!pv_check_descriptor(d, &checked))
			rc = -EINVAL;
		else if (checked != v)
			WRITE_ONCE(t[i], checked);
	}
	unmap_domain_page(t);
	return rc;
}

/* Nobody finds the old page from here on; it may then be let go, see type_stamped(). */
static pte_t replace(pte_t *pl, pte_t new)
{
	return (pte_t){ __atomic_exchange_n(&pl->e, new.e, __ATOMIC_SEQ_CST) };
}

/* ---- the GDT ---- */

void pv_destroy_gdt(struct vcpu *v)
{
	struct pv_vcpu *pv = &v->arch.pv;
	unsigned int n = DIV_ROUND_UP(pv->gdt_ents, PER_PAGE);

	pv->gdt_ents = 0;
	for (unsigned int i = 0; i < n; i++) {
		replace(&pv_gdt_ptes(v)[i], perdomain_null_pte());
		put_page_and_type(mfn_to_page(_mfn(pv->gdt_frames[i])));
		pv->gdt_frames[i] = 0;
	}
}

int pv_set_gdt(struct vcpu *v, const unsigned long *frames, unsigned int entries)
{
	unsigned int n = DIV_ROUND_UP(entries, PER_PAGE), i;
	struct pv_vcpu *pv = &v->arch.pv;

	if (entries > FIRST_RESERVED_GDT_ENTRY)
		return -EINVAL;
	for (i = 0; i < n; i++)
		if (!mfn_valid(_mfn(frames[i])) ||
		    get_page_and_type(mfn_to_page(_mfn(frames[i])), v->domain, PGT_seg_desc))
			break;
	if (i < n) {
		while (i--)
			put_page_and_type(mfn_to_page(_mfn(frames[i])));
		return -EINVAL;
	}
	pv_destroy_gdt(v);
	for (i = 0; i < n; i++) {
		pv->gdt_frames[i] = frames[i];
		replace(&pv_gdt_ptes(v)[i], pte_from(_mfn(frames[i]), DESC_PAGE_FLAGS));
	}
	pv->gdt_ents = entries;
	return 0;
}

long do_set_gdt(struct vcpu *curr, unsigned long list, unsigned long entries, unsigned long a3,
		unsigned long a4, unsigned long a5)
{
	unsigned long frames[FIRST_RESERVED_GDT_PAGE];
	int rc;

	entries = (uint32_t)entries;
	if (entries > FIRST_RESERVED_GDT_ENTRY)
		return -EINVAL;
	if (copy_from_guest_va(frames, list, DIV_ROUND_UP(entries, PER_PAGE) * sizeof(frames[0])))
		return -EFAULT;
	rc = pv_set_gdt(curr, frames, (unsigned int)entries);
	if (!rc)
		flush_local(NULL, FLUSH_TLB_GLOBAL);
	return rc;
}

/* A page in use as descriptor table gets a checked descriptor; any other must be writable. */
long do_update_descriptor(struct vcpu *curr, unsigned long maddr, unsigned long desc, unsigned long a3,
			  unsigned long a4, unsigned long a5)
{
	mfn_t mfn = _mfn(maddr >> PAGE_SHIFT);
	uint64_t checked = desc, type, *t;
	struct page_info *pg;

	if ((maddr & 7) || !pv_check_descriptor(curr->domain, &checked) || !mfn_valid(mfn))
		return -EINVAL;
	pg = mfn_to_page(mfn);
	type = (READ_ONCE(pg->type) & PGT_type_mask) == PGT_seg_desc ? PGT_seg_desc : PGT_writable;
	if (get_page_and_type(pg, curr->domain, type))
		return -EINVAL;
	t = map_domain_page(mfn);
	WRITE_ONCE(t[PAGE_OFFSET(maddr) / 8], checked);
	unmap_domain_page(t);
	put_page_and_type(pg);
	return 0;
}

/* ---- the LDT ---- */

bool pv_destroy_ldt(struct vcpu *v)
{
	struct pv_vcpu *pv = &v->arch.pv;
	pte_t old[LDT_PAGES];
	unsigned long irq;

	if (likely(!READ_ONCE(pv->nr_ldt_mapped)))
		return false;
	irq = spin_lock_irqsave(&pv->ldt_lock);
	for (unsigned int i = 0; i < LDT_PAGES; i++)
		old[i] = replace(&pv_ldt_ptes(v)[i], (pte_t){ 0 });
	pv->nr_ldt_mapped = 0;
	spin_unlock_irqrestore(&pv->ldt_lock, irq);
	for (unsigned int i = 0; i < LDT_PAGES; i++)
		if (pte_present(old[i]))
			put_page_and_type(mfn_to_page(pte_mfn(old[i])));
	return true;
}

/*
 * The fault may have come in the hypervisor, on the way into the guest, with interrupts off. Its
 * state is then complete, and interrupts do no harm; a change of type may wait for other processors.
 */
static int get_descriptor_page(struct vcpu *curr, mfn_t mfn)
{
	unsigned long irq = local_save_flags();
	int rc;

	if (!mfn_valid(mfn))
		return -EINVAL;
	local_irq_enable();
	rc = get_page_and_type(mfn_to_page(mfn), curr->domain, PGT_seg_desc);
	local_irq_restore(irq);
	return rc;
}

bool pv_map_ldt_page(struct vcpu *curr, unsigned long offset)
{
	struct pv_vcpu *pv = &curr->arch.pv;
	unsigned long irq, va = pv->ldt_base + (offset & PAGE_MASK);
	pte_t *pl, e = { 0 };
	bool mapped;
	mfn_t table;

	if (offset / 8 >= pv->ldt_ents || !guest_va_ok(va))
		return false;
	irq = local_irq_save();
	pl = walk_l1(curr->arch.guest_table, va, &table);
	if (pl)
		e.e = READ_ONCE(pl->e);
	local_irq_restore(irq);
	if (!pte_present(e) || get_descriptor_page(curr, pte_mfn(e)))
		return false;
	pl = &pv_ldt_ptes(curr)[offset >> PAGE_SHIFT];
	irq = spin_lock_irqsave(&pv->ldt_lock);
	mapped = pte_present(*pl);
	if (!mapped) {
		replace(pl, pte_from(pte_mfn(e), DESC_PAGE_FLAGS));
		pv->nr_ldt_mapped++;
	}
	spin_unlock_irqrestore(&pv->ldt_lock, irq);
	/* Mapped already: whatever the fault is about, it is not this. */
	if (mapped)
		put_page_and_type(mfn_to_page(pte_mfn(e)));
	return !mapped;
}
