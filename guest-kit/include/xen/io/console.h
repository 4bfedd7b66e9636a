/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The console ring of a guest: one page, two byte streams. */
#ifndef XEN_IO_CONSOLE_H
#define XEN_IO_CONSOLE_H

#include <stdint.h>

typedef uint32_t XENCONS_RING_IDX;

/* Indices run freely; the ring's size is a power of two. */
#define MASK_XENCONS_IDX(index, ring)	((index) & (sizeof(ring) - 1))

struct xencons_interface {
	char in[1024];
	char out[2048];
	XENCONS_RING_IDX in_cons, in_prod;
	XENCONS_RING_IDX out_cons, out_prod;
};

#endif
