// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console's ring. Each index is read once and the difference checked. Our own ones stand in the page too: a guest
 * that changes them spoils its own console, and nothing else.
 */
#include "ring.h"

#include <stdatomic.h>
#include <string.h>

static uint32_t index_read(const uint32_t *index)
{
	uint32_t value = *(const volatile uint32_t *)index;

	atomic_thread_fence(memory_order_seq_cst);
	return value;
}

static void index_write(uint32_t *index, uint32_t value)
{
	atomic_thread_fence(memory_order_seq_cst);
	*(volatile uint32_t *)index = value;
}

int ring_waiting(const struct xencons_interface *ring)
{
	uint32_t there = index_read(&ring->out_prod) - index_read(&ring->out_cons);

	return there > sizeof(ring->out) ? -1 : (int)there;
}

int ring_take(struct xencons_interface *ring, char *out, size_t room)
{
	uint32_t cons = index_read(&ring->out_cons), there = index_read(&ring->out_prod) - cons;
	size_t size = there < room ? there : room, at = MASK_XENCONS_IDX(cons, ring->out);
	size_t first = sizeof(ring->out) - at < size ? sizeof(ring->out) - at : size;

	if (there > sizeof(ring->out))
		return -1;
	memcpy(out, ring->out + at, first);
	memcpy(out + first, ring->out, size - first);
	index_write(&ring->out_cons, cons + size);
	return size;
}

int ring_room(const struct xencons_interface *ring)
{
	uint32_t held = index_read(&ring->in_prod) - index_read(&ring->in_cons);

	return held > sizeof(ring->in) ? -1 : (int)(sizeof(ring->in) - held);
}

int ring_give(struct xencons_interface *ring, const char *data, size_t size)
{
	uint32_t prod = index_read(&ring->in_prod), held = prod - index_read(&ring->in_cons);
	size_t at = MASK_XENCONS_IDX(prod, ring->in), first;

	if (held > sizeof(ring->in))
		return -1;
	if (size > sizeof(ring->in) - held)
		size = sizeof(ring->in) - held;
	first = sizeof(ring->in) - at < size ? sizeof(ring->in) - at : size;
	memcpy(ring->in + at, data, first);
	memcpy(ring->in, data + first, size - first);
	index_write(&ring->in_prod, prod + size);
	return size;
}
