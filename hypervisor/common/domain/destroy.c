/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a domain, in steps that can be interrupted and done again. */
#include <tenon/arch.h>
#include <tenon/event.h>
#include <tenon/grant.h>
#include "domain.h"

int domain_kill(struct domain *d)
{
	static int (*const steps[])(struct domain *) = {
		evtchn_destroy, grant_table_release_mappings, vcpus_release_guest_pages, arch_domain_relinquish,
		domain_release_hv_pages,
	};

	if (is_hardware_domain(d) || d->domain_id >= DOMID_FIRST_RESERVED)
		return -EINVAL;
	if (d->dying == DOM_DEAD)
		return 0;
	if (d->dying == DOM_ALIVE) {
		domain_pause(d);
		/* From here on nobody gives it pages. */
		spin_lock(&d->page_lock);
		d->dying = DOM_DYING;
		spin_unlock(&d->page_lock);
		(void)domain_claim_pages(d, 0);
		forget_virq_handler(d);
	}
	/* A step that is done does nothing the second time. */
	for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++) {
		int rc = steps[i](d);

		if (rc)
			return rc;
	}
	d->dying = DOM_DEAD;
	domain_put(d);
	send_global_virq(VIRQ_DOM_EXC);
	return 0;
}
