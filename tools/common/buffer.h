/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow. */
#ifndef COMMON_BUFFER_H
#define COMMON_BUFFER_H

#include "alloc.h"

struct buffer {
	char *data;
	size_t size, room;
};

/* Makes room for @size more bytes, which count as used. Returns where they are, until the next call. */
static inline void *buffer_extend(struct buffer *buffer, size_t size)
{
	size_t old = buffer->size;

	if (buffer->room - old < size) {
		buffer->room = (old + size) * 2;
		buffer->data = xrealloc(buffer->data, buffer->room);
	}
	buffer->size += size;
	return buffer->data + old;
}

static inline void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
	void *place = buffer_extend(buffer, size);

	if (size)
		memcpy(place, data, size);
}

static inline void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}

#endif
