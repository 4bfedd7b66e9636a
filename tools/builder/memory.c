// SPDX-License-Identifier: LGPL-2.1-or-later
/* A guest's memory. The hypervisor notes for each frame which of the guest's it is (the machine-to-physical table). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/memory.h>

#include "builder.h"

#define SUPERPAGE_ORDER	9
#define BATCH		(BOUNCE_SIZE / sizeof(xen_pfn_t))

/*
 * Memory that others could take meanwhile is set aside at once: a guest for which there is not enough fails before the
 * machine was filled with it. A hypervisor without such claims just lacks that.
 */
static int claim(struct tenon_builder *builder)
{
	struct xen_memory_reservation *r = memset(builder->tenon->structure, 0, sizeof(*r));
	long error;

	r->nr_extents = builder->layout.nr_pages;
	r->domid = builder->domid;
	error = call(builder->tenon, __HYPERVISOR_memory_op, XENMEM_claim_pages, (uintptr_t)r, 0, 0);
	if (!error || error == -ENOSYS || error == -EOPNOTSUPP)
		return 0;
	if (error == -ENOMEM)
		return refuse(&builder->why, -ENOMEM, "the host has no %llu MiB of memory free",
			      (unsigned long long)builder->layout.nr_pages >> (20 - PAGE_SHIFT));
	return refused_call(builder, error, "set memory aside for it");
}

/*
 * One call: @count extents of 2^@order pages from frame @pfn on. Returns how many it got, of which the hypervisor
 * tells the first machine frames; those of an extent are consecutive.
 */
static long populate(struct tenon_builder *builder, uint64_t pfn, size_t count, unsigned int order)
{
	struct xen_memory_reservation *r = memset(builder->tenon->structure, 0, sizeof(*r));
	xen_pfn_t *extents = builder->tenon->bounce;
	long got;

	for (size_t i = 0; i < count; i++)
		extents[i] = pfn + (i << order);
	set_xen_guest_handle(r->extent_start, extents);
	r->nr_extents = count;
	r->extent_order = order;
	r->domid = builder->domid;
	got = call(builder->tenon, __HYPERVISOR_memory_op, XENMEM_populate_physmap, (uintptr_t)r, 0, 0);
	if (got > (long)count)
		return -EPROTO;
	for (long i = 0; i < got; i++)
		for (uint64_t page = 0; page < 1ULL << order; page++)
			builder->p2m[pfn + ((uint64_t)i << order) + page] = extents[i] + page;
	return got;
}

int build_memory(struct tenon_builder *builder)
{
	uint64_t nr_pages = builder->layout.nr_pages, pfn = 0;
	unsigned int order = SUPERPAGE_ORDER;
	int error = claim(builder);

	builder->p2m = error ? NULL : malloc(nr_pages * sizeof(*builder->p2m));
	if (!error && !builder->p2m)
		return refuse(&builder->why, -ENOMEM, "no memory for the list of its frames");
	while (!error && pfn < nr_pages) {
		uint64_t left = (nr_pages - pfn) >> order;
		size_t count = left < BATCH ? left : BATCH;
		long got = count ? populate(builder, pfn, count, order) : 0;

		if (got < 0)
			return refused_call(builder, got, "give it memory");
		pfn += (uint64_t)got << order;
		if (got == (long)count && count)
			continue;
		/* The rest is smaller than that, or such large pieces have run out. */
		if (!order)
			error = refuse(&builder->why, -ENOMEM, "the host had memory for %llu of its %llu MiB",
				       (unsigned long long)pfn >> (20 - PAGE_SHIFT),
				       (unsigned long long)nr_pages >> (20 - PAGE_SHIFT));
		order = 0;
	}
	return error;
}
