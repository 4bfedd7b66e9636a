// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For LD_PRELOAD with xl: "migrate" stops the guest before it sends the first page, instead of having the hypervisor record what the
 * guest changes meanwhile. libxl's is called by its registers alone, since later versions have one more argument.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SUSPEND_LIVE	2	/* libxl.h */

typedef int suspend_fn(void *ctx, uint32_t domid, int fd, int flags, const void *fifth, const void *sixth);

suspend_fn libxl_domain_suspend;

int libxl_domain_suspend(void *ctx, uint32_t domid, int fd, int flags, const void *fifth, const void *sixth)
{
	suspend_fn *theirs = (suspend_fn *)dlsym(RTLD_NEXT, "libxl_domain_suspend");

	return theirs(ctx, domid, fd, flags & ~SUSPEND_LIVE, fifth, sixth);
}
