/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The roots of vCPUs: one for the guest's kernel, one for its user mode. */
#include <asm/flush.h>
#include <asm/pv.h>
#include <asm/system.h>
#include <tenon/arch.h>
#include "page_type.h"
#include "../speculation/isolation.h"

/* User pages are global entries, which stay over a load of CR3: all go. */
void write_ptbase(struct vcpu *v)
{
	isolation_forget();
	write_cr3(v->arch.kernel_mode ? v->arch.cr3 : v->arch.cr3_user);
	flush_local(NULL, FLUSH_TLB_GLOBAL);
}

/*
 * The machine-to-physical table's slot: a kernel's root always shows it, a user's does unless the
 * domain asked to be strict; then its roots are made with the slot filled, else without (xen.h, VMASST_TYPE_m2p_strict).
 */
static void set_m2p_slot(mfn_t root, pte_t e)
{
	pte_t *l4;

	if (!root.m)
		return;
	l4 = map_domain_page(root);
	if (l4[HV_FIRST_SLOT].e != e.e)
		WRITE_ONCE(l4[HV_FIRST_SLOT].e, e.e);
	unmap_domain_page(l4);
}

void update_cr3(struct vcpu *v)
{
	if (VM_ASSIST(v->domain, m2p_strict))
		set_m2p_slot(v->arch.guest_table_user, (pte_t){ 0 });
	else
		set_m2p_slot(v->arch.guest_table, idle_l4[HV_FIRST_SLOT]);
	v->arch.cr3 = isolation_cr3(v->arch.guest_table, false);
	v->arch.cr3_user = isolation_cr3(v->arch.guest_table_user, true);
}

int new_guest_cr3(struct vcpu *curr, mfn_t mfn)
{
	mfn_t old = curr->arch.guest_table;
	int rc = put_old_table(curr);

	if (rc)
		return rc;
	if (mfn_eq(old, mfn)) {
		write_ptbase(curr);
		return 0;
	}
	rc = get_table(curr, mfn, curr->domain, PGT_l4_table);
	if (rc)
		return rc;
	/* The LDT is where the guest's tables say: in other tables it may be another. */
	pv_destroy_ldt(curr);
	curr->arch.guest_table = mfn;
	update_cr3(curr);
	write_ptbase(curr);
	if (old.m)
		put_table(curr, mfn_to_page(old));
	return 0;
}

/* v, which has not run, keeps what takes long to drop. */
static void drop_kernel_root(struct vcpu *v)
{
	if (v->arch.guest_table.m)
		put_table(v, mfn_to_page(v->arch.guest_table));
	v->arch.guest_table = _mfn(0);
}

int vcpu_set_roots(struct vcpu *v, mfn_t kernel, mfn_t user)
{
	struct vcpu *curr = current;
	int rc = 0;

	if (put_old_table(v) || put_old_table(curr))
		return -ERESTART;
	/* A call that was interrupted has the kernel's already. */
	if (!mfn_eq(v->arch.guest_table, kernel)) {
		drop_kernel_root(v);
		if (v->arch.old_guest_table.m)
			return -ERESTART;
		rc = get_table(curr, kernel, v->domain, PGT_l4_table);
		if (rc)
			return rc;
		v->arch.guest_table = kernel;
	}
	if (user.m)
		rc = get_table(curr, user, v->domain, PGT_l4_table);
	if (rc) {
		if (rc != -ERESTART)
			drop_kernel_root(v);
		return rc;
	}
	v->arch.guest_table_user = user;
	update_cr3(v);
	return 0;
}

/* As put_table(), but the reference stays where it is if the rest is to be done later. */
static int drop_root(mfn_t *root)
{
	mfn_t mfn = *root;

	if (!mfn.m)
		return 0;
	if (put_page_type(mfn_to_page(mfn), true))
		return -ERESTART;
	*root = _mfn(0);
	put_page(mfn_to_page(mfn));
	return 0;
}

int vcpu_drop_page_tables(struct vcpu *v)
{
	int rc;

	/* A CPU that idles may still have them loaded. */
	sync_vcpu_state(v);
	rc = put_all_old_tables(v);
	if (!rc)
		rc = drop_root(&v->arch.guest_table_user);
	if (!rc)
		rc = drop_root(&v->arch.guest_table);
	v->arch.cr3 = virt_to_maddr(idle_l4);
	v->arch.cr3_user = 0;
	return rc;
}
