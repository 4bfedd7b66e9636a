/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What mmu_update and mmuext_op have in common: lists that are worked through in several runs. */
#include <tenon/hypercall.h>
#include "page_type.h"

bool pt_call_resume(struct pt_call *c, long *result)
{
	const unsigned long count = c->count;

	if (put_old_table(c->curr))
		goto restart;
	if (c->count & PT_CALL_RESTARTED) {
		c->count &= ~PT_CALL_RESTARTED;
		/* The list is done; what it came to stands where the owner did. */
		if (!c->list && !c->count) {
			if (put_all_old_tables(c->curr))
				goto restart;
			*result = (int)c->foreign;
			return false;
		}
		if (c->pdone && copy_from_guest_va(&c->done, c->pdone, sizeof(c->done)))
			c->done = 0;
	}
	if (unlikely(!guest_va_ok(c->list))) {
		*result = -EFAULT;
		return false;
	}
	return true;
restart:
	*result = hypercall_restart(c->curr, c->op, 4, c->list, count, c->pdone, c->foreign);
	return false;
}

long pt_call_leave(struct pt_call *c, int rc)
{
	struct vcpu *curr = c->curr;
	long result = rc;

	if (rc == -ERESTART)
		result = hypercall_restart(curr, c->op, 4, c->list + (unsigned long)c->i * c->size,
					   (unsigned long)(c->count - c->i) | PT_CALL_RESTARTED, c->pdone, c->foreign);
	else if (unlikely(curr->arch.old_guest_table.m || curr->arch.partial_table.m) && put_all_old_tables(curr))
		result = hypercall_restart(curr, c->op, 4, 0UL, (unsigned long)PT_CALL_RESTARTED, 0UL,
					   (unsigned long)(uint32_t)rc);
	if (c->pdone) {
		c->done += c->i;
		if (copy_to_guest_va(c->pdone, &c->done, sizeof(c->done)))
			return result;	/* its own loss: the list is done */
	}
	return result;
}

struct domain *get_other_owner(struct vcpu *curr, domid_t id)
{
	struct domain *d;

	if (id == curr->domain->domain_id)
		return NULL;
	if (id != DOMID_IO && id != DOMID_XEN)
		return domain_get(id);
	d = id == DOMID_IO ? dom_io : dom_xen;
	return domain_get_ref(d) ? d : NULL;
}
