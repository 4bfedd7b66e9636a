// SPDX-License-Identifier: LGPL-2.1-or-later
/* New domains. */
#include <string.h>

#include "call.h"

int tenon_create_domain(struct tenon *tenon, const struct tenon_new *new, uint16_t *domid)
{
	struct xen_domctl *domctl = domctl_begin(tenon, XEN_DOMCTL_createdomain, 0);
	struct xen_domctl_createdomain *create = &domctl->u.createdomain;
	int error;

	memcpy(create->handle, new->uuid, sizeof(create->handle));
	create->max_vcpus = new->vcpus;
	create->max_evtchn_port = new->event_channels;
	create->max_grant_frames = new->grant_frames;
	create->max_maptrack_frames = new->maptrack_frames;
	create->grant_opts = XEN_DOMCTL_GRANT_version(new->grant_version);
	create->cpupool_id = new->pool;
	error = domctl_run(tenon);
	if (!error)
		*domid = domctl->domain;
	return error;
}
