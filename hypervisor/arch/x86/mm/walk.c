/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking an address up in a guest's own tables. */
#include "page_type.h"

#define RIGHTS	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)

static mfn_t current_root(const struct vcpu *curr)
{
	return curr->arch.kernel_mode ? curr->arch.guest_table : curr->arch.guest_table_user;
}

bool guest_walk(struct vcpu *curr, unsigned long va, mfn_t *mfn, uint64_t *flags)
{
	uint64_t rights = RIGHTS, nx = 0;
	mfn_t t = current_root(curr);
	unsigned int level;
	unsigned long irq;
	pte_t e = { 0 };

	if (!t.m || !guest_va_ok(va))
		return false;
	/* Interrupts off: see walk_l1(). */
	irq = local_irq_save();
	for (level = 4; level; level--) {
		e.e = READ_ONCE(((pte_t *)mfn_to_virt(t))[pt_index(va, level)].e);
		if (!pte_present(e))
			break;
		rights &= e.e;
		nx |= e.e & _PAGE_NX;
		t = pte_mfn(e);
	}
	local_irq_restore(irq);
	if (level)
		return false;
	*mfn = t;
	*flags = (pte_flags(e) & ~(RIGHTS | _PAGE_NX)) | rights | nx;
	return true;
}
