/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two streams of bytes in a page shared with a domain, which may write anything there at any time. */
#ifndef STORED_RING_H
#define STORED_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

/*
 * Copies up to @room bytes of requests. @consumed: our own index, never the page's. Returns the number of bytes, or -1 if
 * the domain's index is impossible. The page's req_cons is set by ring_publish().
 */
int ring_read(const struct xenstore_domain_interface *ring, uint32_t consumed, char *out, size_t room);

/* Copies as many bytes of a reply as there is room for. Likewise. */
int ring_write(struct xenstore_domain_interface *ring, uint32_t produced, const char *data, size_t size);

/* Shows our indices to the domain. Returns whether that told it anything new. */
bool ring_publish(struct xenstore_domain_interface *ring, uint32_t consumed, uint32_t produced);

#endif
