/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interface versions of domctl. Our headers have the layout of 0x15 (Xen 4.17); what a version has otherwise is
 * converted here, so that nothing else knows of it. sysctl and platform_op are the same in all.
 */
#include "ctl.h"

/*
 * 0x17 (Xen 4.19 and 4.20): createdomain has a word more after grant_opts, for several address spaces of one HVM guest;
 * getdomaininfo does not look for the next domain.
 */
#define V17_LAST	89		/* colours of caches */
#define V17_EXTRA	offsetof(struct xen_domctl_createdomain, vmtrace_size)

static int in_17(struct xen_domctl *op)
{
	char *c = (char *)&op->u.createdomain;
	uint32_t extra;

	if (op->cmd != XEN_DOMCTL_createdomain)
		return 0;
	memcpy(&extra, c + V17_EXTRA, sizeof(extra));
	memmove(c + V17_EXTRA, c + V17_EXTRA + sizeof(extra), sizeof(op->u.createdomain) - V17_EXTRA);
	return extra ? -EINVAL : 0;
}

static void out_17(struct xen_domctl *op)
{
	char *c = (char *)&op->u.createdomain;

	if (op->cmd != XEN_DOMCTL_createdomain)
		return;
	memmove(c + V17_EXTRA + sizeof(uint32_t), c + V17_EXTRA, sizeof(op->u.createdomain) - V17_EXTRA);
	memset(c + V17_EXTRA, 0, sizeof(uint32_t));
}

static const struct domctl_version versions[] = {
	{ .version = XEN_DOMCTL_INTERFACE_VERSION },
	{ .version = 0x17, .last = V17_LAST, .exact = true, .in = in_17, .out = out_17 },
};

const struct domctl_version *domctl_version(uint32_t version)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(versions); i++)
		if (versions[i].version == version)
			return &versions[i];
	return NULL;
}
