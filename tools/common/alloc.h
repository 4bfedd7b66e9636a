/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation in the daemons. What a guest can make them allocate is bounded by quotas, so a refusal means that the
 * machine itself is out of memory: the daemon ends, and its successor takes up the state it left.
 */
#ifndef COMMON_ALLOC_H
#define COMMON_ALLOC_H

#include <stdlib.h>
#include <string.h>

#include "log.h"

static inline void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		log_fatal("out of memory (%zu bytes wanted)", size);
	return p;
}

static inline void *xmalloc(size_t size)
{
	return xrealloc(NULL, size);
}

static inline void *xzalloc(size_t size)
{
	return memset(xmalloc(size), 0, size);
}

static inline void *xmemdup(const void *data, size_t size)
{
	return memcpy(xmalloc(size), data, size);
}

static inline char *xstrdup(const char *text)
{
	return xmemdup(text, strlen(text) + 1);
}

#endif
