/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef GUESTKIT_DOMAIN_H
#define GUESTKIT_DOMAIN_H

#include <guestkit/kit.h>
#include <xen/domctl.h>
#include <xen/sysctl.h>

/*
 * For a guest that is the first domain: others, of kernels that are made with this kit. Frames are given one by one, and
 * the first ones hold what the kernel's start-of-day needs. It has a console ring without an event channel, and no store.
 */
struct kit_domain {
	domid_t id;
	const void *image;	/* an ELF file of this kit's */
	size_t size;		/* of it, bytes */
	unsigned int pages;
	unsigned int vcpus;
	uint32_t pool;		/* of processors */
	const char *command_line;
	xen_pfn_t *frames;	/* room for that many; filled in: the domain's p2m list */
	xen_pfn_t console;	/* filled in: frame of its console ring */
};

/* Takes the image from the guest's own first module; ends the guest if there is none. */
void kit_domain_module(struct kit_domain *d);
/* Makes it; it is paused still. 0 or -errno: what there is of it then may be destroyed as any domain. */
long kit_domain_build(struct kit_domain *d);

/* One call each; op's header is filled in. */
long kit_domctl(struct xen_domctl *op, uint32_t cmd, domid_t id);
long kit_sysctl(struct xen_sysctl *op, uint32_t cmd);
/* Without an argument: XEN_DOMCTL_pausedomain, unpausedomain, destroydomain. */
long kit_domain_do(uint32_t cmd, domid_t id);
/* Is there such a domain, dying or not? */
bool kit_domain_info(domid_t id, struct xen_domctl_getdomaininfo *info);

/* Maps a frame of another domain's at va, which has page tables. */
long kit_map_foreign(unsigned long va, unsigned long mfn, uint64_t flags, domid_t owner);

#endif
