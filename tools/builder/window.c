// SPDX-License-Identifier: LGPL-2.1-or-later
/* Guest memory, mapped here a window at a time: a guest of any size is built with as many mappings. */
#include <errno.h>
#include <string.h>

#include "builder.h"

#define WINDOW_PAGES	1024

static int write_frames(struct tenon_builder *builder, const uint64_t *frames, size_t count, window_fill *fill,
			uint64_t offset, const void *arg)
{
	const struct tenon_backend *backend = builder->tenon->backend;
	void *memory;
	int error;

	if (!backend->map)
		return refused_call(builder, -EOPNOTSUPP, "map its memory");
	memory = backend->map(builder->tenon->context, builder->domid, frames, count, true, NULL);
	if (!memory)
		return refused_call(builder, -errno, "map its memory");
	error = fill(builder, memory, offset, count << PAGE_SHIFT, arg);
	backend->unmap(builder->tenon->context, memory, count);
	return error;
}

int window_write(struct tenon_builder *builder, uint64_t pfn, uint64_t pages, window_fill *fill, const void *arg)
{
	int error = 0;

	for (uint64_t at = 0; at < pages && !error; at += WINDOW_PAGES) {
		size_t count = pages - at < WINDOW_PAGES ? pages - at : WINDOW_PAGES;

		error = write_frames(builder, builder->p2m + pfn + at, count, fill, at << PAGE_SHIFT, arg);
	}
	return error;
}

int window_write_frame(struct tenon_builder *builder, uint64_t frame, window_fill *fill, const void *arg)
{
	return write_frames(builder, &frame, 1, fill, 0, arg);
}
