/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's console page: two streams of bytes, to which the guest may do anything at any time. */
#ifndef CONSOLED_RING_H
#define CONSOLED_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/console.h>

/*
 * Takes up to @room bytes that the guest wrote, and tells it. Returns their number, or -1 if its index is impossible.
 */
int ring_take(struct xencons_interface *ring, char *out, size_t room);

/* How many bytes wait there; -1 likewise. */
int ring_waiting(const struct xencons_interface *ring);

/* Gives the guest as many bytes of input as there is room for. Returns their number, or -1 likewise. */
int ring_give(struct xencons_interface *ring, const char *data, size_t size);

/* Room for input, or -1 likewise. */
int ring_room(const struct xencons_interface *ring);

#endif
